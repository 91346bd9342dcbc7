"""The checked local line of a province that a person named."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.answer import AnswerAction, entity
from actions.answer_question import ActionAnswerQuestion
from actions.ask_place import place_buttons
from actions.render import render_place, render_text
from bot.reply import Reply
from knowledge.retrieval.search import continues
from knowledge.snapshot import Snapshot

CHOICES = 3


class ActionFindLine(AnswerAction):
    """Show the local line after 111, or say that none is checked.

    A name that fits several provinces is asked back, never guessed. The form calls it
    too when it was left for another question: then there is nothing to say. "Nghệ An
    thì sao" after an answer goes on with its subject.
    """

    def name(self) -> str:
        return "action_find_line"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        question = str(tracker.latest_message.get("text") or "")
        if tracker.get_slot("subject") and continues(question):
            return ActionAnswerQuestion().answer(tracker, snapshot)
        if place := entity(tracker, "place"):
            return [render_place(place, snapshot.directory)], []
        several = list(tracker.get_latest_entity_values("places"))[:CHOICES]
        if several:
            reply = render_text("several_places", snapshot.directory, "ask")
            return [replace(reply, buttons=place_buttons(several))], []
        if tracker.get_intent_of_latest_message() != "inform_place":
            return [], []
        return [render_text("which_place", snapshot.directory)], []
