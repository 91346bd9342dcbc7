"""What the gateway hands over, taken in by the worker: see bot/gateway/handover.py.

A file holds all of its source each time, so that taking it twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import OperationalError

from knowledge.console import questions, statistics

Reader = Callable[[list[dict[str, Any]]], None]
READERS: dict[str, Reader] = {"counts": statistics.take, "questions": questions.take}


class Handover:
    """The folder, and which state of each file was taken in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: dict[str, int] = {}

    def take(self) -> None:
        """Take in what is new; a file that is wrong is left for the next time."""
        for name, read in READERS.items():
            path = self._folder / f"{name}.json"
            try:
                made = path.stat().st_mtime_ns
                if self._taken.get(name) != made:
                    read(json.loads(path.read_text(encoding="utf-8")))
                    self._taken[name] = made
            except FileNotFoundError:
                continue
            except OperationalError:
                raise  # the database is away; the worker waits for it
            except Exception as error:  # publishing must go on, whatever is in there
                print(f"handover: {name}: {type(error).__name__}", flush=True)
        questions.expire()
