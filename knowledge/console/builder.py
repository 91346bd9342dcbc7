"""Builds snapshots for the worker, in a process of its own: this one may load torch.

Reads one JSON object a line, `{"root", "out"}` to build or `{"name", "out"}` to go
back, and answers each with one: `{"name", "action", "articles"}` or `{"fault"}`. The
folder of the snapshots is its argument.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from knowledge.indexing import shipped_indexing
from knowledge.publish import build_snapshot, rollback
from knowledge.snapshot import SnapshotError, current_name, load_snapshot


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """Do one order."""
    out = Path(order["out"])
    try:
        if "root" in order:
            done = build_snapshot(Path(order["root"]), out)
        else:
            done = rollback(out, order["name"])
    except SnapshotError as error:
        return {"fault": str(error)}
    except Exception as error:  # of any library below, such as another encoder
        return {"fault": str(error) or type(error).__name__}
    return {"name": done.name, "action": done.action, "articles": done.articles}


def warm(out: Path) -> None:
    """Load what a build needs; whatever is wrong is told by the build itself."""
    tools = shipped_indexing()
    with contextlib.suppress(Exception):
        tools.find(load_snapshot(out / current_name(out)).index, "111", 1)


def main() -> None:
    """Answer orders until the pipe is closed."""
    warm(Path(sys.argv[1]))
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
