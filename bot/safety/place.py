"""Find the province a message names: old and new names, towns, short forms.

Reads `knowledge/provinces.csv` (old name, current name, aliases) and
`signals/towns.csv` (towns and districts, words around them). A short form or a town
that stands for several provinces is never guessed: it is given back as ambiguous.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.safety.letters import Word, is_compatible, is_same, read_word
from bot.safety.lexicon import SIGNALS, read_rows
from bot.safety.normalise import clean, visible

PROVINCES = Path(__file__).parents[2] / "knowledge" / "provinces.csv"
COLUMNS = ("id", "pattern", "category", "means", "note")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_RANKS = ("province", "nowhere", "alias", "code", "town", "short")
_CODES = ("code", "short")
_LISTS = ("common", "collides", "before", "after", "here", "skip", "filler", "no")
MAX_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """Where the person is, as far as the words say.

    `province` is a current name. `old_name` is the former province if it was another.
    `ambiguous` holds the current names to choose from when the words fit several.
    """

    province: str | None = None
    old_name: str | None = None
    ambiguous: tuple[str, ...] = ()


class _Name(NamedTuple):
    words: tuple[Word, ...]
    olds: tuple[str, ...]
    kind: str


class _Typed(NamedTuple):
    """The words of a message and which of them begin with, or are all, capitals."""

    words: list[Word]
    capital: list[bool]
    capitals: list[bool]


class _Found(NamedTuple):
    start: int
    end: int
    olds: tuple[str, ...]
    is_here: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names by their folded words, and the words around a place.

    `common` and `collides` are names that are also words, as typed and without marks.
    """

    names: dict[tuple[str, ...], tuple[_Name, ...]]
    first: frozenset[str]
    longest: int
    current: dict[str, str]
    common: frozenset[str]
    collides: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]
    here: frozenset[str]
    skip: frozenset[str]
    filler: frozenset[str]
    no: frozenset[str]


def find_place(text: str) -> PlaceMatch:
    """Return the province that a message names; nothing if it names none."""
    book = load_gazetteer()
    found = _longest(_find(_read(text[:MAX_CHARACTERS]), book)) if book.names else []
    found = [f for f in found if f.olds]
    sure = [f for f in found if f.kind not in _CODES] or found
    here = [f for f in sure if f.is_here]
    return _choose(here or sure, book)


def _choose(found: list[_Found], book: Gazetteer) -> PlaceMatch:
    """One province that all fit is the answer; several are a question."""
    if not found:
        return PlaceMatch()
    fits = [{book.current[old] for old in f.olds} for f in found]
    shared = set.intersection(*fits)
    if len(shared) != 1:
        return PlaceMatch(ambiguous=tuple(sorted(set().union(*fits))))
    province = shared.pop()
    olds = {o for f in found for o in f.olds if book.current[o] == province}
    old = olds.pop() if len(olds) == 1 else None
    return PlaceMatch(province, old if old != province else None)


def _read(text: str) -> _Typed:
    """Split a message; capitals say nothing where all or none of it has them."""
    words = [read_word(token) for token in _WORD.findall(clean(text))]
    cased = _WORD.findall(visible(text))
    if len(cased) != len(words) or text == text.upper():
        return _Typed(words, [False] * len(words), [False] * len(words))
    capitals = [token.isupper() and len(token) > 1 for token in cased]
    return _Typed(words, [token[0].isupper() for token in cased], capitals)


def _find(typed: _Typed, book: Gazetteer) -> list[_Found]:
    words = typed.words
    folded = tuple(w.folded for w in words)
    found = []
    for start in range(len(words)):
        if folded[start] not in book.first:
            continue
        for end in range(start + 1, min(len(words), start + book.longest) + 1):
            for name in book.names.get(folded[start:end], ()):
                if _fits(words[start:end], name.words) and _is_place(
                    typed, start, end, name, book
                ):
                    is_here = _before(words, start, book.here)
                    found.append(_Found(start, end, name.olds, is_here, name.kind))
    return found


def _fits(typed: list[Word], meant: tuple[Word, ...]) -> bool:
    return all(
        is_same(t, m) or is_compatible(t, m) for t, m in zip(typed, meant, strict=True)
    )


