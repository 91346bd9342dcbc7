"""The checked local line of a province that a person named."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.answer import AnswerAction, entity
from actions.render import render_place, render_text
from bot.reply import Reply
from knowledge.snapshot import Snapshot


class ActionFindLine(AnswerAction):
    """Show the local line after 111, or say that none is checked."""

    def name(self) -> str:
        return "action_find_line"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        place = entity(tracker, "place")
        if not place:
            return [render_text("which_place", snapshot.directory)], []
        return [render_place(place, snapshot.directory)], []
