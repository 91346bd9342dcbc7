"""Documents that a text names: "28-CT/TW", "kế hoạch số 203", "điều 51 luật trẻ em".

A number counts only with the kind of document before it or its code after it, and
never when it counts something ("chương trình 5 bước", "luật 18 tuổi").
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from knowledge.documents import Document
from knowledge.retrieval.text import HERE, fold, has_marks, normalise, written
from knowledge.retrieval.words import label, phrases, word_set, written_set

_CODE = (
    r"(?:ttlt|nd|nq|tt|kh|ctr|ct|qd|qh|cv|cd|pl|s[a-z]{3,})[a-z0-9]*(?:[-/][a-z0-9]+)*"
)
_ARTICLES = re.compile(
    r"\bdieu\s+(\d{1,3}(?:\s*(?:,|;|-|\bva\b|\bden\b)\s*(?:dieu\s+)?\d{1,3}\b)*)"
)
_RANGE = re.compile(r"(\d{1,3})\s*(?:-|\bden\b)\s*(?:dieu\s+)?(\d{1,3})")
_EMERGENCY = range(111, 116)  # telephone numbers people write everywhere
_YEARS = range(1945, 2100)
LAW = "luat"


@dataclass(frozen=True, slots=True)
class Reference:
    """A document, or articles of it. `name` is shown; the rest is folded.

    A law is known by `law` (its name) or `number`; `articles` are the numbers
    after the word for article. Empty fields were not said.
    """

    name: str
    kind: str = ""
    number: int | None = None
    year: int | None = None
    code: str = ""
    law: str = ""
    articles: tuple[int, ...] = ()

    def is_same_document(self, other: Reference) -> bool:
        """Return True if nothing that both say about the document differs."""
        if self.number is not None and other.number is not None:
            return (
                self.number == other.number
                and _agree(self.kind, other.kind)
                and (not self.year or not other.year or self.year == other.year)
                and _same_code(self.code, other.code)
            )
        return bool(self.law) and self.law == other.law


@lru_cache(maxsize=50_000)  # a build reads most lines twice
def find_references(text: str) -> tuple[Reference, ...]:
    """Return the documents that a text names, laws last, each once.

    Articles ("điều 51") go with every document named in the same text; alone they
    name nothing.
    """
    shown = normalise(text)
    folded = fold(shown)
    if len(folded) != len(shown):  # rare letters change length: show what was folded
        shown = folded
    found = list(dict.fromkeys([*_numbered(folded, shown), *_laws(folded)]))
    articles = article_numbers(folded)
    if articles:
        prefix = f"{label('article_label')} {', '.join(map(str, articles))}"
        found = [
            replace(r, articles=articles, name=f"{prefix} {r.name}") for r in found
        ]
    return tuple(found)


def document_references(document: Document) -> tuple[Reference, ...]:
    """Return the ways in which a text may name a held document."""
    match = _pattern().match(fold(document.number))
    kind = fold(document.kind)
    law = _law_name(document.title) if kind in (LAW, "bo luat") else ""
    base = Reference(document.short_title, kind, law=law)
    if match:
        base = replace(
            base,
            number=int(match["number"]),
            year=int(match["year"]) if match["year"] else None,
            code=_code(match["code"]),
        )
    # A decision is often called by what it adopts: "Chương trình 830".
    called = [r for r in find_references(document.short_title) if r.number]
    others = [
        replace(base, kind=r.kind, code="")
        for r in called
        if r.kind != kind and r.number == base.number
    ]
    return (base, *others)


def article_numbers(folded: str) -> tuple[int, ...]:
    """Return the numbers after the word for article, lists and ranges written out."""
    numbers: dict[int, None] = {}
    for match in _ARTICLES.finditer(fold(folded)):
        for low, high in _RANGE.findall(match[1]):
            numbers.update(dict.fromkeys(range(int(low), int(high) + 1)))
        numbers.update(dict.fromkeys(int(n) for n in re.findall(r"\d+", match[1])))
    return tuple(sorted(numbers))


def _numbered(folded: str, shown: str) -> Iterator[Reference]:
    kinds = _kinds()
    for match in _pattern().finditer(folded):
        said = match["kind"] or ""
        kind, code = kinds.get(said, ("", ""))[0], _code(match["code"])
        if not _is_document(match, kind, code, shown):
            continue
        if not kind:
            kind = next((k for k, c in kinds.values() if c and code.startswith(c)), "")
            kind = "" if kind.endswith(LAW) else kind  # the assembly also resolves
        name = shown[match.start("number") : match.end()].strip()
        title = _kind_titles().get(kind, "")
        year = int(match["year"]) if match["year"] else None
        yield Reference(
            f"{title} {name}".strip(), kind, int(match["number"]), year, code
        )


def _is_document(match: re.Match[str], kind: str, code: str, shown: str) -> bool:
    number, said = int(match["number"]), match["kind"] or ""
    if code or (kind and match["year"]):
        return True
    if not kind or number in _EMERGENCY or number in _YEARS:
        return False
    if _counts(written(shown[match.end() :])[:2], has_marks(shown)):
        return False
    if match["so"] or (said == kind and kind not in phrases("everyday_kinds")):
        return True
    return number >= 10 and not kind.endswith(LAW)


def _counts(follows: list[str], marked: bool) -> bool:
    """Return True if the next word makes the number before it a count."""
    units = written_set("counting") if marked else word_set("counting")
    is_date = len(follows) > 1 and follows[1].isdigit()
    return bool(follows) and follows[0] in units and not is_date


def _laws(folded: str) -> Iterator[Reference]:
    text = " ".join(re.findall(r"[^\W_]+", folded))
    for match in _law_pattern().finditer(text):
        name = _law_forms()[match[1]]
        yield Reference(name, LAW, law=_law_name(name))


def _agree(a: str, b: str) -> bool:
    """Return True if two kinds may be one: a code ending in QH is any law."""
    return not a or not b or a == b or (a.endswith(LAW) and b.endswith(LAW))


def _same_code(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a)


def _code(code: str | None) -> str:
    return (code or "").replace("/", "-")


def _law_name(title: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(title)))


@cache
def _kinds() -> dict[str, tuple[str, str]]:
    """Return each way to write a kind -> (kind, beginning of its code)."""
    forms: dict[str, tuple[str, str]] = {}
    with (HERE / "document_kinds.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            kind = fold(row["kind"])
            for form in [kind, *filter(None, fold(row["short_forms"]).split("|"))]:
                forms[form] = (kind, fold(row["code"]))
    return forms


@cache
def _kind_titles() -> dict[str, str]:
    with (HERE / "document_kinds.csv").open(encoding="utf-8", newline="") as file:
        return {fold(row["kind"]): row["kind"] for row in csv.DictReader(file)}


@cache
def _pattern() -> re.Pattern[str]:
    kinds = "|".join(re.escape(k) for k in sorted(_kinds(), key=len, reverse=True))
    return re.compile(
        rf"(?<![\w/.-])(?:(?P<kind>{kinds})\s*(?P<so>so\s*)?:?\s*)?"
        rf"(?P<number>\d{{1,4}})(?:/(?P<year>\d{{4}}))?(?:[-/](?P<code>{_CODE}))?"
        r"(?![\w/-]|\.\d)"
    )


@cache
def _law_forms() -> dict[str, str]:
    """Return each folded way to name a law -> its official name."""
    forms: dict[str, str] = {}
    with (HERE / "laws.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for form in [row["name"], *filter(None, row["aliases"].split("|"))]:
                forms[_law_name(form)] = row["name"]
    return forms


@cache
def _law_pattern() -> re.Pattern[str]:
    forms = sorted(_law_forms(), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, forms))})\b")
