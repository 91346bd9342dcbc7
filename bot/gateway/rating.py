"""What people think of an answer: counted, and read by staff where it did not help.

A question is kept only if it had no answer or its writer tapped "not helpful":
redacted, without sender, for 90 days. Of a conversation with a danger none is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from bot.gateway.conversation import Conversation
from bot.gateway.store import Store
from bot.gateway.tables import RATING

KEPT_SECONDS = 90 * 24 * 3600.0
VALUES = {"good": 1, "bad": -1}
OPEN = 0  # no thumb: a question for staff


@dataclass(frozen=True, slots=True)
class Rating:
    """A thumb for an article, or a question (`OPEN`), where `article` may be ""."""

    channel: str
    article: str
    value: int
    question: str = ""


async def drop_rating(_rating: Rating) -> None:
    """Keep nothing: for a gateway without a database."""


def rating_of(talk: Conversation, channel: str, tap: str) -> Rating | None:
    """Return what `good:…` or `bad:…` says of an answer of this conversation.

    Without an article the last answer is meant. None in danger, or if there was none.
    """
    name, _, article = tap.partition(":")
    if talk.in_danger or name not in VALUES or not talk.answered:
        return None
    article = article or next(reversed(talk.answered))
    if article not in talk.answered:
        return None
    value = VALUES[name]
    question = talk.answered[article] if value < 0 else ""
    return Rating(channel, article, value, question)


def keep_rating(db: Connection, store: Store, rating: Rating) -> None:
    """Add a rating."""
    values: dict[str, Any] = {
        "channel": rating.channel,
        "article": rating.article,
        "value": rating.value,
        "question": rating.question,
        "made_at": store.now(),
    }
    db.execute(RATING.insert().values(**values))


def list_ratings(db: Connection, since: float = 0.0) -> list[dict[str, Any]]:
    """Return the ratings made after a moment (seconds since 1970), newest first."""
    query = select(RATING).where(RATING.c.made_at > since).order_by(RATING.c.id.desc())
    return [dict(row._mapping) for row in db.execute(query)]


def expire_ratings(db: Connection, store: Store) -> None:
    """Delete what is older than 90 days."""
    db.execute(delete(RATING).where(RATING.c.made_at < store.now() - KEPT_SECONDS))
