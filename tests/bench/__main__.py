"""Speed of the product beside a bare Rasa bot: `make bench`.

Starts both on free ports of the loopback, loads them in turn, and writes
reports/bench.md and reports/bench.png. The limits of the gateway are those of
production: users are many conversations, as in life.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bot.gateway.settings import Settings
from tests.bench import starter
from tests.bench.bots import Bare, Product, messages
from tests.bench.load import MIX, Bot, Messages, closed_loop, open_loop
from tests.bench.machine import (
    children,
    cpu_seconds,
    is_open,
    memory,
    wait_for,
)
from tests.bench.report import BARE, KINDS, PRODUCT, Result, Round, markdown, plot
from tests.servers import ROOT, free_port, start_stack, stop_stack

FOLDER = ROOT / "var/bench"
REPORTS = ROOT / "reports"
# Words in the command line of each process of the product.
PARTS = {
    "gateway": "-m bot.gateway",
    "dialogue": "rasa run",
    "actions": "-m actions",
    "console": "gunicorn",
    "publisher": "console_worker",
    "announce": "bot.run announce",
}
OPEN_USERS = 50
WARM_UP_SECONDS = 3.0
START_SECONDS = 600
SETTLE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Contender:
    """A bot, what is said to it, and its processes by name."""

    bot: Bot
    said: Messages
    pids: dict[str, int]


def main() -> int:
    asked = _arguments()
    if asked.quick:
        asked.users, asked.seconds, asked.open_seconds = [1, 10], 3.0, 10.0
    said = messages()
    result = Result(_machine())
    bare_folder = FOLDER / "bare"
    model = starter.prepare(bare_folder)
    with _product(result) as (address, pids):
        if asked.open_seconds:
            _open(result, Product(address), said[0], asked)
        with contextlib.ExitStack() as stack:
            bots = {PRODUCT: Contender(Product(address), said[0], pids)}
            if not asked.alone:
                bare = stack.enter_context(starter.running(bare_folder, model))
                result.started[BARE] = bare.started
                bots[BARE] = Contender(Bare(bare.address), said[1], bare.pids)
            _side_by_side(result, bots, asked)
    _write(result)
    return 0


@contextlib.contextmanager
def _product(result: Result) -> Iterator[tuple[str, dict[str, int]]]:
    """Start the product as `make run` does; yields its address and processes."""
    # Model and snapshot are kept; what people said is not.
    for path in FOLDER.glob("gateway.db*"):
        path.unlink()
    limit = Settings.model_fields["turns_per_five_minutes"].default
    console = free_port()
    (FOLDER / "log").mkdir(parents=True, exist_ok=True)
    stack = start_stack(
        FOLDER,
        FOLDER / "log/output.txt",
        TURNS_PER_FIVE_MINUTES=str(limit),
        CONSOLE_PORT=str(console),
    )

    def states() -> dict[str, bool]:
        found = {name: state == "ok" for name, state in stack.parts().items()}
        return {**found, "console": is_open(console)}

    try:
        # The console starts last; what it does then would disturb the rounds.
        result.started[PRODUCT] = wait_for(states, START_SECONDS)
        time.sleep(SETTLE_SECONDS)
        yield stack.address, children(stack.process.pid, PARTS)
    finally:
        stop_stack(stack)


def _open(result: Result, bot: Bot, said: Messages, asked: argparse.Namespace) -> None:
    asyncio.run(closed_loop(bot, said, MIX, 4, WARM_UP_SECONDS))
    print(f"open loop, {asked.rate:.0f} messages a second", flush=True)
    result.open_loop = asyncio.run(
        open_loop(bot, said, OPEN_USERS, asked.rate, asked.open_seconds)
    )
    result.open_note = (
        f"{asked.rate:.0f} messages a second at random moments, {OPEN_USERS} users, "
        f"{asked.open_seconds:.0f} s"
    )


def _side_by_side(
    result: Result, bots: dict[str, Contender], asked: argparse.Namespace
) -> None:
    for one in bots.values():
        asyncio.run(closed_loop(one.bot, one.said, MIX, 4, WARM_UP_SECONDS))
    for users in asked.users:
        for kind in KINDS:
            for name, one in bots.items():
                _round(result, name, one, kind, users, asked.seconds)
    for name, one in bots.items():
        result.memory[name] = {n: memory(pid) for n, pid in one.pids.items()}


def _round(
    result: Result, name: str, one: Contender, kind: str, users: int, seconds: float
) -> None:
    kinds = MIX if kind == "mix" else (kind,)
    before = {n: cpu_seconds(pid) for n, pid in one.pids.items()}
    began = time.monotonic()
    samples = asyncio.run(closed_loop(one.bot, one.said, kinds, users, seconds))
    passed = time.monotonic() - began
    result.rounds.append(Round(name, users, kind, passed, samples))
    print(f"{name}: {users} users, {kind}, {len(samples)} messages", flush=True)
    if kind == "mix":
        result.cpu[name] = {
            n: (cpu_seconds(pid) - before[n]) * 1000 / len(samples)
            for n, pid in one.pids.items()
        }


def _write(result: Result) -> None:
    REPORTS.mkdir(exist_ok=True)
    told = markdown(result)
    (REPORTS / "bench.md").write_text(told, "utf8")
    plot(result, REPORTS / "bench.png")
    print(told)


def _machine() -> str:
    day = time.strftime("%Y-%m-%d")
    load = os.getloadavg()[0]
    cores = os.cpu_count()
    return (
        f"{day}, {cores} cores, {platform.machine()}, Linux {platform.release()}; "
        f"load before the start {load:.1f}."
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each round")
    parser.add_argument("--users", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--open-seconds", type=float, default=300.0, help="0: not")
    parser.add_argument("--rate", type=float, default=30.0, help="messages a second")
    parser.add_argument("--quick", action="store_true", help="a minute, no figures")
    parser.add_argument("--alone", action="store_true", help="without the bare bot")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
