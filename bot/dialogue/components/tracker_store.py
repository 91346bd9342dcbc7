"""Conversations in memory, without a word that a person wrote."""

from __future__ import annotations

import json
import time
from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

# The last events are enough for the rules; more makes every turn slower.
KEPT_EVENTS = 40
RETENTION_SECONDS = 24 * 3600


class ForgetfulTrackerStore(InMemoryTrackerStore):  # type: ignore[misc]
    """Keeps slots, the active form and the last events; blanks the words."""

    def __init__(self, domain: Any, event_broker: Any = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._touched: dict[str, float] = {}

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the conversation, and drop those that have been silent for a day."""
        await self.stream_events(tracker)
        self.store[tracker.sender_id] = serialise(tracker)
        self._touched[tracker.sender_id] = time.monotonic()
        self._expire()

    async def delete(self, sender_id: str) -> None:
        """Forget one person's conversation."""
        self.store.pop(sender_id, None)
        self._touched.pop(sender_id, None)

    def _expire(self) -> None:
        limit = time.monotonic() - RETENTION_SECONDS
        # Insertion order is the order of first contact, not of the last message.
        for sender in [s for s, moment in self._touched.items() if moment < limit]:
            self.store.pop(sender, None)
            del self._touched[sender]


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
