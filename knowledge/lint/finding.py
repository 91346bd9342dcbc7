"""One thing that is wrong in the content, where, and how to mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`line` counts from 1; `rule` is a short name for filters and tests."""

    file: Path
    line: int
    rule: str
    what: str
    remedy: str

    def to_json(self) -> dict[str, str | int]:
        """Return plain values for `--json`."""
        return {**asdict(self), "file": str(self.file)}

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}. {self.remedy} [{self.rule}]"
