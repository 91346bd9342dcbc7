"""Properties of `assess` that must hold for any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety import assess as module
from bot.safety import classifier
from bot.safety.assess import assess
from bot.safety.triage import DangerClass, Level, Speaker, Triage
from tests.safety.tables import load_cases

LEVELS = (Level.P0, Level.P1, Level.P2)
ALARMING = [c.text for c in load_cases("clauses.csv") if c.card == "full"]
HARMLESS = [c.text for c in load_cases("clauses.csv") if c.card == "none"]
LETTERS = st.text(max_size=300)
VIETNAMESE = st.lists(st.sampled_from(HARMLESS + ALARMING), max_size=8).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(LETTERS, VIETNAMESE, st.text(alphabet="aăâáàẠ đ.,?!\n1@*😭\u200b")))
def test_that_no_text_raises_and_a_level_fits_its_card(text: str) -> None:
    triage = assess(text)
    assert isinstance(triage, Triage)
    assert triage.is_danger == (triage.level is not Level.P3)
    assert (triage.danger_class is None) == (triage.level is Level.P3)
    assert triage.soft <= (triage.level is Level.P2)
    assert triage.address


@pytest.mark.parametrize("danger", ALARMING)
@pytest.mark.parametrize("harmless", HARMLESS)
def test_that_small_talk_around_it_never_hides_a_danger(
    harmless: str, danger: str
) -> None:
    """A person may begin with anything, also with a question about the law."""
    alone = LEVELS.index(assess(danger).level)
    for text in (f"{harmless}. {danger}", f"{danger}. {harmless}"):
        found = assess(text)
        assert found.card != "none"
        assert found.soft or LEVELS.index(found.level) <= alone


def test_that_one_clause_in_a_long_story_counts() -> None:
    story = ". ".join(HARMLESS * 40)
    long_text = f"{story}. {ALARMING[0]}. {story}"[:10_000]
    assert ALARMING[0] in long_text
    assert assess(long_text).card == "full"


def test_that_an_empty_message_gets_the_card_of_a_test() -> None:
    assert assess("  \n").danger_class is DangerClass.TEST


@pytest.mark.parametrize("case", load_cases("speakers.csv"), ids=lambda c: c.id)
def test_that_the_speaker_is_recognised(case: object) -> None:
    from tests.safety.tables import Case

    assert isinstance(case, Case)
    triage = assess(case.text)
    assert triage.speaker is Speaker(case.card)
    assert triage.address == case.note


def test_that_the_place_goes_with_the_assessment() -> None:
    case = next(c for c in load_cases("clauses.csv") if c.note)
    assert assess(case.text).place == case.note


def test_that_matched_holds_ids_and_never_words() -> None:
    for text in ALARMING:
        for reason in assess(text).matched:
            assert reason.isascii()
            assert " " not in reason


def test_that_a_missing_model_leaves_the_rules_working(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "load_classifier", lambda: None)
    assert all(assess(text).card == "full" for text in ALARMING)
    assert classifier.read_classifier(tmp_path / "none.npz") is None
