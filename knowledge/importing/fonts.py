"""Old Vietnamese fonts: their letters stand where Unicode has other signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
_NAMES = {"TCVN3/ABC": (".vn", "vntime", "vnarial"), "VNI": ("vni-", "vni ")}


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


def old_font_name(name: str) -> str:
    """Return the family of an old font by the font's name, or ""."""
    low = name.lower()
    for family, beginnings in _NAMES.items():
        if low.startswith(beginnings):
            return family
    return ""


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
