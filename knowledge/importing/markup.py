"""HTML, and what mammoth makes of DOCX, as plain Markdown."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

import lxml.etree
import lxml.html
import mammoth
import nh3
from charset_normalizer import from_bytes
from markdownify import markdownify

from knowledge.importing.document import ImportRefusedError, note, tidy
from knowledge.importing.fonts import in_unicode, old_font

UNPACKED = 200 * 1024 * 1024  # bytes a DOCX may hold when unpacked
_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "div", "blockquote", "pre"),
    *("ul", "ol", "li", "b", "strong", "i", "em", "sup", "sub"),
    *("table", "thead", "tbody", "tr", "th", "td", "caption"),
}
_CELL_SPANS = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
# No part of what a page says: menus, scripts, forms.
_NOISE = "//script|//style|//noscript|//nav|//header|//footer|//aside|//form|//template"
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.I)
_ESCAPED = re.compile(r"\\([_*#.\-+()\[\]|])")


@dataclass(frozen=True, slots=True)
class Parsed:
    """Markdown text, a title if the file names one, and notes for staff."""

    text: str
    title: str
    notes: tuple[str, ...]


def read_docx(name: str, content: bytes) -> Parsed:
    """Return a Word file as Markdown: headings, lists, tables, bold.

    Raises:
        ImportRefusedError: it is damaged or far too large when unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > UNPACKED:
                raise ImportRefusedError("too_big_inside", name=name)
        made = mammoth.convert_to_html(
            io.BytesIO(content), convert_image=mammoth.images.img_element(_no_image)
        )
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        if isinstance(error, ImportRefusedError):
            raise
        raise ImportRefusedError("broken", name=name, format="DOCX") from None
    html = str(made.value)
    tree = _tree(html)
    pictures = html.count("<img")
    seen = (note("pictures", count=pictures),) if pictures else ()
    notes = (*seen, *_mend_font(tree))
    return Parsed(_markdown(tree), "", notes)


def read_html(name: str, content: bytes) -> Parsed:
    """Return a web page as Markdown, without menus and scripts.

    Raises:
        ImportRefusedError: there is no page in it.
    """
    text, notes = _decoded(content)
    try:
        tree = _tree(text)
    except (lxml.etree.ParserError, ValueError):
        raise ImportRefusedError("broken", name=name, format="HTML") from None
    notes += _mend_font(tree)
    title = tidy(str(tree.findtext(".//title") or ""))
    pictures = len(tree.xpath("//img"))
    if pictures:
        notes = (*notes, note("pictures", count=pictures))
    for node in tree.xpath(_NOISE):
        if node.getparent() is not None:
            node.drop_tree()
    main = tree.xpath("//main|//article")
    return Parsed(_markdown(main[0] if len(main) == 1 else tree), title, notes)


def _mend_font(tree: lxml.html.HtmlElement) -> tuple[str, ...]:
    """Put a page of an old font into Unicode; returns the note on it, if any."""
    font = old_font(tree.text_content())
    if not font:
        return ()
    for node in tree.iter():
        node.text = in_unicode(node.text or "", font)
        node.tail = in_unicode(node.tail or "", font)
    return (note("old_font", font=font),)


def _no_image(_image: object) -> dict[str, str]:
    return {"src": ""}


def _tree(html: str) -> lxml.html.HtmlElement:
    # An XML declaration with an encoding is refused in text.
    bare = re.sub(r"^\s*<\?xml[^>]*\?>", "", html)
    return lxml.html.document_fromstring(bare or "<p></p>")


def _markdown(tree: lxml.html.HtmlElement) -> str:
    # lxml closes what a page left open; nh3 keeps the tags of a text alone.
    for node in tree.xpath("//comment()|//head"):
        node.drop_tree()
    whole = lxml.html.tostring(tree, encoding="unicode")
    clean = nh3.clean(whole, tags=_TAGS, attributes=_CELL_SPANS, link_rel=None)
    made = markdownify(
        clean, heading_style="ATX", bullets="-", table_infer_header=True, wrap=False
    )
    return tidy(_ESCAPED.sub(r"\1", made))


def _decoded(content: bytes) -> tuple[str, tuple[str, ...]]:
    named = _CHARSET.search(content[:4096])
    for encoding in ("utf-8-sig", named[1].decode("ascii") if named else ""):
        try:
            return content.decode(encoding), ()
        except (LookupError, UnicodeDecodeError):
            continue
    best = from_bytes(content).best()
    encoding = best.encoding if best else "cp1258"
    return content.decode(encoding, "replace"), (note("encoding", encoding=encoding),)
