"""Samples as a table and a plot; what both bots did is compared as ratios."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from tests.bench.load import Sample, quantiles
from tests.bench.machine import Memory

PRODUCT, BARE = "product", "bare Rasa"
KINDS = ("card", "answer", "smalltalk", "mix")
FEWEST = 2
# Of docs/measures.md: milliseconds at the 95th percentile, open loop.
BARS = {"card": 100.0, "answer": 400.0}


@dataclass(frozen=True, slots=True)
class Round:
    """One bot under one load."""

    bot: str
    users: int
    kind: str
    seconds: float
    samples: Sequence[Sample]

    @property
    def throughput(self) -> float:
        """Messages a second that were answered without a fault."""
        return sum(not sample.fault for sample in self.samples) / self.seconds

    def quantiles(self) -> tuple[float, float, float]:
        """Return p50, p95 and p99 of whole turns, in milliseconds."""
        return quantiles([sample.whole for sample in self.samples])


@dataclass(slots=True)
class Result:
    """All that one run measured.

    Attributes:
        cpu: bot -> process -> milliseconds of processor time a message of the mix.
    """

    machine: str
    rounds: list[Round] = field(default_factory=list)
    memory: dict[str, dict[str, Memory]] = field(default_factory=dict)
    started: dict[str, dict[str, float]] = field(default_factory=dict)
    cpu: dict[str, dict[str, float]] = field(default_factory=dict)
    open_loop: Sequence[Sample] = ()
    open_note: str = ""


def markdown(result: Result) -> str:
    """Return the whole report."""
    parts = [
        f"# Speed beside a bare Rasa bot\n\n{result.machine}",
        _open_loop(result),
        _closed_loop(result),
        _processes(result),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _open_loop(result: Result) -> str:
    if not result.open_loop:
        return ""
    lines = [
        f"## The bar: {result.open_note}\n",
        "| kind | messages | first reply p50 / p95 / p99 ms | whole turn | bar, p95 |",
        "|---|---|---|---|---|",
    ]
    for kind in KINDS:
        samples = [s for s in result.open_loop if kind in ("mix", s.kind)]
        if len(samples) < FEWEST:
            continue
        first = quantiles([s.first for s in samples])
        bar = BARS.get(kind)
        told = f"{bar:.0f}: {'met' if first[1] <= bar else 'MISSED'}" if bar else ""
        lines.append(
            f"| {kind} | {len(samples)} | {_ms(first)} "
            f"| {_ms(quantiles([s.whole for s in samples]))} | {told} |"
        )
    return "\n".join([*lines, "", _faults(result.open_loop)])


def _closed_loop(result: Result) -> str:
    lines = [
        "## Side by side: each user writes again when answered\n",
        "Milliseconds are p50 / p95 / p99; the bare bot sends all replies at once.\n",
        "| users | kind | product, first reply | whole turn | bare Rasa "
        "| p95 ratio, first | whole | product msg/s | bare Rasa | ratio | faults |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for product, bare in pairs(result.rounds):
        ours, theirs = product.quantiles(), bare.quantiles()
        first = quantiles([sample.first for sample in product.samples])
        faults = sum(bool(s.fault) for s in (*product.samples, *bare.samples))
        lines.append(
            f"| {product.users} | {product.kind} | {_ms(first)} | {_ms(ours)} "
            f"| {_ms(theirs)} | {first[1] / theirs[1]:.2f} "
            f"| {ours[1] / theirs[1]:.2f} | {product.throughput:.1f} "
            f"| {bare.throughput:.1f} | {_ratio(product, bare)} | {faults} |"
        )
    said = [s for r in result.rounds if r.bot == PRODUCT for s in r.samples]
    return "\n".join([*lines, "", _faults(said)])


def _processes(result: Result) -> str:
    lines = [
        "## Processes\n",
        "| bot | process | start-up, s | PSS, MiB | RSS, MiB | CPU, ms a message |",
        "|---|---|---|---|---|---|",
    ]
    for bot, held in result.memory.items():
        started, cpu = result.started.get(bot, {}), result.cpu.get(bot, {})
        for name, size in held.items():
            start = f"{started[name]:.1f}" if name in started else ""
            spent = f"{cpu[name]:.1f}" if name in cpu else ""
            lines.append(
                f"| {bot} | {name} | {start} | {size.pss:.0f} | {size.rss:.0f} "
                f"| {spent} |"
            )
        total = sum(size.pss for size in held.values())
        lines.append(f"| {bot} | all | | {total:.0f} | | {sum(cpu.values()):.1f} |")
    return "\n".join(lines)


def pairs(rounds: Sequence[Round]) -> list[tuple[Round, Round]]:
    """Return the rounds of both bots under the same load."""
    bare = {(r.users, r.kind): r for r in rounds if r.bot == BARE}
    return [
        (r, bare[r.users, r.kind])
        for r in rounds
        if r.bot == PRODUCT
        and (r.users, r.kind) in bare
        and min(len(r.samples), len(bare[r.users, r.kind].samples)) >= FEWEST
    ]


def plot(result: Result, path: Path) -> None:
    """Draw p95 and throughput of the mix against the number of users."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    mixed = [pair for pair in pairs(result.rounds) if pair[0].kind == "mix"]
    places = range(len(mixed))
    for offset, (number, name) in zip(
        (-0.2, 0.2), ((0, PRODUCT), (1, BARE)), strict=True
    ):
        chosen = [pair[number] for pair in mixed]
        at = [place + offset for place in places]
        left.bar(at, [r.quantiles()[1] for r in chosen], 0.38, label=name)
        right.bar(at, [r.throughput for r in chosen], 0.38, label=name)
    left.set_ylabel("p95 of a turn, ms")
    right.set_ylabel("messages a second")
    for axes in (left, right):
        axes.set_xticks(list(places), [f"{pair[0].users}" for pair in mixed])
        axes.set_xlabel("users at a time")
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _faults(samples: Sequence[Sample]) -> str:
    counted = Counter(sample.fault for sample in samples if sample.fault)
    told = ", ".join(f"{fault}: {count}" for fault, count in counted.most_common(6))
    return f"Faults: {told or 'none'} (of {len(samples)} messages)."


def _ratio(product: Round, bare: Round) -> str:
    return f"{product.throughput / bare.throughput:.1f}" if bare.throughput else "-"


def _ms(values: tuple[float, float, float]) -> str:
    return " / ".join(f"{value:.0f}" for value in values)
