"""Measure the assessment on a file of labelled utterances.

"Card" means that a full or a soft card (or the card of a test) is shown; "urgent" that
113 or 115 is marked as due, measured on rows of level P0.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.reply import PhoneNumber
from bot.safety.assess import assess
from bot.safety.cards import fallback_numbers, render_card
from bot.safety.place import find_place
from bot.safety.train import NONE, Row, read_rows
from bot.safety.triage import DangerClass, Level, Triage

EMERGENCY = {"113", "115"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row and what was said of it."""

    row: Row
    triage: Triage

    @property
    def is_danger(self) -> bool:
        """True if the author of the row wants a card."""
        return self.row.danger_class != NONE

    @property
    def has_card(self) -> bool:
        """True if any card is shown."""
        return self.triage.card != "none"


def measure(rows: list[Row], *, use_classifier: bool) -> list[Outcome]:
    """Assess every row."""
    return [Outcome(r, assess(r.text, use_classifier=use_classifier)) for r in rows]


def report(path: Path, *, list_misses: bool = True, plots: Path | None = None) -> str:
    """Return the whole report of a file as text; with `plots`, draw the confusion."""
    rows = read_rows(path)
    both = measure(rows, use_classifier=True)
    rules = measure(rows, use_classifier=False)
    parts = [
        f"{path.name}: {len(rows)} rows",
        _summary("rules and classifier", both),
        _summary("rules only", rules),
        _table("class", both, rules, lambda o: o.row.danger_class),
        _table("speaker", both, rules, lambda o: o.row.speaker),
        _table("form", both, rules, lambda o: o.row.form),
        _confusion(both),
    ]
    if list_misses:
        parts += [_misses(both), _false_cards(both)]
    if plots:
        target = plots / f"{path.stem}-classes.png"
        draw_confusion(both, target)
        parts.append(f"plot: {target}")
    return "\n\n".join(parts)


def share(part: int, whole: int) -> str:
    """Return "0.987 (76/77)", or "-" if there is nothing to count."""
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "-"


def _summary(title: str, outcomes: list[Outcome]) -> str:
    danger = [o for o in outcomes if o.is_danger]
    harmless = [o for o in outcomes if not o.is_danger]
    now = [o for o in danger if o.row.level == Level.P0.value]
    later = [o for o in danger if o.row.level in ("P1", "P2")]
    high = [o for o in danger if o.row.level in ("P0", "P1")]
    cards = Counter(o.triage.card for o in harmless)
    lines = [
        f"{title}",
        f"  card recall          {_recall(danger)}",
        f"  card recall P0+P1    {_recall(high)}",
        f"  card recall P0       {_recall(now)}",
        f"  full card on P0      {share(_full(now), len(now))}",
        f"  urgent on P0         {share(_urgent(now), len(now))}",
        f"  113 or 115 on P0     {share(_emergency(now), len(now))}",
        f"  urgent on P1, P2     {share(_urgent(later), len(later))}",
        f"  full card on none    {share(cards['full'], len(harmless))}",
        f"  soft card on none    {share(cards['soft'], len(harmless))}",
    ]
    return "\n".join(lines)


def _recall(outcomes: list[Outcome]) -> str:
    return share(sum(o.has_card for o in outcomes), len(outcomes))


def _full(outcomes: list[Outcome]) -> int:
    return sum(o.triage.card == "full" for o in outcomes)


def _urgent(outcomes: list[Outcome]) -> int:
    return sum(o.triage.urgent for o in outcomes)


def _emergency(outcomes: list[Outcome]) -> int:
    """How many see 113 or 115 on their card, whatever its kind."""
    shown = [o.triage for o in outcomes if o.has_card]
    numbers = [{n.number for n in render_card(t, Seed()).numbers} for t in shown]
    return sum(bool(found & EMERGENCY) for found in numbers)


