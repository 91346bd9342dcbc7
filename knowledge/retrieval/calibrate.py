"""When to answer, suggest or refuse: learned at every build, stored in the index.

The scale of raw scores depends on the articles, so the thresholds come from the
articles' own questions, each asked while it is left out, against a shipped list of
questions that are out of scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.retrieval.wording import Odds

Matrix = npt.NDArray[np.float64]
# Shares asked of the calibration questions; a build meets them as far as it can.
REFUSED = 0.94  # of the questions out of scope that must not pass
# Of the first articles that must be right where we answer. The left-out questions are
# the hardest way to ask, and fewer others tell about their article, so that this share
# of them stands for about 0.95 of what people ask: README.md.
PRECISION = 0.78
_RIDGE = 3.0
_ROUNDS = 25
_CERTAIN = 30  # beyond it a probability is 0 or 1


@dataclass(frozen=True, slots=True)
class Features:
    """What is seen of a question and the article that came first.

    `words` and `concepts` are log1p of raw BM25, never normalised for one question;
    `cosine` is of its nearest unit, `near` the mean of its nearest three; `coverage`
    the share of the question's words, by rarity, that the article holds.
    `decoy_words` and `decoy_cosine` are the same for the nearest question that is out
    of scope, `odds` is what `Wording.odds` returns.
    `sure` is 1 where no other article comes near, `lead` the cosine over the best one
    elsewhere, `margin` the share by which its score exceeds the second.
    """

    words: float
    concepts: float
    cosine: float
    near: float
    coverage: float
    decoy_words: float
    decoy_cosine: float
    odds: Odds
    sure: float
    lead: float
    margin: float

    @property
    def scope(self) -> tuple[float, ...]:
        """What tells whether any article can answer."""
        own = (self.words, self.concepts, self.cosine, self.near, self.coverage)
        odds = (self.odds.content, self.odds.frame, self.odds.lacking, self.odds.oddest)
        return (*own, self.decoy_words, self.decoy_cosine, *odds)

    @property
    def first(self) -> tuple[float, ...]:
        """What tells whether the first article is the right one, if any is."""
        return (self.sure, self.lead, self.margin, self.near, self.cosine)


@dataclass(frozen=True, slots=True)
class Example:
    """One calibration question: what was seen, and what was true."""

    features: Features
    in_scope: bool
    right: bool  # the first article is the one that holds the question


@dataclass(frozen=True, slots=True)
class Logistic:
    """A probability from features: mean, scale and weight of each, and a bias."""

    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def probability(self, features: Sequence[float]) -> float:
        """Return 0..1."""
        x = (np.asarray(features) - self.means) / self.scales
        logit = np.clip(x @ np.asarray(self.weights) + self.bias, -_CERTAIN, _CERTAIN)
        return float(1 / (1 + np.exp(-logit)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Refuse below `refuse_below` of `scope`, answer from `answer_from` of `right`.

    `first` is the probability that the first article is right if any is,
    `learned_from` are the digests of the articles whose questions were asked.
    """

    scope: Logistic
    first: Logistic
    refuse_below: float
    answer_from: float
    learned_from: tuple[str, ...] = ()

    def decide(self, features: Features) -> str:
        """Return "answer", "suggest" or "abstain"."""
        if self.scope.probability(features.scope) < self.refuse_below:
            return "abstain"
        return "answer" if self.right(features) >= self.answer_from else "suggest"

    def right(self, features: Features) -> float:
        """Return the probability, 0..1, that the first article answers."""
        scope = self.scope.probability(features.scope)
        return scope * self.first.probability(features.first)

    def to_json(self) -> dict[str, Any]:
        """Return plain values; `from_json` reads them."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Calibration:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError: the values are not of a calibration.
        """
        models = {name: _logistic(values[name]) for name in ("scope", "first")}
        return cls(
            **models,
            refuse_below=float(values["refuse_below"]),
            answer_from=float(values["answer_from"]),
            learned_from=tuple(values["learned_from"]),
        )


def calibrate(examples: Sequence[Example]) -> Calibration:
    """Fit both models and choose both thresholds.

    Raises:
        ValueError: no example is in scope, or none is out of it.
    """
    inside = [e for e in examples if e.in_scope]
    if not inside or len(inside) == len(examples):
        raise ValueError("calibration needs questions in scope and out of scope")
    scope = fit(
        np.array([e.features.scope for e in examples]),
        np.array([e.in_scope for e in examples]),
    )
    first = fit(
        np.array([e.features.first for e in inside]),
        np.array([e.right for e in inside]),
    )
    outside = [scope.probability(e.features.scope) for e in examples if not e.in_scope]
    refuse_below = float(np.quantile(outside, REFUSED, method="higher")) + 1e-9
    made = Calibration(scope, first, refuse_below, 1.0)
    passed = [e for e in examples if made.decide(e.features) != "abstain"]
    scored = [(made.right(e.features), e.right) for e in passed]
    return replace(made, answer_from=_precise_from(scored))


def fit(features: Matrix, truth: npt.NDArray[np.bool_]) -> Logistic:
    """Return a ridge logistic regression.

    Args:
        features: shape (examples, features).
        truth: shape (examples,).
    """
    means, scales = features.mean(axis=0), features.std(axis=0)
    scales[scales == 0] = 1
    x = np.column_stack([(features - means) / scales, np.ones(len(features))])
    ridge = np.diag([_RIDGE] * features.shape[1] + [1e-6])
    weights = np.zeros(x.shape[1])
    for _ in range(_ROUNDS):  # Newton's method; the function is convex
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (p - truth) + ridge @ weights
        curve = (x.T * (p * (1 - p))) @ x + ridge
        weights = weights - np.linalg.solve(curve, slope)
    return Logistic(
        tuple(means.tolist()),
        tuple(scales.tolist()),
        tuple(weights[:-1].tolist()),
        float(weights[-1]),
    )


def _precise_from(scored: Sequence[tuple[float, bool]]) -> float:
    """Return the lowest threshold from which enough first articles are right."""
    ordered = sorted(scored, reverse=True)
    rights = np.cumsum([right for _, right in ordered])
    precise = rights / np.arange(1, len(ordered) + 1) >= PRECISION
    return ordered[int(np.flatnonzero(precise)[-1])][0] if precise.any() else 1.0


def _logistic(values: dict[str, Any]) -> Logistic:
    return Logistic(
        tuple(values["means"]),
        tuple(values["scales"]),
        tuple(values["weights"]),
        float(values["bias"]),
    )
