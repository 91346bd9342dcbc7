"""Every fact, right, forbidden act and circumstance has its article."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge.__main__ import main
from knowledge.article import load_articles
from knowledge.check import check
from knowledge.coverage import PAGE, FactError, coverage_of, load_facts, render_page
from knowledge.lint.facts import page_faults
from tests.knowledge.folder import KNOWLEDGE, TODAY, load_yaml, write_article

TOPICS: dict[str, Any] = load_yaml("topics.yml")
HEAD = "id,group,title,internal,reason\n"
ARTICLES = {article.id: article for article in load_articles()}


def write_facts(root: Path, *rows: str) -> Path:
    path = root / "facts.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_that_no_fact_is_without_an_article() -> None:
    rows = coverage_of(KNOWLEDGE)
    assert [row.fact.id for row in rows if row.is_open] == []
    assert len(rows) > 300


def test_that_the_page_is_what_the_files_say() -> None:
    assert PAGE.read_text("utf8") == render_page(coverage_of(KNOWLEDGE))


@pytest.mark.parametrize(
    ("topic", "count"), [("rights", 25), ("forbidden", 15), ("circumstances", 14)]
)
def test_that_each_has_its_own_article(topic: str, count: int) -> None:
    ids = TOPICS[topic]
    assert len(set(ids)) == count
    assert [name for name in ids if name not in ARTICLES] == []


def test_that_the_rights_cite_articles_12_to_36_in_order() -> None:
    for number, name in enumerate(TOPICS["rights"], 12):
        places = [c.where for c in ARTICLES[name].citations]
        assert any(f"Điều {number}" in place for place in places), (name, places)


def test_that_children_have_their_own_words_beside_the_grown_ups() -> None:
    for child, grown_up in TOPICS["children"].items():
        assert ARTICLES[child].audience == "child", child
        assert ARTICLES[grown_up].audience != "child", grown_up


def test_that_an_uncovered_fact_is_a_finding_unless_internal(root: Path) -> None:
    write_facts(
        root,
        "B-01,B,Tuổi,no,",
        "B-02,B,Áp dụng,no,",
        "H-01,H,Việc,yes,Việc của cán bộ",
    )
    [finding] = check(root, today=TODAY).findings
    assert (finding.rule, finding.line) == ("uncovered", 3)
    assert "B-02" in finding.what


def test_that_an_article_names_only_known_facts(root: Path) -> None:
    write_facts(root, "B-01,B,Tuổi,no,")
    write_article(root, meta={"facts": ["B-01", "B-99"]})
    [finding] = check(root, today=TODAY).findings
    assert finding.rule == "facts"
    assert "B-99" in finding.what


@pytest.mark.parametrize(
    "rows",
    [
        ("B-01,B,Tuổi,maybe,",),
        ("B-01,B,,no,",),
        ("B-01,B,Tuổi,yes,",),
        ("B-01,B,Tuổi,no,", "B-01,B,Tuổi,no,"),
    ],
)
def test_that_a_broken_list_of_facts_is_refused(
    rows: tuple[str, ...], root: Path
) -> None:
    path = write_facts(root, *rows)
    with pytest.raises(FactError, match=r"facts\.csv row"):
        load_facts(path)
    assert "schema" in {finding.rule for finding in check(root, today=TODAY).findings}


def test_that_a_stale_page_is_found_and_mended(root: Path, tmp_path: Path) -> None:
    write_facts(root, "B-01,B,Tuổi,no,")
    page = tmp_path / "coverage.md"
    rows = coverage_of(root)
    assert [f.rule for f in page_faults(page, rows)] == ["coverage"]
    assert main(["coverage", "--root", str(root), "--page", str(page)]) == 0
    assert list(page_faults(page, rows)) == []
    page.write_text(page.read_text("utf8") + "thêm\n", encoding="utf8")
    assert [f.rule for f in page_faults(page, rows)] == ["coverage"]
    write_facts(root, "B-01,B,Tuổi,no,", "B-02,B,Áp dụng,no,")
    assert main(["coverage", "--root", str(root), "--page", str(page)]) == 1
