"""Who works on which conversation: one process at a time, by leases that run out.

A row of `conversation` is the lock, so that SQLite and PostgreSQL need the same code
and several gateways share one PostgreSQL without double work.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from bot.gateway.store import Store, insert_into
from bot.gateway.tables import CONVERSATION, INCOMING, LEASE, OUTGOING

# A lease is renewed so often before it runs out.
RENEWALS = 4
# A moment further ahead than any we write comes from a clock that jumped back.
FAR_SECONDS = 900.0


class LaneLostError(Exception):
    """Another process has taken the conversation over; nothing may be written."""


def claim(
    db: Connection,
    store: Store,
    owner: str,
    channel: str,
    limit: int,
    busy: Collection[str],
) -> list[str]:
    """Take conversations of a channel that have work and nobody who does it."""
    now = store.now()
    due = or_(CONVERSATION.c.due_at <= now, CONVERSATION.c.due_at > now + FAR_SECONDS)
    free = or_(
        CONVERSATION.c.lease_until <= now,
        CONVERSATION.c.lease_until > now + FAR_SECONDS,
    )
    query = (
        select(CONVERSATION.c.sender)
        .where(CONVERSATION.c.channel == channel, due, free)
        .where(CONVERSATION.c.sender.not_in(busy))
        .order_by(CONVERSATION.c.due_at, CONVERSATION.c.touched_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    senders = list(db.execute(query).scalars())
    if senders:
        db.execute(
            update(CONVERSATION)
            .where(CONVERSATION.c.sender.in_(senders))
            .values(owner=owner, lease_until=now + store.lease_seconds)
        )
    return senders


def renew(db: Connection, store: Store, owner: str) -> None:
    """Keep all conversations of this process."""
    db.execute(
        update(CONVERSATION)
        .where(CONVERSATION.c.owner == owner)
        .values(lease_until=store.now() + store.lease_seconds)
    )


def release(db: Connection, owner: str, sender: str) -> None:
    """Give a conversation back, and say when it has work again."""
    mine = and_(CONVERSATION.c.sender == sender, CONVERSATION.c.owner == owner)
    # The row's lock first: what a receiver stores meanwhile is then seen below.
    held = select(CONVERSATION.c.forget).where(mine).with_for_update()
    row = db.execute(held).one_or_none()
    if row is None:
        return
    waits = select(INCOMING.c.id).where(
        INCOMING.c.sender == sender,
        INCOMING.c.done_at.is_(None),
        INCOMING.c.body != "",
    )
    first = (
        select(OUTGOING.c.due_at)
        .where(
            OUTGOING.c.sender == sender, OUTGOING.c.state.in_(("waiting", "sending"))
        )
        .order_by(OUTGOING.c.id)
        .limit(1)
    )
    due_at = db.execute(first).scalar()
    if row.forget and due_at is None:
        due_at = 0
    if db.execute(waits.limit(1)).first():
        due_at = 0
    db.execute(
        update(CONVERSATION).where(mine).values(owner="", lease_until=0, due_at=due_at)
    )


def check_owner(db: Connection, store: Store, owner: str, sender: str) -> None:
    """Hold the conversation's row until the end of the transaction.

    Raises:
        LaneLostError: it belongs to another process, or to nobody any more.
    """
    query = select(CONVERSATION.c.owner, CONVERSATION.c.lease_until).where(
        CONVERSATION.c.sender == sender
    )
    row = db.execute(query.with_for_update()).one_or_none()
    if row is None or row.owner != owner or row.lease_until < store.now():
        raise LaneLostError


def wants_to_be_forgotten(db: Connection, sender: str) -> bool:
    """Tell whether a person asked for deletion and all replies have gone."""
    query = select(CONVERSATION.c.forget).where(CONVERSATION.c.sender == sender)
    if not db.execute(query).scalar():
        return False
    open_parts = select(func.count()).where(
        OUTGOING.c.sender == sender, OUTGOING.c.state.in_(("waiting", "sending"))
    )
    return db.execute(open_parts).scalar() == 0


def free(db: Connection, owner: str = "") -> None:
    """Give back all leases of a process.

    Where none is named, the conversations of all: the one process there was is dead.
    A renewal of tokens may outlive it, and keeps its lease.
    """
    talks = update(CONVERSATION)
    if owner:
        talks = talks.where(CONVERSATION.c.owner == owner)
        db.execute(delete(LEASE).where(LEASE.c.owner == owner))
    db.execute(talks.values(owner="", lease_until=0))


def take_lease(
    db: Connection, store: Store, name: str, owner: str, seconds: float
) -> bool:
    """Take or keep what one process may do at a time; False if another has it."""
    now = store.now()
    values = {"owner": owner, "until": now + seconds}
    query = insert_into(db, LEASE).values(name=name, **values)
    taken = db.execute(
        query.on_conflict_do_update(
            index_elements=["name"],
            set_=values,
            where=or_(
                LEASE.c.owner == owner,
                LEASE.c.until < now,
                LEASE.c.until > now + FAR_SECONDS,
            ),
        ).returning(LEASE.c.name)
    )
    return taken.first() is not None


def give_lease(db: Connection, name: str, owner: str) -> None:
    """Let another process have it."""
    db.execute(delete(LEASE).where(LEASE.c.name == name, LEASE.c.owner == owner))
