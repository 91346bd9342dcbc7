"""Red-flag rules: sequences of categories with gaps, read from `signals/rules.csv`.

A pattern is a list of elements: `@cat` is a hit of the category or group, `@cat?`
accepts weak hits too, `..N` allows up to N words between its neighbours (a comma
counts for two). `needs`
lists categories of which one must stand in the sentence or beside it; `unless` those
that must not. `information` says what becomes of the rule in a message that asks for
information: keep, soft (a check question) or drop; `always` is for safe words, which
nothing lowers, `vague` for the wish to tell, which asks for the check question, `away`
for wide hints that count only while there is no classifier.
`*short` and `*whole` in `needs` ask for a message of a few words, or
for one that the pattern covers from end to end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bot.safety.lexicon import SIGNALS, Hit, SignalError, load_lexicon, read_rows
from bot.safety.triage import DangerClass, Level

COLUMNS = (
    "id",
    "class",
    "level",
    "card",
    "information",
    "pattern",
    "needs",
    "unless",
    "note",
)
GROUP_COLUMNS = ("id", "members", "note")
SHORT, WHOLE = "*short", "*whole"
INFORMATION = ("keep", "soft", "drop", "vague", "always", "away")
SHORT_WORDS = 4
COMMA_WORDS = 2


class Element(NamedTuple):
    """One place of a pattern; `gap` words may stand before it."""

    categories: frozenset[str]
    weak: bool
    gap: int


class Rule(NamedTuple):
    """One row of the rule table."""

    id: str
    danger_class: DangerClass
    level: Level
    soft: bool
    information: str
    pattern: tuple[Element, ...]
    needs: frozenset[str]
    unless: frozenset[str]
    short_only: bool
    whole_only: bool


class Match(NamedTuple):
    """A rule and the words of the sentence that it covers."""

    rule: Rule
    start: int
    end: int
    hits: tuple[Hit, ...]


@dataclass
class Scene:
    """The hits of a sentence by category, and the categories around it."""

    hits: list[Hit]
    near: set[str]
    word_count: int
    breaks: frozenset[int] = frozenset()
    by_category: dict[str, list[Hit]] = field(default_factory=dict)
    candidates: dict[Element, list[Hit]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for hit in self.hits:
            self.by_category.setdefault(hit.category, []).append(hit)


def match_rules(scene: Scene) -> list[Match]:
    """Return the first match of every rule that fires in a sentence."""
    near = scene.near
    matches = []
    for rule in _rules_that_fit(frozenset(scene.by_category)):
        if not rule.unless.isdisjoint(near):
            continue
        if rule.needs and rule.needs.isdisjoint(near):
            continue
        if rule.short_only and scene.word_count > SHORT_WORDS:
            continue
        match = _first_match(rule, scene)
        if match and (not rule.whole_only or _covers(match, scene)):
            matches.append(match)
    return matches


@lru_cache(maxsize=10_000)
def _rules_that_fit(present: frozenset[str]) -> tuple[Rule, ...]:
    """The rules whose every element has a category that the sentence holds."""
    return tuple(
        rule
        for rule in load_rules()
        if not any(e.categories.isdisjoint(present) for e in rule.pattern)
    )


def _covers(match: Match, scene: Scene) -> bool:
    return match.end - match.start == scene.word_count


def _first_match(rule: Rule, scene: Scene) -> Match | None:
    for hit in _candidates(rule.pattern[0], scene):
        hits = _follow(rule.pattern[1:], hit.end, scene, (hit,))
        if hits:
            return Match(rule, hits[0].start, hits[-1].end, hits)
    return None


def _candidates(element: Element, scene: Scene) -> list[Hit]:
    found = scene.candidates.get(element)
    if found is None:
        found = scene.candidates[element] = _look_up(element, scene)
    return found


def _look_up(element: Element, scene: Scene) -> list[Hit]:
    hits = [h for c in element.categories for h in scene.by_category.get(c, ())]
    if not element.weak:
        hits = [h for h in hits if h.strong]
    return sorted(hits)


def _follow(
    rest: tuple[Element, ...], end: int, scene: Scene, found: tuple[Hit, ...]
) -> tuple[Hit, ...]:
    if not rest:
        return found
    for hit in _candidates(rest[0], scene):
        commas = sum(end <= place <= hit.start for place in scene.breaks)
        if end <= hit.start <= end + rest[0].gap - commas * COMMA_WORDS:
            hits = _follow(rest[1:], hit.end, scene, (*found, hit))
            if hits:
                return hits
    return ()


@lru_cache(maxsize=1)
def load_groups(folder: Path = SIGNALS) -> dict[str, frozenset[str]]:
    """Return the categories that each group name stands for."""
    rows = read_rows(folder / "groups.csv", GROUP_COLUMNS)
    return {row["id"]: frozenset(row["members"].split()) for row in rows}


@lru_cache(maxsize=1)
def load_rules(folder: Path = SIGNALS) -> tuple[Rule, ...]:
    """Return the shipped rules, read once.

    Raises:
        SignalError: a rule names an unknown category, class or level.
    """
    rows = read_rows(folder / "rules.csv", COLUMNS)
    return tuple(_read_rule(row) for row in rows)


def _read_rule(row: dict[str, str]) -> Rule:
    try:
        danger_class, level = DangerClass(row["class"]), Level(row["level"])
    except ValueError as error:
        raise SignalError(f"rules.csv {row['id']}: {error}; see triage.py.") from None
    if row["information"] not in INFORMATION:
        raise SignalError(f"rules.csv {row['id']}: information: {INFORMATION}.")
    needs = [n for n in row["needs"].split() if n not in (SHORT, WHOLE)]
    return Rule(
        row["id"],
        danger_class,
        level,
        row["card"] == "soft",
        row["information"],
        _read_pattern(row),
        _expand(needs, row["id"]),
        _expand(row["unless"].split(), row["id"]),
        SHORT in row["needs"].split(),
        WHOLE in row["needs"].split(),
    )


def _read_pattern(row: dict[str, str]) -> tuple[Element, ...]:
    elements = []
    gap = 0
    for part in row["pattern"].split():
        if part.startswith(".."):
            gap = int(part[2:])
            continue
        weak = part.endswith("?")
        elements.append(Element(_expand([part.rstrip("?")], row["id"]), weak, gap))
        gap = 0
    if not elements:
        raise SignalError(f"rules.csv {row['id']}: the pattern is empty.")
    return tuple(elements)


def _expand(names: list[str], rule_id: str) -> frozenset[str]:
    known = load_lexicon().categories
    found: set[str] = set()
    for name in names:
        members = load_groups().get(name[1:], frozenset({name[1:]}))
        if not name.startswith("@") or not members <= known:
            raise SignalError(
                f"rules.csv {rule_id}: {name!r} is no category of the word lists "
                "and no group of groups.csv."
            )
        found |= members
    return frozenset(found)
