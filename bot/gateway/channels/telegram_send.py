"""What Telegram's errors mean, and how a keyboard looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import httpx
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.gateway.channels.base import (
    GoneError,
    LaterError,
    RefusedError,
    RejectedError,
    SendError,
)
from bot.gateway.split import shorten

# The request never left: nothing can have arrived.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# Telegram had it and says it did not take it; otherwise a 5xx tells nothing.
LOST_CHATS = ("chat not found", "user is deactivated", "peer_id_invalid", "kicked")
CANNOT_PARSE = "can't parse entities"
TITLE, SHORT_TITLE = 60, 18


def seconds_of(wait: int | timedelta) -> float:
    """Return seconds; the library changes from numbers to durations."""
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def send_error(error: TelegramError) -> SendError:
    """Return what is to be done about an error of a send."""
    reason = type(error).__name__
    if isinstance(error, RetryAfter):
        return LaterError(reason, seconds_of(error.retry_after) + 0.5)
    if isinstance(error, Forbidden):
        return GoneError(reason)
    if isinstance(error, ChatMigrated):
        return RefusedError(reason)
    if isinstance(error, InvalidToken | Conflict):
        return LaterError(reason, 30)
    if isinstance(error, BadRequest):
        told = str(error).lower()
        if any(words in told for words in LOST_CHATS):
            return RefusedError(reason)
        return RejectedError(reason)
    if isinstance(error, NetworkError):
        cause = error.__cause__
        unsure = isinstance(cause, httpx.HTTPError) and not isinstance(
            cause, NEVER_SENT
        )
        return LaterError(reason, uncertain=unsure)
    return LaterError(reason, uncertain=True)


def keyboard(buttons: Sequence[tuple[str, str]]) -> InlineKeyboardMarkup | None:
    """Return the inline keyboard of (title, callback data) pairs, None for none."""
    if not buttons:
        return None
    wide = any(len(title) > SHORT_TITLE for title, _ in buttons)
    made = [
        InlineKeyboardButton(shorten(title, TITLE), callback_data=told)
        for title, told in buttons
    ]
    step = 1 if wide else 2
    return InlineKeyboardMarkup([made[i : i + step] for i in range(0, len(made), step)])
