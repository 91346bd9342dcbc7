"""Slips of the finger in a question, mended with the words of the articles.

Only what is no Vietnamese syllable is touched ("trườg", "ahnh", raw Telex and VNI),
so that a word that the articles do not hold is never made into one that they do.
And a word that stands nowhere in our texts, beside one that it never stands with,
when another that sounds the same does: "khai xinh", "chẻ em".
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from itertools import pairwise

from bot.safety.letters import from_telex, from_vni, is_syllable
from knowledge.retrieval.sounds import sound_alikes
from knowledge.retrieval.text import fold, has_marks, normalise, parts, teencode

_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 3  # letters of a word that is mended


class Repair:
    """Mends questions towards a vocabulary."""

    def __init__(
        self,
        counts: Mapping[str, int],
        written: Container[str] = (),
        pairs: Mapping[str, int] | None = None,
    ) -> None:
        """Read what the texts hold.

        Args:
            counts: folded syllable -> in how many articles it stands.
            written: all words with their marks, also of questions out of scope.
            pairs: two folded syllables -> in how many questions they stand.
        """
        self._written = written
        self._pairs = pairs or {}
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

        mended = _WORD.sub(mend, normalise(question))
        return self._as_meant(mended) if marked else mended

    def _as_meant(self, question: str) -> str:
        """Return a marked question with its words as they are spelled, not heard."""
        pieces = _WORD.split(question)
        words = _WORD.findall(question)
        for i, word in enumerate(words):
            low = word.lower()
            if low in self._written or not word.isalpha() or fold(low) in teencode():
                continue
            others = [w for w in sound_alikes(low) if w in self._written]
            beside = [words[max(0, i - 1) : i], words[i + 1 : i + 2]]
            known = {w: self._together(beside[0], w, beside[1]) for w in others}
            best = max(known, key=lambda w: known[w], default=low)
            if known.get(best):
                words[i] = best
        return "".join(map("".join, zip(pieces, [*words, ""], strict=True)))

    def _together(self, before: list[str], word: str, after: list[str]) -> int:
        """Return in how many questions a word stands beside its neighbours."""
        said = parts([*map(fold, before), fold(word), *map(fold, after)])
        return sum(self._pairs.get(f"{a} {b}", 0) for a, b in pairwise(said))

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
