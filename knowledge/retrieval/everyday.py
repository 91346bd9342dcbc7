"""Everyday words beside the words that articles and laws use for the same thing.

People say "bố dượng sờ soạng", the law says "cha dượng, xâm hại tình dục". The list
(`everyday.csv`) adds the second to a question at a low weight; it removes nothing.
"""

from __future__ import annotations

import csv
import re
from functools import cache

from knowledge.retrieval.text import HERE, fold, normalise, syllables, terms

# Measured on left-out questions: flat from 0.3 to 0.5, better than none by 1 point.
WEIGHT = 0.3


def meant_terms(question: str) -> list[str]:
    """Return search terms for what is meant and not said, each once.

    A word of one syllable counts only as it is written with its marks, because
    without them it may be another word ("đền", "đến").
    """
    shown = _plain(normalise(question).lower())
    said = " ".join(syllables(question))
    found: dict[str, None] = {}
    for match in _marked().finditer(shown):
        found.update(dict.fromkeys(_lists()[match[1]]))
    for match in _folded().finditer(said):
        found.update(dict.fromkeys(_lists()[match[1]]))
    present = set(said.split())
    return [term for term in found if term not in present]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text))


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    """Return marked and folded phrase -> folded terms of what is meant."""
    lists: dict[str, tuple[str, ...]] = {}
    with (HERE / "everyday.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            said = _plain(row["said"].lower())
            meant = tuple(terms(syllables(row["meant"])))
            lists[said] = meant
            if " " in said:
                lists.setdefault(fold(said), meant)
    return lists


@cache
def _marked() -> re.Pattern[str]:
    return _any_of([said for said in _lists() if said != fold(said) or " " not in said])


@cache
def _folded() -> re.Pattern[str]:
    return _any_of([said for said in _lists() if said == fold(said) and " " in said])


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    longest = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, longest))})\b")
