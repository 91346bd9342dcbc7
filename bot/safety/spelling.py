"""Teencode, regional words, keyboard codes, disguises and typing errors of a word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from bot.safety.letters import fold, from_telex, from_vni, is_syllable
from bot.safety.lexicon import SIGNALS, load_lexicon, read_rows

COLUMNS = ("id", "pattern", "category", "means", "note")
_LEET = str.maketrans("013457@$", "oieastas")
_TELEX_SIGN = re.compile(r"(?:aa|ee|oo|[aou]w|dd).*[sfrxj]|^dd.*(?:[sfrxj]|aa|ee|oo|w)")
_TELEX_MARK = re.compile("aa|ee|oo|[aou]w|dd")
_DOUBLE = re.compile(r"([^\W\d_])\1")
_HAS_VOWEL = re.compile("[aeiouy]")
_DIGITS = re.compile(r"\d+|[^\W\d]+")
_ENDINGS = (("h", "nh"), ("g", "ng"), ("q", "ng"), ("k", "c"), ("k", "ch"))
_ONSETS = (
    ("f", "ph"),
    ("w", "qu"),
    ("j", "gi"),
    ("z", "d"),
    ("z", "v"),
    ("p", "b"),
    ("k", "kh"),
    ("dz", "d"),
)
_MASK = "*"
_MIN_TYPO = 4
MAX_WORD, MAX_GLUED = 12, 60
_FEW_ENGLISH, _MOSTLY = 0.2, 0.6
# A name of a place or a dish with its marks does not make an English text Vietnamese.
_FOREIGN_NAMES = 0.15


class Speller:
    """Reads one word at a time with the lists of `signals/`."""

    def __init__(
        self, vocabulary: set[str], core: set[str], rows: list[dict[str, str]]
    ) -> None:
        """`core` are the words that disguises and errors are most likely to hide."""
        self._means: dict[str, list[str]] = {}
        self._english: set[str] = set()
        self._vowel_words: set[str] = set()
        self._typos: dict[str, str] = {}
        self.vocabulary = vocabulary
        self._core = core
        for row in rows:
            self._add(row)
        self._long = sorted(w for w in vocabulary if len(w) >= _MIN_TYPO)
        for word in self._long:
            for wrong in _one_edit_shorter(word) | _swapped(word):
                self._typos[wrong] = "" if wrong in self._typos else word

    def _add(self, row: dict[str, str]) -> None:
        for pattern in row["pattern"].split("|"):
            if row["category"] == "english":
                self._english.add(pattern)
            elif row["category"] == "word":
                self._vowel_words.add(pattern)
            else:
                self._means[pattern] = row["means"].split()

    def language_of(self, chunks: list[str]) -> str:
        """Return "en" for English, "vi" for all else.

        English shows by its function words, or by a few of them among words that are
        no Vietnamese syllables.
        """
        words = [c for c in chunks if c.isalpha() or "'" in c]
        marked = sum(w != fold(w) for w in words)
        if not words or marked / len(words) > _FOREIGN_NAMES:
            return "vi"
        known = [w for w in words if w in self._english]
        share = len(known) / len(words)
        sure = sum(not is_syllable(w) for w in known)
        strange = sum(w in self._english or self._is_strange(w) for w in words)
        if share >= _FEW_ENGLISH and sure and strange / len(words) >= _MOSTLY:
            return "en"
        return "en" if (share >= 0.5 and sure) or _is_mostly(share, words) else "vi"

    def _is_strange(self, word: str) -> bool:
        return len(word) > 2 and word not in self._means and not is_syllable(word)

    def spell(self, chunks: list[str]) -> list[str]:
        """Return the words in common spelling; one chunk may become several."""
        unknown = [c for c in chunks if self._is_unknown(c)]
        telex = _is_code(unknown, len(chunks), from_telex)
        vni = _is_code(unknown, len(chunks), from_vni)
        words: list[str] = []
        for chunk in _join_lone_consonants(chunks, self._vowel_words):
            words.extend(self._read(chunk, telex, vni))
        return words

    def _is_unknown(self, chunk: str) -> bool:
        if chunk in self._means or chunk in self._english or not chunk.isascii():
            return False
        if len(chunk) > MAX_WORD or chunk in self.vocabulary or is_syllable(chunk):
            return False
        return any(c.isalpha() for c in chunk)

    def _read(self, chunk: str, telex: bool, vni: bool) -> list[str]:
        if chunk in self._means:
            return self._means[chunk]
        if len(chunk) > MAX_GLUED:
            return [chunk[:MAX_GLUED]]
        folded = fold(chunk)
        if telex and _TELEX_MARK.search(chunk) and chunk.isascii() and chunk.isalpha():
            decoded = from_telex(chunk)
            if decoded:
                return [decoded]
        if folded in self.vocabulary or is_syllable(folded) or chunk.isdigit():
            return [chunk]
        if chunk.isascii():
            decoded = (from_vni(chunk) if vni else None) or (
                from_telex(chunk) if telex and chunk.isalpha() else None
            )
            if decoded:
                return [decoded]
        return self._guess(chunk, folded)

    @lru_cache(maxsize=20_000)  # noqa: B019 - one speller lives as long as the process
    def _guess(self, chunk: str, folded: str) -> list[str]:
        if _MASK in chunk:
            return [self._unmask(folded)]
        if not chunk.isalpha():
            return self._unleet(chunk)
        if folded in self._english:
            return [chunk]
        single = _DOUBLE.sub(r"\1", chunk)
        if single != chunk and is_syllable(fold(single)):
            return [single]
        shaped = _teen_shape(chunk)
        if shaped:
            return [shaped]
        glued = self.cut_glued(chunk)
        if glued:
            return glued.split()
        meant = self._typos.get(folded) or self._typo_of(folded)
        return [self._with_marks(meant, chunk) if meant else chunk]

    def _with_marks(self, folded: str, typed: str) -> str:
        """The word of the lists with the marks that the person typed, if one is."""
        marks = _marks_of(typed)
        fits = (w for w in self._core if fold(w) == folded and _marks_of(w) == marks)
        return min(fits, default=folded)

    def _unleet(self, chunk: str) -> list[str]:
        plain = chunk.translate(_LEET)
        letters = sum(c.isalpha() for c in chunk)
        known = plain.isalpha() and fold(plain) in self.vocabulary
        if known or (letters >= 2 and plain.isalpha() and is_syllable(fold(plain))):
            return [plain]
        parts = [p for p in _DIGITS.findall(chunk) if p]
        return [w for p in parts for w in self._means.get(p, [p])] or [chunk]

    def _unmask(self, folded: str) -> str:
        """Find the word of the lists that fits a word with stars in it."""
        shape = re.compile(re.escape(folded).replace(r"\*", "[a-z]") + "$")
        fits = [w for w in self._long if shape.match(w)]
        return fits[0] if fits else folded.replace(_MASK, "") or folded

    def _typo_of(self, folded: str) -> str | None:
        """A word with one letter too many or one wrong letter."""
        if len(folded) <= _MIN_TYPO:
            return None
        shorter = {w for w in _one_edit_shorter(folded) if w in self.vocabulary}
        return min(shorter) if len(shorter) == 1 else None

    def is_one_word(self, parts: list[str], word: str) -> bool:
        """True if parts held apart by signs are one word and not several."""
        folded = fold(word)
        if not is_syllable(folded) and folded not in self.vocabulary:
            return all(len(p) == 1 for p in parts) and len(parts) > 2
        broken = any(not _HAS_VOWEL.search(fold(p)) for p in parts)
        return broken or folded in self.vocabulary

    def cut_glued(self, word: str) -> str | None:
        """Cut words typed without spaces; None if they are no syllables."""
        if not 4 <= len(word) <= MAX_GLUED:
            return None
        best: list[tuple[int, str] | None] = [(0, "")] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - 7), end):
                before = best[start]
                cost = self._cost(word[start:end]) if before else None
                if before is None or cost is None:
                    continue
                total = before[0] + cost
                here = best[end]
                if here is None or total < here[0]:
                    best[end] = (total, f"{before[1]} {word[start:end]}")
        last = best[len(word)]
        return last[1].strip() if last else None

    def _cost(self, piece: str) -> int | None:
        folded = fold(piece)
        if not is_syllable(folded):
            return None
        if piece in self._core and len(piece) > 1:
            return 1
        return 2 if folded in self.vocabulary and len(folded) > 1 else 5


def _is_mostly(share: float, words: list[str]) -> bool:
    return share >= 0.9 and len(words) >= 3


def _is_code(
    unknown: list[str], number: int, decode: Callable[[str], str | None]
) -> bool:
    """True if enough of a message's `number` words are raw keys of an input method."""
    hits = [c for c in unknown if decode(c) and not _is_class_name(c)]
    strong = any(_TELEX_SIGN.search(c) for c in hits if c.isalpha())
    return strong or (len(hits) >= 2 and len(hits) / max(1, number) >= 0.25)


