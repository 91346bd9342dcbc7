"""Thresholds that are learned: what they keep, refuse and answer."""

from __future__ import annotations

import random

import numpy as np
import pytest

from knowledge.retrieval.calibrate import (
    PRECISION,
    REFUSED,
    Calibration,
    Example,
    Features,
    calibrate,
    fit,
)
from knowledge.retrieval.wording import Odds


def seen(near: float, lead: float = 0.0) -> Features:
    """A question that is `near` an article and leads the others by `lead`."""
    own = (near, near, near / 3, near / 3, near / 4)
    odds = Odds(-near, 0.0, -near, 0.0)
    return Features(*own, 1.0, 0.3, odds, lead, lead, lead)


def examples(seed: int = 1) -> list[Example]:
    rng = random.Random(seed)
    made = []
    for _ in range(300):
        right = rng.random() < 0.6
        lead = rng.gauss(0.3 if right else 0.05, 0.08)
        made.append(Example(seen(rng.gauss(2.8, 0.3), lead), True, right))
    for _ in range(200):
        made.append(Example(seen(rng.gauss(1.6, 0.4), 0.02), False, False))
    return made


def test_that_enough_out_of_scope_is_refused_and_most_answers_are_right() -> None:
    asked = examples()
    made = calibrate(asked)
    decided = [(made.decide(e.features), e) for e in asked]
    outside = [d for d, e in decided if not e.in_scope]
    answered = [e.right for d, e in decided if d == "answer"]
    inside = [d for d, e in decided if e.in_scope]
    assert outside.count("abstain") / len(outside) >= REFUSED
    assert sum(answered) / len(answered) >= PRECISION
    assert inside.count("abstain") / len(inside) < 0.1
    assert {d for d, _ in decided} == {"answer", "suggest", "abstain"}


def test_that_it_holds_for_questions_it_never_saw() -> None:
    made = calibrate(examples(1))
    fresh = [(made.decide(e.features), e) for e in examples(2)]
    answered = [e.right for d, e in fresh if d == "answer"]
    assert sum(answered) / len(answered) >= PRECISION - 0.05


def test_that_nearer_is_never_less_in_scope() -> None:
    made = calibrate(examples())
    scopes = [made.scope.probability(seen(x).scope) for x in np.linspace(0, 4, 20)]
    assert scopes == sorted(scopes)


def test_that_a_calibration_survives_being_written() -> None:
    made = calibrate(examples())
    assert Calibration.from_json(made.to_json()) == made


@pytest.mark.parametrize("kind", [True, False])
def test_that_both_kinds_of_questions_are_needed(kind: bool) -> None:
    with pytest.raises(ValueError, match="in scope and out of scope"):
        calibrate([Example(seen(1.0), kind, kind)])


def test_that_a_feature_that_never_changes_does_no_harm() -> None:
    x = np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])
    model = fit(x, np.array([False, False, True, True]))
    assert model.weights[1] == pytest.approx(0)
    assert model.probability((3.0, 5.0)) > 0.5 > model.probability((0.0, 5.0))
