"""Messages of people: each once, in their order, until it is answered.

Plain functions on a connection; `Store.run` gives each call its transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from bot.gateway.message import Message
from bot.gateway.store import Store, insert_into
from bot.gateway.tables import BUTTON, CONVERSATION, INCOMING, OUTGOING, VAULT

# A message that stopped the process so often is answered without reading it.
MAX_ATTEMPTS = 4
FLOOD_SECONDS = 300.0
KEPT_SECONDS = 48 * 3600.0
SILENT_SECONDS = 24 * 3600.0
GREETED_SECONDS = 30 * 24 * 3600.0
GREETING = "greet:"


@dataclass(frozen=True, slots=True)
class Task:
    """The next message of a conversation, and what is known about it."""

    message: Message
    address: Any
    memory: Any
    attempts: int
    answered: int  # replies that were already handed out before a crash
    recent: int  # messages of the person in the FLOOD_SECONDS up to this one


def put(
    db: Connection, store: Store, message: Message, address: Any, *, done: bool = False
) -> bool:
    """Store a message before it is acknowledged; False if it is known.

    Args:
        address: where to answer; None where the channel itself waits (web).
        done: it was already answered, while the database was away.
    """
    now = store.now()
    waits = address is not None and not done
    body = store.seal([*_content(message)]) if waits else ""
    insert = insert_into(db, INCOMING).on_conflict_do_nothing()
    fresh = db.execute(
        insert.returning(INCOMING.c.id),
        {
            "channel": message.channel,
            "message_id": message.message_id,
            "sender": message.sender,
            "body": body,
            "attempts": 0,
            "received_at": now,
            "done_at": now if done else None,
        },
    )
    if fresh.first() is None:
        return False
    values: dict[str, Any] = {"touched_at": now}
    if waits:
        values |= {"address": store.seal(address), "due_at": 0}
    query = insert_into(db, CONVERSATION).values(
        sender=message.sender, channel=message.channel, **values
    )
    db.execute(query.on_conflict_do_update(index_elements=["sender"], set_=values))
    return True


def next_task(db: Connection, store: Store, sender: str) -> Task | None:
    """Return the oldest message without an answer, and count the attempt."""
    query = (
        select(INCOMING)
        .where(INCOMING.c.sender == sender, INCOMING.c.done_at.is_(None))
        .where(INCOMING.c.body != "")
        .order_by(INCOMING.c.id)
        .limit(1)
    )
    row = db.execute(query).one_or_none()
    if row is None:
        return None
    talk = db.execute(select(CONVERSATION).where(CONVERSATION.c.sender == sender)).one()
    db.execute(
        update(INCOMING)
        .where(INCOMING.c.id == row.id)
        .values(attempts=INCOMING.c.attempts + 1)
    )
    text, choice, event, sent_at = store.unseal(row.body) or ("", "", "unread", 0)
    return Task(
        message=Message(
            row.channel, row.message_id, sender, text, choice, event, sent_at
        ),
        address=store.unseal(talk.address),
        memory=store.unseal(talk.memory),
        attempts=row.attempts + 1,
        answered=_answered(db, row.channel, row.message_id),
        recent=_recent(db, sender, row.id, row.received_at - FLOOD_SECONDS),
    )


def memory_of(db: Connection, store: Store, sender: str) -> Any:
    """Return what is remembered of a conversation, None if nothing is."""
    query = select(CONVERSATION.c.memory).where(CONVERSATION.c.sender == sender)
    return store.unseal(db.execute(query).scalar() or "")


def finish(
    db: Connection, store: Store, message: Message, memory: Any, *, forget: bool = False
) -> None:
    """Mark a message as answered, blank its text, keep the conversation's memory."""
    db.execute(
        update(INCOMING)
        .where(INCOMING.c.channel == message.channel)
        .where(INCOMING.c.message_id == message.message_id)
        .values(body="", done_at=store.now())
    )
    values: dict[str, Any] = {"touched_at": store.now()}
    values["memory"] = "" if forget else store.seal(memory)
    if forget:
        values["forget"] = True
    mine = CONVERSATION.c.sender == message.sender
    db.execute(update(CONVERSATION).where(mine).values(**values))


