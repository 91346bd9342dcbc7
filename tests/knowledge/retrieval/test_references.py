"""Documents that a text names, and those that only look like one."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.retrieval.references import (
    article_numbers,
    document_references,
    find_references,
)
from knowledge.retrieval.text import fold
from tests.knowledge.retrieval.sample import documents, load

CASES = load("references.yml")


@pytest.mark.parametrize("case", CASES["found"], ids=lambda case: case["text"])
def test_that_a_named_document_is_found(case: dict[str, Any]) -> None:
    (found,) = find_references(case["text"])
    assert found.kind == case["kind"]
    assert found.number == case.get("number")
    assert found.year == case.get("year")
    assert found.code == case.get("code", "")
    assert found.law == case.get("law", "")
    assert found.articles == tuple(case.get("articles", ()))


@pytest.mark.parametrize("case", CASES["found"], ids=lambda case: case["text"])
def test_that_the_name_shown_says_what_was_named(case: dict[str, Any]) -> None:
    (found,) = find_references(case["text"])
    said = [case.get("number"), case.get("year"), *case.get("articles", ())]
    for number in filter(None, said):
        assert str(number) in found.name
    if "law" in case:
        assert case["law"] in fold(found.name)


@pytest.mark.parametrize("text", CASES["nothing"])
def test_that_what_only_counts_names_nothing(text: str) -> None:
    assert find_references(text) == ()


def test_that_a_document_named_twice_is_found_once() -> None:
    text = CASES["found"][0]["text"]
    assert len(find_references(f"{text} {text}")) == 1


def test_that_all_documents_of_a_text_are_found() -> None:
    numbers = ["203/KH-UBND", "28-CT/TW", "56/2017/NĐ-CP"]
    found = find_references(", ".join(numbers))
    assert [r.number for r in found] == [203, 28, 56]


@pytest.mark.parametrize(("asked", "held", "same"), CASES["same"])
def test_that_only_what_both_say_can_differ(asked: str, held: str, same: bool) -> None:
    (named,) = find_references(asked)
    ways = document_references(documents()[held])
    assert any(way.is_same_document(named) for way in ways) == same


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("dieu 5", (5,)),
        ("dieu 7-9", (7, 8, 9)),
        ("dieu 3 va dieu 1", (1, 3)),
        ("5", ()),
    ],
)
def test_that_article_numbers_are_written_out(
    text: str, numbers: tuple[int, ...]
) -> None:
    assert article_numbers(text) == numbers
