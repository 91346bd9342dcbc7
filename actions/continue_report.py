"""After a card: at most one more question, which may be skipped."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.answer import AnswerAction, entity
from actions.render import render_ask_place, render_place
from bot.reply import Reply
from knowledge.snapshot import Snapshot

# Who is in danger now should call, not read.
SILENT_LEVELS = ("P0",)


class ActionContinueReport(AnswerAction):
    """Show the local line where the place is known, else ask for the place."""

    def name(self) -> str:
        return "action_continue_report"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        place = entity(tracker, "place") or tracker.get_slot("place") or ""
        if tracker.get_slot("level") in SILENT_LEVELS:
            return [], []
        if place:
            return [render_place(place, snapshot.directory)], []
        address = tracker.get_slot("address") or ""
        return [render_ask_place(snapshot.directory, address)], []
