"""What a channel hands over: one message of a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

# channel, raw id -> pseudonym
Pseudonym = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a person.

    Attributes:
        sender: a pseudonym (HMAC), never the raw id.
        text: NFC; "" where a button or an event came.
        choice: the id of a tapped button.
        event: what came that has no words, such as "voice"; see texts.yml.
        sent_at: seconds since 1970 by the platform's clock, 0 if unknown.
    """

    channel: str
    message_id: str
    sender: str
    text: str = ""
    choice: str = ""
    event: str = ""
    sent_at: float = 0.0


def clean(text: str) -> str:
    """Return NFC text without invisible characters, with single spaces."""
    kept = "".join(
        letter
        for letter in text
        if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs", "Cf")
    )
    return re.sub(r"[^\S\n]+", " ", unicodedata.normalize("NFC", kept)).strip()
