"""Provinces that a question names, by an old or new name or a district of theirs."""

from __future__ import annotations

import csv
import re
from functools import cache

from knowledge.provinces import load_provinces
from knowledge.retrieval.text import HERE, fold, normalise, syllables
from knowledge.retrieval.words import phrases, word_set


def provinces_in(text: str) -> frozenset[str]:
    """Return the current names of the provinces that a text names.

    A name that is also an ordinary word counts only after a word such as "ở".
    """
    words = " ".join(syllables(text))
    found = set()
    for match in _pattern().finditer(words):
        before = words[: match.start()].split()[-1:]
        ordinary = match[1] in phrases("ordinary_names")
        if not ordinary or set(before) & word_set("address"):
            found.add(_names()[match[1]])
    return frozenset(found)


def with_provinces(question: str) -> str:
    """Return the question and the province of each district that it names."""
    said = " ".join(syllables(question))
    missing = [p for p in provinces_in(question) if " ".join(syllables(p)) not in said]
    # On lines of their own, because a line without marks is read without.
    return "\n".join([question, *sorted(missing)])


def without_places(text: str) -> str:
    """Return `text` without the names of places; ordinary words stay."""
    shown = normalise(text)
    folded = fold(shown)
    if len(folded) != len(shown):  # rare letters change length
        shown = folded
    kept = list(shown)
    for match in _pattern().finditer(folded):
        if match[1] not in phrases("ordinary_names"):
            kept[match.start() : match.end()] = [" "] * len(match[0])
    return " ".join("".join(kept).split())


@cache
def _names() -> dict[str, str]:
    """Return each folded name with the current name of its province."""
    names: dict[str, str] = {}
    for province in load_provinces():
        for name in (province.new_name, province.old_name, *province.aliases):
            names.setdefault(" ".join(syllables(name)), province.new_name)
    with (HERE / "districts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names.setdefault(" ".join(syllables(row["place"])), row["province"])
    return names


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_names(), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