class Seed:
    """The three numbers that never change, as a directory."""

    def phone(self, name: str) -> PhoneNumber | None:
        """Return 111, 113 or 115."""
        return fallback_numbers().get(name)

    def local(self, province: str) -> tuple[()]:
        """No local line is needed here."""
        return ()


def _table(
    title: str,
    both: list[Outcome],
    rules: list[Outcome],
    key: Callable[[Outcome], str],
) -> str:
    """One line a group: recall, also of the rules alone, 113 or 115, false cards."""
    lines = [
        f"{title:<22}{'recall':>16}{'rules only':>16}{'113/115 on P0':>16}"
        f"{'full':>6}{'soft':>6}   on none: full soft of"
    ]
    for name in sorted({key(o) for o in both}):
        mine = [o for o in both if key(o) == name]
        danger = [o for o in mine if o.is_danger]
        harmless = [o for o in mine if not o.is_danger]
        alone = [o for o in rules if key(o) == name and o.is_danger]
        now = [o for o in danger if o.row.level == Level.P0.value]
        cards = Counter(o.triage.card for o in danger)
        wrong = Counter(o.triage.card for o in harmless)
        lines.append(
            f"{name:<22}{_recall(danger):>16}{_recall(alone):>16}"
            f"{share(_emergency(now), len(now)):>16}"
            f"{cards['full']:>6}{cards['soft']:>6}"
            f"   {wrong['full']:>13} {wrong['soft']:>4} {len(harmless):>3}"
        )
    return "\n".join(lines)


def draw_confusion(outcomes: list[Outcome], target: Path) -> None:
    """Draw the author's class (rows) against the class found, as shares of a row."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = [c.value for c in DangerClass] + [NONE]
    table = np.zeros((len(names), len(names)))
    for o in outcomes:
        said = o.triage.danger_class.value if o.triage.danger_class else NONE
        table[names.index(o.row.danger_class), names.index(said)] += 1
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure, axes = pyplot.subplots(figsize=(9, 8))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    for row, column in np.argwhere(table).tolist():
        dark = "white" if shares[row, column] > 0.5 else "black"
        number = f"{int(table[row, column])}"
        axes.text(column, row, number, ha="center", va="center", color=dark, size=7)
    axes.set_xlabel("class found")
    axes.set_ylabel("class of the author")
    figure.tight_layout()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=120)
    pyplot.close(figure)


def _confusion(outcomes: Iterable[Outcome]) -> str:
    """Rows: what the author says; behind each, what was found, most often first."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for o in outcomes:
        said = o.triage.danger_class.value if o.triage.danger_class else NONE
        found[o.row.danger_class][said] += 1
    lines = ["author's class -> class found"]
    for name in sorted(found):
        cells = ", ".join(f"{said} {n}" for said, n in found[name].most_common())
        lines.append(f"  {name}: {cells}")
    return "\n".join(lines)


def _misses(outcomes: list[Outcome]) -> str:
    missed = [o for o in outcomes if o.is_danger and not o.has_card]
    lines = [f"  {o.row.id} {o.row.danger_class} {o.row.form}" for o in missed]
    return "\n".join([f"missed ({len(missed)})", *lines])


def _false_cards(outcomes: list[Outcome]) -> str:
    wrong = [o for o in outcomes if not o.is_danger and o.has_card]
    lines = [
        f"  {o.row.id} {o.triage.card} {o.row.form} {' '.join(o.triage.matched[:3])}"
        for o in wrong
    ]
    return "\n".join([f"cards on none ({len(wrong)})", *lines])


def report_places(path: Path) -> str:
    """Return how often the place is right, and each miss by id.

    The file has columns id, text, province (current name, or empty) and ambiguous
    ("yes": several fit, so that any one answer is wrong).
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    missed = [
        f"  {row['id']} {row['province'] or '-'} -> {found or '-'}"
        for row in rows
        if (found := find_place(row["text"]).province or "") != row["province"]
    ]
    right = share(len(rows) - len(missed), len(rows))
    return "\n".join([f"{path.name}: place right {right}", *missed])
