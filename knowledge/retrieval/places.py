"""Provinces that a question names, by any old or new name, as their current names."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from knowledge.retrieval.text import syllables
from knowledge.retrieval.words import word_set

PROVINCES_FILE = Path(__file__).parent.parent / "provinces.csv"


def provinces_in(text: str) -> frozenset[str]:
    """Return the current names of the provinces that a text names.

    A name of one syllable, or one that is also an ordinary word, counts only
    after a word such as "ở" or "tỉnh".
    """
    words = " ".join(syllables(text))
    found = set()
    for match in _pattern().finditer(words):
        before = words[: match.start()].split()[-1:]
        province, needs_address = _names()[match[1]]
        if not needs_address or set(before) & word_set("address"):
            found.add(province)
    return frozenset(found)


def place_words() -> frozenset[str]:
    """Return the folded syllables of all place names."""
    return frozenset(word for name in _names() for word in name.split())


@cache
def _names() -> dict[str, tuple[str, bool]]:
    """Return folded name -> (current name, needs a word of address before it)."""
    names: dict[str, tuple[str, bool]] = {}
    with PROVINCES_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            listed = [row["old_name"], row["new_name"], *row["aliases"].split("|")]
            for name in filter(None, listed):
                folded = " ".join(syllables(name))
                doubtful = name == row["old_name"] and "match only" in row["note"]
                short = " " not in folded and " " not in name and len(folded) < 6
                known = names.get(folded)
                if known is None or name in (row["old_name"], row["new_name"]):
                    names[folded] = (row["new_name"], doubtful or short)
    return names


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_names(), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
