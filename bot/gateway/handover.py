"""What the gateway gives to the staff console: files, so that neither waits.

Each file holds all of one source, as a JSON list, and is replaced in one step.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.gateway.counts import Counts, keep_counts, list_counts
from bot.gateway.questions import list_questions
from bot.gateway.store import Store, StoreError

log = structlog.get_logger()

SECONDS = 30
Source = Callable[[Connection], list[dict[str, Any]]]
# The name of each file, and what reads its rows.
SOURCES: dict[str, Source] = {"counts": list_counts, "questions": list_questions}


async def hand_over(store: Store, counts: Counts, folder: Path) -> None:
    """Write counts down and hand everything over, until cancelled; then once more."""
    try:
        while True:
            await asyncio.sleep(SECONDS)
            await write_once(store, counts, folder)
    finally:
        await write_once(store, counts, folder)


async def write_once(store: Store, counts: Counts, folder: Path) -> None:
    """Write each file that is new; what fails is tried again the next time."""
    taken = counts.take()
    try:
        await store.run(lambda db: keep_counts(db, taken))
    except StoreError:
        counts.put_back(taken)
        return
    for name, source in SOURCES.items():
        try:
            rows = await store.run(source)
            # In a thread: nobody in danger waits for a file.
            await asyncio.to_thread(_replace, folder / f"{name}.json", rows)
        except (StoreError, OSError) as error:
            log.warning("handover.failed", error=type(error).__name__)


def _replace(path: Path, rows: list[dict[str, Any]]) -> None:
    content = json.dumps(rows, ensure_ascii=False)
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
    Path(fresh).replace(path)