def _join_lone_consonants(chunks: list[str], vowel_words: set[str]) -> list[str]:
    """A lone consonant before a part that is no word of its own belongs to it."""
    joined: list[str] = []
    for chunk in chunks:
        before = joined[-1] if joined else ""
        if (
            len(before) == 1
            and before.isalpha()
            and not _HAS_VOWEL.match(fold(before))
            and chunk.isalpha()
            and _HAS_VOWEL.match(fold(chunk))
            and chunk != fold(chunk)
            and chunk not in vowel_words
            and is_syllable(fold(before + chunk))
        ):
            joined[-1] = before + chunk
        else:
            joined.append(chunk)
    return joined


def _is_class_name(chunk: str) -> bool:
    return re.fullmatch(r"[a-z]{1,4}1?\d", chunk) is not None and chunk[-1] in "12345"


def _teen_shape(chunk: str) -> str | None:
    """Undo the letter swaps of teencode if a Vietnamese syllable comes out."""
    shapes = [chunk]
    shapes += [chunk[: -len(a)] + b for a, b in _ENDINGS if chunk.endswith(a)]
    for shape in list(shapes):
        shapes += [b + shape[len(a) :] for a, b in _ONSETS if shape.startswith(a)]
    return next((s for s in shapes if is_syllable(fold(s))), None)


def _marks_of(word: str) -> list[str]:
    marks = unicodedata.normalize("NFD", word)
    return sorted(c for c in marks if not c.isascii())


def _one_edit_shorter(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(1, len(word))}


def _swapped(word: str) -> set[str]:
    pairs = list(pairwise(range(len(word))))
    return {
        word[:i] + word[j] + word[i] + word[j + 1 :]
        for i, j in pairs
        if word[i] != word[j]
    }


@lru_cache(maxsize=1)
def load_speller(folder: Path = SIGNALS) -> Speller:
    """Return the speller of the shipped lists, read once."""
    rows = read_rows(folder / "teencode.csv", COLUMNS)
    rows += read_rows(folder / "regional.csv", COLUMNS)
    lexicon = load_lexicon()
    return Speller(lexicon.vocabulary, lexicon.core, rows)
