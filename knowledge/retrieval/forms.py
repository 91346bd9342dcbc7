"""The ways in which people type: with marks, without, with slips and teencode.

Training and evaluation use the same forms with different seeds.
"""

from __future__ import annotations

import random
from functools import cache

from knowledge.retrieval.text import fold, normalise, teencode

FORMS = ("marked", "plain", "half", "typos", "teencode")
_SLIP = 0.12  # share of words with one slip of the finger
_SHORT = 0.5  # share of words that have a short form and get it
_BARE = 0.5  # share of texts, or of words, without any marks


def write_as(form: str, text: str, seed: int) -> str:
    """Return `text` as a person may type it, the same for the same seed.

    Raises:
        ValueError: `form` is not one of `FORMS`.
    """
    if form not in FORMS:
        raise ValueError(f"form {form!r} is unknown; use one of {', '.join(FORMS)}")
    if form == "marked":
        return normalise(text)
    if form == "plain":
        return fold(normalise(text))
    rng = random.Random(f"{seed} {text}")  # noqa: S311 (not for secrets)
    if form == "half":
        words = normalise(text).split()
        return " ".join(fold(w) if rng.random() < _BARE else w for w in words)
    if form == "teencode":
        return " ".join(_short(word, rng) for word in normalise(text).split())
    return with_slips(normalise(text), rng)


def with_slips(text: str, rng: random.Random) -> str:
    """Return `text` with slips of the finger and teencode, half of them bare."""
    if rng.random() < _BARE:
        text = fold(text)
    words = []
    for word in text.split():
        short = _short(word, rng)
        if short == word and rng.random() < _SLIP:
            short = _slip(word, rng)
        words.append(short)
    return " ".join(words)


def _short(word: str, rng: random.Random) -> str:
    """Return a short form of a word, where there is one, half of the time."""
    shorts = _short_forms().get(fold(word))
    return rng.choice(shorts) if shorts and rng.random() < _SHORT else word


def _slip(word: str, rng: random.Random) -> str:
    """Swap, drop or double one letter; short words and numbers stay."""
    if len(word) < 3 or not word.isalpha():
        return word
    i = rng.randrange(len(word) - 1)
    swapped = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return rng.choice([swapped, word[:i] + word[i + 1 :], word[: i + 1] + word[i:]])


@cache
def _short_forms() -> dict[str, list[str]]:
    """Return folded syllable -> its teencode forms."""
    forms: dict[str, list[str]] = {}
    for short, full in sorted(teencode().items()):
        if len(full) == 1:
            forms.setdefault(full[0], []).append(short)
    return forms
