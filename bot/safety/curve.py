"""The trade-off of the two thresholds on a labelled file, as a table and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.safety.assess import decide, load_thresholds
from bot.safety.classifier import Scores, load_classifier
from bot.safety.normalise import normalise
from bot.safety.rules import Scene
from bot.safety.scenes import Finding, find_dangers, read_scenes
from bot.safety.train import NONE, Row, read_rows

STEPS = tuple(round(0.05 * n, 2) for n in range(1, 20))
Flags = npt.NDArray[np.bool_]


def curve(path: Path, plot: Path | None = None) -> str:
    """Return recall and false cards for each threshold of the soft and full card."""
    rows = read_rows(path)
    read = [_read(row) for row in rows]
    danger = np.array([row.danger_class != NONE for row in rows])
    table = [(at, *_measure(read, danger, at)) for at in STEPS]
    lines = ["threshold  any card: recall  on none   full card: recall  on none"]
    lines += [
        f"{at:9.2f}{soft:18.3f}{wrong:9.3f}{full:20.3f}{alarm:9.3f}"
        for at, soft, wrong, full, alarm in table
    ]
    if plot:
        _draw(table, plot)
        lines.append(f"plot: {plot}")
    return "\n".join(lines)


Read = tuple[list[Finding], Scores | None, list[Scene]]


def _read(row: Row) -> Read:
    message = normalise(row.text)
    scenes = read_scenes(message)
    model = load_classifier()
    scores = model.score(message, scenes) if model and scenes else None
    findings = [f for g in find_dangers(message, scenes) for f in g]
    return [f for f in findings if not (scores and f.away)], scores, scenes


def _measure(
    read: list[Read], danger: Flags, at: float
) -> tuple[float, float, float, float]:
    """Any card with the soft threshold at `at`; full cards with the full one there."""
    limits = load_thresholds()
    low = limits._replace(soft_at=at, full_at=max(at, limits.full_at))
    high = limits._replace(full_at=at, soft_at=min(at, limits.soft_at))
    some = np.array([_card(one, low) != NONE for one in read])
    full = np.array([_card(one, high) == "full" for one in read])
    return (
        float(some[danger].mean()),
        float(some[~danger].mean()),
        float(full[danger].mean()),
        float(full[~danger].mean()),
    )


def _card(one: Read, limits: Any) -> str:
    verdict = decide(*one, limits)
    if verdict.danger_class is None:
        return NONE
    return "soft" if verdict.soft else "full"


def _draw(table: Sequence[tuple[float, ...]], target: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    names = ("any card: recall", "any card on none", "full: recall", "full on none")
    for place, name in enumerate(names, start=1):
        axes.plot([r[0] for r in table], [r[place] for r in table], label=name)
    limits = load_thresholds()
    for at in (limits.soft_at, limits.full_at):
        axes.axvline(at, linestyle=":", color="grey")
    axes.set_xlabel("probability of danger at which the card is shown")
    axes.legend()
    figure.tight_layout()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=120)
