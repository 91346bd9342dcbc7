"""What operators type: one clear line, never a secret."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from bot.gateway.channels.telegram_setup import operate
from bot.gateway.settings import Settings, SettingsError
from tests.gateway.house import HOOK_SECRET, HOOKED, WITHOUT_ZALO, House
from tests.servers import wait_until

Build = Callable[..., House]


def test_that_the_webhook_is_set_shown_and_deleted(build: Build) -> None:
    house = build(**HOOKED, **WITHOUT_ZALO)
    house.start_platforms()
    settings = Settings(**house.given)
    info = json.loads(asyncio.run(operate(settings, "set-webhook")))
    assert info["url"] == "https://gateway.example/webhooks/telegram/webhook"
    assert HOOK_SECRET not in json.dumps(info)
    (told,) = house.telegram.called("setWebhook")
    assert told["secret_token"] == HOOK_SECRET
    assert told["drop_pending_updates"] is False
    assert told["allowed_updates"] == ["message", "callback_query", "my_chat_member"]
    info = json.loads(asyncio.run(operate(settings, "delete-webhook")))
    assert info["url"] == ""


def test_that_telegram_itself_can_deliver_to_the_webhook(build: Build) -> None:
    """The local Telegram sends updates as the real one does."""
    house = build(**HOOKED, **WITHOUT_ZALO)
    house.start_platforms()
    house.start_gateway()
    settings = Settings(**{**house.given, "public_url": house.address})
    asyncio.run(operate(settings, "set-webhook"))
    house.telegram.say(1, "trẻ em có những quyền gì")
    assert house.heard(1)
    wait_until(lambda: house.telegram.deliveries == [204], 60)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"telegram_bot_token": ""}, "TELEGRAM_BOT_TOKEN"),
        ({"telegram_mode": "polling"}, "TELEGRAM_MODE"),
    ],
)
def test_that_a_command_without_its_setting_names_it(
    build: Build, change: dict[str, str], named: str
) -> None:
    settings = Settings(**{**build(**HOOKED).given, **change})
    with pytest.raises(SettingsError, match=named):
        asyncio.run(operate(settings, "set-webhook"))
