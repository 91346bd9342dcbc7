"""Stacked bars as shapes for an inline SVG; the page draws them without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 220
LEFT, BOTTOM, TOP = 44, 26, 10
GAP = 0.25  # of a column
LABELS = 13  # at most so many below the columns


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle; `series` is its number, `title` what a pointer shows."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A word beside an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that the template draws."""

    title: str
    bars: tuple[Bar, ...]
    below: tuple[Tick, ...]
    beside: tuple[Tick, ...]
    series: tuple[str, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def stacked(
    title: str,
    columns: Sequence[str],
    series: Sequence[str],
    values: Sequence[Sequence[int]],
) -> Chart:
    """Return bars, one column each, its series one above the other.

    Args:
        columns: names of the columns, left to right.
        series: names of the parts, from the bottom up.
        values: shape (columns, series), none below zero.
    """
    top = _round_up(max((sum(parts) for parts in values), default=0))
    step = (WIDTH - LEFT) / max(len(columns), 1)
    scale = (HEIGHT - TOP - BOTTOM) / top
    bars: list[Bar] = []
    for column, parts in enumerate(values):
        y = float(HEIGHT - BOTTOM)
        for number, value in enumerate(parts):
            y -= value * scale
            if value:
                name = f"{columns[column]}, {series[number]}: {value}"
                x = round(LEFT + step * (column + GAP / 2), 1)
                wide, high = round(step * (1 - GAP), 1), round(value * scale, 1)
                bars.append(Bar(x, round(y, 1), wide, high, number, name))
    every = -(-len(columns) // LABELS) or 1
    below = tuple(
        Tick(round(LEFT + step * (n + 0.5), 1), HEIGHT - 8, name)
        for n, name in enumerate(columns)
        if n % every == 0
    )
    levels = (0, top // 2, top)
    beside = tuple(
        Tick(LEFT - 6, round(HEIGHT - BOTTOM - level * scale, 1), str(level))
        for level in levels
    )
    return Chart(title, tuple(bars), below, beside, tuple(series))


def _round_up(value: int) -> int:
    """Return an even number of one or two digits and zeros, not below the value."""
    size = 10 ** max(len(str(value)) - 2, 0)
    rounded = -(-max(value, 2) // size) * size
    return rounded + rounded % 2
