"""Pages of the published articles: one each, all of them, search, sitemap."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import yaml
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.gateway.assets import ASK_AGAIN, NEVER, respond
from bot.gateway.gate import assess_safely
from bot.gateway.library import Library, Shelf
from bot.gateway.pages import Pages, widget_texts
from bot.reply import Reply
from bot.safety.cards import render_card
from bot.safety.triage import Level
from knowledge.article import Article

TOPICS_FILE = Path(__file__).with_name("topics.yml")
OTHER = "other"
MAX_BODY = 8 * 1024
MAX_WORDS = 300


@cache
def topic_names() -> dict[str, str]:
    """Return what topics are called, in their order on the page."""
    names: dict[str, str] = yaml.safe_load(TOPICS_FILE.read_text("utf8"))
    return names


class Articles:
    """Articles as pages that need no script; they follow the published snapshot."""

    def __init__(self, pages: Pages, library: Library) -> None:
        self._pages = pages
        self._library = library

    def routes(self) -> list[Route]:
        return [
            Route("/bai", self.every),
            Route("/bai/tim", self.find, methods=["GET", "POST"]),
            Route("/bai/{name}", self.one),
            Route("/sitemap.xml", self.sitemap),
            Route("/robots.txt", self.robots),
        ]

    async def every(self, request: Request) -> Response:
        """Show the field for words, and all titles by topic."""
        shelf = await self._shelf()
        if shelf is None:
            return self._page(request, "articles.html", status=503, topics=())
        return self._page(request, "articles.html", topics=_by_topic(shelf))

    async def one(self, request: Request) -> Response:
        shelf = await self._shelf()
        if shelf is None:
            return self._page(request, "articles.html", status=503, topics=())
        reading = shelf.read(request.path_params["name"])
        if reading is None:
            raise HTTPException(404)
        topic = reading.article.topic
        return self._page(
            request,
            "article.html",
            reading=reading,
            topic=topic if topic in topic_names() else OTHER,
            topic_name=topic_names().get(topic, topic_names()[OTHER]),
            statuses=widget_texts()["vi"]["talk"],
        )

    async def find(self, request: Request) -> Response:
        """Show what fits the words of a form; of danger, the numbers come first.

        The words come in the body, so that no address, history or log holds them.
        """
        words = await _words(request)
        if not words:
            return RedirectResponse("/bai", 303)
        shelf = await self._shelf()
        found = await asyncio.to_thread(shelf.find, words) if shelf else []
        card = self._card(words)
        return self._page(request, "found.html", words=words, found=found, card=card)

    async def sitemap(self, request: Request) -> Response:
        shelf = await self._shelf()
        articles = sorted(shelf.articles.values(), key=_name) if shelf else []
        xml = self._pages.render(request, "sitemap.xml", articles=articles)
        return respond(request, xml, ".xml", ASK_AGAIN)

    async def robots(self, request: Request) -> Response:
        text = self._pages.render(request, "robots.txt")
        return respond(request, text, ".txt", ASK_AGAIN)

    async def _shelf(self) -> Shelf | None:
        return await asyncio.to_thread(self._library.current)

    def _card(self, words: str) -> Reply | None:
        triage = assess_safely(words)
        if not triage.is_danger or triage.level is Level.PX:
            return None
        return render_card(triage, self._pages.directory())

    def _page(
        self, request: Request, name: str, status: int = 200, **values: Any
    ) -> Response:
        html = self._pages.render(request, name, **values)
        cache = NEVER if request.method == "POST" or status != 200 else ASK_AGAIN
        return respond(request, html, ".html", cache, status=status)


async def _words(request: Request) -> str:
    """Return the words of a search form, empty if there are none."""
    if request.method != "POST":
        return ""
    received = b""
    try:
        async for chunk in request.stream():
            received += chunk
            if len(received) > MAX_BODY:
                return ""
    except ClientDisconnect:
        return ""
    form = parse_qs(received.decode("utf8", "replace"))
    return form.get("words", [""])[0].strip()[:MAX_WORDS]


def _by_topic(shelf: Shelf) -> list[tuple[str, str, list[Article]]]:
    """Return id, name and articles of every topic, in the order of their names."""
    names = topic_names()
    left = dict(shelf.topics)
    topics = [(t, name, left.pop(t)) for t, name in names.items() if t in left]
    rest = [article for articles in left.values() for article in articles]
    return [*topics, (OTHER, names[OTHER], rest)] if rest else topics


def _name(article: Article) -> str:
    return article.id
