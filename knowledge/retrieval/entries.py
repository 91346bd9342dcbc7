"""Entries: what the search knows of an article, made of it, written and read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

from knowledge.article import Article
from knowledge.documents import Document
from knowledge.retrieval.rank import Entry
from knowledge.retrieval.references import (
    Reference,
    article_numbers,
    document_references,
    find_references,
)
from knowledge.retrieval.text import fold, syllables


def describe(article: Article, documents: Mapping[str, Document]) -> Entry:
    """Return the entry of an article; documents that it cites, by number, count."""
    questions = (article.title, *article.questions)
    held = [
        replace(reference, articles=article_numbers(citation.where))
        for citation in article.citations
        if citation.document in documents
        for reference in document_references(documents[citation.document])
    ]
    text = "\n".join((*questions, article.body))
    return Entry(
        id=article.id,
        title=article.title,
        provinces=article.provinces,
        related=article.related,
        citations=tuple((c.document, c.where) for c in article.citations),
        held=tuple(held),
        named=_all_references(questions),
        titled=find_references(article.title),
        told=_all_references(article.body.splitlines()),
        articles=_numbers(text),
        words=_words(text),
        asked=tuple(" ".join(syllables(question)) for question in questions),
    )


@lru_cache(maxsize=4096)  # a warm builder meets nearly every text again
def _numbers(text: str) -> tuple[int, ...]:
    return article_numbers(fold(text))


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(syllables(text))


def _all_references(texts: Iterable[str]) -> tuple[Reference, ...]:
    return tuple(dict.fromkeys(r for text in texts for r in find_references(text)))


def to_json(entry: Entry) -> dict[str, Any]:
    """Return plain values; `from_json` reads them."""
    return asdict(replace(entry, words=frozenset())) | {"words": sorted(entry.words)}


def from_json(values: dict[str, Any]) -> Entry:
    """Read what `to_json` wrote.

    Raises:
        KeyError, TypeError: the values are not of an entry.
    """
    read = dict(values) | {"words": frozenset(values["words"])}
    for name in ("provinces", "related", "articles", "asked"):
        read[name] = tuple(read[name])
    read["citations"] = tuple((number, where) for number, where in read["citations"])
    for name in ("held", "named", "titled", "told"):
        read[name] = tuple(
            Reference(**{**r, "articles": tuple(r["articles"])}) for r in read[name]
        )
    return Entry(**read)
