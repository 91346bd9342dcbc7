"""Text to search terms: NFC, folded of diacritics, teencode written out.

Folding is the point: a child without a Vietnamese keyboard must find the same
article, and on our texts it costs at most 1.2 points of MRR (README.md).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).parent
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_DASH = re.compile(r"[\u2010-\u2015\u2212]")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
# One run of letters and digits, or several joined as in 28-CT/TW and 024.3223.3111.
_RUN = re.compile(r"[^\W_]+(?:[./\-][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_MARKED = 0.5  # share of the words of a text that is read with its marks
_DIGIT = re.compile(r"\d")
ARTICLE_WORD = "dieu"  # folded: names an article of a law when a number follows


def normalise(text: str) -> str:
    """Return `text` in NFC, one kind of dash and space, nothing invisible."""
    text = unicodedata.normalize("NFC", text)
    text = _DASH.sub("-", _INVISIBLE.sub("", text))
    return " ".join(text.split())


def fold(text: str) -> str:
    """Return `text` in lower case without Vietnamese diacritics."""
    return text.lower().translate(_bare_letters())


@cache
def teencode() -> dict[str, tuple[str, ...]]:
    """Return folded short forms with the folded syllables that they stand for."""
    with (HERE / "teencode.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {fold(row["short"]): tuple(fold(row["full"]).split()) for row in rows}


@cache
def function_words() -> frozenset[str]:
    """Return syllables, with marks and folded, that carry no subject of their own."""
    lines = (HERE / "function_words.txt").read_text(encoding="utf-8").splitlines()
    words = " ".join(line for line in lines if not line.startswith("#")).split()
    return frozenset(words) | frozenset(map(fold, words))


@cache
def _bare_letters() -> dict[int, str]:
    """Return what each marked Latin letter is without its marks."""
    latin = [*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00)]
    bare = {code: unicodedata.normalize("NFD", chr(code))[0] for code in latin}
    return bare | {0x0111: "d"} | dict.fromkeys(range(0x0300, 0x0370), "")


def runs(text: str) -> list[str]:
    """Return the folded words of `text`; numbers with separators stay whole."""
    return _RUN.findall(_STRETCHED.sub(r"\1", fold(normalise(text))))


def parts(words: Sequence[str]) -> list[str]:
    """Return folded syllables and numbers, short forms written out."""
    short = teencode()
    out: list[str] = []
    for word in words:
        if word.isalnum():
            out.extend(short.get(word, (word,)))
            continue
        for part in _PART.findall(word):
            out.extend(short.get(part, (part,)))
    return out


def syllables(text: str) -> list[str]:
    """Return the folded syllables and numbers of `text`, in order."""
    return parts(runs(text))


def terms(words: Sequence[str]) -> list[str]:
    """Return the search terms of some `runs`: syllables, bigrams, whole numbers.

    A bigram holds a space; a document number such as `28-ct/tw` and an article
    such as `dieu_51` stand beside their parts.
    """
    single = parts(words)
    pairs = list(pairwise(single))
    out = single + [f"{a} {b}" for a, b in pairs]
    out += [w for w in words if not w.isalnum() and _DIGIT.search(w)]
    out += [f"{a}_{b}" for a, b in pairs if a == ARTICLE_WORD and b.isdigit()]
    return out


def has_marks(text: str) -> bool:
    """Return True if any letter carries a mark: the person types them."""
    return fold(text) != text.lower()


def without_stray_marks(text: str) -> str:
    """Return `text` folded if fewer than half of its words carry marks.

    Who marks a word here and there has written the others bare: read with its marks,
    such a text finds 4 fewer of 100 articles than read without any.
    """
    words = [word for word in written(text) if word.isalpha()]
    marked = sum(map(has_marks, words))
    return text if marked >= _MARKED * len(words) else fold(text)


def written(text: str) -> list[str]:
    """Return the words of `text` in lower case, marks kept, short forms kept."""
    return _PART.findall(normalise(text).lower())


def marked_terms(text: str) -> list[str]:
    """Return the words of `text` with their marks, and their pairs."""
    words = written(text)
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def content_words(text: str) -> list[str]:
    """Return the words of `text` that are not function words.

    They are as written if the text has marks, so that the alcohol "cồn" is not
    the child "con"; else they are folded syllables.
    """
    words = written(text) if has_marks(text) else syllables(text)
    return [word for word in words if word not in function_words()]


def windows(words: Sequence[str], size: int, overlap: int) -> Iterator[Sequence[str]]:
    """Yield overlapping stretches of `size` words; at least one if there are words.

    Raises:
        ValueError: `overlap` is not smaller than `size`.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"overlap {overlap} must be below the window size {size}")
    for start in range(0, max(1, len(words) - overlap), size - overlap):
        if words:
            yield words[start : start + size]
