"""The Bot API's client, and what an operator sets up at Telegram."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from typing import Any

from telegram import BotCommand, MenuButtonCommands
from telegram.error import BadRequest
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

from bot.gateway.channels.telegram_updates import ALIAS
from bot.gateway.settings import Settings, SettingsError
from bot.gateway.texts import texts

ALLOWED = ("message", "callback_query", "my_chat_member")
WEBHOOK = "/webhooks/telegram/webhook"
POLL_SECONDS = 10
CONNECTIONS = 10


def make_bot(settings: Settings) -> ExtBot[Any]:
    """Return the client of the Bot API; opens nothing yet."""
    # Updates are asked for as plain JSON on purpose.
    warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)
    return ExtBot(
        settings.telegram_bot_token.get_secret_value(),
        base_url=settings.telegram_base_url,
        request=HTTPXRequest(
            connection_pool_size=16,
            connect_timeout=5,
            read_timeout=settings.send_timeout,
            pool_timeout=5,
        ),
        # Keeps the overall limits; the outbox waits where Telegram says so.
        rate_limiter=AIORateLimiter(max_retries=0),
    )


async def introduce(bot: ExtBot[Any]) -> None:
    """Set commands, menu and descriptions; the same again changes nothing.

    Raises:
        TelegramError: Telegram cannot be reached.
    """
    titles: dict[str, str] = texts()["telegram_commands"]
    wanted = [BotCommand(name, title) for name, title in titles.items()]
    if list(await bot.get_my_commands()) == wanted:
        return
    for language in (None, "vi"):
        await _set_commands(bot, wanted, language)
    await bot.set_my_description(texts()["telegram_description"])
    await bot.set_my_short_description(texts()["telegram_short"])
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())


async def _set_commands(
    bot: ExtBot[Any], commands: Sequence[BotCommand], language: str | None
) -> None:
    try:
        await bot.set_my_commands(commands, language_code=language)
    except BadRequest:
        # Where names of digits alone are refused, see ALIAS.
        other = [
            BotCommand(c.command if c.command.isalpha() else ALIAS, c.description)
            for c in commands
        ]
        await bot.set_my_commands(other, language_code=language)


async def operate(settings: Settings, command: str) -> str:
    """Do a command of `python -m bot.gateway telegram`; returns what to print.

    Raises:
        SettingsError: Telegram is off, or the webhook's settings are missing.
        TelegramError: Telegram refused, or cannot be reached.
    """
    if not settings.has_telegram:
        raise SettingsError("TELEGRAM_BOT_TOKEN is not set.")
    if command == "set-webhook" and settings.telegram_mode != "webhook":
        raise SettingsError("TELEGRAM_MODE is polling: set it to webhook first.")
    async with make_bot(settings) as bot:
        if command == "set-webhook":
            await bot.set_webhook(
                settings.public_url.rstrip("/") + WEBHOOK,
                secret_token=settings.telegram_webhook_secret.get_secret_value(),
                allowed_updates=ALLOWED,
                max_connections=CONNECTIONS,
                drop_pending_updates=False,
            )
            await introduce(bot)
        elif command == "delete-webhook":
            await bot.delete_webhook(drop_pending_updates=False)
        found = await bot.get_webhook_info()
        return json.dumps({"bot": bot.username, **found.to_dict()}, ensure_ascii=False)
