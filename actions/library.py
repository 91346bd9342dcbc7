"""The published knowledge as the actions see it."""

from __future__ import annotations

import os
import threading
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from knowledge.snapshot import Snapshot, SnapshotReader

ROOT = Path(__file__).resolve().parents[1]
DATA_DIR = Path(os.environ.get("DATA_DIR", ROOT / "var"))


class LibraryError(Exception):
    """No snapshot is loaded (yet); the message says why."""


class Library:
    """The current snapshot, loaded in the background."""

    def __init__(self, folder: Path) -> None:
        self._reader = SnapshotReader(folder)
        self._loading = threading.Thread(target=self._load, daemon=True)

    def start(self) -> None:
        """Begin to load; importing the encoder's library takes seconds."""
        self._loading.start()

    def current(self) -> Snapshot:
        """Return the newest good snapshot.

        Raises:
            LibraryError: none is loaded.
        """
        if self._loading.is_alive():
            raise LibraryError("loading")
        try:
            return self._reader.current()
        except Exception as error:  # whatever is wrong, the caller must answer
            raise LibraryError(f"{type(error).__name__}: {error}") from error

    def _load(self) -> None:
        try:
            self._reader.current().search(" ")
        except Exception:  # told by `current` at the first question
            return


@cache
def library() -> Library:
    """Return the process's one library."""
    return Library(DATA_DIR / "snapshots")


@cache
def texts() -> dict[str, Any]:
    """Return every sentence of the actions by its key."""
    path = Path(__file__).with_name("texts.yml")
    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf8"))
    return loaded
