"""Payloads of buttons: at most 64 bytes at Telegram, so that long ones stay here."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from bot.gateway.channels.telegram_updates import LOOK_UP, MARK
from bot.gateway.policy import STALE
from bot.gateway.store import Store, StoreError, insert_into
from bot.gateway.tables import BUTTON
from bot.reply import Button

MAX_DATA = 64


async def data_of(store: Store, button: Button) -> str:
    """Return a button's payload, "" if there is none now."""
    told = MARK + button.id
    if len(told.encode()) <= MAX_DATA:
        return told
    number = hashlib.sha256(button.id.encode()).hexdigest()[:12]
    row = {"id": number, "choice": button.id, "made_at": store.now()}
    try:
        await store.run(
            lambda db: db.execute(insert_into(db, BUTTON).on_conflict_do_nothing(), row)
        )
    except StoreError:
        return ""
    return LOOK_UP + number


async def choice_of_data(store: Store, told: str) -> str:
    """Return the choice that a short payload such as `d:…` stands for.

    Raises:
        StoreError: the database does not answer.
    """
    number = told.partition(":")[2]
    query = select(BUTTON.c.choice).where(BUTTON.c.id == number)
    found = await store.run(lambda db: db.execute(query).scalar())
    return str(found) if found else STALE
