"""The directory that the gateway shows: the published one, else the seed."""

from __future__ import annotations

import time
from pathlib import Path

import structlog

from knowledge.directory import Directory, DirectoryError

log = structlog.get_logger()
POLL_SECONDS = 2.0


class Lines:
    """Follows the published snapshot; a bad file never replaces a good one."""

    def __init__(self, snapshots: Path) -> None:
        self._snapshots = snapshots
        self._name = ""
        self._directory = Directory.load()
        self._polled = 0.0

    def current(self) -> Directory:
        """Return the newest good directory; looks at most every two seconds."""
        if time.monotonic() - self._polled >= POLL_SECONDS:
            self._polled = time.monotonic()
            self._follow()
        return self._directory

    def _follow(self) -> None:
        try:
            name = (self._snapshots / "CURRENT").read_text("utf8").strip()
            if name == self._name:
                return
            fresh = Directory.load(self._snapshots / name / "directory.csv")
        except FileNotFoundError:
            return
        except (DirectoryError, OSError, UnicodeDecodeError) as error:
            log.error("directory.refused", error=type(error).__name__)
            return
        if fresh.line("vn-111") is None:
            log.error("directory.refused", reason="no 111")
            return
        self._name, self._directory = name, fresh
