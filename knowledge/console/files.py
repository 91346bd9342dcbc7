"""Records as the files of `knowledge/`, and back; the same text from the same record.

A record that says what the seed says is written as the seed wrote it, byte for byte.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.article import Article as Page
from knowledge.article import CitationRef
from knowledge.console import models
from knowledge.directory import NEVER, Line
from knowledge.documents import Document

DOCUMENT_COLUMNS = [field.name for field in fields(Document)]
LINE_COLUMNS = [field.name for field in fields(Line)]


def page_of(row: models.Article) -> Page:
    """Return an article as the bot knows it."""
    answer, _break, details = row.body.strip().partition("\n\n")
    return Page(
        id=row.uid,
        title=row.title,
        audience=row.audience,
        topic=row.topic,
        questions=tuple(question.text for question in row.questions.all()),
        citations=tuple(
            CitationRef(citation.document.number, citation.where)
            for citation in row.citations.all()
        ),
        facts=models.comma_list(row.facts),
        lines=tuple(line.line.uid for line in row.lines.all()),
        provinces=models.comma_list(row.provinces),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        review_by=row.review_by,
        related=models.comma_list(row.related),
        answer=answer.strip(),
        details=details.strip(),
    )


def page_text(page: Page) -> str:
    """Return the file of an article in our own writing."""
    head: dict[str, Any] = {
        "id": page.id,
        "title": page.title,
        "audience": page.audience,
        "topic": page.topic,
        "questions": list(page.questions),
        "citations": [
            {"document": ref.document, "where": ref.where} for ref in page.citations
        ],
        "facts": list(page.facts),
        "lines": list(page.lines),
        "provinces": list(page.provinces),
        "valid_from": page.valid_from,
        **({"valid_to": page.valid_to} if page.valid_to else {}),
        "review_by": page.review_by,
        "related": list(page.related),
    }
    front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{front}---\n{page.body}\n"


def page_base(page: Page) -> str:
    """Return all that an article says, to compare two states of it."""
    values = page.to_json() | {"body": page.body}
    del values["answer"], values["details"]
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def document_cells(row: models.LegalDocument) -> list[str]:
    """Return a document as a row of documents.csv."""
    values = {name: getattr(row, name) for name in DOCUMENT_COLUMNS}
    values["superseded_by"] = row.superseded_by.number if row.superseded_by else ""
    return [cell(values[name]) for name in DOCUMENT_COLUMNS]


def line_cells(row: models.DirectoryEntry) -> list[str]:
    """Return a line as a row of directory.csv."""
    values = {"id": row.uid} | {
        name: getattr(row, name) for name in LINE_COLUMNS if name != "id"
    }
    return [cell(values[name]) for name in LINE_COLUMNS]


def cells_text(cells: Sequence[str]) -> str:
    """Return one line of a table."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def write(folder: Path, texts: Iterable[tuple[str, str]]) -> None:
    """Write files, named by their path in the folder."""
    for name, text in texts:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def live_files(seed: Path) -> Iterable[tuple[str, str]]:
    """Yield path and text of everything that is live; the rest comes from the seed."""
    articles = models.Article.objects.filter(live=True).prefetch_related(
        "questions", "citations__document", "lines__line"
    )
    for row in articles:
        page = page_of(row)
        untouched = row.seed_text and page_base(page) == row.seed_base
        text = row.seed_text if untouched else page_text(page)
        yield f"articles/{page.topic}/{page.id}.md", text
    documents = models.LegalDocument.objects.filter(live=True).select_related(
        "superseded_by"
    )
    rows = [document_cells(row) for row in documents.order_by("position", "number")]
    yield "documents.csv", _table(DOCUMENT_COLUMNS, rows)
    lines = models.DirectoryEntry.objects.filter(live=True).order_by("position", "uid")
    yield "directory.csv", _table(LINE_COLUMNS, [line_cells(row) for row in lines])
    for name in ("provinces.csv", "golden.csv"):
        if (seed / name).exists():
            yield name, (seed / name).read_text(encoding="utf-8")


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(cells_text(cells) for cells in (columns, *rows))


def cell(value: Any) -> str:
    """Return a value as tables write it."""
    if value is None or value == NEVER:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
