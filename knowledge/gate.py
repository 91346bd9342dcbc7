"""The gate: what a snapshot must be able to do before anybody is served from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from knowledge.indexing import Indexing
from knowledge.lint.tables import FIRST_LINE
from knowledge.snapshot import Snapshot

TOP = 3  # a golden question must find its article among so many


def gate_faults(
    snapshot: Snapshot,
    golden: Sequence[tuple[str, str]],
    tools: Indexing,
    today: date,
) -> list[str]:
    """Return why a snapshot must not be published; empty if it may be.

    Golden questions of articles that are not in the snapshot are passed over: staff
    may withdraw an article; `python -m knowledge check` names such rows.
    """
    return [
        *_directory(snapshot),
        *_articles(snapshot, today),
        *_golden(snapshot, golden, tools),
    ]


def _directory(snapshot: Snapshot) -> Iterator[str]:
    line = snapshot.directory.line(FIRST_LINE)
    if line is None or line.number != "111":
        yield f"{FIRST_LINE} is not in the directory, or may not be shown"


def _articles(snapshot: Snapshot, today: date) -> Iterator[str]:
    if not snapshot.articles:
        yield "there is no article"
    for article in snapshot.articles.values():
        if not article.is_valid(today):
            yield f"{article.id} does not hold on {today}"
        if not article.citations:
            yield f"{article.id} cites nothing"
        for citation in article.citations:
            if citation.document not in snapshot.documents:
                yield f"{article.id} cites the unknown {citation.document!r}"


def _golden(
    snapshot: Snapshot, golden: Sequence[tuple[str, str]], tools: Indexing
) -> Iterator[str]:
    for question, article in golden:
        if article not in snapshot.articles:
            continue
        found = tools.find(snapshot.index, question, TOP)
        if article not in found[:TOP]:
            yield f"{question!r} no longer finds {article}"
