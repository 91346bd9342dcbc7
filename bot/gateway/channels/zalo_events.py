"""Reading Zalo's events: signature and meaning; pure, without network or store."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.gateway.inbox import GREETING
from bot.gateway.message import Message, Pseudonym, clean
from bot.gateway.policy import STALE
from bot.gateway.turn import is_known_choice

CHANNEL = "zalo"
PAYLOAD = "#n:"
OLDEST_SECONDS = 24 * 3600.0
_SIGNATURE = re.compile(r"(?:mac\s*=\s*)?([0-9a-f]{64})", re.I)
_FROM_PERSON = re.compile(r"(user|anonymous)_send_(\w+)")
_EVENTS = {
    "audio": "voice",
    "sticker": "sticker",
    "location": "location",
    "business_card": "contact",
}


@dataclass(frozen=True, slots=True)
class Received:
    """A message with where to answer it."""

    message: Message
    address: dict[str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """Our Official Account at Zalo."""

    app_id: str
    oa_id: str
    secret: str


def is_authentic(
    body: bytes, told: dict[str, Any], headers: Mapping[str, str], account: Account
) -> bool:
    """Check the signature of the raw body: plain SHA-256, as Zalo's own kit does."""
    given = _SIGNATURE.fullmatch(headers.get("x-zevent-signature", "").strip())
    if not given or str(told.get("app_id")) != account.app_id:
        return False
    # Sources disagree which of the two times is signed.
    times = {str(told.get("timestamp", "")), headers.get("x-zevent-timestamp", "")}
    return any(
        hmac.compare_digest(given[1].lower(), sign(body, time, account))
        for time in times
        if time
    )


def sign(body: bytes, timestamp: str, account: Account) -> str:
    """Return the signature in hexadecimal digits."""
    signed = account.app_id.encode() + body + timestamp.encode()
    return hashlib.sha256(signed + account.secret.encode()).hexdigest()


def read_event(
    body: bytes,
    told: dict[str, Any],
    account: Account,
    pseudonym: Pseudonym,
    now: float,
) -> Received | None:
    """Return what a person did; None where nothing is to be done."""
    sent_at = _seconds(told.get("timestamp"))
    if sent_at and now - sent_at > OLDEST_SECONDS:
        return None  # its id may be forgotten already: a replay
    name = str(told.get("event_name", ""))
    found = _FROM_PERSON.fullmatch(name)
    if found and not found[2].startswith("group"):
        if _id(told, "recipient") != account.oa_id:
            return None  # the console's sample, or another account
        return _read_message(body, told, found[1], found[2], sent_at, pseudonym)
    raw, event = _read_change(told, name, account)
    if not raw:
        return None
    sender = pseudonym(CHANNEL, raw)
    number = GREETING + sender if event == "greeting" else _number(name, body)
    message = Message(CHANNEL, number, sender, event=event, sent_at=sent_at)
    return Received(message, {"user_id": raw})


def _read_change(told: dict[str, Any], name: str, account: Account) -> tuple[str, str]:
    """Return (raw id, event) of a follower who comes or goes, "" for nothing."""
    oa_send = name.startswith("oa_send_") and "group" not in name
    if (
        oa_send
        and isinstance(told.get("sender"), dict)
        and told["sender"].get("admin_id")
    ):
        return _id(told, "recipient"), "handover"
    if told.get("oa_id") not in (None, account.oa_id):
        return "", ""
    if name == "follow":
        return _id(told, "follower"), "greeting"
    if name == "user_click_chatnow":
        return str(told.get("user_id") or ""), "greeting"
    if name == "unfollow":
        return _id(told, "follower"), "left"
    if name == "user_withdraw":
        return str(told.get("user_id") or ""), "withdrawn"
    return "", ""


def _read_message(
    body: bytes,
    told: dict[str, Any],
    who: str,
    kind: str,
    sent_at: float,
    pseudonym: Pseudonym,
) -> Received | None:
    raw, content = _id(told, "sender"), told.get("message")
    if not raw or not isinstance(content, dict):
        return None
    text = clean(str(content.get("text") or ""))
    choice = event = ""
    if text.startswith(PAYLOAD):
        choice, text = text.removeprefix(PAYLOAD), ""
        choice = choice if is_known_choice(choice) else STALE
    elif not text:
        if kind == "text":
            return None
        event = _EVENTS.get(kind, "picture")
    number = str(content.get("msg_id") or "")
    message = Message(
        channel=CHANNEL,
        message_id=_number(f"{who}_send", number.encode() or body),
        sender=pseudonym(CHANNEL, raw),
        text=text,
        choice=choice,
        event=event,
        sent_at=sent_at,
    )
    if who == "user":
        return Received(message, {"user_id": raw})
    talk = str(content.get("conversation_id") or "")
    return Received(message, {"anonymous_id": raw, "conversation_id": talk})


def _number(space: str, told: bytes) -> str:
    """Return the key of de-duplication; receipts have a space of their own."""
    return f"{space[:40]}:{hashlib.sha256(told).hexdigest()[:40]}"


def _id(told: dict[str, Any], role: str, key: str = "id") -> str:
    part = told.get(role)
    return str(part.get(key) or "") if isinstance(part, dict) else ""


def _seconds(timestamp: Any) -> float:
    try:
        return float(timestamp) / 1000
    except (TypeError, ValueError):
        return 0.0
