"""The small word lists of `words.yml`, folded, read once."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from knowledge.retrieval.text import HERE, fold


@cache
def word_set(name: str) -> frozenset[str]:
    """Return the folded words of one list."""
    return frozenset(fold(str(_lists()[name])).split())


@cache
def written_set(name: str) -> frozenset[str]:
    """Return the words of one list with their marks."""
    return frozenset(str(_lists()[name]).split())


@cache
def phrases(name: str) -> tuple[str, ...]:
    """Return the folded phrases of one list, in the order of the file."""
    return tuple(fold(phrase) for phrase in _lists()[name])


@cache
def word_groups(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the folded words of each entry of one list."""
    return tuple(tuple(fold(entry).split()) for entry in _lists()[name])


@cache
def label(name: str) -> str:
    """Return one word as it is shown to people."""
    return str(_lists()[name])


@cache
def _lists() -> dict[str, Any]:
    lists: dict[str, Any] = yaml.safe_load(
        (HERE / "words.yml").read_text(encoding="utf-8")
    )
    return lists
