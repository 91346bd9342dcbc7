"""What an article refers to: documents, dates, lines, provinces, other articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.article import LINE_MARK
from knowledge.directory import Line
from knowledge.documents import Document
from knowledge.lint.finding import Finding
from knowledge.lint.page import Page
from knowledge.lint.words import Words

MIN_QUESTIONS = 8
# Numbers as laws, decrees and orders of the State have them, in running text.
_NUMBER = re.compile(
    r"(?<![\w/-])\d{1,4}/\d{4}/(?:QH\d{2}|[A-ZĐ]{1,6}(?:-[A-ZĐ]{2,12})+)(?![\w-])"
    r"|(?<![\w/-])\d{1,4}/(?:QĐ-TTg|KH-UBND|QĐ-UBND|CĐ-TTg)(?![\w-])"
)
_FACT = re.compile(r"[A-Z]\d?-R?\d{2,3}[a-z]?")


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that an article may name, and the day of the check.

    `facts` is empty where a folder keeps no list of facts.
    """

    today: date
    articles: frozenset[str]
    documents: dict[str, Document]
    lines: dict[str, Line]
    provinces: frozenset[str]
    facts: frozenset[str] = frozenset()


def link_faults(page: Page, known: Known, words_of: Words) -> Iterator[Finding]:
    """Find references of one article that lead nowhere, and dates that do not fit."""
    yield from _citations(page, known, words_of)
    yield from _mentions(page, known, words_of)
    yield from _places(page, known, words_of)
    yield from _dates(page, known)
    yield from _names(page, known)
    yield from _facts(page, known, words_of)
    yield from _lines(page, known)
    yield from _questions(page)


def _citations(page: Page, known: Known, words_of: Words) -> Iterator[Finding]:
    citations = page.article.citations
    if not citations:
        line = page.line_of("citations:")
        yield page.finding(line, "uncited", "no citation", "Add at least one")
    for citation in citations:
        line = page.line_of(f"document: {citation.document}")
        document = known.documents.get(citation.document)
        if document is None:
            what = f"document {citation.document!r} is not in documents.csv"
            yield page.finding(line, "citation", what, "Use a number of that file")
        elif citation.document in words_of.never_cited:
            what = f"{citation.document} must not be cited: {document.note}"
            yield page.finding(line, "citation", what, "Cite another document")
        elif not citation.where:
            what = f"no place in {citation.document}"
            yield page.finding(line, "citation", what, "Name the article or part")
        elif _is_over(document) and not words_of.former.search(page.article.body):
            what = f"{citation.document} is {document.status}, the text does not say so"
            remedy = f"Say it, or cite {document.superseded_by or 'what holds now'}"
            yield page.finding(line, "citation-over", what, remedy)


def _mentions(page: Page, known: Known, words_of: Words) -> Iterator[Finding]:
    """Find documents named in the text alone: unknown ones, and old ones as if new."""
    cited = {citation.document for citation in page.article.citations}
    says_so = words_of.former.search(page.article.body)
    for number in dict.fromkeys(_NUMBER.findall(page.article.body)):
        document = known.documents.get(number)
        line = page.line_of(number)
        if document is None:
            what = f"document {number!r} is not in documents.csv"
            yield page.finding(line, "mention", what, "Add it there, or leave it out")
        elif number not in cited and _is_over(document) and not says_so:
            what = f"{number} is {document.status}, the text does not say so"
            remedy = f"Say it, or name {document.superseded_by or 'what holds now'}"
            yield page.finding(line, "mention", what, remedy)


def _places(page: Page, known: Known, words_of: Words) -> Iterator[Finding]:
    """Find an article of a document that the text relies on and nothing cites."""
    cited = {citation.document for citation in page.article.citations}
    for place, number in _places_named(page.article.body, known, words_of):
        if number not in cited:
            cited.add(number)
            what = f"the text names {place!r} of {number}, the citations do not"
            remedy = "Add the document and its article to the citations"
            yield page.finding(page.line_of(place), "uncited-place", what, remedy)


