"""Drafts on disk: the whole document, and one article to be written a section.

They lie outside `knowledge/`, so that neither the lint nor a snapshot sees them. A
draft article carries `status: draft`, a key that no article has: moved as it is, the
lint refuses it, and an editor's own words, questions and citations make it an article.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import yaml

from knowledge.durable import locked, place
from knowledge.importing.child import import_document
from knowledge.importing.document import (
    ImportedDocument,
    ImportRefusedError,
    Section,
    note,
)
from knowledge.lint.copies import fold

REVIEW_DAYS = 180
_FEW_WORDS = 15  # a shorter section gives no article of its own
_SLUG = 60  # characters of a name


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written: `folder` holds document.md, original.*, articles/*.md.

    `notes` are Vietnamese sentences on what an editor has to look at.
    """

    folder: Path
    articles: int
    is_new: bool
    notes: tuple[str, ...]


def drafts_folder() -> Path:
    """Return where drafts go: `drafts` in the data folder."""
    root = Path(__file__).parents[2]
    return Path(os.environ.get("DATA_DIR") or root / "var") / "drafts"


def import_file(path: Path, folder: Path, known: Collection[str]) -> Draft:
    """Read one office file in a limited child and write its drafts.

    Raises:
        ImportRefusedError: it cannot be read; one sentence says why.
        OSError: the folder of drafts cannot be written.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise ImportRefusedError("unreadable", name=path.name) from None
    return write_drafts(import_document(path.name, content), content, folder, known)


def write_drafts(
    document: ImportedDocument,
    content: bytes,
    folder: Path,
    known: Collection[str],
    today: date | None = None,
) -> Draft:
    """Write a document, its original and its draft articles, all or nothing.

    Args:
        content: the file as it came; kept beside the text, byte for byte.
        known: numbers of documents.csv.
    Returns:
        The draft; of a file imported before, the folder as an editor left it.
    Raises:
        OSError: the folder cannot be written.
    """
    digest = hashlib.sha256(content).hexdigest()
    name = f"{slug(Path(document.name).stem)}-{digest[:8]}"
    notes = document.notes
    if document.number and document.number not in known:
        notes = (*notes, note("unknown_number", number=document.number))
    with locked(folder):
        final = folder / name
        if final.exists():
            count = len(list((final / "articles").glob("*.md")))
            return Draft(final, count, False, notes)
        fresh = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
        try:
            parts = _fill(fresh, document, content, notes, today or date.today())
            place(fresh, final)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return Draft(final, parts, True, notes)


def _fill(
    fresh: Path,
    document: ImportedDocument,
    content: bytes,
    notes: tuple[str, ...],
    day: date,
) -> int:
    suffix = Path(document.name).suffix.lower() or ".txt"
    (fresh / f"original{suffix}").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    _write(fresh / "document.md", _document_head(document, notes, day, digest))
    parts = article_sections(document)
    for number, part in enumerate(parts, 1):
        file = f"{number:02d}-{slug(part.heading or document.title)}"
        path = fresh / "articles" / f"{file}.md"
        _write(path, (_article_head(document, part, file, day), part.text))
    return len(parts)


def article_sections(document: ImportedDocument) -> list[Section]:
    """Return what may become an article each: the deepest parts with some text.

    A part inherits the headings above it; a text without headings is one part.
    """
    above: dict[int, str] = {}
    found = []
    for part in document.sections:
        above = {level: text for level, text in above.items() if level < part.level}
        above[part.level] = part.heading
        if len(part.text.split()) >= _FEW_WORDS:
            heading = " / ".join(above[level] for level in sorted(above) if level)
            found.append(Section(part.level, heading, part.text))
    return found


def slug(text: str) -> str:
    """Return a file name of a-z, 0-9 and hyphens."""
    name = re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")
    return name[:_SLUG].strip("-") or "document"


def _document_head(
    document: ImportedDocument, notes: tuple[str, ...], day: date, digest: str
) -> tuple[dict[str, object], str]:
    head: dict[str, object] = {
        "status": "draft",
        "title": document.title,
        "number": document.number,
        "file": document.name,
        "format": document.format,
        "sha256": digest,
        "imported_on": day,
        "notes": list(notes),
    }
    return head, document.text


def _article_head(
    document: ImportedDocument, part: Section, file: str, day: date
) -> dict[str, object]:
    where = part.heading.rsplit(" / ", 1)[-1] or document.title
    return {
        "status": "draft",
        "id": file,
        "title": part.heading or document.title,
        "audience": "all",
        "topic": "",
        "questions": [],
        "citations": [{"document": document.number, "where": where}],
        "facts": [],
        "lines": [],
        "provinces": [],
        "valid_from": day,
        "review_by": day + timedelta(days=REVIEW_DAYS),
        "related": [],
    }


def _write(path: Path, page: tuple[dict[str, object], str]) -> None:
    head, text = page
    path.parent.mkdir(exist_ok=True)
    front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=88)
    path.write_text(f"---\n{front}---\n{text}\n", encoding="utf-8")
