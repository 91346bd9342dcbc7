"""Conversations in memory, without a word that a person wrote."""

from __future__ import annotations

import asyncio
import functools
import json
import time
from typing import Any

import rasa.shared.utils.common
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.events import Restarted
from rasa.shared.core.trackers import DialogueStateTracker

# The last events are enough for the rules; more makes every turn slower.
KEPT_EVENTS = 40
RETENTION_SECONDS = 24 * 3600.0
TIDY_SECONDS = 600

# Rasa searches all kinds of events anew for each event that it reads.
rasa.shared.utils.common.all_subclasses = functools.cache(
    rasa.shared.utils.common.all_subclasses
)


class ForgetfulTrackerStore(InMemoryTrackerStore):  # type: ignore[misc]
    """Keeps slots, the active form and the last events; blanks the words.

    What is restarted, or silent for `retention_seconds`, is deleted.
    """

    def __init__(
        self,
        domain: Any,
        event_broker: Any = None,
        retention_seconds: Any = RETENTION_SECONDS,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._retention = float(retention_seconds)
        # In the order of the last message, the oldest first.
        self._touched: dict[str, float] = {}
        self._tidies = False

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the conversation, and drop those that have been silent for too long."""
        await self.stream_events(tracker)
        await self.delete(tracker.sender_id)
        if not _is_restarted(tracker):
            self.store[tracker.sender_id] = serialise(tracker)
            self._touched[tracker.sender_id] = time.monotonic()
        if not self._tidies:
            self._tidies = True
            self._tidy()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return a conversation, None if it is unknown or has expired."""
        self._expire()
        return await super().retrieve(sender_id)

    async def delete(self, sender_id: str) -> None:
        """Forget one person's conversation."""
        self.store.pop(sender_id, None)
        self._touched.pop(sender_id, None)

    def _tidy(self) -> None:
        """Expire now, and again and again: nobody may write for days."""
        self._expire()
        asyncio.get_running_loop().call_later(TIDY_SECONDS, self._tidy)

    def _expire(self) -> None:
        limit = time.monotonic() - self._retention
        while self._touched:
            sender, moment = next(iter(self._touched.items()))
            if moment >= limit:
                return
            self.store.pop(sender, None)
            del self._touched[sender]


def _is_restarted(tracker: DialogueStateTracker) -> bool:
    # Rasa listens once more after a restart.
    return any(isinstance(event, Restarted) for event in list(tracker.events)[-2:])


def serialise(tracker: DialogueStateTracker) -> str:
    """Return the tracker as JSON text, shortened and without words."""
    dialogue = tracker.as_dialogue().as_dict()
    events = [_blank(e) for e in dialogue["events"] if not _starts_session(e)]
    dialogue["events"] = _slots_of(tracker) + events[-KEPT_EVENTS:]
    return json.dumps(dialogue)


def _starts_session(event: dict[str, Any]) -> bool:
    # Rasa hands out what follows a session's start, which would lose the slots.
    started = event.get("event") == "session_started"
    return started or event.get("name") == "action_session_start"


def _slots_of(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    return [
        {"event": "slot", "timestamp": 0.0, "name": name, "value": slot.value}
        for name, slot in tracker.slots.items()
        if slot.value is not None and slot.has_been_set
    ]


def _blank(event: dict[str, Any]) -> dict[str, Any]:
    if event.get("event") != "user":
        return event
    parsed = event.get("parse_data") or {}
    return {
        **event,
        "text": "",
        "parse_data": {
            "intent": parsed.get("intent"),
            "entities": parsed.get("entities") or [],
            "text": "",
        },
    }
