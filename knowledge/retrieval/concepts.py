"""Concepts: one shared term for many ways to say the same thing.

People say "bố dượng sờ soạng", the law says "cha dượng, xâm hại tình dục". A text is
read for the phrases of `concepts.txt`, longest first, and gives a term for each
concept. On questions by another author this found 7 more of 100 articles first.
"""

from __future__ import annotations

import random
import re
from functools import cache, lru_cache

from knowledge.retrieval.text import HERE, has_marks, syllables, written

_NOTHING = "!"  # begins a line of phrases that hold a word and mean something else
_ALSO_BARE = "~"  # ends a word of one syllable that also counts without its marks
_NEVER_BARE = "^"  # ends a phrase that counts only with its marks
_SWAPPED = 0.4  # share of the phrases of a text that `reword` says in another way

Phrases = dict[str, tuple[int, ...]]


def concept_terms(text: str) -> list[str]:
    """Return a term for every concept in each line of `text`, in order.

    A line with marks is read with its marks, so that "đền" is not "đến"; a line
    without any is read without, and then most words of one syllable do not count.
    """
    return [term for line in text.splitlines() for term in _line_terms(line)]


@lru_cache(maxsize=50_000)  # a build reads most lines twice
def _line_terms(line: str) -> tuple[str, ...]:
    marked = has_marks(line)
    words = " ".join(written(line) if marked else syllables(line))
    phrases = _marked() if marked else _bare()
    found = _pattern(marked).finditer(words)
    return tuple(f"#{concept}" for m in found for concept in phrases[m[1]])


def reword(text: str, rng: random.Random) -> str:
    """Return `text` with some phrases said in another way; for training only."""
    if not has_marks(text):
        return text

    def other(match: re.Match[str]) -> str:
        concepts = _marked()[match[1]]
        if not concepts or rng.random() > _SWAPPED:
            return match[1]
        return rng.choice(_groups()[rng.choice(concepts)])

    return _pattern(True).sub(other, " ".join(written(text)))


@cache
def _lines() -> tuple[str, ...]:
    text = (HERE / "concepts.txt").read_text(encoding="utf-8")
    return tuple(x for x in text.splitlines() if x.strip() and not x.startswith("#"))


@cache
def _groups() -> tuple[tuple[str, ...], ...]:
    """Return the phrases of each concept; a concept's number is its position."""
    kept = [line for line in _lines() if not line.startswith(_NOTHING)]
    return tuple(tuple(map(_plain, _split(line))) for line in kept)


@cache
def _marked() -> Phrases:
    """Return each phrase as written -> its concepts; none for a phrase of `!`."""
    found: Phrases = {}
    for concept, phrases in enumerate(_groups()):
        for phrase in phrases:
            found[phrase] = (*found.get(phrase, ()), concept)
    return found | dict.fromkeys(_nothing(), ())


@cache
def _bare() -> Phrases:
    """Return each phrase without marks -> its concepts."""
    phrases = {p for line in _lines() for p in _split(line)}
    found: dict[str, dict[int, None]] = {}
    for phrase, concepts in _marked().items():
        many = " " in phrase and phrase + _NEVER_BARE not in phrases
        if many or phrase + _ALSO_BARE in phrases:
            bare = " ".join(syllables(phrase))
            found.setdefault(bare, {}).update(dict.fromkeys(concepts))
    return {phrase: tuple(concepts) for phrase, concepts in found.items()}


def _plain(phrase: str) -> str:
    return phrase.rstrip(_ALSO_BARE + _NEVER_BARE)


def _nothing() -> list[str]:
    return [
        phrase
        for line in _lines()
        if line.startswith(_NOTHING)
        for phrase in _split(line.removeprefix(_NOTHING))
    ]


def _split(line: str) -> list[str]:
    return [phrase.strip() for phrase in line.split("|") if phrase.strip()]


@cache
def _pattern(marked: bool) -> re.Pattern[str]:
    phrases = _marked() if marked else _bare()
    longest = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, longest))})\b")
