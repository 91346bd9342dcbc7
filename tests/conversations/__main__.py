"""Replay conversations against the running product: `make conversations`.

Starts gateway, dialogue and actions on free ports with the tests' own data folder, or
takes the address of a running gateway. `--times` tells how long people wait, `--fuzz`
what strange messages do.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.conversations.fuzz import fuzz
from tests.conversations.replay import (
    Conversation,
    ConversationError,
    Turn,
    load,
    replay,
)
from tests.conversations.times import tell_times
from tests.servers import ROOT, Chat, start_stack, stop_stack

SHOWN = 240


def main() -> int:
    arguments = _arguments()
    try:
        conversations = load([Path(name) for name in arguments.files])
    except (ConversationError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    wanted = [talk for talk in conversations if arguments.only in talk.id]
    with running(arguments.url) as address:
        if arguments.times:
            tell_times(address, wanted)
            return 0
        if arguments.fuzz:
            return _fuzz(address, arguments.fuzz, arguments.seed)
        return _replay(address, wanted, arguments.verbose)


def _replay(address: str, wanted: list[Conversation], verbose: bool) -> int:
    failed, turns, began = 0, 0, time.monotonic()
    for talk in wanted:
        answered = list(replay(talk, Chat(address)))
        turns += len(answered)
        failed += _tell(talk.id, answered, verbose)
    seconds = time.monotonic() - began
    good = len(wanted) - failed
    print(f"{good}/{len(wanted)} conversations, {turns} turns, {seconds:.0f} s")
    return 1 if failed else 0


def _fuzz(address: str, count: int, seed: int) -> int:
    began = time.monotonic()
    faults = fuzz(address, count, seed)
    for fault in faults:
        print(fault)
    seconds = time.monotonic() - began
    print(f"{count} messages, {len(faults)} faults, {seconds:.0f} s")
    return 1 if faults else 0


@contextlib.contextmanager
def running(url: str) -> Iterator[str]:
    """Yield the address of a running gateway, started here if none is given."""
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        # Limits are for the world: here one machine plays hundreds of people.
        stack = start_stack(
            ROOT / "var/test",
            Path(folder) / "output.txt",
            TURNS_PER_FIVE_MINUTES="1000000",
        )
        try:
            stack.wait_until_ready()
            yield stack.address
        finally:
            stop_stack(stack)


def _tell(name: str, turns: list[Turn], verbose: bool) -> bool:
    """Print what differs; True if anything does."""
    is_failed = any(turn.faults for turn in turns)
    if is_failed or verbose:
        print(f"{'FAILED' if is_failed else 'ok'}  {name}")
    for number, turn in enumerate(turns, 1):
        if turn.faults or verbose:
            print(f"  {number}. {turn.step.does} {turn.step.value!r}")
            for reply in turn.replies:
                print(f"     <- {reply['kind']}: {_shown(reply['text'])}")
        for fault in turn.faults:
            print(f"     !! {fault}")
    return is_failed


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else flat[:SHOWN] + "…"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conversations")
    parser.add_argument("files", nargs="*", help="YAML files; all by default")
    parser.add_argument("--url", default="", help="a gateway that runs already")
    parser.add_argument("--only", default="", help="a part of file or name")
    parser.add_argument("--times", action="store_true", help="only measure the waits")
    parser.add_argument("--fuzz", type=int, default=0, help="so many strange messages")
    parser.add_argument("--seed", type=int, default=7, help="of the strange messages")
    parser.add_argument("--verbose", action="store_true", help="print every reply")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
