"""The word lists of `signals/` as one trie; a hit is a span with a category.

Every list has the columns id, pattern, category, fold, note. A pattern holds one
phrase or several, divided by `|`. `fold` says what the phrase is worth when it is
typed without its marks:

- yes: as much as with marks, because nothing else looks like it;
- weak: a weak hit, which a rule accepts only beside its neighbours (`@cat?`);
- no: nothing.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.safety.letters import Word, fold, is_compatible, is_same, read_word

SIGNALS = Path(__file__).parent / "signals"
HARMLESS = "harmless"
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[^\w\s]")
_STRICT_SHARE = 0.6
MAX_SEEN = 200


class SignalError(ValueError):
    """A row of a word list cannot be used; the message says where and what to do."""


class Entry(NamedTuple):
    """One phrase of a list, ready to compare."""

    id: str
    words: tuple[Word, ...]
    category: str
    fold: str
    group: str


class Hit(NamedTuple):
    """Words `start` to `end` (exclusive) of a sentence are of a category."""

    start: int
    end: int
    category: str
    id: str
    strong: bool
    group: str


@dataclass
class _Node:
    children: dict[str, _Node] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    seen: dict[tuple[bool, str], tuple[tuple[Entry, bool], ...]] = field(
        default_factory=dict
    )


def split_words(text: str) -> list[str]:
    """Return the lower-case NFC words, numbers and signs of a phrase."""
    return _WORD.findall(unicodedata.normalize("NFC", text.lower()))


def read_rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the rows of a CSV file.

    Raises:
        SignalError: the header is not the expected one, or a row has gaps.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != columns:
            raise SignalError(f"{path.name}: the header must be {','.join(columns)}.")
        rows = list(reader)
    for number, row in enumerate(rows, start=2):
        if None in row or any(value is None for value in row.values()):
            raise SignalError(
                f"{path.name} row {number}: not {len(columns)} cells; put text that "
                "holds a comma between double quotes."
            )
    return rows


COLUMNS = ("id", "pattern", "category", "fold", "note")


def _entries(path: Path) -> list[Entry]:
    entries = []
    for row in read_rows(path, COLUMNS):
        if row["fold"] not in ("yes", "weak", "no"):
            raise SignalError(
                f"{path.name} {row['id']}: fold is {row['fold']!r}; write yes, weak "
                "or no."
            )
        for phrase in row["pattern"].split("|"):
            words = tuple(read_word(w) for w in split_words(phrase))
            if not words:
                raise SignalError(f"{path.name} {row['id']}: an empty phrase.")
            entries.append(
                Entry(row["id"], words, row["category"], row["fold"], path.stem)
            )
    return entries


class Lexicon:
    """All word lists together."""

    def __init__(self, entries: list[Entry]) -> None:
        self._root = _Node()
        self.vocabulary: set[str] = set()
        self.core: set[str] = set()
        self.categories: set[str] = set()
        for entry in entries:
            self._add(entry)

    @classmethod
    def load(cls, folder: Path = SIGNALS) -> Lexicon:
        """Read every list of the folder that has the columns of a word list."""
        entries = [e for name in LISTS for e in _entries(folder / f"{name}.csv")]
        return cls(entries)

    def _add(self, entry: Entry) -> None:
        node = self._root
        for word in entry.words:
            node = node.children.setdefault(word.folded, _Node())
            self.vocabulary.add(word.folded)
        node.entries.append(entry)
        if len(entry.words) == 1 and entry.group in CORE_LISTS:
            self.core.add(entry.words[0].text)
            self.core.add(entry.words[0].folded)
        self.categories.add(entry.category)

    def find(self, words: list[Word]) -> list[Hit]:
        """Return the hits of a sentence, sorted by place; the longest wins."""
        strict = _is_marked_text(words)
        hits = []
        for start in range(len(words)):
            node: _Node | None = self._root
            for end in range(start, len(words)):
                node = node.children.get(words[end].folded) if node else None
                if node is None:
                    break
                for entry, strong in _matches(node, words[start : end + 1], strict):
                    hits.append(
                        Hit(
                            start,
                            end + 1,
                            entry.category,
                            entry.id,
                            strong,
                            entry.group,
                        )
                    )
        return _longest(hits)


def _matches(
    node: _Node, typed: list[Word], strict: bool
) -> tuple[tuple[Entry, bool], ...]:
    """The entries of a node that the typed words are, and whether strongly."""
    if not node.entries:
        return ()
    key = (strict, " ".join([w.text for w in typed]))
    known = node.seen.get(key)
    if known is None:
        pairs = ((e, _compare(e, typed, strict)) for e in node.entries)
        known = tuple((e, strong) for e, strong in pairs if strong is not None)
        if len(node.seen) < MAX_SEEN:
            node.seen[key] = known
    return known


def _is_marked_text(words: list[Word]) -> bool:
    """True if the writer types marks, so that a missing mark means something."""
    letters = [w for w in words if w.text.isalpha()]
    marked = sum(w.text != w.folded for w in letters)
    return len(letters) >= 3 and marked / len(letters) >= _STRICT_SHARE


def _compare(entry: Entry, typed: list[Word], strict: bool) -> bool | None:
    """True for a strong hit, False for a weak one, None for no hit."""
    exact = all(map(is_same, typed, entry.words))
    if not exact and not all(map(_fits, typed, entry.words)):
        return None
    strong = exact or (entry.fold == "yes" and not (strict and len(typed) == 1))
    if not strong and (entry.fold == "no" or (strict and len(typed) == 1)):
        return None
    return strong


def _fits(typed: Word, meant: Word) -> bool:
    return is_same(typed, meant) or is_compatible(typed, meant)


def _longest(hits: list[Hit]) -> list[Hit]:
    """Drop hits inside a longer one that is harmless or of the same list."""
    covers: dict[int, list[Hit]] = {}
    for hit in hits:
        if hit.end - hit.start > 1:
            for place in range(hit.start, hit.end):
                covers.setdefault(place, []).append(hit)
    kept = [h for h in hits if not any(_hides(c, h) for c in covers.get(h.start, ()))]
    return sorted(set(kept))


def _hides(cover: Hit, hit: Hit) -> bool:
    if not (cover.start <= hit.start and hit.end <= cover.end):
        return False
    if cover.end - cover.start <= hit.end - hit.start:
        return False
    if cover.group == HARMLESS:
        return cover.strong or not hit.strong
    return cover.group == hit.group and cover.strong >= hit.strong


CORE_LISTS = ("persons", "acts", "fear")
LISTS = (
    "persons",
    "acts",
    "body",
    "fear",
    "time",
    "harmless",
    "information",
    "signs",
    "asking",
    "speakers",
    "topics",
    "english",
)


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Return the shipped word lists, read once."""
    return Lexicon.load()


__all__ = ["Entry", "Hit", "Lexicon", "SignalError", "fold", "load_lexicon"]
