"""Phone numbers and online channels: the one place that holds them.

Standard library only, Python 3.10: the safety gate needs nothing else to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path

from bot.reply import PhoneNumber
from knowledge.table import TableError, read_date, read_rows

DIRECTORY_FILE = Path(__file__).parent / "directory.csv"
KINDS = ("national", "emergency", "local", "ngo", "online", "clinic")
CONFIDENCES = ("high", "medium", "low", "superseded")
CHECKED_DAYS = 180
SHORT_DIGITS = 3
NEVER = date.min
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TEL = re.compile(r"tel:(?:\+84\d{7,10}|\d{3}|1[89]00\d{4,6})")
_URL = re.compile(r"https?://[\w.\-]+(?:/[\w./?=&%\-]*)?")


class DirectoryError(TableError):
    """The directory cannot be used; names the file, the row and the remedy."""


@dataclass(frozen=True, slots=True)
class Line:
    """A number or channel. `tel` is a `tel:` or web address, empty for none.

    `province` is a current name, empty for the whole country; `checked_on` is
    `NEVER` while nobody has checked the line.
    """

    id: str
    name: str
    number: str
    tel: str
    kind: str
    province: str
    covers: str
    hours: str
    cost: str
    operator: str
    source: str
    confidence: str
    checked_on: date
    note: str

    @property
    def is_short(self) -> bool:
        """True for the three-digit numbers of the country, such as 111."""
        return self.confidence == "high" and len(self.tel) == len("tel:") + SHORT_DIGITS

    def is_overdue(self, today: date) -> bool:
        """True if the last check is more than 180 days old, or never was."""
        return self.checked_on == NEVER or today - self.checked_on > _CHECKED

    def is_showable(self, today: date) -> bool:
        """True if people may see the line on that day.

        A short national number stays: a late check must not take 111 from a child.
        `python -m knowledge check` still reports it.
        """
        if self.confidence not in ("high", "medium") or not self.tel:
            return False
        return not self.is_overdue(today) or (
            self.is_short and self.checked_on != NEVER
        )

    def as_phone(self) -> PhoneNumber:
        """Return the line as a reply shows it; doubts of `note` go into the label."""
        doubt = f". {self.note}" if self.note and self.confidence == "medium" else ""
        return PhoneNumber(
            number=self.number,
            tel=self.tel,
            label=self.name + doubt,
            hours=self.hours,
            cost=self.cost,
            checked_on=self.checked_on.isoformat(),
        )


class Directory:
    """All lines; every look-up gives only what may be shown today."""

    def __init__(self, lines: Iterable[Line], today: date | None = None) -> None:
        self._lines = {line.id: line for line in lines}
        self._today = today

    @classmethod
    def load(cls, path: Path = DIRECTORY_FILE, today: date | None = None) -> Directory:
        """Read a directory file; `today` stands still in tests, else it moves on.

        Raises:
            DirectoryError: a row is wrong; nothing of the file is used then.
        """
        return cls(read_lines(path), today)

    @property
    def today(self) -> date:
        """The day on which lines are judged."""
        return self._today or date.today()

    def every(self) -> tuple[Line, ...]:
        """Return all lines in the order of the file, also those never to be shown."""
        return tuple(self._lines.values())

    def line(self, name: str) -> Line | None:
        """Return the line of an id, or None if it is unknown or may not be shown."""
        line = self._lines.get(name)
        return line if line is not None and line.is_showable(self.today) else None

    def local(self, province: str) -> tuple[Line, ...]:
        """Return the showable local lines of a province (current name)."""
        return tuple(
            line
            for line in self._lines.values()
            if line.kind == "local"
            and line.province == province
            and line.is_showable(self.today)
        )

    def phone(self, name: str) -> PhoneNumber | None:
        """Return the line of an id as replies show it, None if it may not be shown."""
        line = self.line(name)
        return line.as_phone() if line else None

    def all_numbers(self) -> frozenset[str]:
        """Return every number, as displayed, that people may see today."""
        shown = (x for x in self._lines.values() if x.is_showable(self.today))
        return frozenset(line.number for line in shown)


def read_lines(path: Path) -> tuple[Line, ...]:
    """Read and check all rows of a directory file, in order.

    Raises:
        DirectoryError: no file, a wrong cell, or an id that comes twice.
    """
    columns = [field.name for field in fields(Line)]
    lines: dict[str, Line] = {}
    for row, cells in read_rows(path, columns, DirectoryError):
        line = _line(path, row, cells)
        if line.id in lines:
            raise DirectoryError(
                path, row, f"id {line.id!r} comes twice", "Rename one."
            )
        lines[line.id] = line
    return tuple(lines.values())


def _line(path: Path, row: int, cells: dict[str, str]) -> Line:
    for what, remedy in _faults(cells):
        raise DirectoryError(path, row, what, remedy)
    try:
        checked = read_date(cells["checked_on"]) or NEVER
    except ValueError:
        what = f"checked_on is {cells['checked_on']!r}"
        raise DirectoryError(path, row, what, "Write it as 2026-11-21.") from None
    rest = {name: value for name, value in cells.items() if name != "checked_on"}
    return Line(**rest, checked_on=checked)


def _faults(cells: dict[str, str]) -> Iterable[tuple[str, str]]:
    if not _ID.fullmatch(cells["id"]):
        yield f"id is {cells['id']!r}", "Use a-z, 0-9 and hyphens."
    if not cells["name"]:
        yield "the name is empty", "Say whose line it is."
    if cells["kind"] not in KINDS:
        yield f"kind is {cells['kind']!r}", f"Use one of {', '.join(KINDS)}."
    if cells["confidence"] not in CONFIDENCES:
        what = f"confidence is {cells['confidence']!r}"
        yield what, f"Use one of {', '.join(CONFIDENCES)}."
    if cells["kind"] == "local" and not cells["province"]:
        yield "a local line without a province", "Give the current name of it."
    yield from _number_faults(cells)


def _number_faults(cells: dict[str, str]) -> Iterable[tuple[str, str]]:
    tel, number = cells["tel"], cells["number"]
    if not tel:
        return
    if tel.startswith("http"):
        if not _URL.fullmatch(tel):
            yield f"tel is {tel!r}", "Use a web address such as https://example.vn/a."
        return
    if not _TEL.fullmatch(tel):
        yield f"phone {tel!r} is not dialable", _DIAL
    dialled = re.sub(r"\D", "", tel.replace("+84", "0"))
    if not re.sub(r"\D", "", number).startswith(dialled):
        yield f"number {number!r} and tel {tel!r} differ", "Make the digits equal."


_CHECKED = timedelta(days=CHECKED_DAYS)
_DIAL = (
    "Write tel:111, tel:18001233 or tel:+842432233111; a hotline has 3 digits "
    "or 8 to 11. Then run `make check`."
)
