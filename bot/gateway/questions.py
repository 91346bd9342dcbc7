"""Questions that staff should see: without an answer, or with one that did not help.

They wait in the memory of their conversation until it is over. If a danger is seen in
it before, in any process, nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from bot.gateway.conversation import Conversations
from bot.gateway.inbox import memory_of
from bot.gateway.rating import OPEN, Rating, keep_rating
from bot.gateway.store import Store
from bot.gateway.tables import RATING

SETTLED_SECONDS = 1800.0  # so long without a message, a conversation is over


async def keep_settled(conversations: Conversations, store: Store) -> None:
    """Keep the open questions of conversations that are over.

    Raises:
        StoreError: the database does not answer; what waits goes on waiting.
    """
    for sender, talk in conversations.with_questions(SETTLED_SECONDS):
        waiting = list(talk.open_questions)
        await store.run(partial(_keep, store=store, sender=sender, waiting=waiting))
        del talk.open_questions[: len(waiting)]


def list_questions(db: Connection) -> list[dict[str, Any]]:
    """Return what staff get, oldest first: no sender; `article` if one did not help."""
    query = select(RATING).where(RATING.c.value == OPEN).order_by(RATING.c.id)
    return [
        {
            "key": f"{row.id}-{round(row.made_at * 1000)}",
            "channel": row.channel,
            "article": row.article,
            "text": row.question,
            "asked_at": row.made_at,
        }
        for row in db.execute(query)
    ]


def _keep(
    db: Connection, store: Store, sender: str, waiting: Sequence[tuple[str, str, str]]
) -> None:
    memory = memory_of(db, store, sender) or {}
    if memory.get("had_danger"):  # another gateway saw it
        return
    for channel, article, question in waiting:
        keep_rating(db, store, Rating(channel, article, OPEN, question))
