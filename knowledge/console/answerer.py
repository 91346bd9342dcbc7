"""Answers a trial question as the bot would with a draft, in a process of its own.

It may load the index and torch; the console may not. Reads one JSON object a line,
`{"question", "article", "documents"}`, and answers each with one, `{"today", "draft",
"ranks"}` or `{"fault"}`. The question is kept nowhere. Without an order for ten
minutes the process ends.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from rasa_sdk import Tracker

from actions.answer_question import ActionAnswerQuestion
from bot.gateway.channels.telegram import Telegram
from bot.gateway.channels.zalo import Zalo
from bot.gateway.conversation import Conversations
from bot.gateway.dialogue import Dialogue, DialogueError, Said
from bot.gateway.log import set_up_logs
from bot.gateway.message import Message, clean
from bot.gateway.render import Part, render
from bot.gateway.settings import Settings
from bot.gateway.turn import Gateway, handle_turn
from bot.reply import Reply
from knowledge.article import Article
from knowledge.documents import Document
from knowledge.retrieval.fuse import Memory
from knowledge.retrieval.index import RetrievalIndex, make_library
from knowledge.retrieval.rank import Library, rank
from knowledge.retrieval.ways import with_ways
from knowledge.snapshot import Snapshot, SnapshotError, SnapshotReader

IDLE_SECONDS = 600
# Kinds of replies that come from the articles; of all others a draft changes nothing.
SEARCHED = ("answer", "suggest", "abstain", "error")
_DAYS = ("issued_on", "effective_on", "checked_on")
CHATS = {"telegram": Telegram.style, "zalo": Zalo.style}


class TrialDialogue(Dialogue):
    """The running dialogue decides what a text is; questions are searched here.

    With `snapshot` None the running actions answer, as they do today.
    """

    def __init__(self, settings: Settings, snapshot: Snapshot | None) -> None:
        super().__init__(settings.dialogue_url, settings.dialogue_timeout)
        self._snapshot = snapshot

    async def say(self, sender: str, text: str) -> Said:
        """Ask; see `Dialogue.say`."""
        said = await self._said(sender, text)
        is_searched = any(reply.kind in SEARCHED for reply in said.replies)
        if self._snapshot is None or not is_searched:
            return said
        return Said(tuple(search_answer(text, self._snapshot)))

    async def _said(self, sender: str, text: str) -> Said:
        try:
            return await super().say(sender, text)
        except DialogueError:
            if self._snapshot is None:
                raise
            return Said((Reply(kind="error", text=""),))


def search_answer(question: str, snapshot: Snapshot) -> list[Reply]:
    """Return what the bot's own action answers from a snapshot."""
    asked = {"text": question, "intent": {"name": "ask_question"}, "entities": []}
    tracker = Tracker("trial", {}, asked, [], False, None, {}, None)
    replies, _events = ActionAnswerQuestion().answer(tracker, snapshot)
    return replies


