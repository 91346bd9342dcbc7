"""Plain text in any encoding that Vietnamese offices use."""

from __future__ import annotations

from charset_normalizer import from_bytes

from knowledge.importing.document import note, tidy
from knowledge.importing.fonts import in_unicode, marked_share, old_font
from knowledge.importing.markup import Parsed

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_VIETNAMESE = "cp1258"
_WESTERN = "cp1252"  # how bytes of TCVN3 and VNI fonts look without the font


def read_text(_name: str, content: bytes) -> Parsed:
    """Return the text of a file; a guess of its encoding is told in a note."""
    if content.startswith(_UTF16):
        return Parsed(tidy(content.decode("utf-16", "replace")), "", ())
    notes: tuple[str, ...] = ()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text, encoding = _guess(content)
        notes = (note("encoding", encoding=encoding),)
    if font := old_font(text):
        # Before it is tidied: an invisible sign may be a letter of such a font.
        text, notes = in_unicode(text, font), (note("old_font", font=font),)
    return Parsed(tidy(text), "", notes)


def _guess(content: bytes) -> tuple[str, str]:
    western = content.decode(_WESTERN, "replace")
    if old_font(western):
        return western, _WESTERN
    vietnamese = tidy(content.decode(_VIETNAMESE, "replace"))
    if marked_share(vietnamese) > 0.2:
        return vietnamese, _VIETNAMESE
    best = from_bytes(content).best()
    return (str(best), best.encoding) if best else (western, _WESTERN)
