"""The word lists of the lint, read from `words.yml`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WORDS_FILE = Path(__file__).parent / "words.yml"


@dataclass(frozen=True, slots=True)
class Office:
    """An office that is no more, and who does its work `now`."""

    name: str
    pattern: re.Pattern[str]
    now: str


@dataclass(frozen=True, slots=True)
class Banned:
    """A phrase never to be said to `audiences` (empty: to nobody)."""

    pattern: re.Pattern[str]
    audiences: tuple[str, ...]
    say: str


@dataclass(frozen=True, slots=True)
class Words:
    """Everything of `words.yml`, patterns compiled."""

    former: re.Pattern[str]
    offices: tuple[Office, ...]
    province: str
    quoted_after: re.Pattern[str]
    banned: tuple[Banned, ...]
    prison: tuple[re.Pattern[str], ...]
    amount: re.Pattern[str]
    unchecked_facts: frozenset[str]
    unchecked_documents: frozenset[str]
    internal_facts: frozenset[str]
    never_cited: frozenset[str]
    official_names: tuple[str, ...]
    place: str
    law_kinds: frozenset[str]

    def former_province(self, names: Sequence[str]) -> re.Pattern[str]:
        """Return a pattern of provinces that are no more, by their names."""
        inner = "|".join(map(re.escape, names)) or "(?!)"
        return _compile(self.province.replace("NAMES", inner))


@cache
def load_words(path: Path = WORDS_FILE) -> Words:
    """Read the lists.

    Raises:
        KeyError, re.error, yaml.YAMLError: the file is broken.
    """
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Words(
        former=any_of(raw["former_marks"]),
        offices=tuple(
            Office(item["name"], _compile(item["pattern"]), item["now"])
            for item in raw["offices"]
        ),
        province=raw["former_province"],
        quoted_after=any_of(raw["quoted_after"]),
        banned=tuple(
            Banned(
                _compile(item["pattern"]), tuple(item.get("audience", ())), item["say"]
            )
            for item in raw["banned"]
        ),
        prison=tuple(_compile(pattern) for pattern in raw["prison"]),
        amount=_compile(raw["amount"]),
        unchecked_facts=frozenset(raw["unchecked_facts"]),
        unchecked_documents=frozenset(raw["unchecked_documents"]),
        internal_facts=frozenset(raw["internal_facts"]),
        never_cited=frozenset(raw["never_cited"]),
        official_names=tuple(raw["official_names"]),
        place=raw["place"],
        law_kinds=frozenset(raw["law_kinds"]),
    )


def any_of(phrases: list[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of some phrases as whole words."""
    inner = "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in phrases)
    return _compile(rf"(?<!\w)(?:{inner})(?!\w)")


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
