"""The directory that the gateway shows: the published one, else the seed."""

from __future__ import annotations

from pathlib import Path

import structlog

from knowledge.directory import Directory
from knowledge.snapshot import SnapshotError, SnapshotReader

log = structlog.get_logger()
CHILD_LINE = "vn-111"


class Lines:
    """Follows the published snapshot; a bad one never replaces a good one."""

    def __init__(self, snapshots: Path) -> None:
        self._reader = SnapshotReader(snapshots, with_index=False)
        self._seed = Directory.load()
        self._refused = ""

    def current(self) -> Directory:
        """Return the newest good directory that holds 111."""
        try:
            directory = self._reader.current().directory
        except SnapshotError:
            return self._seed
        self._tell(self._reader.error)
        return directory if directory.line(CHILD_LINE) else self._seed

    def _tell(self, error: str) -> None:
        if error and error != self._refused:
            log.error("snapshot.refused", reason=error)
        self._refused = error
