"""The encoder made from the articles: the same again, and better than nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from knowledge.retrieval.dense import SHIPPED, encoder_id, load_encoder, treatment_of
from knowledge.retrieval.fuse import Passage, build_ranker
from knowledge.retrieval.index import passages
from knowledge.retrieval.text import fold
from knowledge.retrieval.train import Recipe, batches, train
from knowledge.retrieval.ways import asked_of, without_asked
from tests.knowledge.retrieval.sample import articles

SHORT = Recipe(steps=60, batch=12, vocabulary=400, dimension=32)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train") / "encoder"
    return train(passages(without_asked(articles())), folder, SHORT)


def digest(folder: Path) -> str:
    weights = (folder / "model.safetensors").read_bytes()
    return hashlib.sha256(
        weights + (folder / "tokenizer.json").read_bytes()
    ).hexdigest()


def test_that_the_same_texts_make_the_same_model(made: Path, tmp_path: Path) -> None:
    again = train(passages(without_asked(articles())), tmp_path / "encoder", SHORT)
    assert digest(again) == digest(made)
    assert encoder_id(str(again)) == encoder_id(str(made))


def test_that_a_trained_model_finds_most_left_out_questions(made: Path) -> None:
    encoder = load_encoder(str(made))
    assert encoder
    ranker = build_ranker(passages(without_asked(articles())), encoder)
    firsts = []
    for position, article in enumerate(articles()):
        for question in asked_of(article):
            cosines = ranker.signals(question, encoder.queries([question])).dense
            firsts.append(int(np.argmax(cosines)) == position)
    assert sum(firsts) >= len(firsts) / 2


def test_that_marks_make_no_difference_to_the_model(made: Path) -> None:
    encoder = load_encoder(str(made))
    assert encoder
    texts = [article.title for article in articles()]
    marked, bare = encoder.queries(texts), encoder.queries([fold(t) for t in texts])
    assert np.allclose(marked, bare)


def test_that_training_never_sees_what_calibration_asks() -> None:
    rest = passages(without_asked(articles()))
    recipe = Recipe(steps=30, batch=12)
    written = {
        text for pairs in batches(rest, recipe) for pair in pairs for text in pair
    }
    assert not written & {q for article in articles() for q in asked_of(article)}


def test_that_examples_of_a_step_are_of_different_articles() -> None:
    few = [Passage(str(i), f"t{i}", (), f"word{i} other{i}") for i in range(3)]
    steps = list(batches(few, Recipe(steps=4, batch=64)))
    assert [len(pairs) for pairs in steps] == [3, 3, 3, 3]


def test_that_one_article_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        train([Passage("a", "b", (), "c")], tmp_path / "encoder", SHORT)
    assert not (tmp_path / "encoder").exists()


def test_that_the_shipped_model_is_small_and_of_256_dimensions() -> None:
    encoder = load_encoder(str(SHIPPED))
    assert encoder
    size = (SHIPPED / "model.safetensors").stat().st_size
    assert 500_000 < size < 2_000_000
    assert encoder.queries(["111"]).shape == (1, 256)
    assert treatment_of(str(SHIPPED)).query_prefix == ""