def purge(db: Connection, sender: str, *, keep_greeting: bool = False) -> None:
    """Delete all that is kept of a person, but for what still waits for an answer.

    The ids of messages stay without their sender, so that none is answered twice.
    """
    db.execute(delete(OUTGOING).where(OUTGOING.c.sender == sender))
    # The web's message ids hold the pseudonym.
    db.execute(delete(INCOMING).where(INCOMING.c.message_id.startswith(sender)))
    if not keep_greeting:
        greeted = INCOMING.c.message_id == GREETING + sender
        db.execute(delete(INCOMING).where(greeted, INCOMING.c.done_at.is_not(None)))
    handled = or_(INCOMING.c.done_at.is_not(None), INCOMING.c.body == "")
    db.execute(
        update(INCOMING)
        .where(INCOMING.c.sender == sender, handled)
        .values(sender="", body="")
    )
    waiting = select(INCOMING.c.id).where(INCOMING.c.sender == sender)
    gone = db.execute(waiting.limit(1)).first() is None
    mine = CONVERSATION.c.sender == sender
    if gone:
        db.execute(delete(CONVERSATION).where(mine))
    else:
        db.execute(update(CONVERSATION).where(mine).values(forget=False, memory=""))


def expire(
    db: Connection, store: Store, silent_seconds: float = SILENT_SECONDS
) -> None:
    """Delete what is older than its time, unless an answer still waits.

    Args:
        silent_seconds: so long without a message, a conversation is over.
    """
    now = store.now()
    old = INCOMING.c.received_at < now - KEPT_SECONDS
    greeted = INCOMING.c.message_id.startswith(GREETING)
    older = INCOMING.c.received_at < now - GREETED_SECONDS
    db.execute(delete(INCOMING).where(or_(and_(old, ~greeted), older)))
    db.execute(delete(OUTGOING).where(OUTGOING.c.made_at < now - KEPT_SECONDS))
    silent = CONVERSATION.c.touched_at < now - silent_seconds
    pending = select(OUTGOING.c.sender).where(
        OUTGOING.c.state.in_(("waiting", "sending", "dead"))
    )
    db.execute(
        delete(CONVERSATION).where(
            silent,
            CONVERSATION.c.due_at.is_(None),
            CONVERSATION.c.sender.not_in(pending),
        )
    )
    db.execute(delete(BUTTON).where(BUTTON.c.made_at < now - 7 * SILENT_SECONDS))


def queue_state(db: Connection, channel: str) -> tuple[int, float | None]:
    """Return how many messages wait for an answer, and when the oldest came."""
    query = select(func.count(), func.min(INCOMING.c.received_at)).where(
        INCOMING.c.channel == channel,
        INCOMING.c.done_at.is_(None),
        INCOMING.c.body != "",
    )
    count, oldest = db.execute(query).one()
    return int(count), oldest


def keep(db: Connection, store: Store, name: str, content: Any) -> None:
    """Put a small secret into the vault, in place of the one before."""
    sealed = store.seal(content)
    query = insert_into(db, VAULT).values(name=name, content=sealed)
    db.execute(
        query.on_conflict_do_update(
            index_elements=["name"], set_={"content": query.excluded.content}
        )
    )


def kept(db: Connection, store: Store, name: str) -> Any:
    """Return a small secret of the vault, None if there is none."""
    query = select(VAULT.c.content).where(VAULT.c.name == name)
    return store.unseal(db.execute(query).scalar() or "")


def _content(message: Message) -> tuple[str, str, str, float]:
    return message.text, message.choice, message.event, message.sent_at


def _answered(db: Connection, channel: str, message_id: str) -> int:
    query = select(func.max(OUTGOING.c.reply)).where(
        OUTGOING.c.channel == channel, OUTGOING.c.message_id == message_id
    )
    return int(db.execute(query).scalar() or 0)


def _recent(db: Connection, sender: str, number: int, since: float) -> int:
    query = select(func.count()).where(
        INCOMING.c.sender == sender,
        INCOMING.c.id <= number,
        INCOMING.c.received_at > since,
    )
    return int(db.execute(query).scalar() or 0)
