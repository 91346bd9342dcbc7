"""What a saved article is warned of: a warning never keeps anybody from saving."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from django.utils import timezone

from knowledge.console import models
from knowledge.console.inflow import ImportedFile
from knowledge.console.questions import alike, terms_of
from knowledge.console.words import words
from knowledge.lint.copies import NEAR_DUPLICATE, fold

SOON_DAYS = 180
GONE = ("superseded", "expired")
MOST = 5  # of a kind
ALIKE_TITLES = 0.85
_PIECE = 5  # syllables; a piece is what two texts may have in common
_PROBES, _LIKELY = 24, 3  # pieces looked for in every article, so many make it worth it
_ARTICLE = re.compile(r"[Đđ]iều\s+(\d+[a-zđ]?)\b")
Pieces = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Doubt:
    """One sentence, and the record to look at; None if it is the article itself."""

    text: str
    row: Any = None


def warnings_of(article: models.Article) -> list[Doubt]:
    """Return what to warn of after a saving."""
    rows = models.Article.objects.exclude(pk=article.pk)
    others = list(rows.values_list("pk", "title", "folded"))
    found = chain(
        _head([_same_question(article)]),
        _head([_same_text(article, others), _same_title(article, others)]),
        _head([_documents(article)]),
        _head([_places(article)]),
    )
    return list(found)


def _head(several: Sequence[Iterator[Doubt]]) -> Iterator[Doubt]:
    """Yield the first few, no record twice."""
    seen: set[object] = set()
    for warning in chain(*several):
        key = warning.row.pk if warning.row else warning.text
        if key not in seen and len(seen) < MOST:
            seen.add(key)
            yield warning


def _say(key: str, row: Any = None, **values: object) -> Doubt:
    return Doubt(words()["warnings"][key].format(**values), row)


def _same_question(article: models.Article) -> Iterator[Doubt]:
    asked = {fold(question.text): question.text for question in article.questions.all()}
    rows = models.ExampleQuestion.objects.exclude(article=article.pk)
    for pk, title, other in rows.values_list("article", "article__title", "text"):
        if text := asked.get(fold(other)):
            row = models.Article(pk=pk, title=title)
            yield _say("same_question", row, question=text, title=title)


def _same_title(
    article: models.Article, others: Sequence[tuple[int, str, str]]
) -> Iterator[Doubt]:
    own = terms_of(article.title)
    for pk, title, _folded in others:
        if alike(own, terms_of(title)) >= ALIKE_TITLES:
            yield _say("same_title", models.Article(pk=pk, title=title), title=title)


def _same_text(
    article: models.Article, others: Sequence[tuple[int, str, str]]
) -> Iterator[Doubt]:
    own = pieces(fold(article.body))
    if not own:
        return
    ordered = sorted(own)
    probes = [" ".join(p) for p in ordered[:: max(len(ordered) // _PROBES, 1)]]
    for pk, title, folded in others:
        if sum(probe in folded for probe in probes) < min(_LIKELY, len(probes)):
            continue
        theirs = pieces(folded)
        # Their questions are in there too, so that the smaller text is the measure.
        share = len(own & theirs) / min(len(own), len(theirs))
        if share > NEAR_DUPLICATE:
            row = models.Article(pk=pk, title=title)
            yield _say("same_text", row, title=title, share=f"{share:.0%}")


def pieces(folded: str) -> Pieces:
    """Return every run of five syllables of a folded text."""
    syllables = folded.split()
    runs = zip(*(syllables[start:] for start in range(_PIECE)), strict=False)
    return frozenset(runs)


def _documents(article: models.Article) -> Iterator[Doubt]:
    for citation in article.citations.all():
        document = citation.document
        number, successor = document.number, document.superseded_by
        if document.status in GONE and successor:
            yield _say("replaced", document, number=number, by=successor.number)
        elif document.status in GONE:
            yield _say("expired", document, number=number)
        elif is_expiring(document):
            day = f"{successor.effective_on:%d/%m/%Y}"
            yield _say("expiring", document, number=number, by=successor.number, on=day)


def is_expiring(document: models.LegalDocument) -> bool:
    """True if a document that still holds has a successor for the near future."""
    day = document.superseded_by and document.superseded_by.effective_on
    if not day or document.status in GONE:
        return False
    return bool(day <= timezone.localdate() + timedelta(days=SOON_DAYS))


def _places(article: models.Article) -> Iterator[Doubt]:
    """Find cited articles of law that the text we hold of the document lacks."""
    for citation in article.citations.all():
        numbers = _ARTICLE.findall(citation.where)
        texts = _texts(citation.document_id) if numbers else []
        for number in numbers:
            if texts and not any(has_article(text, number) for text in texts):
                document = citation.document.number
                yield _say("no_such_article", None, n=number, number=document)


def has_article(text: str, number: str) -> bool:
    """True if a text of law has an article of this number."""
    return re.search(rf"[Đđ](?:iều|IỀU)\s+{number}(?!\w)", text) is not None


def _texts(document: int) -> list[str]:
    held = ImportedFile.objects.filter(document=document).exclude(text="")
    return list(held.values_list("text", flat=True))
