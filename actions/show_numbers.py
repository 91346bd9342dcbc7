"""The numbers again, in any words that they were asked for."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.answer import AnswerAction
from actions.render import render_numbers
from bot.reply import PhoneNumber, Reply
from bot.safety.cards import render_card
from bot.safety.triage import DangerClass, Level, Speaker, Triage
from knowledge.snapshot import Snapshot


class ActionShowNumbers(AnswerAction):
    """Show 111, 113 and 115, after a card in its order and with what it added."""

    def name(self) -> str:
        return "action_show_numbers"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        reply = render_numbers(snapshot.directory)
        return [reply.with_numbers(*_of_card(tracker, snapshot))], []


def _of_card(tracker: Tracker, snapshot: Snapshot) -> tuple[PhoneNumber, ...]:
    danger_class, level = tracker.get_slot("danger_class"), tracker.get_slot("level")
    if not danger_class or not level:
        return ()
    triage = Triage(
        level=Level(level),
        danger_class=DangerClass(danger_class),
        speaker=Speaker(tracker.get_slot("speaker") or Speaker.UNKNOWN.value),
        address="",
        urgent=False,
        soft=False,
        place=tracker.get_slot("place"),
        matched=(),
    )
    return render_card(triage, snapshot.directory).numbers
