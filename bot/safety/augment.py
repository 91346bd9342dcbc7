"""Copies of a training row in the forms people type, from a fixed seed.

The swaps come from `signals/teencode.csv` read backwards, so that no list is kept
twice.
"""

from __future__ import annotations

import random
import unicodedata
from functools import lru_cache

from bot.safety.letters import fold
from bot.safety.lexicon import SIGNALS, read_rows
from bot.safety.spelling import COLUMNS

_NEIGHBOURS = {
    "a": "sq",
    "e": "wr",
    "i": "uo",
    "o": "ip",
    "u": "yi",
    "n": "bm",
    "h": "gj",
    "t": "ry",
    "c": "xv",
    "m": "n",
    "d": "sf",
    "b": "vn",
}


@lru_cache(maxsize=1)
def _short_forms() -> dict[str, list[str]]:
    forms: dict[str, list[str]] = {}
    for row in read_rows(SIGNALS / "teencode.csv", COLUMNS):
        if row["category"] == "teencode":
            forms.setdefault(row["means"], []).extend(row["pattern"].split("|"))
    return forms


def to_teencode(text: str, rng: random.Random) -> str:
    """Shorten some words as teenagers do, and drop most tone marks of the rest."""
    words = []
    for word in text.lower().split():
        forms = _short_forms().get(word.strip(",.!?"))
        if forms and rng.random() < 0.8:
            words.append(rng.choice(forms))
        else:
            words.append(word)
    return " ".join(words)


def to_half_marked(text: str, rng: random.Random) -> str:
    """Drop the marks of about half of the words."""
    return " ".join(fold(w) if rng.random() < 0.5 else w for w in text.split())


def to_typos(text: str, rng: random.Random) -> str:
    """Swap, drop, double or miss letters in about every fifth word."""
    return " ".join(
        _spoil(w, rng) if rng.random() < 0.2 and len(w) > 2 else w for w in text.split()
    )


def _spoil(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[: at + 1] + word[at:]
    near = _NEIGHBOURS.get(word[at], word[at])
    return word[:at] + rng.choice(near) + word[at + 1 :]


def to_toneless(text: str) -> str:
    """Keep the marks of letters but drop the tones, as hurried typing does."""
    tones = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    kept = (c for c in unicodedata.normalize("NFD", text) if c not in tones)
    return unicodedata.normalize("NFC", "".join(kept))


def copies(text: str, rng: random.Random) -> list[str]:
    """Return the row and its other forms, without repeats."""
    forms = [
        text,
        fold(text),
        to_teencode(text, rng),
        to_half_marked(text, rng),
        to_typos(text, rng),
    ]
    return list(dict.fromkeys(forms))
