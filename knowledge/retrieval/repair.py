"""Slips of the finger in a question, mended with the words of the articles.

Only what is no Vietnamese syllable is touched ("trườg", "ahnh", raw Telex and VNI),
so that a word that the articles do not hold is never made into one that they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.safety.letters import from_telex, from_vni, is_syllable
from knowledge.retrieval.text import fold, has_marks, normalise, teencode

_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 3  # letters of a word that is mended


class Repair:
    """Mends questions towards a vocabulary."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        """`counts`: folded syllable -> in how many articles it stands."""
        self._counts = {w: n for w, n in counts.items() if w.isalpha()}
        self._longer: dict[str, list[str]] = {}
        for word in self._counts:
            for shorter in _without_one(word):
                self._longer.setdefault(shorter, []).append(word)

    def __call__(self, question: str) -> str:
        """Return the question in NFC with its broken words replaced."""
        marked = has_marks(question)

        def mend(match: re.Match[str]) -> str:
            mended = self._mend(match[0])
            return mended if marked or mended == match[0] else fold(mended)

        return _WORD.sub(mend, normalise(question))

    def _mend(self, word: str) -> str:
        folded = fold(word)
        if len(word) < _SHORTEST or word.isdigit() or folded in teencode():
            return word
        if folded in self._counts or is_syllable(folded):
            return word
        for decoded in (from_telex(word.lower()), from_vni(word.lower())):
            if decoded and fold(decoded) in self._counts:
                return decoded
        return self._nearest(folded) if folded.isalpha() else word

    def _nearest(self, word: str) -> str:
        """Return the commonest word one slip away, swaps before wrong letters."""
        shorter = list(_without_one(word))
        swapped = [*_swapped(word), *shorter, *self._longer.get(word, ())]
        replaced = [other for s in shorter for other in self._longer.get(s, ())]
        for candidates in (swapped, replaced):
            known = [c for c in candidates if c in self._counts and len(c) > 1]
            if known:
                return max(known, key=lambda c: (self._counts[c], c))
        return word


def _without_one(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(len(word)))


def _swapped(word: str) -> Iterator[str]:
    pairs = range(len(word) - 1)
    return (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in pairs)
