"""Legal documents that articles cite, with their status and its reason."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from knowledge.table import TableError, read_date, read_rows

DOCUMENTS_FILE = Path(__file__).parent / "documents.csv"
STATUSES = (
    "in_force",
    "superseded",
    "expired",
    "unverified",
    "not_yet_in_force",
    "guidance",
)
_REQUIRED = ("number", "title", "short_title", "issuer", "kind", "source")


class DocumentError(TableError):
    """The documents cannot be used; names the file, the row and the remedy."""


@dataclass(frozen=True, slots=True)
class Document:
    """A law, decree, plan. `note` tells people what changed; may be empty.

    `superseded_by` is the number of the successor; `url` is empty if unknown;
    `status` is one of `STATUSES`, as seen on `checked_on`.
    """

    number: str
    title: str
    short_title: str
    issuer: str
    kind: str
    issued_on: date | None
    effective_on: date | None
    status: str
    superseded_by: str
    note: str
    source: str
    url: str
    checked_on: date


def load_documents(path: Path = DOCUMENTS_FILE) -> dict[str, Document]:
    """Read all documents, by number, in the order of the file.

    Raises:
        DocumentError: a cell is wrong, a number comes twice, a successor is unknown.
    """
    columns = [field.name for field in fields(Document)]
    documents: dict[str, Document] = {}
    rows: dict[str, int] = {}
    for row, cells in read_rows(path, columns, DocumentError):
        document = _document(path, row, cells)
        if document.number in documents:
            what = f"number {document.number!r} comes twice"
            raise DocumentError(path, row, what, "Keep one row.")
        documents[document.number] = document
        rows[document.number] = row
    for document in documents.values():
        _check_successor(path, rows[document.number], document, documents)
    return documents


def _document(path: Path, row: int, cells: dict[str, str]) -> Document:
    for name in _REQUIRED:
        if not cells[name]:
            raise DocumentError(path, row, f"{name} is empty", "Fill the cell.")
    if cells["status"] not in STATUSES:
        what = f"status is {cells['status']!r}"
        raise DocumentError(path, row, what, f"Use one of {', '.join(STATUSES)}.")
    if cells["url"] and not cells["url"].startswith(("https://", "http://")):
        what = f"url is {cells['url']!r}"
        raise DocumentError(path, row, what, "Use a web address or leave it empty.")
    issued = _date(path, row, cells, "issued_on")
    effective = _date(path, row, cells, "effective_on")
    checked = _date(path, row, cells, "checked_on")
    if checked is None:
        raise DocumentError(path, row, "checked_on is empty", "Give the day of check.")
    if issued and effective and effective < issued:
        what = f"in effect on {effective}, before it was issued on {issued}"
        raise DocumentError(path, row, what, "Correct one of the two dates.")
    days = {"issued_on", "effective_on", "checked_on"}
    texts = {name: value for name, value in cells.items() if name not in days}
    return Document(
        **texts, issued_on=issued, effective_on=effective, checked_on=checked
    )


def _date(path: Path, row: int, cells: dict[str, str], name: str) -> date | None:
    try:
        return read_date(cells[name])
    except ValueError:
        what = f"{name} is {cells[name]!r}"
        raise DocumentError(path, row, what, "Write it as 2026-11-21.") from None


def _check_successor(
    path: Path, row: int, document: Document, documents: dict[str, Document]
) -> None:
    successor = document.superseded_by
    if successor and (successor not in documents or successor == document.number):
        what = f"superseded_by {successor!r} is no other document of the file"
        raise DocumentError(path, row, what, "Give the number of the successor.")
    if document.status == "superseded" and not successor:
        what = "a superseded document without its successor"
        raise DocumentError(path, row, what, "Fill superseded_by.")
