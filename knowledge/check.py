"""The content lint over a knowledge folder and the cards of the safety gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from knowledge.article import ArticleError, parse_article
from knowledge.coverage import FACTS, PAGE, Fact, covered, load_facts
from knowledge.directory import Line, read_lines
from knowledge.documents import Document, load_documents
from knowledge.lint.copies import (
    Sources,
    copied_sentences,
    near_duplicates,
    same_questions,
)
from knowledge.lint.facts import coverage_faults, page_faults
from knowledge.lint.finding import Finding
from knowledge.lint.links import Known, link_faults
from knowledge.lint.page import Page
from knowledge.lint.phones import phone_faults
from knowledge.lint.tables import (
    directory_faults,
    document_faults,
    golden_faults,
    load_golden,
    province_faults,
)
from knowledge.lint.wording import wording_faults
from knowledge.lint.words import load_words
from knowledge.provinces import Province, load_provinces
from knowledge.table import TableError

ROOT = Path(__file__).parent
CARDS = ROOT.parent / "bot" / "safety" / "cards"
# Texts that articles are written from, where a checkout has them beside it.
SOURCES = ROOT.parent.parent.joinpath("shared", "sources")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result:
    """What was read and what was found, findings in the order of the files."""

    articles: int
    documents: int
    lines: int
    findings: list[Finding]

    @property
    def summary(self) -> str:
        """One line for people."""
        read = (
            f"{self.articles} articles, {self.documents} documents, {self.lines} lines"
        )
        return f"{read}: {len(self.findings) or 'clean'}" + (
            " findings" if self.findings else ""
        )


def check(
    root: Path = ROOT,
    cards: Path | None = None,
    sources: Path | None = None,
    today: date | None = None,
) -> Result:
    """Run every rule of the lint.

    Args:
        root: a folder with articles/, directory.csv, documents.csv, provinces.csv
            and, where questions must stay findable, golden.csv; where each fact
            needs an article, facts.csv.
        cards: folder of the card files; none is skipped.
        sources: folder of source texts; none is skipped.
    """
    findings: list[Finding] = []
    tables = _Tables(root, findings)
    pages = list(_pages(root / "articles", findings))
    known = tables.known(pages, today or date.today())
    lines = tables.lines
    found = [*findings, *tables.faults(known)]
    found.extend(_page_faults(pages, known, _ended(tables.provinces)))
    found.extend(_coverage(tables, pages))
    found.extend(_phones(root / "articles", "*.md", lines))
    if cards is not None:
        found.extend(_phones(cards, "*.yml", lines))
    if sources is not None and sources.is_dir():
        found.extend(copied_sentences(pages, _sources(sources, known)))
    ordered = sorted(_from_here(finding) for finding in set(found))
    return Result(len(pages), len(known.documents), len(lines), ordered)


class _Tables:
    """The tables of a folder; one that cannot be read is a finding, and empty."""

    def __init__(self, root: Path, findings: list[Finding]) -> None:
        self._findings = findings
        self.directory = root / "directory.csv"
        self.document = root / "documents.csv"
        self.province = root / "provinces.csv"
        self.golden = root / "golden.csv"
        self.lines: tuple[Line, ...] = self._load(read_lines, self.directory, ())
        self.documents: dict[str, Document] = self._load(
            load_documents, self.document, {}
        )
        self.provinces: tuple[Province, ...] = self._load(
            load_provinces, self.province, ()
        )
        self.fact = root / FACTS
        self.facts: dict[str, tuple[int, Fact]] = {}
        if self.fact.exists():
            self.facts = self._load(load_facts, self.fact, {})
        self.questions: tuple[tuple[str, str], ...] = ()
        if self.golden.exists():
            self.questions = self._load(load_golden, self.golden, ())

    def _load(self, read: Callable[[Path], T], path: Path, empty: T) -> T:
        try:
            return read(path)
        except TableError as error:
            remedy = error.remedy.rstrip(".")
            finding = Finding(error.path, error.row, "schema", error.what, remedy)
            self._findings.append(finding)
            return empty

    def known(self, pages: Sequence[Page], day: date) -> Known:
        """Return everything that an article may name."""
        return Known(
            today=day,
            articles=frozenset(page.article.id for page in pages),
            documents=self.documents,
            lines={line.id: line for line in self.lines},
            provinces=frozenset(province.new_name for province in self.provinces),
            facts=frozenset(self.facts),
        )

    def faults(self, known: Known) -> Iterator[Finding]:
        """Find what is wrong in the tables that could be read."""
        day = known.today
        if self.lines:
            yield from directory_faults(
                self.directory, self.lines, known.provinces, day
            )
        if self.documents:
            yield from document_faults(self.document, self.documents, day)
        if self.provinces:
            yield from province_faults(self.province, self.provinces)
        yield from golden_faults(self.golden, self.questions, known.articles)


def _pages(folder: Path, findings: list[Finding]) -> Iterator[Page]:
    ids: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.md")):
        try:
            article = parse_article(path)
        except ArticleError as error:
            remedy = error.remedy.rstrip(".")
            findings.append(Finding(path, error.line, "schema", error.what, remedy))
            continue
        if article.id in ids:
            what = f"id {article.id!r} is that of {ids[article.id].parent.name}"
            findings.append(Finding(path, 1, "schema", what, "Rename one of the two"))
        ids[article.id] = path
        yield Page(path, path.read_text(encoding="utf-8-sig"), article)


def _page_faults(
    pages: Sequence[Page], known: Known, ended: tuple[str, ...]
) -> Iterator[Finding]:
    words = load_words()
    for page in pages:
        yield from link_faults(page, known, words)
        yield from wording_faults(page, words, ended)
    yield from same_questions(pages)
    yield from near_duplicates(pages)


def _coverage(tables: _Tables, pages: Sequence[Page]) -> Iterator[Finding]:
    rows = covered(tables.facts, (page.article for page in pages))
    yield from coverage_faults(tables.fact, rows)
    if tables.fact.parent == ROOT:
        yield from page_faults(PAGE, rows)


def _phones(folder: Path, pattern: str, lines: Sequence[Line]) -> Iterator[Finding]:
    for path in sorted(folder.rglob(pattern)):
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        yield from phone_faults(path, text, lines)


def _ended(provinces: Sequence[Province]) -> tuple[str, ...]:
    current = {province.new_name for province in provinces}
    return tuple(p.old_name for p in provinces if p.old_name not in current)


def _sources(folder: Path, known: Known) -> Sources:
    texts = [p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.txt"))]
    official = list(load_words().official_names)
    for document in known.documents.values():
        official += [document.title, document.short_title, document.issuer]
    for line in known.lines.values():
        official += [line.name, line.operator]
    return Sources(texts, official)


def _from_here(finding: Finding) -> Finding:
    """Return the finding with a short path, so that terminals can open it."""
    try:
        short = finding.file.resolve().relative_to(Path.cwd())
    except ValueError:
        return finding
    return Finding(short, finding.line, finding.rule, finding.what, finding.remedy)
