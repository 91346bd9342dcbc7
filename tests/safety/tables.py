"""Read the tables that the safety tests are driven by."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass(frozen=True, slots=True)
class Case:
    """What one message must lead to; `card` is full, soft, any or none.

    An empty `danger_class` or `level` is not checked.
    """

    id: str
    text: str
    card: str
    danger_class: str
    level: str
    note: str


def load_cases(name: str = "cases.csv") -> list[Case]:
    """Return the rows of a table of cases."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return [
            Case(r["id"], r["text"], r["card"], r["class"], r["level"], r["note"])
            for r in csv.DictReader(file)
        ]


def case_name(case: Case) -> str:
    """Return the id that pytest prints; the words are in the table."""
    return case.id
