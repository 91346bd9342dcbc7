"""What tells a question that no article answers from one that an article does."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

import pytest

from knowledge.retrieval.wording import Odds, Wording
from tests.knowledge.retrieval.sample import load

CASES = load("wording.yml")
MADE = Wording.of(CASES["asked"], CASES["refused"])


def nothing(_terms: Set[str]) -> Set[str]:
    """An article that holds none of the words."""
    return frozenset()


def everything(terms: Set[str]) -> Set[str]:
    """An article that holds every word."""
    return terms


def odds_of(question: str, made: Wording = MADE, *, is_refused: bool = False) -> Odds:
    return made.odds(question, nothing, is_refused)


@pytest.mark.parametrize("question", CASES["like_refused"])
def test_that_it_is_worded_like_those_out_of_scope(question: str) -> None:
    odds = odds_of(question)
    assert odds.content > 0
    assert odds.oddest > 0


@pytest.mark.parametrize("question", CASES["like_asked"])
def test_that_it_is_worded_like_those_of_articles(question: str) -> None:
    assert odds_of(question).content < 0


@pytest.mark.parametrize("question", CASES["like_refused"])
def test_that_only_what_the_article_lacks_speaks_against_it(question: str) -> None:
    held = MADE.odds(question, everything, False)
    assert (held.lacking, held.oddest) == (0, 0)
    assert held.content == odds_of(question).content
    assert odds_of(question).lacking > 0


def test_that_a_question_out_of_scope_does_not_give_itself_away() -> None:
    """Calibration asks the counted ones; each is seen as if it were new."""
    question = CASES["refused"][0]
    rest = Wording.of(CASES["asked"], CASES["refused"][1:])
    left_out = odds_of(question, is_refused=True).content
    assert left_out < odds_of(question).content
    assert left_out == pytest.approx(odds_of(question, rest).content, abs=0.5)


@pytest.mark.parametrize("question", ["", "?!", "wjzqq"])
def test_that_what_was_never_seen_says_nothing(question: str) -> None:
    assert odds_of(question).content == pytest.approx(0)


def test_that_it_survives_being_written(tmp_path: Path) -> None:
    MADE.save(tmp_path / "wording.json")
    assert Wording.load(tmp_path / "wording.json") == MADE


@pytest.mark.parametrize("text", ["", "[]", "{", "[1, 2, 3, 4]"])
def test_that_a_torn_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "wording.json"
    path.write_text(text)
    with pytest.raises((OSError, TypeError, ValueError)):
        Wording.load(path)
