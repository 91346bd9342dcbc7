"""Messages to people: stored before they are sent, sent in order, each once.

The only window for a second copy lies between a platform's acceptance and `settle`:
a message that a crash left as "sending" is sent again and counted as uncertain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select, update

from bot.gateway.lanes import FAR_SECONDS, check_owner
from bot.gateway.message import Message
from bot.gateway.render import Part
from bot.gateway.store import Store, insert_into
from bot.gateway.tables import CONVERSATION, OUTGOING

OPEN = ("waiting", "sending")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One part on its way."""

    id: int
    part: Part
    is_first: bool  # of its reply
    address: Any
    attempts: int  # this one counted
    uncertain: int  # earlier ones that may have arrived
    made_at: float


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What could not be sent, without its words."""

    id: int
    channel: str
    is_danger: bool
    error: str
    attempts: int
    age: float


def add(
    db: Connection,
    store: Store,
    owner: str,
    message: Message,
    reply: int,
    parts: list[Part],
) -> None:
    """Store the parts of a reply to be sent.

    Args:
        reply: number of the (last) reply within the turn, from 1.
    Raises:
        LaneLostError: another process has taken the conversation over.
    """
    check_owner(db, store, owner, message.sender)
    rows = [
        {
            "channel": message.channel,
            "message_id": message.message_id,
            "reply": reply,
            "part": number,
            "sender": message.sender,
            "body": store.seal(part.to_json()),
            "is_danger": part.is_danger,
            "made_at": store.now(),
        }
        for number, part in enumerate(parts)
    ]
    db.execute(insert_into(db, OUTGOING).on_conflict_do_nothing(), rows)


def begin_send(
    db: Connection, store: Store, owner: str, sender: str
) -> Delivery | float | None:
    """Mark the oldest open part as being sent, and return it.

    Returns:
        A moment where it is not due yet; None if there is nothing to send.
    Raises:
        LaneLostError: another process has taken the conversation over.
    """
    query = (
        select(OUTGOING)
        .where(OUTGOING.c.sender == sender, OUTGOING.c.state.in_(OPEN))
        .order_by(OUTGOING.c.id)
        .limit(1)
    )
    row = db.execute(query).one_or_none()
    if row is None:
        return None
    now = store.now()
    if now < row.due_at < now + FAR_SECONDS:
        return float(row.due_at)
    check_owner(db, store, owner, sender)
    open_before = row.uncertain + (row.state == "sending")
    db.execute(
        update(OUTGOING)
        .where(OUTGOING.c.id == row.id)
        .values(state="sending", attempts=row.attempts + 1, uncertain=open_before)
    )
    address = db.execute(
        select(CONVERSATION.c.address).where(CONVERSATION.c.sender == sender)
    ).scalar()
    body = store.unseal(row.body)
    return Delivery(
        id=row.id,
        part=Part.from_json(body) if body else Part(""),
        is_first=row.part == 0,
        address=store.unseal(address or ""),
        attempts=row.attempts + 1,
        uncertain=open_before,
        made_at=row.made_at,
    )


def settle(
    db: Connection, store: Store, number: int, state: str, note: str = ""
) -> None:
    """End a send: "sent" with the platform's id, else an error; text is blanked.

    A dead letter keeps its text, for the operator may send it again.
    """
    values: dict[str, Any] = {"state": state, "settled_at": store.now()}
    values["platform_id" if state == "sent" else "error"] = note[:64]
    if state != "dead":
        values["body"] = ""
    db.execute(update(OUTGOING).where(OUTGOING.c.id == number).values(**values))


def postpone(
    db: Connection, number: int, due_at: float, error: str, *, uncertain: bool
) -> None:
    """Try again later; `uncertain` where the part may have arrived nevertheless."""
    db.execute(
        update(OUTGOING)
        .where(OUTGOING.c.id == number)
        .values(
            state="waiting",
            due_at=due_at,
            error=error[:64],
            uncertain=OUTGOING.c.uncertain + int(uncertain),
        )
    )


def sent_to(db: Connection, store: Store, sender: str) -> tuple[list[str], Any]:
    """Return the platform's ids of what a person got, but the last, and where."""
    query = (
        select(OUTGOING.c.platform_id)
        .where(OUTGOING.c.sender == sender, OUTGOING.c.platform_id != "")
        .order_by(OUTGOING.c.id)
    )
    ids = list(db.execute(query).scalars())[:-1]
    mine = CONVERSATION.c.sender == sender
    address = db.execute(select(CONVERSATION.c.address).where(mine)).scalar()
    return ids, store.unseal(address or "")


def dead_letters(db: Connection, store: Store) -> list[DeadLetter]:
    """Return what could not be sent, dangers first, oldest first."""
    query = (
        select(OUTGOING)
        .where(OUTGOING.c.state == "dead")
        .order_by(OUTGOING.c.is_danger.desc(), OUTGOING.c.id)
    )
    return [
        DeadLetter(
            id=row.id,
            channel=row.channel,
            is_danger=row.is_danger,
            error=row.error,
            attempts=row.attempts,
            age=store.now() - row.made_at,
        )
        for row in db.execute(query)
    ]


def retry_dead(db: Connection) -> int:
    """Let everything dead be sent again; returns how much."""
    dead = select(OUTGOING.c.sender).where(OUTGOING.c.state == "dead")
    db.execute(
        update(CONVERSATION).where(CONVERSATION.c.sender.in_(dead)).values(due_at=0)
    )
    again = update(OUTGOING).where(OUTGOING.c.state == "dead")
    return db.execute(again.values(state="waiting", attempts=0, due_at=0)).rowcount


def count_states(db: Connection, channel: str) -> dict[str, int]:
    """Return how many parts wait, are dead, and how many may have come twice."""
    dead, waiting = OUTGOING.c.state == "dead", OUTGOING.c.state.in_(OPEN)
    query = select(
        func.sum(case((waiting, 1), else_=0)),
        func.sum(case((dead, 1), else_=0)),
        func.sum(OUTGOING.c.uncertain),
    ).where(OUTGOING.c.channel == channel)
    values = db.execute(query).one()
    names = ("waiting", "dead", "uncertain")
    return {name: int(value or 0) for name, value in zip(names, values, strict=True)}
