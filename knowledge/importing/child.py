"""Reading a file in a child process, so that a bad one can hurt nothing."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from knowledge.importing.document import ImportedDocument, ImportRefusedError
from knowledge.importing.read import LARGEST, read_document

_REFUSED, _NO_MEMORY = 3, 4
_ROOT = Path(__file__).parents[2]
_KEPT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: seconds in all, bytes of memory."""

    seconds: int = 90
    memory: int = 2 * 1024**3


def import_document(
    name: str, content: bytes, limits: Limits | None = None
) -> ImportedDocument:
    """Return `read_document(name, content)`, computed in a limited child.

    Raises:
        ImportRefusedError: as `read_document`; or it took too long, too much memory.
    """
    limits = limits or Limits()
    if len(content) > LARGEST:
        size, limit = len(content) >> 20, LARGEST >> 20
        raise ImportRefusedError("too_large", name=name, size=size, limit=limit)
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, name, str(limits.memory)],
            input=content,
            capture_output=True,
            timeout=limits.seconds,
            cwd=_ROOT,
            # Nothing of the product's own settings: a file may be hostile.
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ImportRefusedError(
            "too_slow", name=name, seconds=limits.seconds
        ) from None
    if done.returncode == 0:
        return ImportedDocument.from_json(json.loads(done.stdout))
    if done.returncode == _REFUSED:
        refusal = json.loads(done.stdout)
        raise ImportRefusedError(refusal["code"], **refusal["values"])
    code = "too_big_inside" if done.returncode == _NO_MEMORY else "failed"
    raise ImportRefusedError(code, name=name)


def _main(name: str, memory: int) -> int:
    """Read the file from stdin, write JSON to stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # No file may be written: what is read stays in this process.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    content = sys.stdin.buffer.read(LARGEST + 1)
    try:
        answer = json.dumps(read_document(name, content).to_json())
    except ImportRefusedError as refused:
        told = {"code": refused.code, "values": refused.values}
        sys.stdout.write(json.dumps(told))
        return _REFUSED
    except MemoryError:
        return _NO_MEMORY
    sys.stdout.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], int(sys.argv[2])))
