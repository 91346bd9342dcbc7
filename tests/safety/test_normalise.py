"""Disguises, keyboard codes, teencode and typing errors become common words."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety.letters import fold, from_telex, from_vni, is_same, read_word
from bot.safety.normalise import MAX_SENTENCE, normalise
from tests.safety.tables import HERE


def load_spellings() -> list[dict[str, str]]:
    with (HERE / "spellings.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", load_spellings(), ids=lambda c: c["id"])
def test_that_a_spelling_is_read_as_meant(case: dict[str, str]) -> None:
    message = normalise(case["text"])
    words = [w.text for s in message.sentences for w in s.words]
    assert " ".join(words) == case["words"]
    assert message.language == case["language"]


def test_that_the_place_of_the_tone_does_not_matter() -> None:
    assert is_same(read_word("ho\u00e0"), read_word("h\u00f2a"))
    assert not is_same(read_word("hoa"), read_word("h\u00f2a"))


def test_that_keyboard_codes_need_a_syllable() -> None:
    assert from_telex("test") is not None
    assert from_telex("em") is None
    assert from_vni("hi3p") is None
    assert from_vni("d9a1nh") == from_telex("ddanhs")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
def test_that_any_text_becomes_sentences_of_limited_length(text: str) -> None:
    for sentence in normalise(text).sentences:
        assert 0 < len(sentence.words) <= MAX_SENTENCE
        assert all(word.text for word in sentence.words)


@given(st.text(max_size=50))
def test_that_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
