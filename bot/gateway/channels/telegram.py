"""Telegram: long polling by default, or a webhook; both store before they confirm."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from telegram import LinkPreviewOptions, Update
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    Conflict,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.gateway import lanes
from bot.gateway.body import BodyError, read_body
from bot.gateway.channels.telegram_buttons import choice_of_data, data_of
from bot.gateway.channels.telegram_send import (
    CANNOT_PARSE,
    keyboard,
    seconds_of,
    send_error,
)
from bot.gateway.channels.telegram_setup import (
    ALLOWED,
    POLL_SECONDS,
    WEBHOOK,
    introduce,
    make_bot,
)
from bot.gateway.channels.telegram_updates import (
    CHANNEL,
    LOOK_UP,
    MARK,
    Received,
    read_update,
)
from bot.gateway.chats import Chats
from bot.gateway.policy import STALE
from bot.gateway.render import Part, Style
from bot.gateway.settings import Settings
from bot.gateway.store import StoreError
from bot.gateway.texts import texts

log = structlog.get_logger()

HEADER = "x-telegram-bot-api-secret-token"
MAX_BODY = 256 * 1024
LEASE_SECONDS = 15.0
RETRY_SECONDS = (1.0, 2.0, 4.0)
TYPING_SECONDS, TYPING_TIMES, TYPING_AFTER = 4.0, 5, 0.3
DELETED_AT_ONCE = 100


class Telegram:
    """The Telegram channel of this process."""

    name = CHANNEL
    style = Style(limit=3800, thumbs=True)
    gather_seconds = 0.0
    quiet_seconds = 0.0
    gap_seconds = 0.8
    patience_seconds = 6 * 3600.0

    def __init__(self, settings: Settings, chats: Chats) -> None:
        self._settings = settings
        self._chats = chats
        self._store = chats.store
        self._bot = make_bot(settings)
        self._username = ""
        self._offset = 0
        self.state = "starting"
        self.conflicts = 0

    @property
    def details(self) -> dict[str, Any]:
        return {"mode": self._settings.telegram_mode, "conflicts": self.conflicts}

    def routes(self) -> list[BaseRoute]:
        if self._settings.telegram_mode != "webhook":
            return []
        return [Route(WEBHOOK, self.webhook, methods=["POST"])]

    async def run(self) -> None:
        """Make contact, then poll or wait for the webhook; never ends by itself."""
        if not await self._persist(self._initialise):
            return
        if self._settings.telegram_mode == "webhook":
            self.state = "ok"
            return
        await self._persist(self._poll)

    async def webhook(self, request: Request) -> Response:
        """Store one update, then say so; a second copy changes nothing."""
        given = request.headers.get(HEADER, "")
        secret = self._settings.telegram_webhook_secret.get_secret_value()
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        try:
            told = json.loads(await read_body(request, MAX_BODY))
        except BodyError as error:
            return Response(status_code=error.status)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        if not isinstance(told, dict) or type(told.get("update_id")) is not int:
            return Response(status_code=400)
        try:
            await self._receive(told)
        except StoreError:
            return Response(status_code=503)  # Telegram sends it again
        return Response(status_code=204)

    async def deliver(self, address: Any, part: Part) -> str:
        try:
            number = await self._deliver(int(address["chat"]), part)
            self.state = "ok" if self.state == "unreachable" else self.state
            return number
        except InvalidToken as error:
            self.state = "bad_token"
            raise send_error(error) from error
        except BadRequest as error:  # a NetworkError to the library, not to us
            raise send_error(error) from error
        except NetworkError as error:
            self.state = "unreachable"
            raise send_error(error) from error
        except TelegramError as error:
            raise send_error(error) from error

    @asynccontextmanager
    async def typing(self, address: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(self._type(address))
        try:
            yield
        finally:
            task.cancel()

    async def unsend(self, address: Any, platform_ids: list[str]) -> None:
        numbers = [int(number) for number in platform_ids]
        for start in range(0, len(numbers), DELETED_AT_ONCE):
            some = numbers[start : start + DELETED_AT_ONCE]
            with suppress(TelegramError):
                await self._bot.delete_messages(int(address["chat"]), some)

    async def close(self) -> None:
        with suppress(Exception):
            await self._bot.shutdown()

    async def _persist(self, work: Any) -> bool:
        """Do some work until it succeeds; False where trying is of no use."""
        tries = 0
        while True:
            try:
                await work()
                return True
            except InvalidToken:
                self.state = "bad_token"
                log.error("telegram.bad_token", channel=CHANNEL)
                return False
            except Conflict:
                self.state, self.conflicts = "conflict", self.conflicts + 1
                log.error("telegram.conflict", channel=CHANNEL, count=self.conflicts)
                await asyncio.sleep(10)
            except RetryAfter as error:
                await asyncio.sleep(seconds_of(error.retry_after) + 0.5)
            except StoreError as error:
                log.warning("store.failed", error=str(error))
                await asyncio.sleep(1)
            except Exception as error:  # a network fault, or an answer of no shape
                self.state = "unreachable"
                log.warning("telegram.failed", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)])
                tries += 1

    async def _initialise(self) -> None:
        await self._bot.initialize()
        self._username = self._bot.username
        await introduce(self._bot)
        if self._settings.telegram_mode == "polling":
            # What waits there may be a disclosure: it is never dropped.
            await self._bot.delete_webhook(drop_pending_updates=False)
        self.state = "ok"

    async def _poll(self) -> None:
        while True:
            if not await self._may_poll():
                self.state = "standby"
                await asyncio.sleep(5)
                continue
            for update in await self._fetch():
                await self._receive(update)
                # The next call confirms what is below; it is stored by now.
                self._offset = int(update["update_id"]) + 1

    async def _fetch(self) -> list[dict[str, Any]]:
        """Return waiting updates as they are: one of a new shape stops no other."""
        found = await self._bot.do_api_request(
            "getUpdates",
            {
                "offset": self._offset,
                "timeout": POLL_SECONDS,
                "allowed_updates": ALLOWED,
            },
            read_timeout=POLL_SECONDS + 10,
        )
        self.state = "ok"
        return found if isinstance(found, list) else []

    async def _may_poll(self) -> bool:
        """Only one gateway polls; another takes over when it dies."""
        if self._store.is_sqlite:
            return True
        owner = self._chats.owner
        return await self._store.run(
            lambda db: lanes.take_lease(db, self._store, CHANNEL, owner, LEASE_SECONDS)
        )

    async def _receive(self, told: dict[str, Any]) -> None:
        """Store what an update says; one that cannot be read is passed over.

        Raises:
            StoreError: it was not stored and has to come again.
        """
        try:
            update = Update.de_json(told, self._bot)
            received = read_update(update, self._username, self._store.pseudonym)
        except Exception as error:  # authentic, but of a shape nobody knows
            log.warning("update.unread", channel=CHANNEL, error=type(error).__name__)
            return
        if received is None:
            return
        message = received.message
        if message.choice.startswith(LOOK_UP.removeprefix(MARK)):
            message = replace(
                message, choice=await choice_of_data(self._store, message.choice)
            )
            received = replace(received, message=message)
        if received.callback:
            self._chats.spawn(self._acknowledge(received))
        await self._chats.receive(message, received.address)
        if not received.callback:
            self._chats.wake()

    async def _acknowledge(self, received: Received) -> None:
        """End the button's waiting, take the keyboard away, then answer."""
        toast = texts()["toast_stale"] if received.message.choice == STALE else None
        with suppress(TelegramError):
            await self._bot.answer_callback_query(received.callback, text=toast)
        self._chats.wake()
        if received.keyboard:
            with suppress(TelegramError):
                await self._bot.edit_message_reply_markup(
                    chat_id=received.chat, message_id=received.keyboard
                )

    async def _deliver(self, chat: int, part: Part) -> str:
        buttons = [(b.title, await data_of(self._store, b)) for b in part.buttons]
        markup = keyboard([(title, told) for title, told in buttons if told])
        options = LinkPreviewOptions(is_disabled=True)
        try:
            sent = await self._bot.send_message(
                chat,
                part.html or part.text,
                parse_mode=ParseMode.HTML,
                link_preview_options=options,
                reply_markup=markup,
            )
        except BadRequest as error:
            if CANNOT_PARSE not in str(error).lower():
                raise
            # A fault in the formatting must not swallow an answer.
            log.error("telegram.unparsed", channel=CHANNEL)
            sent = await self._bot.send_message(
                chat, part.text, link_preview_options=options, reply_markup=markup
            )
        if part.then == "leave":
            with suppress(TelegramError):
                await self._bot.leave_chat(chat)
        return str(sent.message_id)

    async def _type(self, address: Any) -> None:
        await asyncio.sleep(TYPING_AFTER)  # most answers are there by then
        for _ in range(TYPING_TIMES):
            with suppress(TelegramError):
                await self._bot.send_chat_action(
                    int(address["chat"]), ChatAction.TYPING
                )
            await asyncio.sleep(TYPING_SECONDS)
