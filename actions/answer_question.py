"""A question, or a tapped suggestion, is answered from cited articles."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from actions.answer import AnswerAction, entity
from actions.render import render_abstain, render_article, render_suggestions
from bot.reply import Reply
from knowledge.retrieval.search import search
from knowledge.snapshot import Snapshot


class ActionAnswerQuestion(AnswerAction):
    """Answer, suggest, or say that there is no source."""

    def name(self) -> str:
        return "action_answer_question"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        chosen = snapshot.articles.get(entity(tracker, "article"))
        if chosen is not None:
            return [_render(chosen.id, snapshot)], [SlotSet("article", chosen.id)]
        question = str(tracker.latest_message.get("text") or "")
        before = tracker.get_slot("article")
        result = search(question, snapshot.index, previous=before)
        if result.decision == "answer":
            best = result.hits[0].article_id
            # Who is shown the same article again has asked for more of it.
            reply = _render(best, snapshot, detailed=best == before)
            return [reply], [SlotSet("article", best)]
        if result.decision == "suggest":
            articles = [snapshot.articles[hit.article_id] for hit in result.hits]
            return [render_suggestions(articles)], []
        return [render_abstain(result.document, snapshot.directory)], []


def _render(article: str, snapshot: Snapshot, *, detailed: bool = False) -> Reply:
    return render_article(
        snapshot.articles[article],
        snapshot.documents,
        snapshot.directory,
        detailed=detailed,
    )
