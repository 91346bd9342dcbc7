"""Old Vietnamese fonts: their letters stand where Unicode has other signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from knowledge.importing.document import words

# TCVN3 (ABC, .VnTime) puts letters on signs that are never inside a word.
_TCVN3 = re.compile(r"[¨©ª«¬\u00ad®µ¶·¸¹»¼½¾Æ×ÖØÞß÷þ]")
# VNI writes a vowel and its mark as two letters: "treû em", "quyeàn".
_VNI = re.compile(r"[aeiouyôöAEIOUYÔÖ][ùøûõïáàåãäâéèúüëêÙØÛÕÏÁÀÅÃÄÂÉÈÚÜËÊ]|[ñÑöÖ]")
_VNI_ONLY = re.compile(r"[ûøïåäëüñöÛØÏÅÄËÜÑÖ]")
_UNICODE = re.compile(r"[\u1ea0-\u1ef9]")
_WORD = re.compile(r"\S*[^\W\d_]\S*")
_FEW = 8  # words; a shorter text proves nothing
_SHARE = 0.12  # of the words; real texts in these fonts have 0.5 and more
_LETTERS = Path(__file__).with_name("fonts.yml")


@dataclass(frozen=True, slots=True)
class _Counts:
    words: int
    tcvn3: int
    vni: int
    unicode: int


def old_font(text: str) -> str:
    """Return "TCVN3/ABC" or "VNI" if a text is written in such a font, else ""."""
    counts = _count(text)
    if counts.words < _FEW or counts.unicode > counts.words * _SHARE:
        return ""
    if counts.tcvn3 >= counts.words * _SHARE:
        return "TCVN3/ABC"
    return "VNI" if counts.vni >= counts.words * _SHARE else ""


def in_unicode(text: str, font: str) -> str:
    """Return a text of an old font in Unicode; lines that are in it already stay.

    Args:
        font: as `old_font` names it, for the whole document; "" changes nothing.
    """
    if not font:
        return text
    letters = _letters(font)
    longest = sorted(letters, key=len, reverse=True)
    stored = re.compile("|".join(map(re.escape, longest)))
    return "".join(
        line
        if _UNICODE.search(line)
        else stored.sub(lambda found: letters[found[0]], line)
        for line in text.splitlines(keepends=True)
    )


@cache
def _letters(font: str) -> dict[str, str]:
    """Return how a font stores each letter -> the letter."""
    letters: dict[str, str] = {}
    for row in yaml.safe_load(_LETTERS.read_text(encoding="utf-8"))[font]:
        pairs = zip(row["old"].split(" "), row["new"].split(" "), strict=True)
        letters |= dict(pairs)
    if font == "VNI":
        for old, new in list(letters.items()):
            letters |= dict.fromkeys((old.upper(), old.capitalize()), new.upper())
    return letters


def marked_share(text: str) -> float:
    """Return the share of words with a letter that only Vietnamese has."""
    found = _WORD.findall(text)
    letters = set(words()["letters"])
    marked = sum(bool(_UNICODE.search(w) or letters & set(w)) for w in found)
    return marked / len(found) if found else 0.0


def _count(text: str) -> _Counts:
    found = _WORD.findall(text)
    return _Counts(
        words=len(found),
        tcvn3=sum(bool(_TCVN3.search(word.strip("“”«»()®©"))) for word in found),
        vni=sum(bool(_VNI.search(w) and _VNI_ONLY.search(w)) for w in found),
        unicode=sum(bool(_UNICODE.search(word)) for word in found),
    )
