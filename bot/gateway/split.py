"""Cut a text to a platform's length; platforms count UTF-16 units."""

from __future__ import annotations

import re
import unicodedata

from bot.gateway.texts import texts

# What is never cut: addresses, telephone numbers, numbers of documents and articles.
_PLACES = "|".join(texts()["numbered_places"])
_WHOLE = re.compile(
    rf"https?://\S+|\+?\d[\d .-]*\d|\S*\d+/\S+|\b(?:{_PLACES})\s+\d+\w?", re.I
)
_BREAKS = (
    re.compile(r"\n\n+"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…:;])\s+"),
    re.compile(r"\s+"),
)


def units(text: str) -> int:
    """Return the length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int) -> list[str]:
    """Return pieces of at most `limit` units, cut where it reads best."""
    pieces = []
    rest = text.strip()
    while units(rest) > limit:
        place = _place(rest, _fitting(rest, limit))
        pieces.append(rest[:place].rstrip())
        rest = rest[place:].lstrip()
    return [*pieces, rest] if rest else pieces


def shorten(text: str, limit: int) -> str:
    """Return the text, cut with an ellipsis where it is longer than `limit` units."""
    if units(text) <= limit:
        return text
    return text[: _fitting(text, limit - 1)].rstrip() + "…"


def _fitting(text: str, limit: int) -> int:
    """Return how many characters fit into so many units; none is torn apart."""
    place, used = 0, 0
    for letter in text:
        used += 1 + (ord(letter) > 0xFFFF)
        if used > limit:
            break
        place += 1
    while 1 < place < len(text) and _clings(text[place]):
        place -= 1
    return max(place, 1)


def _place(text: str, most: int) -> int:
    """Return the best place to cut at or before `most`."""
    whole = [m.span() for m in _WHOLE.finditer(text[: most + 200])]
    for kind in _BREAKS:
        found = [m.end() for m in kind.finditer(text, most // 2, most + 1)]
        free = [p for p in found if p <= most and not any(a < p < b for a, b in whole)]
        if free:
            return free[-1]
    inside = next(((a, b) for a, b in whole if a < most < b), None)
    return inside[0] if inside and inside[0] > 0 else most


def _clings(letter: str) -> bool:
    return bool(unicodedata.combining(letter)) or letter in "\u200d\ufe0f"
