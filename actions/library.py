"""The published knowledge as the actions see it."""

from __future__ import annotations

import logging
import threading
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.retrieval.search import search
from knowledge.snapshot import Snapshot, SnapshotError, SnapshotReader

log = logging.getLogger(__name__)


class LibraryError(Exception):
    """No snapshot is loaded (yet); the message says why."""


class Library:
    """The current snapshot, loaded in the background."""

    def __init__(self, folder: Path | None = None) -> None:
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
        except SnapshotError as error:
            raise LibraryError(str(error)) from error

    def _load(self) -> None:
        try:
            search("111", self._reader.current().index)  # warms the encoder
        except Exception as error:  # told again by `current` at every question
            log.error("library not loaded: %s", error)


@cache
def library() -> Library:
    """Return the process's one library."""
    return Library()


@cache
def texts() -> dict[str, Any]:
    """Return every sentence of the actions by its key."""
    path = Path(__file__).with_name("texts.yml")
    loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf8"))
    return loaded
