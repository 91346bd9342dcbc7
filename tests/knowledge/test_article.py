"""Articles: read whole, or refused with file, line and remedy."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from knowledge.article import (
    Article,
    ArticleError,
    CitationRef,
    load_articles,
    parse_article,
)
from tests.knowledge.folder import load_yaml, write_article, write_other


def change(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_that_an_article_is_read_whole(tmp_path: Path) -> None:
    article = parse_article(write_article(tmp_path))
    base = load_yaml("article.yml")
    assert (article.id, article.topic) == ("tuoi-tre-em", "luat")
    assert article.questions == tuple(base["meta"]["questions"])
    assert article.citations[0].document == "102/2016/QH13"
    assert (article.valid_from, article.valid_to) == (date(2017, 6, 1), None)
    assert (article.answer, article.details) == (base["answer"], base["details"])
    assert article.body == f"{base['answer']}\n\n{base['details']}"


def test_that_the_short_answer_is_the_first_paragraph(tmp_path: Path) -> None:
    path = write_article(
        tmp_path, answer="M\u1ed9t.\nHai.", details="  \nBa.\n\nB\u1ed1n."
    )
    article = parse_article(path)
    assert article.answer == "M\u1ed9t.\nHai."
    assert article.details == "Ba.\n\nB\u1ed1n."


def test_that_details_may_be_missing(tmp_path: Path) -> None:
    article = parse_article(write_article(tmp_path, details=""))
    assert article.details == ""
    assert article.body == article.answer


def test_that_windows_files_are_read(tmp_path: Path) -> None:
    path = write_article(tmp_path)
    expected = parse_article(path)
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert parse_article(path) == expected


def test_that_an_article_holds_from_and_to_its_days(tmp_path: Path) -> None:
    meta = {"valid_from": date(2020, 1, 1), "valid_to": date(2021, 1, 1)}
    article = parse_article(write_article(tmp_path, meta=meta))
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2021, 1, 1), date(2021, 1, 2)]
    assert [article.is_valid(day) for day in days] == [False, True, True, False]


def test_that_json_keeps_everything(tmp_path: Path) -> None:
    meta = {"valid_to": date(2030, 1, 1), "related": ["khac"]}
    article = parse_article(write_article(tmp_path, meta=meta))
    again = Article.from_json(json.loads(json.dumps(article.to_json())))
    assert again == article
    assert isinstance(again.citations[0], CitationRef)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("id: tuoi-tre-em\n", "", 1, "no key 'id'"),
        ("id: tuoi-tre-em", "id: Tuoi", 2, "is not the file name"),
        ("audience: all", "audience: kids", 4, "audience 'kids'"),
        ("topic: luat", "topic: khac", 5, "is not the folder"),
        ("facts:\n- B-01", "facts: B-01", 18, "facts is not a list"),
        ("facts:\n- B-01", "facts:\n- a: b", 18, "facts is not a list"),
        ("valid_from: 2017-06-01", "valid_from: mai", 23, "valid_from is 'mai'"),
        ("review_by: 2027-05-21", "review_by: 2027", 24, "review_by is 2027"),
        ("topic: luat", "topic: luat\ncolour: red", 6, "unknown key 'colour'"),
        ("document: 102/2016/QH13", "document: 102", 15, "citation"),
        ("title: ", "title: [", 4, "no YAML"),
        ("---\n", "", 1, "no front matter"),
    ],
)
def test_that_a_wrong_file_is_refused_with_line_and_remedy(
    old: str, new: str, line: int, says: str, tmp_path: Path
) -> None:
    path = change(write_article(tmp_path), old, new)
    with pytest.raises(ArticleError) as refusal:
        parse_article(path)
    error = refusal.value
    assert says in error.what
    assert error.remedy
    assert str(error).startswith("tuoi-tre-em.md line ")
    assert error.line == line


def test_that_an_article_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="there is no text"):
        parse_article(write_article(tmp_path, answer="", details=""))


def test_that_a_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    path = write_article(tmp_path)
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    with pytest.raises(ArticleError, match="not UTF-8"):
        parse_article(path)


def test_that_articles_come_sorted_by_id(tmp_path: Path) -> None:
    write_article(tmp_path, "b")
    write_other(tmp_path, "a", 1)
    found = load_articles(tmp_path / "articles")
    assert [article.id for article in found] == ["a", "b"]


def test_that_one_id_in_two_folders_is_refused(tmp_path: Path) -> None:
    path = write_article(tmp_path)
    other = tmp_path / "articles" / "khac" / path.name
    other.parent.mkdir()
    other.write_text(path.read_text("utf-8").replace("topic: luat", "topic: khac"))
    with pytest.raises(ArticleError, match="used twice"):
        load_articles(tmp_path / "articles")
