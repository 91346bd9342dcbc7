"""A tiny index, built once: lexical search alone, so that no model is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.retrieval.dense import NONE
from knowledge.retrieval.index import RetrievalIndex, build_index, load_index
from tests.knowledge.retrieval.sample import articles, documents


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the tiny index; tests that change one change a copy."""
    folder = tmp_path_factory.mktemp("retrieval") / "index"
    build_index(articles(), documents(), folder, NONE)
    return folder


@pytest.fixture(scope="session")
def index(index_folder: Path) -> RetrievalIndex:
    """The tiny index, loaded."""
    return load_index(index_folder, NONE)