class Answerer:
    """Keeps the served snapshot, and the last draft laid over it."""

    def __init__(self) -> None:
        self._settings = Settings()
        self._reader = SnapshotReader(background=False)
        self._memory: Memory = {}
        self._laid: tuple[str, Snapshot, Library] | None = None

    def answer(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Do one order; with an empty question the ranks alone are told."""
        served = self._reader.current()
        laid, without = served, None
        if order.get("article"):
            laid, without = self._lay(served, order["article"], order["documents"])
        found: dict[str, Any] = {"ranks": _ranks(order, laid, without)}
        if question := clean(str(order.get("question") or "")):
            found["today"] = self._told(question, served, None)
            found["draft"] = self._told(question, laid, laid) if without else None
        return found

    def _lay(
        self, served: Snapshot, article: Any, documents: Any
    ) -> tuple[Snapshot, Library]:
        """Return the snapshot with a draft, and its search without its questions."""
        key = json.dumps([served.name, article, documents], sort_keys=True)
        if self._laid is None or self._laid[0] != key:
            draft = Article.from_json(article)
            cited = [_document(cells) for cells in documents]
            laid = with_draft(served, draft, cited, self._memory)
            bare = with_draft(served, replace(draft, questions=()), cited, self._memory)
            self._laid = key, laid, bare.index.library
        return self._laid[1:]

    def _told(
        self, question: str, snapshot: Snapshot, searched: Snapshot | None
    ) -> dict[str, Any]:
        replies = asyncio.run(ask(self._settings, question, snapshot, searched))
        if searched is None and any(reply.kind == "error" for reply in replies):
            # The bot is down: what it would say if it ran.
            replies = asyncio.run(ask(self._settings, question, snapshot, snapshot))
        return {
            "web": [reply.to_json() for reply in replies],
            **{name: _parts(render(replies, CHATS[name])) for name in CHATS},
        }


def with_draft(
    served: Snapshot, draft: Article, documents: Sequence[Document], memory: Memory
) -> Snapshot:
    """Return a snapshot as it would be with a draft; `memory` as in retrieval."""
    articles = served.articles | {draft.id: draft}
    held = {document.number: document for document in documents} | served.documents
    index: RetrievalIndex = served.index
    ordered = sorted(articles.values(), key=lambda article: article.id)
    library = make_library(with_ways(ordered), held, index.library.encoder, memory)
    laid = RetrievalIndex(index.info, library, index.calibration)
    return replace(served, articles=articles, documents=held, index=laid)


async def ask(
    settings: Settings, question: str, snapshot: Snapshot, searched: Snapshot | None
) -> list[Reply]:
    """Send a question the whole way of a message; nothing of it is kept."""
    sender = f"trial-{secrets.token_hex(8)}"
    dialogue = TrialDialogue(settings, searched)
    gateway = Gateway(dialogue, Conversations(), lambda: snapshot.directory)
    message = Message("web", sender, sender, text=question)
    try:
        replies = [reply async for reply in handle_turn(gateway, message)]
        with suppress(DialogueError):  # not running, so it remembers nothing
            await dialogue.tell(sender, "forget")
        return replies
    finally:
        await dialogue.close()


def _ranks(
    order: Mapping[str, Any], laid: Snapshot, without: Library | None
) -> list[dict[str, Any]]:
    """Return the draft's place for each of its questions, 1 for the first."""
    if without is None:
        return []
    draft = str(order["article"]["id"])
    return [
        {
            "question": question,
            "rank": rank_of(question, draft, laid.index.library),
            "unseen": rank_of(question, draft, without),
        }
        for question in order["article"]["questions"]
    ]


def rank_of(question: str, article: str, library: Library) -> int | None:
    """Return the place of an article among all that are found; None if it is not."""
    names = [library.entries[i].id for i in rank(question, library).order]
    return names.index(article) + 1 if article in names else None


def _document(cells: Mapping[str, str]) -> Document:
    days = {name: date.fromisoformat(cells[name]) for name in _DAYS if cells[name]}
    values: dict[str, Any] = {**dict.fromkeys(_DAYS), **days}
    return Document(**{**cells, **values})


def _parts(parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [
        {
            "text": part.text,
            "html": part.html,
            "buttons": [button.title for button in part.buttons],
        }
        for part in parts
    ]


def main() -> None:
    """Answer orders until the pipe is closed or nobody asks any more."""
    answers, sys.stdout = sys.stdout, sys.stderr  # logs are no answers
    set_up_logs()
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    answerer = Answerer()
    signal.alarm(IDLE_SECONDS)
    for line in sys.stdin:
        try:
            answer = answerer.answer(json.loads(line))
        except SnapshotError:
            answer = {"fault": "no_snapshot"}
        except Exception as error:  # told by its kind alone: no word of the question
            answer = {"fault": type(error).__name__}
        print(json.dumps(answer), file=answers, flush=True)
        signal.alarm(IDLE_SECONDS)


if __name__ == "__main__":
    main()
