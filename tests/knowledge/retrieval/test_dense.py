"""Any encoder directory can be used, and only the one that made the vectors."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge.retrieval import dense
from knowledge.retrieval.dense import (
    NONE,
    SHIPPED,
    EncoderError,
    encoder_id,
    load_encoder,
    treatment_of,
)
from knowledge.retrieval.index import RetrievalIndex, build_index, load_index
from knowledge.retrieval.search import search
from knowledge.retrieval.static import StaticModel
from tests.knowledge.retrieval.encoders import UNKNOWN, make_encoder
from tests.knowledge.retrieval.sample import articles, documents, said
from tests.servers import ROOT

ARTICLE = "duoi-nuoc"  # the only one that holds the word that the model knows
LEXICAL = """
import sys
from pathlib import Path
from knowledge.retrieval.index import load_index
from knowledge.retrieval.search import search
from knowledge.retrieval.static import StaticModel
search(sys.argv[2], load_index(Path(sys.argv[1])))
sys.exit("torch" in sys.modules)
"""


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two models; to the first, two words mean the same."""
    folder = tmp_path_factory.mktemp("models")
    same = {UNKNOWN: [1.0, 0, 0], said("stands_for"): [0, 2.0, 0]}
    make_encoder(folder / "first", same | {said("unseen"): [0, 2.0, 0]})
    make_encoder(folder / "second", same | {said("unseen"): [0, 0, 2.0]})
    return folder


@pytest.fixture(scope="session")
def dense_folder(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny index with the vectors of the first model."""
    folder = tmp_path_factory.mktemp("dense") / "index"
    build_index(articles(), documents(), folder, str(models / "first"))
    return folder


def found(index: RetrievalIndex) -> list[str]:
    """Return what is found for a word that no article holds."""
    return [hit.article_id for hit in search(said("unseen"), index).hits]


def test_that_vectors_are_of_unit_length_and_finite(models: Path) -> None:
    encoder = load_encoder(str(models / "first"))
    assert encoder is not None
    texts = [said("right"), said("unseen"), "", " \u200b"]
    for vectors in (encoder.queries(texts), encoder.passages(texts)):
        assert vectors.shape == (len(texts), 3)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_that_an_encoder_given_as_a_directory_is_used(
    models: Path, dense_folder: Path, index: RetrievalIndex
) -> None:
    with_model = load_index(dense_folder, str(models / "first"))
    assert with_model.info.encoder.startswith("first@")
    assert with_model.info.dimension == 3
    assert with_model.info.vectors > with_model.info.articles
    assert found(index) == []
    assert found(with_model)[:1] == [ARTICLE]


def test_that_the_environment_names_the_encoder(
    models: Path, dense_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KNOWLEDGE_ENCODER", str(models / "first"))
    assert found(load_index(dense_folder))[:1] == [ARTICLE]
    monkeypatch.setenv("KNOWLEDGE_ENCODER", str(models / "second"))
    with pytest.raises(EncoderError, match="second@"):
        load_index(dense_folder)


@pytest.mark.parametrize("name", ["second", NONE])
def test_that_an_index_of_another_encoder_is_refused(
    name: str, models: Path, dense_folder: Path
) -> None:
    other = name if name == NONE else str(models / name)
    with pytest.raises(EncoderError, match="built with encoder first@") as caught:
        load_index(dense_folder, other)
    assert "build the snapshot again" in str(caught.value)
    assert "KNOWLEDGE_ENCODER" in str(caught.value)


def test_that_a_model_retrained_in_its_place_is_refused(
    models: Path, dense_folder: Path, tmp_path: Path
) -> None:
    changed = shutil.copytree(models / "second", tmp_path / "first")
    with pytest.raises(EncoderError, match="not with first@"):
        load_index(dense_folder, str(changed))


def test_that_a_model_may_move(
    models: Path, dense_folder: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(models / "first", tmp_path / "else" / "first")
    assert encoder_id(str(moved)) == encoder_id(str(models / "first"))
    assert found(load_index(dense_folder, str(moved)))[:1] == [ARTICLE]


@pytest.mark.parametrize("made", [False, True])
def test_that_what_is_no_model_is_named_with_a_remedy(
    made: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "no-model"
    if made:
        folder.mkdir()
    with pytest.raises(EncoderError, match="does not load") as caught:
        load_encoder(str(folder))
    assert "KNOWLEDGE_ENCODER" in str(caught.value)
    assert str(folder) in str(caught.value)


def test_that_a_missing_shipped_model_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KNOWLEDGE_ENCODER", raising=False)
    monkeypatch.setattr(dense, "SHIPPED", tmp_path / "encoder")
    with pytest.raises(EncoderError, match=r"knowledge\.retrieval train") as caught:
        load_encoder()
    assert "KNOWLEDGE_ENCODER=none" in str(caught.value)


def test_that_none_is_lexical_search_whatever_is_configured(
    index_folder: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_encoder(NONE) is None
    monkeypatch.setenv("KNOWLEDGE_ENCODER", str(models / "second"))
    index = load_index(index_folder)
    assert index.library.encoder is None
    assert search(said("right"), index).hits[0].article_id == "khai-sinh"


def test_that_lexical_search_never_imports_torch(index_folder: Path) -> None:
    command = [sys.executable, "-c", LEXICAL, str(index_folder), said("right")]
    environment = os.environ | {"KNOWLEDGE_ENCODER": NONE}
    assert subprocess.run(command, cwd=ROOT, env=environment).returncode == 0


def test_that_a_static_model_needs_no_torch_and_means_the_same(
    models: Path, tmp_path: Path
) -> None:
    """Read by numpy or by SentenceTransformer: the same vectors."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize

    texts = [said("right"), f"{said('stands_for')} a {said('unseen')}", "a" * 900]
    for folder in (models / "first", SHIPPED):
        whole = SentenceTransformer(str(folder), device="cpu")
        by_torch = whole.encode(texts, normalize_embeddings=True)
        read = load_encoder(str(folder))
        assert read is not None
        assert isinstance(read.model, StaticModel)
        np.testing.assert_allclose(read.queries(texts), by_torch, atol=1e-5)
    other = SentenceTransformer(modules=[*whole, Normalize()], device="cpu")
    other.save(str(tmp_path / "other"), create_model_card=False)
    loaded = load_encoder(str(tmp_path / "other"))
    assert loaded is not None
    assert isinstance(loaded.model, SentenceTransformer)
    np.testing.assert_allclose(loaded.queries(texts), by_torch, atol=1e-5)


def test_that_the_shipped_encoder_never_imports_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torch and transformers would take 700 MB of the memory of the actions."""
    monkeypatch.delenv("KNOWLEDGE_ENCODER", raising=False)
    build_index(articles(), documents(), tmp_path / "index")
    command = [sys.executable, "-c", LEXICAL, str(tmp_path / "index"), said("right")]
    assert subprocess.run(command, cwd=ROOT).returncode == 0


def test_that_known_families_get_their_prefixes() -> None:
    e5 = treatment_of("intfloat/multilingual-e5-small")
    assert (e5.query_prefix, e5.passage_prefix) == ("query: ", "passage: ")
    assert e5.max_length == 512
    plain = treatment_of("somebody/some-model")
    assert (plain.query_prefix, plain.passage_prefix) == ("", "")
