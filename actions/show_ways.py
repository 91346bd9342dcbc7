"""For a person who cannot speak on the telephone: the ways without a voice."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.answer import AnswerAction
from actions.render import render_text
from bot.reply import Reply
from knowledge.snapshot import Snapshot

# The line's own channels for messages, where they are checked and have an address.
WAYS = ("vn-111-zalo", "vn-111-app")


class ActionShowWays(AnswerAction):
    """Show Zalo and the app of 111 (rule R14), and whom to ask nearby."""

    def name(self) -> str:
        return "action_show_ways"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        reply = render_text("cannot_call", snapshot.directory)
        ways = (snapshot.directory.phone(way) for way in WAYS)
        return [reply.with_numbers(*reply.numbers, *(w for w in ways if w))], []
