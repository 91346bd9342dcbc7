"""The form's question for the province; one tap where a local line is known."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.answer import AnswerAction
from actions.library import texts
from actions.render import render_text
from bot.reply import Button, Reply
from bot.safety.letters import fold
from knowledge.directory import Directory
from knowledge.snapshot import Snapshot


class ActionAskPlace(AnswerAction):
    """Ask for the province; it may be skipped, tapped or typed."""

    def name(self) -> str:
        return "action_ask_place"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        reply = render_text("ask_place", snapshot.directory, "ask")
        skip = Button("skip", texts()["skip_button"])
        buttons = (*place_buttons(_places(snapshot.directory)), skip)
        return [replace(reply, buttons=buttons)], []


def place_buttons(places: list[str]) -> tuple[Button, ...]:
    """Return one button a province; the gateway reads its folded name again."""
    return tuple(Button(f"place:{fold(place)}", place) for place in places)


def _places(directory: Directory) -> list[str]:
    """Return the provinces with a local line that may be shown, in the file's order."""
    shown = (line for line in directory.every() if line.kind == "local")
    known = (line.province for line in shown if directory.line(line.id))
    return list(dict.fromkeys(known))
