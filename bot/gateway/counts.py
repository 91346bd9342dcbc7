"""What was asked and answered, as numbers for staff: no word, no sender, no moment.

A count is kept by day, channel, kind and detail. It grows in memory, so that no turn
waits for the database, and is written down twice a minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, delete, select

from bot.gateway.message import Message
from bot.gateway.store import insert_into
from bot.gateway.tables import COUNT
from bot.reply import Reply

KEPT_DAYS = 400
HANDED_DAYS = 31
# What a question led to; the first of these kinds in a turn counts.
QUESTION_KINDS = ("answer", "suggest", "abstain", "error")
CARD, SOFT, OPENED = "card", "soft", "opened"
_ZONE = timezone(timedelta(hours=7))  # days are those of Việt Nam
Key = tuple[str, str, str, str]  # day, channel, kind, detail


class Counts:
    """Counts of this process that are not written down yet."""

    def __init__(self) -> None:
        self._waiting: Counter[Key] = Counter()

    def add(self, channel: str, kind: str, detail: str = "") -> None:
        """Count one."""
        self._waiting[today().isoformat(), channel, kind, detail] += 1

    def add_turn(self, message: Message, replies: Iterable[Reply]) -> None:
        """Count what a message led to: a card by its class, or a question's fate."""
        for reply in replies:
            if reply.kind == "card":
                detail = SOFT if reply.soft else reply.danger_class or ""
                self.add(message.channel, CARD, detail)
                return
            if reply.kind in QUESTION_KINDS and message.text:
                self.add(message.channel, reply.kind, reply.article or "")
                return
            if reply.kind == "answer" and message.choice.startswith("article:"):
                self.add(message.channel, OPENED, reply.article or "")
                return

    def take(self) -> Counter[Key]:
        """Return what waits, once."""
        waiting, self._waiting = self._waiting, Counter()
        return waiting

    def put_back(self, taken: Counter[Key]) -> None:
        """Count again what could not be written down."""
        self._waiting.update(taken)


def today() -> date:
    """Return the day in Việt Nam."""
    return datetime.now(UTC).astimezone(_ZONE).date()


def keep_counts(db: Connection, counts: Counter[Key]) -> None:
    """Add counts to those of their day; forget days that are long past."""
    for (day, channel, kind, detail), number in counts.items():
        row = insert_into(db, COUNT).values(
            day=day, channel=channel, kind=kind, detail=detail, number=number
        )
        db.execute(
            row.on_conflict_do_update(
                index_elements=["day", "channel", "kind", "detail"],
                set_={"number": COUNT.c.number + number},
            )
        )
    oldest = today() - timedelta(days=KEPT_DAYS)
    db.execute(delete(COUNT).where(COUNT.c.day < oldest.isoformat()))


def list_counts(db: Connection) -> list[dict[str, Any]]:
    """Return the counts of the last month: day, channel, kind, detail, number.

    A console that was down for so long misses what is older.
    """
    oldest = (today() - timedelta(days=HANDED_DAYS)).isoformat()
    query = select(COUNT).where(COUNT.c.day > oldest)
    rows = db.execute(query.order_by(*COUNT.primary_key))
    return [dict(row._mapping) for row in rows]
