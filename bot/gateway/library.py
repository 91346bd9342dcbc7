"""The published articles as people read them on pages of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from bot.gateway.lines import CHILD_LINE
from bot.gateway.search import Search
from bot.reply import PhoneNumber
from knowledge.article import LINE_MARK, Article, CitationRef
from knowledge.documents import Document
from knowledge.snapshot import Snapshot, SnapshotError, SnapshotReader

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_ITEM = re.compile(r"\s*[-*] +(.*)")


class Span(NamedTuple):
    """A piece of a line: words, bold or not, or a number of the directory.

    `phone` is None and `line` its id where a number may not be shown today.
    """

    text: str
    bold: bool = False
    line: str = ""
    phone: PhoneNumber | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one item) or a list."""

    is_list: bool
    items: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A citation with the document that it names."""

    n: int
    where: str
    document: Document


@dataclass(frozen=True, slots=True)
class Reading:
    """One article, ready to be shown."""

    article: Article
    blocks: tuple[Block, ...]
    numbers: tuple[PhoneNumber, ...]
    sources: tuple[Source, ...]
    since: date
    checked_on: date
    notes: tuple[str, ...]
    related: tuple[Article, ...]


@dataclass
class Shelf:
    """The articles of one snapshot that hold on a day."""

    snapshot: Snapshot
    today: date
    articles: dict[str, Article] = field(init=False)

    def __post_init__(self) -> None:
        every = self.snapshot.articles.items()
        self.articles = {name: a for name, a in every if a.is_valid(self.today)}

    @cached_property
    def topics(self) -> dict[str, list[Article]]:
        """The articles by topic, each topic's in the order of their titles."""
        ordered = sorted(self.articles.values(), key=lambda a: (a.topic, a.title))
        return {t: list(a) for t, a in groupby(ordered, key=lambda a: a.topic)}

    @cached_property
    def _search(self) -> Search:
        return Search(self.articles.values())

    def find(self, words: str) -> list[Article]:
        """Return the articles that fit some words, best first."""
        return [self.articles[name] for name in self._search.find(words)]

    def read(self, name: str) -> Reading | None:
        """Return an article to show, None if there is none of that id today."""
        article = self.articles.get(name)
        if article is None:
            return None
        sources = self._sources(article.citations)
        related = (self.articles.get(other) for other in article.related)
        effective = (
            source.document.effective_on
            for source in sources
            if source.document.status != "not_yet_in_force"
        )
        return Reading(
            article=article,
            blocks=self._blocks(article.body),
            numbers=self._numbers(article.lines),
            sources=sources,
            since=max(article.valid_from, *(day for day in effective if day), date.min),
            checked_on=min(
                (s.document.checked_on for s in sources), default=article.valid_from
            ),
            notes=_notes(sources),
            related=tuple(other for other in related if other),
        )

    def _sources(self, citations: tuple[CitationRef, ...]) -> tuple[Source, ...]:
        documents = self.snapshot.documents
        return tuple(
            Source(n, citation.where, documents[citation.document])
            for n, citation in enumerate(citations, 1)
        )

    def _numbers(self, lines: tuple[str, ...]) -> tuple[PhoneNumber, ...]:
        """Return what may be shown of some lines, 111 first and always."""
        ordered = dict.fromkeys((CHILD_LINE, *lines))
        phones = (self.snapshot.directory.phone(line) for line in ordered)
        return tuple(dict.fromkeys(phone for phone in phones if phone))

    def _blocks(self, text: str) -> tuple[Block, ...]:
        blocks: list[Block] = []
        for part in re.split(r"\n\s*\n", text):
            for is_list, lines in groupby(
                part.splitlines(), key=lambda line: bool(_ITEM.match(line))
            ):
                items = [_ITEM.sub(r"\1", line) for line in lines]
                items = items if is_list else [" ".join(items)]
                spans = (tuple(self._spans(item.strip())) for item in items)
                blocks.append(Block(is_list, tuple(spans)))
        return tuple(blocks)

    def _spans(self, line: str) -> list[Span]:
        """Return a line's spans; `split` gives what was in a group at odd places."""
        return [
            span
            for n, part in enumerate(_BOLD.split(line))
            for span in self._marked(part, bold=n % 2 == 1)
        ]

    def _marked(self, text: str, bold: bool) -> list[Span]:
        spans = []
        for n, part in enumerate(LINE_MARK.split(text)):
            if n % 2:
                phone = self.snapshot.directory.phone(part)
                spans.append(Span("", bold, part, phone))
            elif part:
                spans.append(Span(part, bold))
        return spans


class Library:
    """Follows the published snapshot; a bad one never replaces a good one."""

    def __init__(self, snapshots: Path) -> None:
        self._reader = SnapshotReader(snapshots, with_index=False)
        self._shelf: Shelf | None = None

    def current(self) -> Shelf | None:
        """Return the articles of today, None while nothing is published."""
        try:
            snapshot = self._reader.current()
        except SnapshotError:
            return None
        shelf, today = self._shelf, snapshot.directory.today
        if shelf is None or shelf.snapshot is not snapshot or shelf.today != today:
            shelf = self._shelf = Shelf(snapshot, today)
        return shelf


def _notes(sources: tuple[Source, ...]) -> tuple[str, ...]:
    """Return what people must know of documents that are not simply in force."""
    cited = dict.fromkeys(source.document for source in sources)
    return tuple(d.note for d in cited if d.status != "in_force" and d.note)
