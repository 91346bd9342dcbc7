"""Reading the tables of this folder: CSV in UTF-8, one header row, checked cells.

Standard library only, Python 3.10: the gateway and the dialogue read tables too.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path


class TableError(ValueError):
    """A table cannot be used; says which file and row, and what to do."""

    def __init__(self, path: Path, row: int, what: str, remedy: str) -> None:
        super().__init__(f"{path.name} row {row}: {what}. {remedy}")
        self.path = path
        self.row = row
        self.what = what
        self.remedy = remedy


def read_rows(
    path: Path, columns: Sequence[str], error: type[TableError]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row number as an editor shows it, cells) of a table.

    Cells are stripped and in NFC. The header is row 1.

    Raises:
        TableError: as `error`: no file, not UTF-8, other columns, a short or long row.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as failure:
        raise error(path, 1, f"cannot be read ({failure.strerror})", _RESTORE) from None
    except UnicodeDecodeError:
        raise error(path, 1, "is not UTF-8", "Save it as CSV UTF-8.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if list(header) != list(columns):
            raise error(
                path, 1, f"the columns are {header}", f"They must be {list(columns)}."
            )
        for cells in reader:
            if cells:
                yield (
                    reader.line_num,
                    _named(path, reader.line_num, columns, cells, error),
                )
    except csv.Error as failure:
        what = f"is not CSV ({failure})"
        raise error(path, reader.line_num, what, "Correct the quotes.") from None


def read_date(text: str) -> date | None:
    """Return the ISO date of a cell, None for an empty one.

    Raises:
        ValueError: the text is no date of the form 2026-11-21.
    """
    return date.fromisoformat(text) if text else None


def _named(
    path: Path,
    row: int,
    columns: Sequence[str],
    cells: list[str],
    error: type[TableError],
) -> dict[str, str]:
    if len(cells) != len(columns):
        what = f"has {len(cells)} cells instead of {len(columns)}"
        raise error(path, row, what, "Quote every cell that holds a comma.")
    values = (unicodedata.normalize("NFC", cell.strip()) for cell in cells)
    return dict(zip(columns, values, strict=True))


_RESTORE = "Put the file back or correct its rights."