def _is_place(
    typed: _Typed, start: int, end: int, name: _Name, book: Gazetteer
) -> bool:
    """False for a person, a street, a dish, or a common word that looks like it."""
    words = typed.words
    placed = _before(words, start, book.before)
    if not placed and _before(words, start, book.skip):
        return False
    is_here = start > 1 and words[start - 1].text in book.here
    if is_here and words[start - 2].text in book.no:
        return False
    return (
        placed
        or all(w.text in book.filler for w in words[:start] + words[end:])
        or (start == 0 and end < len(words) and words[end].text in book.after)
        or _stands_alone(typed, start, end, name, book)
    )


def _stands_alone(
    typed: _Typed, start: int, end: int, name: _Name, book: Gazetteer
) -> bool:
    """True if the words can hardly be anything else, whatever stands around them."""
    text = " ".join(w.text for w in name.words)
    if name.kind in _CODES:
        return all(typed.capitals[start:end])
    if text in book.common:
        return False
    mine = typed.words[start:end]
    if any(w.text != w.folded for w in mine) or all(typed.capital[start:end]):
        return True
    folded = " ".join(w.folded for w in mine)
    return folded not in book.collides and (name.kind != "town" or text == folded)


def _before(words: list[Word], start: int, accepted: frozenset[str]) -> bool:
    one = words[start - 1].text if start else ""
    two = f"{words[start - 2].text} {one}" if start > 1 else ""
    return one in accepted or two in accepted


def _longest(found: list[_Found]) -> list[_Found]:
    """Drop names inside longer ones; equal spans of towns are joined as choices."""
    spans: dict[tuple[int, int], _Found] = {}
    for one in found:
        key = (one.start, one.end)
        known = spans.get(key)
        if known is None or _RANKS.index(one.kind) < _RANKS.index(known.kind):
            spans[key] = one
        elif known.kind == one.kind:
            spans[key] = known._replace(olds=tuple({*known.olds, *one.olds}))
    return [f for f in spans.values() if not any(_inside(f, g) for g in spans.values())]


def _inside(one: _Found, other: _Found) -> bool:
    """True if a longer name, or one of a better kind, takes the same words."""
    if one.start >= other.end or other.start >= one.end:
        return False
    longer = (other.end - other.start) - (one.end - one.start)
    better = _RANKS.index(one.kind) - _RANKS.index(other.kind)
    return longer > 0 or (longer == 0 and better > 0)


@lru_cache(maxsize=1)
def load_gazetteer() -> Gazetteer:
    """Read both files once; without the province table nothing is ever found."""
    cells = read_rows(SIGNALS / "towns.csv", COLUMNS)
    groups = {
        kind: frozenset(
            p.lower() for r in cells if r["category"] == kind for p in _parts(r)
        )
        for kind in _LISTS
    }
    provinces = _read_provinces()
    current = {row["old_name"]: row["new_name"] for row in provinces}
    current |= {row["new_name"]: row["new_name"] for row in provinces}
    names: dict[tuple[str, ...], list[_Name]] = {}
    olds: tuple[str, ...]
    for text, kind, old in [*_province_names(provinces), *_town_names(cells)]:
        words = tuple(read_word(w) for w in _WORD.findall(text.lower()))
        olds = () if kind == "nowhere" else (old,)
        if words and (old in current or not olds):
            folded = tuple(w.folded for w in words)
            names.setdefault(folded, []).append(_Name(words, olds, kind))
    table = {key: tuple(value) for key, value in names.items()}
    first = frozenset(key[0] for key in table)
    longest = max(map(len, table), default=0)
    return Gazetteer(table, first, longest, current, **groups)


def _parts(row: dict[str, str]) -> list[str]:
    return row["pattern"].split("|")


def _read_provinces() -> list[dict[str, str]]:
    try:
        with PROVINCES.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeError, csv.Error):
        return []
    needed = ("old_name", "new_name", "aliases", "aliases_ambiguous")
    return [row for row in rows if all(row.get(name) is not None for name in needed)]


def _province_names(rows: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    found = []
    for row in rows:
        found.append((row["old_name"], "province", row["old_name"]))
        for alias in filter(None, row["aliases"].split("|")):
            is_short = len(alias) <= 3 and alias.isascii()
            found.append((alias, "code" if is_short else "alias", row["old_name"]))
        for alias in filter(None, row["aliases_ambiguous"].split("|")):
            found.append((alias, "short", row["old_name"]))
        if row["new_name"] == row["old_name"]:
            found.append((row["new_name"], "province", row["new_name"]))
    return found


def _town_names(rows: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    towns = (r for r in rows if r["category"] in ("town", "nowhere"))
    return [(town, r["category"], r["means"]) for r in towns for town in _parts(r)]
