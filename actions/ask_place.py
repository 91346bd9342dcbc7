"""The form's question for the province; one tap where a local line is known."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet

from actions.answer import AnswerAction
from actions.library import texts
from actions.render import render_text
from bot.reply import Button, Reply
from bot.safety.letters import fold
from knowledge.directory import Directory
from knowledge.snapshot import Snapshot


class ActionAskPlace(AnswerAction):
    """Ask for the province, once a conversation; it may be skipped, tapped or typed.

    Rasa's form asks again after every other answer. Who asks something else has left
    it, so that the second time the form is closed without a word.
    """

    def name(self) -> str:
        return "action_ask_place"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        if tracker.get_slot("is_place_asked"):
            return [], [ActiveLoop(None), SlotSet("requested_slot", None)]
        reply = render_text("ask_place", snapshot.directory, "ask")
        skip = Button("skip", texts()["skip_button"])
        buttons = (*place_buttons(_places(snapshot.directory)), skip)
        return [replace(reply, buttons=buttons)], [SlotSet("is_place_asked", True)]


def place_buttons(places: list[str]) -> tuple[Button, ...]:
    """Return one button a province; the gateway reads its folded name again."""
    return tuple(Button(f"place:{fold(place)}", place) for place in places)


def _places(directory: Directory) -> list[str]:
    """Return the provinces with a local line that may be shown, in the file's order."""
    shown = (line for line in directory.every() if line.kind == "local")
    known = (line.province for line in shown if directory.line(line.id))
    return list(dict.fromkeys(known))
