"""The seed comes in: three ways to look at each record, and staff always win.

Base is what the seed last gave, ours what is in the database, theirs the new file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.models import Revision

from knowledge.article import Article as Page
from knowledge.article import parse_article
from knowledge.console import dirty, files, models
from knowledge.console.base import Record
from knowledge.console.records import Tombstone
from knowledge.directory import NEVER, read_lines
from knowledge.documents import Document, load_documents

Fill = Callable[[Any], None]
_PARTS: dict[str, Any] = {
    "questions": models.ExampleQuestion,
    "citations": models.Citation,
    "lines": models.ArticleLine,
}


@dataclass(frozen=True, slots=True)
class Theirs:
    """A record of the seed: its text, what it says, and how to put it into a row."""

    model: type[Record]
    key_field: str
    key: str
    text: str
    base: str
    position: int
    fill: Fill


def load_seed(folder: Path) -> Counter[str]:
    """Take a knowledge folder in; return how many were new, updated, kept, same.

    Raises:
        ArticleError, TableError: the folder is no knowledge; nothing is changed.
    """
    done: Counter[str] = Counter()
    with transaction.atomic():
        for kind in (_documents, _lines, _articles):
            theirs = list(kind(folder))
            done.update(_take_all(theirs[0].model, theirs) if theirs else {})
        for document in load_documents(folder / "documents.csv").values():
            _link(document)
        if done["new"]:
            dirty.mark()
    return done


def ours_base(row: Record) -> str:
    """Return what the newest text of a row says, drafts included."""
    newest = row.get_latest_revision_as_object() if row.latest_revision_id else row
    return base_of(newest)


def base_of(row: Any) -> str:
    """Return what a row says."""
    if isinstance(row, models.Article):
        return files.page_base(files.page_of(row))
    if isinstance(row, models.LegalDocument):
        return files.cells_text(files.document_cells(row))
    return files.cells_text(files.line_cells(row))


def _take_all(model: type[Record], seed: Sequence[Theirs]) -> Counter[str]:
    """Take all records of one kind in; most are new, or as they were."""
    kind, key_field = model._meta.model_name, seed[0].key_field
    gone = set(Tombstone.objects.filter(kind=kind).values_list("key", flat=True))
    fields = (key_field, "seed_base", "seed_text")
    known = {key: rest for key, *rest in model.objects.values_list(*fields)}
    done: Counter[str] = Counter()
    new: list[Theirs] = []
    for theirs in seed:
        if theirs.key in gone:
            done["deleted"] += 1
        elif theirs.key not in known:
            new.append(theirs)
        elif known[theirs.key] == [theirs.base, theirs.text]:
            done["same"] += 1
        else:
            row = model.objects.get(**{key_field: theirs.key})
            done[_take(row, theirs)] += 1
    _create(model, new)
    return done + Counter(new=len(new))


def _take(row: Any, theirs: Theirs) -> str:
    if row.seed_base == theirs.base:
        theirs.model.objects.filter(pk=row.pk).update(seed_text=theirs.text)
        return "same"
    ours = ours_base(row)
    if ours == theirs.base:
        theirs.model.objects.filter(pk=row.pk).update(
            seed_text=theirs.text, seed_base=theirs.base
        )
        return "same"
    if row.live and ours == row.seed_base and not row.workflow_in_progress:
        _publish(row, theirs)
        return "updated"
    models.SeedProposal.objects.update_or_create(
        kind=theirs.model._meta.model_name,
        key=theirs.key,
        defaults={"ours": ours, "theirs": theirs.base},
    )
    return "kept"


def _create(model: type[Record], new: Sequence[Theirs]) -> None:
    """Make rows with their first revisions; Wagtail's own way takes minutes for all."""
    now = timezone.now()
    rows = [_new_row(theirs, now) for theirs in new]
    made: list[Any] = model.objects.bulk_create(rows)
    for name, part in _PARTS.items() if model is models.Article else ():
        parts: list[Any] = [one for row in made for one in _parts_of(row, name)]
        part.objects.bulk_create(parts)
    firsts = Revision.objects.bulk_create([_first_revision(row, now) for row in made])
    for row, first in zip(made, firsts, strict=True):
        row.latest_revision = row.live_revision = first
    fields = ("latest_revision", "live_revision")
    model.objects.bulk_update(made, fields, batch_size=100)


