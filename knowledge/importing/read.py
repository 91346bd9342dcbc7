"""bytes -> ImportedDocument: pure, no disk, no network; run it in the child."""

from __future__ import annotations

import re
from collections.abc import Callable

from knowledge.importing.document import (
    ImportedDocument,
    ImportRefusedError,
    Section,
    note,
    words,
)
from knowledge.importing.fonts import marked_share
from knowledge.importing.markup import Parsed, read_docx, read_html
from knowledge.importing.pdf import read_pdf
from knowledge.importing.text import read_text

LARGEST = 25 * 1024 * 1024  # bytes of one file
_TOP_LINES = 40  # where a document's own number stands
_NUMBER = 60  # characters a number may have, spaces of bad typing included
_TITLE = 200
_ATX = re.compile(r"(#{1,6})\s+(.*\S)")
_MARKS = re.compile(r"^[*_]+|[*_]+$")
_FEW_MARKS = 0.1  # ordinary Vietnamese has 0.4 and more
_READERS: dict[str, Callable[[str, bytes], Parsed]] = {
    "docx": read_docx,
    "pdf": read_pdf,
    "html": read_html,
    "text": read_text,
}


def read_document(name: str, content: bytes) -> ImportedDocument:
    """Return the text of an office file.

    The kind of file is told by its bytes, not by its name.

    Raises:
        ImportRefusedError: no text that can be trusted; says in one sentence why.
    """
    if not content.strip():
        raise ImportRefusedError("empty", name=name)
    if len(content) > LARGEST:
        size, limit = len(content) >> 20, LARGEST >> 20
        raise ImportRefusedError("too_large", name=name, size=size, limit=limit)
    kind = format_of(name, content)
    parsed = _READERS[kind](name, content)
    if not any(c.isalpha() for c in parsed.text):
        raise ImportRefusedError("no_text", name=name)
    number = _number(parsed.text)
    return ImportedDocument(
        name=name,
        format=kind,
        title=_title(parsed),
        number=number,
        text=parsed.text,
        sections=tuple(split_sections(parsed.text)),
        notes=(*parsed.notes, *_notes(parsed.text, number)),
    )


def format_of(name: str, content: bytes) -> str:
    """Return docx, pdf, html or text, by how a file begins.

    Raises:
        ImportRefusedError: another kind of file.
    """
    head = content[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        if b"word/" in content:
            return "docx"
        raise ImportRefusedError("unknown_format", name=name)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise ImportRefusedError("old_word", name=name)
    if head.startswith(b"{\\rtf"):
        raise ImportRefusedError("rtf", name=name)
    if re.match(rb"<(!doctype\s+html|html|head|body|\?xml|!--)", head, re.I):
        return "html"
    if b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportRefusedError("unknown_format", name=name)
    return "html" if name.lower().endswith((".html", ".htm")) else "text"


def split_sections(text: str) -> list[Section]:
    """Split a text at its headings: Markdown's, or those of official papers."""
    parts: list[tuple[int, str, list[str]]] = [(0, "", [])]
    for line in text.split("\n"):
        level, heading = _heading(line)
        if level:
            parts.append((level, heading, []))
        else:
            parts[-1][2].append(line)
    return [
        Section(level, heading, "\n".join(lines).strip())
        for level, heading, lines in parts
        if heading or any(line.strip() for line in lines)
    ]


def _heading(line: str) -> tuple[int, str]:
    if match := _ATX.fullmatch(line.strip()):
        return len(match[1]), _MARKS.sub("", match[2]).strip()
    bare = _MARKS.sub("", line.strip()).strip()
    if not bare or len(bare) > words()["heading_longest"]:
        return 0, ""
    for kind in words()["headings"]:
        if re.fullmatch(kind["pattern"], bare):
            return int(kind["level"]), bare
    is_short = len(bare) <= words()["numbered_longest"] and bare[-1] not in ".;,:"
    if is_short and re.fullmatch(words()["numbered"], bare):
        return 2, bare
    return 0, ""


def _title(parsed: Parsed) -> str:
    """Return the first heading, the page's own title, or the first full line."""
    lines = [_MARKS.sub("", ln).strip() for ln in parsed.text.split("\n") if ln.strip()]
    first = next((m[2] for line in lines if (m := _ATX.fullmatch(line))), "")
    if title := first or parsed.title:
        return _MARKS.sub("", title).strip()[:_TITLE]
    no_title, least = re.compile(words()["no_title"]), words()["title_words"]
    likely = [line for line in lines[:_TOP_LINES] if not no_title.search(line)]
    full = (line for line in likely if len(line.split()) >= least)
    return next(full, [*likely, lines[0]][0])[:_TITLE]


def _number(text: str) -> str:
    """Return the document's own number from its number line or its title."""
    lines = [line for line in text.split("\n") if line.strip()][:_TOP_LINES]
    for line in lines:
        if own := re.match(words()["number_line"], line):
            bare = re.sub(r"\s*([/-])\s*", r"\1", line[own.end() :][:_NUMBER])
            if match := re.match(words()["number"], bare):
                return match[0]
    return ""


def _notes(text: str, number: str) -> list[str]:
    found = []
    if marked_share(text) < _FEW_MARKS:
        found.append(note("unmarked"))
    if bad := text.count("\ufffd"):
        found.append(note("bad_letters", count=bad))
    if not number:
        found.append(note("no_number"))
    return found
