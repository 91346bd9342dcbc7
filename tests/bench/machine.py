"""What processes cost: memory, processor time, and seconds until they answer."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

POLL = 0.1
MIB = 1024
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB of one process; `shared` pages count in part in `pss`, whole in `rss`."""

    pss: float
    rss: float


def memory(pid: int) -> Memory:
    """Return what a process holds now."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value, *_unit = line.split()
        sizes[name] = int(value) / MIB
    return Memory(sizes["Pss:"], sizes["Rss:"])


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far, of all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def children(pid: int, names: dict[str, str]) -> dict[str, int]:
    """Return the children whose command line has the words, by name.

    Args:
        names: name of a process -> words of its command line.
    """
    found = {}
    line = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    for child in map(int, line.split()):
        raw = Path(f"/proc/{child}/cmdline").read_bytes()
        command = raw.replace(b"\0", b" ").decode()
        name = next((n for n, words in names.items() if words in command), "")
        if name:
            found[name] = child
    return found


def is_open(port: int) -> bool:
    """Tell whether somebody listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(states: Callable[[], dict[str, bool]], seconds: float) -> dict[str, float]:
    """Return after how many seconds each part answered.

    Raises:
        TimeoutError: one did not.
    """
    began, answered = time.monotonic(), dict[str, float]()
    while time.monotonic() - began < seconds:
        now = states()
        passed = time.monotonic() - began
        answered |= {n: passed for n, ok in now.items() if ok and n not in answered}
        if now and all(name in answered for name in now):
            return answered
        time.sleep(POLL)
    raise TimeoutError(f"after {seconds:.0f} s only {sorted(answered)} answered")
