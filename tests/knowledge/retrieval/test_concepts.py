"""Other words, other spellings, other places: what a question is read as."""

from __future__ import annotations

import random
from typing import Any

import pytest

from knowledge.retrieval.concepts import concept_terms, reword
from knowledge.retrieval.forms import FORMS, write_as
from knowledge.retrieval.places import provinces_in
from knowledge.retrieval.repair import Repair
from knowledge.retrieval.text import fold, has_marks, syllables
from tests.knowledge.retrieval.sample import load

CASES: dict[str, Any] = load("concepts.yml")


def concepts(text: str) -> set[str]:
    return set(concept_terms(text))


@pytest.mark.parametrize("pair", CASES["same"], ids=str)
def test_that_other_words_share_a_concept(pair: list[str]) -> None:
    one, other = pair
    assert concepts(one) & concepts(other)


@pytest.mark.parametrize("pair", CASES["different"], ids=str)
def test_that_what_only_looks_alike_shares_none(pair: list[str]) -> None:
    one, other = pair
    assert not concepts(one) & concepts(other)


def test_that_a_line_without_marks_is_read_without() -> None:
    """A child without a Vietnamese keyboard must meet the same concepts."""
    marked = [one for one, _ in CASES["same"]]
    shared = [concepts(one) & concepts(fold(one)) for one in marked]
    assert all(shared)


def test_that_lines_are_read_one_by_one() -> None:
    bare, marked = fold(CASES["same"][0][0]), CASES["same"][0][1]
    both = concept_terms(f"{bare}\n{marked}")
    assert both == concept_terms(bare) + concept_terms(marked)


def test_that_rewording_keeps_the_concepts_and_the_seed_decides() -> None:
    text = CASES["same"][0][1]
    made = [reword(text, random.Random(seed)) for seed in range(20)]
    assert made == [reword(text, random.Random(seed)) for seed in range(20)]
    assert len(set(made)) > 1
    assert all(concepts(text) & concepts(other) for other in made)


def test_that_rewording_leaves_what_has_no_marks() -> None:
    bare = fold(CASES["same"][0][0])
    assert reword(bare, random.Random(1)) == bare


@pytest.mark.parametrize(("typed", "mended"), CASES["mended"])
def test_that_slips_are_mended(typed: str, mended: str) -> None:
    assert Repair(dict.fromkeys(CASES["vocabulary"], 1))(typed) == mended


@pytest.mark.parametrize("text", CASES["kept"])
def test_that_words_are_never_made_into_others(text: str) -> None:
    """Else a question that is out of scope would be pulled into it."""
    assert Repair(dict.fromkeys(CASES["vocabulary"], 1))(text) == text


def test_that_the_commoner_word_is_meant() -> None:
    assert Repair({"hanh": 1, "hang": 9})("hanx") == "hang"


@pytest.mark.parametrize(("text", "province"), CASES["districts"])
def test_that_a_district_is_its_province(text: str, province: str) -> None:
    assert provinces_in(text) == {province}


@pytest.mark.parametrize("text", CASES["ordinary"])
def test_that_ordinary_words_are_no_place(text: str) -> None:
    assert provinces_in(text) == frozenset()


def test_that_forms_are_made_the_same_again() -> None:
    text = CASES["same"][0][0]
    for form in FORMS:
        assert write_as(form, text, 7) == write_as(form, text, 7)
    assert write_as("marked", text, 7) == text
    assert not has_marks(write_as("plain", text, 7))
    assert syllables(write_as("plain", text, 7)) == syllables(text)
    slips = {write_as("typos", text, seed) for seed in range(10)}
    assert len(slips) > 5


def test_that_an_unknown_form_is_named() -> None:
    with pytest.raises(ValueError, match="'upper' is unknown; use one of marked"):
        write_as("upper", "a", 1)
