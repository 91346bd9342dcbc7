"""A builder or a worker that is killed at a step: `python -m tests.console.dying …`.

    build STEP WHEN ROOT OUT    as `python -m knowledge build`
    work STEP WHEN              one step of the console's worker, by DATA_DIR

STEP is `module:name`; WHEN is before, after, or a number: the call that is not reached.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any


def main(arguments: list[str]) -> None:
    """Do the work until the step kills this process, as `kill -9` does."""
    work, step, when, *rest = arguments
    if work == "build":
        from knowledge.publish import build_snapshot

        arm(step, when)
        build_snapshot(Path(rest[0]), Path(rest[1]))
        return
    import django

    django.setup()
    from django.conf import settings

    from knowledge.console.worker import Worker

    worker = Worker(settings.SNAPSHOTS, settings.CONSOLE_DIR / "knowledge")
    arm(step, when)
    try:
        worker.step()
    finally:
        worker.builder.stop()


def arm(step: str, when: str) -> None:
    """Make a function deadly."""
    module_name, name = step.split(":")
    owner: Any = importlib.import_module(module_name)
    *parents, name = name.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    real, calls = getattr(owner, name), 0

    def deadly(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if when == "before" or when == str(calls):
            os.kill(os.getpid(), signal.SIGKILL)
        done = real(*args, **kwargs)
        if when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(owner, name, deadly)


if __name__ == "__main__":
    main(sys.argv[1:])
