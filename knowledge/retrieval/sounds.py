"""Words that many people say alike and so write alike: "chẻ em", "khai xinh"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

from knowledge.retrieval.words import word_groups


def sound_alikes(word: str) -> Iterator[str]:
    """Yield a word with another beginning or ending that sounds the same."""
    beginnings, endings = _spellings()
    for own in _longest(word.startswith, beginnings):
        yield from (other + word[len(own) :] for other in beginnings[own])
    for own in _longest(word.endswith, endings):
        yield from (word[: -len(own)] + other for other in endings[own])


def _longest(fits: Callable[[str], bool], spellings: Iterable[str]) -> list[str]:
    """Return the longest spelling that fits, or nothing."""
    return sorted(filter(fits, spellings), key=len)[-1:]


@cache
def _spellings() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return beginning -> its other spellings, and the same of endings."""
    found = []
    for name in ("beginnings", "endings"):
        groups = word_groups(name)
        found.append({s: tuple(o for o in g if o != s) for g in groups for s in g})
    return found[0], found[1]