def _new_row(theirs: Theirs, now: datetime) -> Any:
    row: Any = theirs.model(**{theirs.key_field: theirs.key}, origin="seed")
    row.seed_text, row.seed_base = theirs.text, theirs.base
    row.position, row.live = theirs.position, True
    row.first_published_at = row.last_published_at = now
    row.has_unpublished_changes = False
    theirs.fill(row)
    row.fold()
    return row


def _parts_of(row: models.Article, name: str) -> Iterable[Any]:
    for part in getattr(row, name).all():
        part.article = row
        yield part


def _first_revision(row: Any, now: datetime) -> Revision:
    return Revision(
        content_type=row.get_content_type(),
        base_content_type=row.get_base_content_type(),
        object_id=str(row.pk),
        created_at=now,
        object_str=str(row),
        content=row.serializable_data(),
    )


def _publish(row: Any, theirs: Theirs) -> None:
    """Write the seed's text into a row as a published revision without an author."""
    row.seed_text, row.seed_base = theirs.text, theirs.base
    row.position = theirs.position
    row.live = True
    theirs.fill(row)
    row.save()
    row.save_revision(clean=False, changed=False).publish(skip_permission_checks=True)


def _articles(folder: Path) -> Iterable[Theirs]:
    documents = {row.number: row for row in models.LegalDocument.objects.all()}
    lines = {row.uid: row for row in models.DirectoryEntry.objects.all()}
    for path in sorted((folder / "articles").rglob("*.md")):
        page = parse_article(path)
        text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        fill = _fill_article(page, documents, lines)
        base = files.page_base(page)
        yield Theirs(models.Article, "uid", page.id, text, base, 0, fill)


def _fill_article(page: Page, documents: dict[str, Any], lines: dict[str, Any]) -> Fill:
    def fill(row: Any) -> None:
        row.title, row.body = page.title, page.body
        row.audience, row.topic = page.audience, page.topic
        row.facts, row.related = ", ".join(page.facts), ", ".join(page.related)
        row.provinces = ", ".join(page.provinces)
        row.valid_from, row.valid_to = page.valid_from, page.valid_to
        row.review_by = page.review_by
        row.questions = [
            models.ExampleQuestion(text=text, sort_order=n)
            for n, text in enumerate(page.questions)
        ]
        row.citations = [
            models.Citation(document=documents[c.document], where=c.where, sort_order=n)
            for n, c in enumerate(page.citations)
        ]
        row.lines = [
            models.ArticleLine(line=lines[name], sort_order=n)
            for n, name in enumerate(page.lines)
        ]

    return fill


def _documents(folder: Path) -> Iterable[Theirs]:
    documents = load_documents(folder / "documents.csv")
    for number, document in enumerate(documents.values()):
        values = {name: getattr(document, name) for name in files.DOCUMENT_COLUMNS}
        text = _text(values)
        successor = values.pop("superseded_by")
        yield Theirs(
            model=models.LegalDocument,
            key_field="number",
            key=document.number,
            text=text,
            base=text,
            position=number,
            fill=_setter(values, successor),
        )


def _lines(folder: Path) -> Iterable[Theirs]:
    for number, line in enumerate(read_lines(folder / "directory.csv")):
        values = {name: getattr(line, name) for name in files.LINE_COLUMNS}
        text = _text(values)
        del values["id"]
        values["checked_on"] = None if line.checked_on == NEVER else line.checked_on
        yield Theirs(
            model=models.DirectoryEntry,
            key_field="uid",
            key=line.id,
            text=text,
            base=text,
            position=number,
            fill=_setter(values),
        )


def _text(values: dict[str, Any]) -> str:
    return files.cells_text([files.cell(value) for value in values.values()])


def _setter(values: dict[str, Any], successor: str | None = None) -> Fill:
    def fill(row: Any) -> None:
        if (
            successor is not None
        ):  # one that comes later in the file is linked at the end
            found = models.LegalDocument.objects.filter(number=successor)
            row.superseded_by = found.first()
        for name, value in values.items():
            setattr(row, name, value)

    return fill


def _link(document: Document) -> None:
    """Set the successor of a document that is as the seed gave it."""
    if not document.superseded_by:
        return
    row = models.LegalDocument.objects.filter(number=document.number).first()
    if row is None or row.superseded_by_id:
        return
    successor = models.LegalDocument.objects.filter(number=document.superseded_by)
    row.superseded_by = successor.first()
    if row.superseded_by and base_of(row) == row.seed_base:
        row.save()
        row.save_revision(clean=False, changed=False).publish(
            skip_permission_checks=True
        )
