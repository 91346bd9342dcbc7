"""Phone numbers outside the directory, and numbers that are no more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from knowledge.directory import Line
from knowledge.lint.finding import Finding

MIN_DIGITS = 7
_SEPARATOR = r"[\s.\-\u2010-\u2015_()\u00b7,/]{0,3}"
_RUN = re.compile(rf"\+?\d(?:{_SEPARATOR.replace(',/', '')}\d)+")
_FREE = re.compile(
    rf"(?<!\d)1{_SEPARATOR}[89]{_SEPARATOR}0{_SEPARATOR}0(?=\D{{0,3}}\d)"
)
# Digits that look like a phone number and are none.
_NOT_A_PHONE = re.compile(
    r"\d{4}-\d{2}-\d{2}"  # ISO date
    r"|(?<!\d)(?:19|20)\d\d\s*[-\u2013]\s*(?:19|20)\d\d(?!\d)"  # years
    r"|(?<![\d.,])[1-9]\d{0,2}(?:[.,]\d{3})+(?![\d.,]*\d)"  # 10.000.000
    r"|\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d"  # 01/7/2025
    r"|[a-z]+(?:-[a-z0-9]+)+"  # an id such as nghi-dinh-147-2025
    r"|(?<!\d)(?<!\d\s)\d{1,3}\s(?:19|20)\d\d(?!\s?\d)"  # 121 2020 QH14
    r"|\w*\d+/(?:\d{4}/)?[A-Z\u0110][\w\u0110\-]*"  # 102/2016/QH13
)
_SPACED = re.compile(rf"(?<=\d){_SEPARATOR}(?=\d)")


def phone_faults(path: Path, text: str, lines: Iterable[Line]) -> Iterator[Finding]:
    """Find phone numbers in a text that is not the directory.

    Seven digits or more, anything of the 1800 and 1900 series, and superseded
    numbers of the directory in any spelling.
    """
    former = {
        digits: line
        for line in lines
        if line.confidence == "superseded" and (digits := _digits(line.number))
    }
    for number, row in enumerate(text.splitlines(), 1):
        yield from _former(path, number, row, former)
        shown = next(_phones(row), "")
        if shown and not any(old in _joined(row) for old in former):
            what = f"{shown!r} looks like a phone number"
            remedy = "Write {{line:ID}} with an id of directory.csv"
            yield Finding(path, number, "phone", what, remedy)


def _former(
    path: Path, number: int, row: str, former: dict[str, Line]
) -> Iterator[Finding]:
    joined = _joined(row)
    for digits, line in former.items():
        if digits in joined:
            what = f"{digits} is a number that is no more"
            remedy = f"Remove it; write 111 ({line.id}: {line.note})"
            yield Finding(path, number, "old-number", what, remedy)


def _phones(row: str) -> Iterator[str]:
    rest = _NOT_A_PHONE.sub(" # ", unicodedata.normalize("NFKC", row))
    for match in _RUN.finditer(rest):
        if len(_digits(match.group())) >= MIN_DIGITS or _FREE.match(match.group()):
            yield match.group().strip()


def _joined(row: str) -> str:
    return _SPACED.sub("", unicodedata.normalize("NFKC", row))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
