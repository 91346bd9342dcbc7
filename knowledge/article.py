"""An article: one question of citizens, answered, with its sources and dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import frontmatter
import yaml

ARTICLES_FOLDER = Path(__file__).parent / "articles"
AUDIENCES = ("all", "child", "adult", "professional")
LINE_MARK = re.compile(r"\{\{\s*line:([a-z0-9-]+)\s*\}\}")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TEXTS = ("id", "title", "audience", "topic")
_LISTS = ("questions", "facts", "lines", "provinces", "related")
_DAYS = ("valid_from", "valid_to", "review_by")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_OPTIONAL = {"valid_to", "facts", "lines", "provinces", "related"}
_KEYS = {*_TEXTS, *_LISTS, "citations", "valid_from", "valid_to", "review_by"}


class ArticleError(ValueError):
    """A file is no article; says which file and line, and what to do."""

    def __init__(self, path: Path, line: int, what: str, remedy: str) -> None:
        super().__init__(f"{path.name} line {line}: {what}. {remedy}")
        self.path = path
        self.line = line
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class CitationRef:
    """A place in a document: its number and, in words, the article or part."""

    document: str
    where: str


@dataclass(frozen=True, slots=True)
class Article:
    """`answer` is complete by itself; `details` follow it and may be empty.

    Both are Markdown with bold and lists; `{{line:ID}}` stands for a phone number.
    `valid_to` is None while no end is known. `facts` are ids of the fact base.
    """

    id: str
    title: str
    audience: str
    topic: str
    questions: tuple[str, ...]
    citations: tuple[CitationRef, ...]
    facts: tuple[str, ...]
    lines: tuple[str, ...]
    provinces: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    review_by: date
    related: tuple[str, ...]
    answer: str
    details: str

    @property
    def body(self) -> str:
        """The whole text, the short answer first."""
        return f"{self.answer}\n\n{self.details}".strip()

    def is_valid(self, today: date) -> bool:
        """True if the answer holds on that day."""
        return self.valid_from <= today and (
            self.valid_to is None or today <= self.valid_to
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values, dates as ISO text; `from_json` reads them."""
        values = asdict(self)
        for name in ("valid_from", "valid_to", "review_by"):
            values[name] = values[name].isoformat() if values[name] else None
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Article:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: the values are not of an article.
        """
        read = dict(values)
        for name in ("valid_from", "valid_to", "review_by"):
            read[name] = date.fromisoformat(read[name]) if read[name] else None
        for name in _LISTS:
            read[name] = tuple(read[name])
        read["citations"] = tuple(CitationRef(**c) for c in read["citations"])
        return cls(**read)


def load_articles(folder: Path = ARTICLES_FOLDER) -> tuple[Article, ...]:
    """Read all articles below a folder, sorted by id.

    Raises:
        ArticleError: one file is no article, or two have the same id.
    """
    articles: dict[str, Article] = {}
    for path in sorted(folder.rglob("*.md")):
        article = parse_article(path)
        if article.id in articles:
            what = f"id {article.id!r} is used twice"
            raise ArticleError(path, 1, what, "Rename one file and its id.")
        articles[article.id] = article
    return tuple(article for _, article in sorted(articles.items()))


def parse_article(path: Path) -> Article:
    """Read one file: front matter, then the short answer, then the details.

    Raises:
        ArticleError: a key is missing, unknown or of the wrong kind; the id is not
            the file name or the topic not the folder; the text is empty.
    """
    text = _read(path)
    meta, body = _split(path, text)
    fault = _Fault(path, text)
    unknown = sorted(set(map(str, meta)) - _KEYS)
    missing = sorted(_KEYS - _OPTIONAL - set(meta))
    if unknown:
        raise fault(unknown[0], f"unknown key {unknown[0]!r}", "Remove it.")
    if missing:
        raise fault("", f"no key {missing[0]!r}", "Add it to the front matter.")
    answer, *details = _BLANK_LINE.split(body.strip(), maxsplit=1)
    if not answer:
        raise fault("", "there is no text", "Write the short answer below the ---.")
    values: dict[str, Any] = {"citations": _citations(meta, fault)}
    values |= {name: _text(meta, name, fault) for name in _TEXTS}
    values |= {name: _list(meta, name, fault) for name in _LISTS}
    values |= {name: _day(meta, name, fault) for name in _DAYS}
    return Article(**values, answer=answer, details="".join(details).strip())


class _Fault:
    """Makes errors that point at the line of a key."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()

    def __call__(self, key: str, what: str, remedy: str) -> ArticleError:
        numbers = (n for n, x in enumerate(self._lines, 1) if x.startswith(f"{key}:"))
        line = next(numbers, 1) if key else 1
        return ArticleError(self.path, line, what, remedy)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise ArticleError(path, 1, what, "Put the file back.") from None
    except UnicodeDecodeError:
        raise ArticleError(path, 1, "is not UTF-8", "Save it as UTF-8.") from None


def _split(path: Path, text: str) -> tuple[dict[str, Any], str]:
    try:
        meta, body = frontmatter.parse(text)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = f"the front matter is no YAML ({getattr(error, 'problem', error)})"
        raise ArticleError(path, line, what, "Quote texts that hold ': '.") from None
    if not meta or not isinstance(meta, dict):
        what = "there is no front matter"
        raise ArticleError(path, 1, what, "Begin the file with --- and the keys.")
    return meta, str(body)


def _text(meta: dict[str, Any], name: str, fault: _Fault) -> str:
    value = meta[name]
    if not isinstance(value, str) or not value.strip():
        raise fault(name, f"{name} is {value!r}", "Write a text, in quotes if needed.")
    if name == "id" and (not _ID.fullmatch(value) or value != fault.path.stem):
        what = f"id {value!r} is not the file name {fault.path.stem!r}"
        raise fault(name, what, "Use a-z, 0-9 and hyphens for both.")
    if name == "audience" and value not in AUDIENCES:
        raise fault(name, f"audience {value!r}", f"Use one of {', '.join(AUDIENCES)}.")
    if name == "topic" and value != fault.path.parent.name:
        what = f"topic {value!r} is not the folder {fault.path.parent.name!r}"
        raise fault(name, what, "Correct the topic or move the file.")
    return value.strip()


def _list(meta: dict[str, Any], name: str, fault: _Fault) -> tuple[str, ...]:
    value = meta.get(name) or []
    if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
        what = f"{name} is not a list of texts"
        raise fault(name, what, "Write '- ' lines; quote texts with ': ' or digits.")
    return tuple(x.strip() for x in value)


def _day(meta: dict[str, Any], name: str, fault: _Fault) -> date | None:
    value = meta.get(name)
    if value is None and name == "valid_to":
        return None
    if type(value) is not date:
        raise fault(name, f"{name} is {value!r}", "Write a day such as 2026-11-21.")
    return value


def _citations(meta: dict[str, Any], fault: _Fault) -> tuple[CitationRef, ...]:
    value = meta["citations"]
    remedy = "Write '- document: NUMBER' and below it 'where: article or part'."
    if not isinstance(value, list):
        raise fault("citations", "citations is not a list", remedy)
    refs = []
    for item in value:
        if not isinstance(item, dict) or set(item) != {"document", "where"}:
            raise fault("citations", f"citation {item!r}", remedy)
        document, where = item["document"], item["where"]
        if not isinstance(document, str) or not isinstance(where, str):
            raise fault("citations", f"citation {item!r}", "Quote numbers as texts.")
        refs.append(CitationRef(document.strip(), where.strip()))
    return tuple(refs)
