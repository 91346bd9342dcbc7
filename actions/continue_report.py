"""After a card: the local line, or at most one more question, which may be skipped."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction

from actions.answer import AnswerAction, entity
from actions.render import render_place
from bot.reply import Reply
from bot.safety.assess import assess
from bot.safety.cards import render_card
from knowledge.snapshot import Snapshot

# Who is in danger now should call, not read.
SILENT_LEVELS = ("P0",)


class ActionContinueReport(AnswerAction):
    """Show the local line where the place is known, else start the form that asks.

    Nothing is said while the card's own question is open (entity `asks`), and the
    place is asked once a conversation.
    """

    def name(self) -> str:
        return "action_continue_report"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        cards = _card_of_words(tracker, snapshot)
        is_report = tracker.get_intent_of_latest_message() == "report"
        if is_report and tracker.get_slot("level") in SILENT_LEVELS:
            return cards, []
        if place := entity(tracker, "place") or tracker.get_slot("place"):
            return [*cards, render_place(place, snapshot.directory)], []
        if entity(tracker, "asks") or tracker.get_slot("is_place_asked"):
            return cards, []
        return cards, [FollowupAction("place_form")]


def _card_of_words(tracker: Tracker, snapshot: Snapshot) -> list[Reply]:
    """Return the card that the gateway gives, where there is none (`rasa shell`)."""
    text = str(tracker.latest_message.get("text") or "")
    if not text or text.startswith("/"):
        return []
    return [render_card(assess(text), snapshot.directory)]
