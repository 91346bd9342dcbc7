"""The details of the article that was shown last, or of the one tapped."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from actions.answer import AnswerAction, article_meant
from actions.render import render_article, render_text
from bot.reply import Reply
from knowledge.snapshot import Snapshot


class ActionMoreDetail(AnswerAction):
    """Show the whole article."""

    def name(self) -> str:
        return "action_more_detail"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        article = article_meant(tracker, snapshot)
        if article is None:
            return [render_text("which_question", snapshot.directory, "ask")], []
        if not article.details:
            return [render_text("no_more", snapshot.directory)], []
        reply = render_article(
            article, snapshot.documents, snapshot.directory, detailed=True
        )
        return [reply], [SlotSet("article", article.id)]
