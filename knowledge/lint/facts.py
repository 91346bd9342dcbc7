"""Facts without an article, and a coverage page that is no longer true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge.coverage import Covered, render_page
from knowledge.lint.finding import Finding

_AGAIN = "Run `python -m knowledge coverage`"


def coverage_faults(path: Path, rows: Sequence[Covered]) -> Iterator[Finding]:
    """Find facts that no article names."""
    for row in rows:
        if row.is_open:
            what = f"fact {row.fact.id} has no article"
            remedy = "Write one, name it in its `facts`, or mark it internal"
            yield Finding(path, row.row, "uncovered", what, remedy)


def page_faults(page: Path, rows: Sequence[Covered]) -> Iterator[Finding]:
    """Find that the page differs from what the files say now."""
    if not page.is_file():
        yield Finding(page, 1, "coverage", "the page is missing", _AGAIN)
        return
    written = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(render_page(rows).splitlines(), 1):
        if number > len(written) or written[number - 1] != line:
            yield Finding(page, number, "coverage", "the page is stale", _AGAIN)
            return
    if len(written) > len(render_page(rows).splitlines()):
        yield Finding(page, len(written), "coverage", "the page is stale", _AGAIN)
