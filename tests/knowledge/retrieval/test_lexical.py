"""BM25 of `lexical.py`, compared with the formula written out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.retrieval.lexical import K1, B, LexicalIndex, best_per_owner

UNITS = [
    ["be", "khai", "sinh", "khai sinh"],
    ["khai", "bao", "be", "be", "be"],
    ["hoc", "phi"],
    [],
    ["be"] * 7 + ["hoc"],
]
TERMS = st.sampled_from(["be", "hoc", "phi", "khai", "sinh", "khai sinh"])


def by_hand(
    units: Sequence[Sequence[str]], terms: Sequence[str], k1: float, b: float
) -> list[float]:
    """Return the BM25 of each unit: Lucene's form, no index."""
    n, mean = len(units), sum(map(len, units)) / len(units)

    def weight(term: str, unit: Sequence[str]) -> float:
        holding, tf = sum(term in u for u in units), unit.count(term)
        idf = math.log(1 + (n - holding + 0.5) / (holding + 0.5))
        return idf * tf / (tf + k1 * (1 - b + b * len(unit) / mean)) if tf else 0.0

    return [sum(weight(term, unit) for term in terms) for unit in units]


@pytest.mark.parametrize(("k1", "b"), [(K1, B), (1.2, 0.75), (2.0, 0.0)])
@pytest.mark.parametrize(
    "terms", [["be"], ["khai sinh", "hoc"], ["be", "be", "phi"], ["sinh", "nowhere"]]
)
def test_that_scores_are_those_of_the_formula(
    terms: list[str], k1: float, b: float
) -> None:
    found = LexicalIndex.build(UNITS, k1, b).scores(terms)
    assert found.shape == (len(UNITS),)
    assert found.max() > 0
    np.testing.assert_allclose(found, by_hand(UNITS, terms, k1, b), rtol=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(TERMS, max_size=6), min_size=1, max_size=5),
    st.lists(TERMS, max_size=4),
)
def test_that_any_units_score_as_the_formula_says(
    units: list[list[str]], terms: list[str]
) -> None:
    found = LexicalIndex.build(units).scores(terms)
    wanted = by_hand(units, terms, K1, B) if any(units) else [0.0] * len(units)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("terms", [[], ["nowhere"]])
def test_that_nothing_shared_scores_nothing(terms: list[str]) -> None:
    assert LexicalIndex.build(UNITS).scores(terms).tolist() == [0.0] * len(UNITS)


@pytest.mark.parametrize("units", [UNITS, [[], []], []])
def test_that_a_saved_index_scores_the_same(
    units: list[list[str]], tmp_path: Path
) -> None:
    index = LexicalIndex.build(units)
    index.save(tmp_path / "made")
    read = LexicalIndex.load(tmp_path / "made")
    assert read.count == len(units)
    for terms in (["be", "khai sinh"], ["hoc"], []):
        assert read.scores(terms).tolist() == index.scores(terms).tolist()


def test_that_the_same_units_make_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        LexicalIndex.build(UNITS).save(tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_that_an_owner_keeps_its_best_unit() -> None:
    scores = np.array([0.5, 2.0, 1.0, 0.25], dtype=np.float32)
    owners = np.array([2, 0, 0, 2], dtype=np.int64)
    assert best_per_owner(scores, owners, 4).tolist() == [2.0, 0.0, 0.5, 0.0]
