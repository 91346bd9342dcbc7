"""The tables beside the articles: directory, documents, provinces, golden questions."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path

from knowledge.directory import NEVER, Line
from knowledge.documents import Document
from knowledge.lint.copies import fold
from knowledge.lint.finding import Finding
from knowledge.provinces import Province
from knowledge.table import TableError, read_rows

PROVINCES_BEFORE = 63
PROVINCES_NOW = 34
GOLDEN_COLUMNS = ("question", "article")
FIRST_LINE = "vn-111"


class GoldenError(TableError):
    """The golden questions cannot be used; names file, row and remedy."""


def load_golden(path: Path) -> tuple[tuple[str, str], ...]:
    """Return (question, id of the article that must be found) pairs.

    Raises:
        GoldenError: no file, other columns, or an empty cell.
    """
    pairs = []
    for row, cells in read_rows(path, GOLDEN_COLUMNS, GoldenError):
        if not cells["question"] or not cells["article"]:
            raise GoldenError(path, row, "a cell is empty", "Fill both.")
        pairs.append((cells["question"], cells["article"]))
    return tuple(pairs)


def directory_faults(
    path: Path, lines: Sequence[Line], provinces: Collection[str], today: date
) -> Iterator[Finding]:
    """Find numbers that are due for a check, unknown places, and a lost 111."""
    rows = _rows(path, "id")
    first = next((line for line in lines if line.id == FIRST_LINE), None)
    if first is None or not first.is_showable(today) or first.number != "111":
        what = f"{FIRST_LINE} is missing or may not be shown"
        yield Finding(path, 1, "directory", what, "Every card needs 111: restore it")
    for line in lines:
        row = rows.get(line.id, 1)
        if line.province and line.province not in provinces:
            what = f"{line.id}: {line.province!r} is no province of today"
            yield Finding(path, row, "directory", what, "Use a name of provinces.csv")
        if line.checked_on > today:
            what = f"{line.id}: checked on {line.checked_on}, a day to come"
            yield Finding(path, row, "directory", what, "Correct the date")
        shown = line.confidence in ("high", "medium") and line.tel
        if shown and line.checked_on != NEVER and line.is_overdue(today):
            what = f"{line.id}: last checked on {line.checked_on}"
            remedy = "Call it, then set checked_on; people do not see it meanwhile"
            yield Finding(path, row, "overdue", what, remedy)


def document_faults(
    path: Path, documents: dict[str, Document], today: date
) -> Iterator[Finding]:
    """Find documents whose status does not fit their dates."""
    rows = _rows(path, "number")
    for number, document in documents.items():
        for what, remedy in _document_faults(document, today):
            line = rows.get(number, 1)
            yield Finding(path, line, "document", f"{number}: {what}", remedy)


def _document_faults(document: Document, today: date) -> Iterator[tuple[str, str]]:
    effective = document.effective_on
    if document.checked_on > today:
        yield f"checked on {document.checked_on}, a day to come", "Correct the date"
    if document.status == "in_force" and effective and effective > today:
        yield f"in force, but only from {effective}", "Use not_yet_in_force"
    if document.status == "not_yet_in_force" and effective and effective <= today:
        yield f"in force since {effective}", "Check it, then use in_force"
    if document.status not in ("in_force", "guidance") and not document.note:
        yield f"{document.status} without a note", "Tell people what changed"


def province_faults(path: Path, provinces: Sequence[Province]) -> Iterator[Finding]:
    """Find lost or double names; an alias must mean one province of today."""
    names = {province.new_name for province in provinces}
    if (len(provinces), len(names)) != (PROVINCES_BEFORE, PROVINCES_NOW):
        what = f"{len(provinces)} old and {len(names)} current provinces"
        remedy = f"There must be {PROVINCES_BEFORE} and {PROVINCES_NOW}"
        yield Finding(path, 1, "province", what, remedy)
    places: dict[str, str] = {}
    for province in provinces:
        for name in (province.old_name, *province.aliases):
            place = places.setdefault(fold(name), province.new_name)
            if place != province.new_name:
                what = f"{name!r} means {place} and {province.new_name}"
                remedy = "Move it to aliases_ambiguous"
                yield Finding(path, province.row, "province", what, remedy)


def golden_faults(
    path: Path, golden: Sequence[tuple[str, str]], articles: Collection[str]
) -> Iterator[Finding]:
    """Find golden questions without their article, and questions that come twice."""
    counts = Counter(fold(question) for question, _ in golden)
    for row, (question, article) in enumerate(golden, 2):
        if article not in articles:
            what = f"article {article!r} does not exist"
            yield Finding(path, row, "golden", what, "Correct the id or the row")
        if counts[fold(question)] > 1:
            what = f"{question!r} comes twice"
            yield Finding(path, row, "golden", what, "Keep one row")


def _rows(path: Path, key: str) -> dict[str, int]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        return {row[key].strip(): reader.line_num for row in reader}
