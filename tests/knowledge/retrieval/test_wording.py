"""What tells a question that no article answers from one that an article does."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.retrieval.wording import Wording
from tests.knowledge.retrieval.sample import load

CASES = load("wording.yml")
MADE = Wording.of(CASES["asked"], CASES["refused"])


@pytest.mark.parametrize("question", CASES["like_refused"])
def test_that_it_is_worded_like_those_out_of_scope(question: str) -> None:
    odds, oddest = MADE.odds(question)
    assert odds > 0
    assert oddest > 0


@pytest.mark.parametrize("question", CASES["like_asked"])
def test_that_it_is_worded_like_those_of_articles(question: str) -> None:
    assert MADE.odds(question)[0] < 0


def test_that_a_question_out_of_scope_does_not_give_itself_away() -> None:
    """Calibration asks the counted ones; each is seen as if it were new."""
    question = CASES["refused"][0]
    rest = Wording.of(CASES["asked"], CASES["refused"][1:])
    left_out, new = MADE.odds(question, is_refused=True)[0], rest.odds(question)[0]
    assert left_out < MADE.odds(question)[0]
    assert left_out == pytest.approx(new, abs=0.5)


@pytest.mark.parametrize("question", ["", "?!", "wjzqq"])
def test_that_what_was_never_seen_says_nothing(question: str) -> None:
    assert MADE.odds(question)[0] == pytest.approx(0)


def test_that_it_survives_being_written(tmp_path: Path) -> None:
    MADE.save(tmp_path / "wording.json")
    assert Wording.load(tmp_path / "wording.json") == MADE


@pytest.mark.parametrize("text", ["", "[]", "{", "[1, 2, 3, 4]"])
def test_that_a_torn_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "wording.json"
    path.write_text(text)
    with pytest.raises((OSError, TypeError, ValueError)):
        Wording.load(path)
