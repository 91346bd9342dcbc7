"""Vietnamese for what staff see: our .po files, compiled beside the database."""

from __future__ import annotations

import os
from pathlib import Path

import polib


def compiled(source: Path, target: Path) -> Path:
    """Compile every .po below `source` to a .mo below `target`; return `target`."""
    for path in source.rglob("*.po"):
        made = (target / path.relative_to(source)).with_suffix(".mo")
        if made.exists() and made.stat().st_mtime >= path.stat().st_mtime:
            continue
        made.parent.mkdir(parents=True, exist_ok=True)
        fresh = made.with_name(f".{made.name}-{os.getpid()}")
        polib.pofile(str(path)).save_as_mofile(str(fresh))
        fresh.replace(made)
    return target
