"""Which facts of the fact base have an article, as a table for people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from knowledge.article import Article, load_articles
from knowledge.table import TableError, read_rows

FACTS = "facts.csv"
PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"
_HEAD = """\
# Coverage

Which article rests on which fact. Made by `python -m knowledge coverage` from
`knowledge/facts.csv` and the `facts` of the articles; `python -m knowledge check` says
when it is stale. An internal fact needs no article.

"""


class FactError(TableError):
    """The list of facts cannot be used; names the file, the row and the remedy."""


@dataclass(frozen=True, slots=True)
class Fact:
    """An id of the fact base, its group and a name; no text of the fact itself.

    `internal` facts are for staff, `reason` says why; they need no article.
    """

    id: str
    group: str
    title: str
    internal: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Covered:
    """A fact, the ids of its articles, and its row in the file."""

    fact: Fact
    articles: tuple[str, ...]
    row: int

    @property
    def is_open(self) -> bool:
        """True if an article is missing."""
        return not self.articles and not self.fact.internal

    def to_json(self) -> dict[str, Any]:
        """Return plain values for `--json`."""
        return {**asdict(self.fact), "articles": list(self.articles)}


def load_facts(path: Path) -> dict[str, tuple[int, Fact]]:
    """Read all facts by id, each with its row.

    Raises:
        FactError: no file, other columns, a wrong cell, or an id that comes twice.
    """
    columns = [field.name for field in fields(Fact)]
    facts: dict[str, tuple[int, Fact]] = {}
    for row, cells in read_rows(path, columns, FactError):
        internal = cells.pop("internal")
        fact = Fact(**cells, internal=internal == "yes")
        if internal not in ("yes", "no"):
            what = f"internal is {internal!r}"
            raise FactError(path, row, what, "Write yes or no.")
        if not (fact.id and fact.group and fact.title):
            raise FactError(path, row, "a cell is empty", "Fill it.")
        if fact.internal and not fact.reason:
            raise FactError(path, row, f"{fact.id} has no reason", "Say why.")
        if fact.id in facts:
            raise FactError(path, row, f"{fact.id} comes twice", "Keep one row.")
        facts[fact.id] = (row, fact)
    return facts


def coverage_of(root: Path) -> list[Covered]:
    """Return every fact of a knowledge folder with its articles, in file order.

    Raises:
        FactError, ArticleError: a file is broken.
    """
    return covered(load_facts(root / FACTS), load_articles(root / "articles"))


def covered(
    facts: dict[str, tuple[int, Fact]], articles: Iterable[Article]
) -> list[Covered]:
    """Return the facts with the ids of the articles that name them, sorted."""
    found: dict[str, list[str]] = defaultdict(list)
    for article in articles:
        for fact in dict.fromkeys(article.facts):
            found[fact].append(article.id)
    return [
        Covered(fact, tuple(sorted(found[fact.id])), row)
        for row, fact in facts.values()
    ]


def render_page(rows: Sequence[Covered]) -> str:
    """Return the table as Markdown, one part a group."""
    done = Counter(row.fact.group for row in rows if row.articles)
    internal = sum(row.fact.internal for row in rows)
    open_ = sum(row.is_open for row in rows)
    parts = [
        f"{_HEAD}{len(rows)} facts: {len(rows) - open_ - internal} needed and covered, "
        f"{open_} open, {internal} internal.\n"
    ]
    for group, total in Counter(row.fact.group for row in rows).items():
        lines = [f"\n## {group}: {done[group]} of {total}\n"]
        lines += ["| fact | what | articles |", "| --- | --- | --- |"]
        lines += [_line(row) for row in rows if row.fact.group == group]
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


def _line(row: Covered) -> str:
    articles = ", ".join(row.articles)
    if row.fact.internal:
        inner = f"internal: {row.fact.reason}"
        articles = f"{articles} ({inner})" if articles else inner
    return f"| {row.fact.id} | {row.fact.title} | {articles or '**none**'} |"
