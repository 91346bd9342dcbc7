"""How people ask for an article, beside the questions that its author wrote.

Authors write for readers; people ask in other words. On questions by another author
these lines found the right article first for 12 more of 100 (README.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256

from knowledge.article import Article
from knowledge.retrieval.text import HERE

_ARTICLE, _COMMENT = "@", "#"
_ASKED = 2  # questions of an article that calibration asks and training never sees
_SPARED = 6  # an article with fewer questions spares only one, with one none


def with_ways(articles: Sequence[Article]) -> list[Article]:
    """Return the articles, their questions followed by the other ways to ask."""
    return [replace(a, questions=_all(a)) for a in articles]


def asked_of(article: Article) -> tuple[str, ...]:
    """Return the questions that calibration asks and training never sees.

    They are the same in every build; none if the article has only one question.
    """
    count = _ASKED if len(article.questions) > _SPARED else 1
    count = min(count, len(article.questions) - 1)
    ordered = sorted(article.questions, key=lambda q: sha256(q.encode()).hexdigest())
    return tuple(ordered[: max(0, count)])


def without_asked(articles: Sequence[Article]) -> list[Article]:
    """Return the articles without the questions of `asked_of`."""
    return [
        replace(a, questions=tuple(q for q in a.questions if q not in asked_of(a)))
        for a in articles
    ]


@cache
def ways() -> dict[str, tuple[str, ...]]:
    """Return article id -> the lines of `ways_to_ask.txt` below it."""
    found: dict[str, list[str]] = {}
    article = ""
    text = (HERE / "ways_to_ask.txt").read_text(encoding="utf-8")
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith(_ARTICLE):
            article = line.removeprefix(_ARTICLE)
            found.setdefault(article, [])
        elif not line.startswith(_COMMENT):
            found[article].append(line)
    return {article: tuple(lines) for article, lines in found.items()}


def _all(article: Article) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*article.questions, *ways().get(article.id, ()))))
