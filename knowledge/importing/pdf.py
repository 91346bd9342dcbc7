"""PDF: fast text of every page, and tables of the pages that rule some."""

from __future__ import annotations

import io
import re
from typing import Any

import pdfplumber
import pypdfium2
from pypdfium2 import raw

from knowledge.importing.document import ImportRefusedError, note, tidy
from knowledge.importing.fonts import in_unicode, old_font
from knowledge.importing.markup import Parsed

SCANNED = 50  # letters; a page with fewer, and a picture, is a scan
_RULES = 6  # drawn lines from which a page may hold a table
_PAGE_NUMBER = re.compile(r"^\W*\d{1,4}\W*$")
_ENDS = re.compile(r"[.:;!?”\"|…]$")
_BEGINS = re.compile(r"^(?:[-+*•–(“\"|#]|\d{1,3}\s*[.)]|[IVX]+\s*[.)]|[a-zđ]\))")


def read_pdf(name: str, content: bytes) -> Parsed:
    """Return the text of a PDF; ruled tables come as Markdown in their place.

    Raises:
        ImportRefusedError: it is damaged, has a password, or is all pictures.
    """
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        code = "protected" if "password" in str(error).lower() else "broken"
        raise ImportRefusedError(code, name=name, format="PDF") from None
    with pdf:
        pages = [_Page(pdf[n]) for n in range(len(pdf))]
    scanned = [n for n, page in enumerate(pages, 1) if page.is_scan]
    if pages and len(scanned) == len(pages):
        raise ImportRefusedError("scanned", name=name)
    ruled = [n for n, page in enumerate(pages, 1) if page.is_ruled]
    tables = _with_tables(content, ruled) if ruled else {}
    font = old_font("\n".join(page.text for page in pages))
    texts = [
        in_unicode(tables[n], font)
        if n in tables
        else _unwrap(in_unicode(page.text, font))
        for n, page in enumerate(pages, 1)
    ]
    notes = [note("old_font", font=font)] if font else []
    if scanned:
        notes.append(note("scanned_pages", pages=_listed(scanned)))
    if tables:
        notes.append(note("table_page", pages=_listed(sorted(tables))))
    return Parsed(tidy(_joined(texts)), "", tuple(notes))


class _Page:
    """What is on one page: its text, and what kinds of things are drawn."""

    def __init__(self, page: Any) -> None:
        self.text: str = page.get_textpage().get_text_bounded()
        kinds = [item.type for item in page.get_objects(max_depth=3)]
        letters = sum(c.isalpha() for c in self.text)
        has_picture = raw.FPDF_PAGEOBJ_IMAGE in kinds
        self.is_scan = letters < SCANNED and (has_picture or not letters)
        paths = kinds.count(raw.FPDF_PAGEOBJ_PATH)
        self.is_ruled = not self.is_scan and paths >= _RULES


def _with_tables(content: bytes, numbers: list[int]) -> dict[int, str]:
    """Return the text of the pages among `numbers` that do hold a table."""
    found: dict[int, str] = {}
    with pdfplumber.open(io.BytesIO(content), pages=numbers) as pdf:
        for page in pdf.pages:
            tables = [t for t in page.find_tables() if len(t.rows) > 1]
            if tables:
                found[page.page_number] = _page_with_tables(page, tables)
    return found


def _page_with_tables(page: Any, tables: list[Any]) -> str:
    parts, top = [], 0.0
    for table in sorted(tables, key=lambda t: t.bbox[1]):
        _left, upper, _right, lower = table.bbox
        parts += [_band(page, top, upper), _markdown_table(table.extract())]
        top = max(top, lower)
    parts.append(_band(page, top, float(page.height)))
    return "\n\n".join(part for part in parts if part)


def _band(page: Any, top: float, bottom: float) -> str:
    if bottom - top < 1:
        return ""
    band = page.crop((0, max(top, 0), page.width, min(bottom, page.height)))
    return _unwrap(band.extract_text() or "")


def _markdown_table(rows: list[list[str | None]]) -> str:
    cells = [
        [" ".join((cell or "").replace("|", "/").split()) for cell in row]
        for row in rows
    ]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    lines.insert(1, "|" + " --- |" * len(cells[0]))
    return "\n".join(lines)


def _unwrap(text: str) -> str:
    """Join the lines of a paragraph; what begins like a list or a part stays."""
    lines: list[str] = []
    for line in tidy(text).split("\n"):
        if _PAGE_NUMBER.match(line):
            continue
        follows = bool(lines and lines[-1] and line) and not _BEGINS.match(line)
        if follows and not _ENDS.search(lines[-1]) and _goes_on(lines[-1], line):
            lines[-1] = f"{lines[-1]} {line}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _goes_on(before: str, line: str) -> bool:
    return line[0].islower() or (before[-1] == "," and not line.isupper())


def _joined(pages: list[str]) -> str:
    """Join pages; a sentence that runs over the edge stays one paragraph."""
    text = ""
    for page in filter(None, pages):
        end = text[-1:]
        runs_on = end and not _ENDS.search(end) and page[0].islower()
        text += (" " if runs_on else "\n\n" if text else "") + page
    return text


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
