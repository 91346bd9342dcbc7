"""Every sample of the triage paper, its look-alikes, pairs and forms, row by row."""

from __future__ import annotations

import pytest

from bot.safety.assess import assess
from tests.safety.tables import Case, case_name, load_cases

CASES = load_cases()


def is_as_expected(case: Case, card: str) -> bool:
    return card != "none" if case.card == "any" else card == case.card


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_that_each_message_gets_the_card_of_the_table(case: Case) -> None:
    triage = assess(case.text)
    assert is_as_expected(case, triage.card), (case.note, triage.matched)
    if case.level:
        assert triage.level.value == case.level
    if case.danger_class:
        assert triage.danger_class is not None
        assert triage.danger_class.value == case.danger_class


@pytest.mark.parametrize("case", [c for c in CASES if c.card != "none"], ids=case_name)
def test_that_the_rules_alone_still_show_a_card(case: Case) -> None:
    """R16: without the classifier an explicit message must not be lost."""
    assert assess(case.text, use_classifier=False).card != "none"


@pytest.mark.parametrize("case", [c for c in CASES if c.card == "none"], ids=case_name)
def test_that_the_rules_alone_do_not_alarm_on_look_alikes(case: Case) -> None:
    assert assess(case.text, use_classifier=False).card != "full"
