"""What an import gives: one document as plain Markdown, or a clear refusal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

WORDS_FILE = Path(__file__).with_name("words.yml")
# Invisible signs that office programs leave between syllables.
_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\x00-\x08\x0b-\x1f]"
)
_SPACES = re.compile(r"[ \t\u00a0\u2002-\u200a\u202f\u3000]+")
_MANY_BREAKS = re.compile(r"\n{3,}")


class ImportRefusedError(ValueError):
    """A file gives no text that can be trusted; `str` is one Vietnamese sentence.

    `code` is a key of `refusals` in words.yml.
    """

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(str(words()["refusals"][code]).format(**values))
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Section:
    """A part under one heading; `level` 1 is the highest, 0 the text before any."""

    level: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """The whole text of one file, NFC, tables as Markdown; nothing is summed up.

    `number` is the document's own number as printed near its top, or "". `notes`
    are Vietnamese sentences on what a person has to look at in the original.
    """

    name: str
    format: str
    title: str
    number: str
    text: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values; `from_json` reads them."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ImportedDocument:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError: the values are not of a document.
        """
        read = dict(values)
        read["sections"] = tuple(Section(**part) for part in read["sections"])
        read["notes"] = tuple(read["notes"])
        return cls(**read)


@cache
def words() -> dict[str, Any]:
    """Return the sentences and patterns of the import."""
    loaded: dict[str, Any] = yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))
    return loaded


def note(key: str, **values: object) -> str:
    """Return one sentence for the person who imports."""
    return str(words()["notes"][key]).format(**values)


def tidy(text: str) -> str:
    """Return text in NFC without invisible signs, stray spaces or wide gaps."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text.replace("\x0c", "\n")))
    lines = (line.strip() if line.strip() else "" for line in text.split("\n"))
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()