def _places_named(
    text: str, known: Known, words_of: Words
) -> Iterator[tuple[str, str]]:
    """Yield (article as written, number of its document) named in a text."""
    names = {number: number for number in known.documents if "/" in number}
    for number, document in known.documents.items():
        if document.kind in words_of.law_kinds:
            names[document.short_title] = number
    # A table that cannot be read is empty: "(?!)" finds nothing.
    listed = "|".join(map(re.escape, sorted(names, key=len, reverse=True))) or "(?!)"
    pattern = rf"({words_of.place})[^.;()\n]{{0,40}}?({listed})(?!\w)"
    for match in re.finditer(pattern, text):
        yield match[1].strip(" ,"), names[match[2]]


def _is_over(document: Document) -> bool:
    return document.status in ("superseded", "expired")


def _dates(page: Page, known: Known) -> Iterator[Finding]:
    article, today = page.article, known.today
    if article.valid_to and article.valid_to < article.valid_from:
        what = f"valid_to {article.valid_to} is before valid_from {article.valid_from}"
        yield page.finding(page.line_of("valid_to:"), "dates", what, "Correct one")
    elif article.valid_to and article.valid_to < today:
        what = f"the answer ended on {article.valid_to}"
        remedy = "Write what holds now, or remove the article"
        yield page.finding(page.line_of("valid_to:"), "expired", what, remedy)
    if article.valid_from > today:
        what = f"the answer holds only from {article.valid_from}"
        remedy = "Keep it back, or write what holds now"
        yield page.finding(page.line_of("valid_from:"), "dates", what, remedy)
    if article.review_by < article.valid_from:
        what = f"review_by {article.review_by} is before valid_from"
        yield page.finding(page.line_of("review_by:"), "dates", what, "Correct one")
    elif article.review_by < today:
        what = f"the review was due on {article.review_by}"
        remedy = "Check the facts, then set a new day"
        yield page.finding(page.line_of("review_by:"), "review", what, remedy)


def _names(page: Page, known: Known) -> Iterator[Finding]:
    article = page.article
    for other in article.related:
        if other not in known.articles or other == article.id:
            what = f"related article {other!r} does not exist"
            if other == article.id:
                what = "the article is related to itself"
            line = page.line_of("related:")
            yield page.finding(line, "related", what, "Use ids of other articles")
    for province in article.provinces:
        if province not in known.provinces:
            what = f"{province!r} is no province of today"
            line = page.line_of("provinces:")
            yield page.finding(line, "province", what, "Use a name of provinces.csv")


def _facts(page: Page, known: Known, words_of: Words) -> Iterator[Finding]:
    line = page.line_of("facts:")
    for fact in page.article.facts:
        if not _FACT.fullmatch(fact):
            what = f"fact {fact!r} has not the form of an id"
            yield page.finding(line, "facts", what, "Write it as B-01 or B-R12")
        elif known.facts and fact not in known.facts:
            what = f"fact {fact} is not in facts.csv"
            yield page.finding(line, "facts", what, "Use an id of that file")
        elif fact in words_of.internal_facts:
            what = f"fact {fact} is for staff only"
            yield page.finding(line, "facts", what, "Leave it out, text included")


def _lines(page: Page, known: Known) -> Iterator[Finding]:
    used = LINE_MARK.findall(page.article.body)
    for name in dict.fromkeys([*page.article.lines, *used]):
        line = known.lines.get(name)
        at = page.line_of(f"line:{name}" if name in used else "lines:")
        if line is None:
            what = f"line {name!r} is not in directory.csv"
            yield page.finding(at, "line", what, "Use an id of that file")
        elif not line.is_showable(known.today):
            what = f"line {name!r} may not be shown ({line.confidence}: {line.note})"
            yield page.finding(at, "line", what, "Use another line")
    body = LINE_MARK.sub("", page.article.body)
    if "{{" in body or "}}" in body:
        what = "a mark that the renderer does not know"
        at = page.line_of("{{")
        yield page.finding(at, "line", what, "Write {{line:ID}}")


def _questions(page: Page) -> Iterator[Finding]:
    count = len(page.article.questions)
    if count < MIN_QUESTIONS:
        what = f"{count} questions"
        remedy = f"Write at least {MIN_QUESTIONS}, as people really ask"
        yield page.finding(page.line_of("questions:"), "questions", what, remedy)
