"""From text to terms: marks, dashes, short forms, numbers, windows."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.retrieval.text import (
    content_words,
    fold,
    has_marks,
    normalise,
    runs,
    syllables,
    terms,
    windows,
    without_stray_marks,
    written,
)
from tests.knowledge.retrieval.sample import load

CASES = load("text.yml")
MARKED = [given for given, _ in CASES["fold"]]


@pytest.mark.parametrize(("given", "expected"), CASES["fold"])
def test_that_folding_drops_marks_and_case(given: str, expected: str) -> None:
    assert fold(given) == expected
    assert fold(unicodedata.normalize("NFD", given)) == expected


@pytest.mark.parametrize(("given", "expected"), CASES["syllables"])
def test_that_syllables_are_folded_and_written_out(
    given: str, expected: list[str]
) -> None:
    assert syllables(given) == expected


@pytest.mark.parametrize(("given", "expected"), CASES["terms"])
def test_that_terms_hold_pairs_and_whole_numbers(
    given: str, expected: list[str]
) -> None:
    assert sorted(terms(runs(given))) == sorted(expected)


@pytest.mark.parametrize(("given", "expected"), CASES["content_words"])
def test_that_content_words_keep_their_marks(given: str, expected: list[str]) -> None:
    assert content_words(given) == expected


@pytest.mark.parametrize("text", MARKED)
def test_that_normal_text_is_composed_and_visible(text: str) -> None:
    split = unicodedata.normalize("NFD", text).replace(" ", "\u200b \n ")
    assert normalise(f"  {split}\ufeff ") == text


def test_that_every_dash_and_soft_hyphen_is_one_kind() -> None:
    dashes = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
    assert normalise(dashes) == "-" * len(dashes)
    assert normalise("a\u00adb") == "ab"


@pytest.mark.parametrize("text", MARKED)
def test_that_marks_are_seen_and_kept_where_asked(text: str) -> None:
    assert has_marks(text)
    assert not has_marks(fold(text).upper())
    assert " ".join(written(text)) == text.lower()


@pytest.mark.parametrize(("given", "expected"), CASES["stray_marks"])
def test_that_a_mark_here_and_there_is_not_read(given: str, expected: str) -> None:
    assert without_stray_marks(given) == expected


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_that_any_text_is_read_the_same_again(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert syllables(normalise(text)) == syllables(text)
    assert all(word for word in syllables(text))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 40), st.integers(1, 9), st.integers(0, 8))
def test_that_windows_lose_no_word(count: int, size: int, overlap: int) -> None:
    words = [str(i) for i in range(count)]
    if overlap >= size:
        with pytest.raises(ValueError, match="must be below"):
            list(windows(words, size, overlap))
        return
    views = [list(view) for view in windows(words, size, overlap)]
    assert all(0 < len(view) <= size for view in views)
    assert [word for view in views[:1] for word in view] + [
        word for view in views[1:] for word in view[overlap:]
    ] == words
