"""Up to three questions beside the last one: asked for, or after a "not helpful"."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.events import EventType

from actions.answer import AnswerAction, article_meant
from actions.library import texts
from actions.render import render_suggestions, render_text
from bot.reply import Reply
from knowledge.article import Article
from knowledge.retrieval.search import search
from knowledge.snapshot import Snapshot

SHOWN = 3


class ActionShowRelated(AnswerAction):
    """Suggest what the article names as related, then its neighbours in the index."""

    def name(self) -> str:
        return "action_show_related"

    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        is_rejected = tracker.get_intent_of_latest_message() == "reject_article"
        article = article_meant(tracker, snapshot)
        found = related(article, snapshot) if article else []
        if not found:
            key = "rejected" if is_rejected else "which_question"
            return [render_text(key, snapshot.directory, "ask")], []
        text = texts()["rejected_related" if is_rejected else "related"]
        return [replace(render_suggestions(found), text=text)], []


def related(article: Article, snapshot: Snapshot) -> list[Article]:
    """Return up to three other articles, those named by the article first."""
    near = search(article.title, snapshot.index).hits
    names = dict.fromkeys([*article.related, *(hit.article_id for hit in near)])
    found = (snapshot.articles.get(name) for name in names if name != article.id)
    return [other for other in found if other is not None][:SHOWN]
