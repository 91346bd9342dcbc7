"""The documents that the last answer rests on, with their whole titles."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.answer import AnswerAction, article_meant
from actions.render import render_sources, render_text
from bot.reply import Reply
from knowledge.snapshot import Snapshot


class ActionShowSource(AnswerAction):
    """Name document, issuer, date and status of each citation."""

    def name(self) -> str:
        return "action_show_source"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        article = article_meant(tracker, snapshot)
        if article is None:
            return [render_text("which_question", snapshot.directory, "ask")], []
        return [render_sources(article, snapshot.documents)], []
