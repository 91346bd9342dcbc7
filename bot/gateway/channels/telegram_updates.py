"""Reading Telegram's updates: pure, without network or store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, Update
from telegram import Message as TelegramMessage
from telegram.constants import ChatMemberStatus, ChatType

from bot.gateway.message import Message, Pseudonym, clean
from bot.gateway.policy import STALE
from bot.gateway.texts import texts
from bot.gateway.turn import COMMANDS, is_known_choice

CHANNEL = "telegram"
MARK, LOOK_UP = "v1:", "v1:d:"
# Stands for /111 where Telegram refuses a name of digits.
ALIAS = "tongdai111"
_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?(?:\s.*)?", re.S | re.A)
_STARTED = re.compile(r"/start(?:@\w+)? ([\w-]{1,64})", re.A)
_EVENTS = {
    "voice": ("voice", "video_note", "audio"),
    "picture": (*("photo", "video", "document", "animation", "story", "paid_media"),),
    "sticker": ("sticker", "dice", "poll", "game"),
    "contact": ("contact",),
    "location": ("location", "venue"),
}
_ENTERED = (
    ChatMemberStatus.MEMBER,
    ChatMemberStatus.ADMINISTRATOR,
    ChatMemberStatus.RESTRICTED,
)
_LEFT = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)


@dataclass(frozen=True, slots=True)
class Received:
    """A message with where to answer it, and the tap that has to be acknowledged."""

    message: Message
    chat: int
    callback: str = ""
    keyboard: int = 0

    @property
    def address(self) -> dict[str, Any]:
        return {"chat": self.chat}


def read_update(update: Update, name: str, pseudonym: Pseudonym) -> Received | None:
    """Return what a person sent; None where nothing is to be done.

    Args:
        name: the bot's user name, "" while it is not known.
    """
    if update.callback_query:
        return _read_tap(update.callback_query, pseudonym)
    number = str(update.update_id)
    if update.my_chat_member:
        return _read_member(update.my_chat_member, number, pseudonym)
    if update.message:
        return _read_message(update.message, number, name, pseudonym)
    return None


def _read_tap(query: CallbackQuery, pseudonym: Pseudonym) -> Received:
    shown = query.message
    chat = shown.chat.id if shown else query.from_user.id
    keyboard = shown.message_id if shown else 0
    told = query.data or ""
    choice = told.removeprefix(MARK) if told.startswith(MARK) else STALE
    if not told.startswith(LOOK_UP) and not is_known_choice(choice):
        choice = STALE
    # A second tap of the same button is the same message.
    tap = f"{chat}:{keyboard}:{told}" if keyboard else str(query.id)
    message = Message(
        channel=CHANNEL,
        message_id=pseudonym("tap", tap),
        sender=pseudonym(CHANNEL, str(chat)),
        choice=choice,
    )
    return Received(message, chat, callback=str(query.id), keyboard=keyboard)


def _read_member(
    change: ChatMemberUpdated, number: str, pseudonym: Pseudonym
) -> Received | None:
    status = change.new_chat_member.status
    if status in _LEFT:
        event = "left"
    elif status in _ENTERED and change.chat.type != ChatType.PRIVATE:
        event = "group"
    else:
        return None
    sender = pseudonym(CHANNEL, str(change.chat.id))
    return Received(Message(CHANNEL, number, sender, event=event), change.chat.id)


def _read_message(
    told: TelegramMessage, number: str, name: str, pseudonym: Pseudonym
) -> Received | None:
    if told.chat.type != ChatType.PRIVATE or (told.from_user and told.from_user.is_bot):
        return None
    written = clean(told.text or told.caption or "")
    choice = _linked(written)
    text = "" if choice else _command(written, name)
    event = "" if text or choice else _event(told)
    if not text and not event and not choice:
        return None
    message = Message(
        channel=CHANNEL,
        message_id=number,
        sender=pseudonym(CHANNEL, str(told.chat.id)),
        text=text,
        choice=choice,
        event=event,
        sent_at=told.date.timestamp(),
    )
    return Received(message, told.chat.id)


def _linked(text: str) -> str:
    """Return the choice that a link t.me/NAME?start=CODE stands for, "" for none."""
    found = _STARTED.fullmatch(text)
    links: dict[str, str] = texts()["start_links"]
    return links.get(found[1].lower(), "") if found else ""


def _command(text: str, name: str) -> str:
    """Return one of our commands without name and parameter; else the text."""
    found = _COMMAND.fullmatch(text)
    if not found:
        return text
    command = "111" if found[1].lower() == ALIAS else found[1].lower()
    if found[2] and name and found[2].lower() != name.lower():
        return text.lstrip("/")
    return f"/{command}" if command in COMMANDS else text


def _event(told: TelegramMessage) -> str:
    for event, kinds in _EVENTS.items():
        if any(getattr(told, kind, None) for kind in kinds):
            return event
    return ""
