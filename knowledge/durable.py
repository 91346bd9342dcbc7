"""Changes to a folder that outlive a crash: all of a change is there, or none."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def place(fresh: Path, final: Path) -> None:
    """Make a finished folder durable under its final name; a namesake goes."""
    folders = [path for path in fresh.rglob("*") if path.is_dir()]
    files = [path for path in fresh.rglob("*") if path.is_file()]
    for path in [*files, *folders, fresh]:
        _sync(path)
    fresh.chmod(0o755)
    if final.exists():
        shutil.rmtree(final)
    fresh.rename(final)
    _sync(final.parent)


def replace_line(path: Path, line: str) -> None:
    """Replace a one-line ASCII file in one step."""
    handle, fresh = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
    Path(fresh).chmod(0o644)
    Path(fresh).replace(path)
    _sync(path.parent)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time change a folder, which is made if need be.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
