"""An article file as the lint reads it: text with line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.article import Article
from knowledge.lint.finding import Finding

_LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_SENTENCE_END = re.compile(r'(?<=[.!?…])["”’)*]*\s+|\n\s*(?=[-*+]\s|\d+[.)]\s)')
_WORD = re.compile(r"\S*\w\S*")


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed file: `path` as reported, `text` as written, and its article."""

    path: Path
    text: str
    article: Article

    def line_of(self, needle: str) -> int:
        """Return the first line that holds a text, 1 if none does."""
        lines = enumerate(self.text.splitlines(), 1)
        return next((number for number, line in lines if needle in line), 1)

    def finding(self, line: int, rule: str, what: str, remedy: str) -> Finding:
        """Return a finding in this file."""
        return Finding(self.path, line, rule, what, remedy)

    def paragraphs(self) -> Iterator[tuple[int, str]]:
        """Yield (first line, text) of each paragraph or list of the body."""
        lines = self.text.splitlines()
        start = body_start(lines)
        block: list[str] = []
        for number, line in enumerate([*lines[start:], ""], start + 1):
            if line.strip():
                block.append(line)
            elif block:
                yield number - len(block), "\n".join(block)
                block = []


def body_start(lines: list[str]) -> int:
    """Return how many lines stand before the body: the front matter."""
    marks = (n for n, line in enumerate(lines) if n and line.strip() == "---")
    return next(marks, -1) + 1


def line_in(first: int, text: str, position: int) -> int:
    """Return the line of a position in a paragraph that begins at line `first`."""
    return first + text.count("\n", 0, position)


def words(text: str) -> list[str]:
    """Return the words (syllables, in Vietnamese) of a text; signs do not count."""
    return _WORD.findall(text)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield (position, sentence) of a paragraph; a list item ends a sentence."""
    start = 0
    for end in [*_SENTENCE_END.finditer(text), None]:
        piece = text[start : end.start() if end else len(text)]
        if piece.strip():
            yield start, _LIST_ITEM.sub("", piece).strip()
        start = end.end() if end else start


def sentence_before(text: str, position: int) -> str:
    """Return what stands before a position in its sentence of a paragraph."""
    starts = [start for start, _ in sentences(text) if start <= position]
    return text[max(starts, default=0) : position]
