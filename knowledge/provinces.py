"""The provinces: 63 names until June 2025, and the 34 of today they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from knowledge.table import TableError, read_rows

PROVINCES_FILE = Path(__file__).parent / "provinces.csv"
COLUMNS = (
    "old_name",
    "new_name",
    "name_ascii_folded",
    "new_name_ascii_folded",
    "new_type",
    "merged",
    "aliases",
    "aliases_ambiguous",
    "source",
    "note",
)


class ProvinceError(TableError):
    """The provinces cannot be used; names the file, the row and the remedy."""


@dataclass(frozen=True, slots=True)
class Province:
    """A name until June 2025 and the current one; `aliases` mean this place only."""

    row: int
    old_name: str
    new_name: str
    aliases: tuple[str, ...]
    aliases_ambiguous: tuple[str, ...]


def load_provinces(path: Path = PROVINCES_FILE) -> tuple[Province, ...]:
    """Read all rows in order.

    Raises:
        ProvinceError: no file, an empty name, or an old name that comes twice.
    """
    provinces: dict[str, Province] = {}
    for row, cells in read_rows(path, COLUMNS, ProvinceError):
        old, new = cells["old_name"], cells["new_name"]
        if not old or not new:
            raise ProvinceError(path, row, "a name is empty", "Fill both names.")
        if old in provinces:
            raise ProvinceError(path, row, f"{old!r} comes twice", "Keep one row.")
        provinces[old] = Province(
            row,
            old,
            new,
            _parts(cells["aliases"]),
            _parts(cells["aliases_ambiguous"]),
        )
    return tuple(provinces.values())


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())
