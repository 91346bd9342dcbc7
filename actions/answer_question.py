"""A question, or a tapped suggestion, is answered from cited articles."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from actions.answer import AnswerAction, entity
from actions.library import texts
from actions.render import (
    render_abstain,
    render_article,
    render_place,
    render_suggestions,
)
from bot.reply import Reply
from knowledge.retrieval.search import search
from knowledge.retrieval.text import syllables
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
            return [_render(chosen.id, snapshot)], _shown(chosen.id)
        question = str(tracker.latest_message.get("text") or "")
        before = tracker.get_slot("subject")
        result = search(question, snapshot.index, previous=before)
        if result.decision == "answer":
            best = result.hits[0].article_id
            # Who is shown the same article again has asked for more of it.
            again = best == tracker.get_slot("article")
            return [_render(best, snapshot, detailed=again)], _shown(best)
        lines = _lines_asked_for(tracker, question, snapshot)
        if result.decision == "suggest":
            articles = [snapshot.articles[hit.article_id] for hit in result.hits]
            subject = SlotSet("subject", articles[0].id)
            return [*lines, render_suggestions(articles)], [subject]
        if lines and not result.document:
            return lines, []
        return [render_abstain(result.document, snapshot.directory)], []


def _shown(article: str) -> list[EventType]:
    return [SlotSet("article", article), SlotSet("subject", article)]


def _lines_asked_for(
    tracker: Tracker, question: str, snapshot: Snapshot
) -> list[Reply]:
    """Return the numbers of the province where somebody asks whom to call there."""
    place = entity(tracker, "place")
    said = f" {' '.join(syllables(question))} "
    if place and any(f" {word} " in said for word in texts()["line_words"]):
        return [render_place(place, snapshot.directory)]
    return []


def _render(article: str, snapshot: Snapshot, *, detailed: bool = False) -> Reply:
    return render_article(
        snapshot.articles[article],
        snapshot.documents,
        snapshot.directory,
        detailed=detailed,
    )
