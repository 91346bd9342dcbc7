"""The numbers again, in any words that they were asked for."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.answer import AnswerAction
from actions.render import render_numbers
from bot.reply import Reply
from knowledge.snapshot import Snapshot


class ActionShowNumbers(AnswerAction):
    """Show 111, 113 and 115."""

    def name(self) -> str:
        return "action_show_numbers"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        return [render_numbers(snapshot.directory)], []
