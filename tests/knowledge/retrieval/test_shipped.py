"""The shipped articles and encoder together: questions that must come out right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from knowledge.article import load_articles
from knowledge.documents import load_documents
from knowledge.retrieval.dense import SHIPPED
from knowledge.retrieval.index import RetrievalIndex, build_index, load_index
from knowledge.retrieval.search import ABSTAIN, ANSWER, search
from tests.knowledge.retrieval.sample import load

CASES: dict[str, Any] = load("shipped.yml")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> RetrievalIndex:
    folder = tmp_path_factory.mktemp("shipped") / "index"
    build_index(load_articles(), load_documents(), folder, str(SHIPPED))
    return load_index(folder, str(SHIPPED))


@pytest.mark.parametrize(("question", "article"), CASES["first"])
def test_that_it_is_answered(
    question: str, article: str, shipped: RetrievalIndex
) -> None:
    result = search(question, shipped)
    assert (result.decision, result.hits[0].article_id) == (ANSWER, article)


@pytest.mark.parametrize("question", CASES["refused"])
def test_that_it_is_refused(question: str, shipped: RetrievalIndex) -> None:
    assert search(question, shipped).decision == ABSTAIN


@pytest.mark.parametrize(("question", "previous", "article"), CASES["follow_up"])
def test_that_a_follow_up_is_understood(
    question: str, previous: str, article: str, shipped: RetrievalIndex
) -> None:
    result = search(question, shipped, previous=previous)
    assert (result.reason, result.hits[0].article_id) == ("follow_up", article)
    assert result.decision != ABSTAIN


def test_that_every_question_of_an_article_finds_it(shipped: RetrievalIndex) -> None:
    """What people tap or read in an article must lead back to it."""
    lost = [
        (article.id, question)
        for article in load_articles()
        for question in (article.title, article.questions[0])
        if search(question, shipped, k=1).hits[0].article_id != article.id
    ]
    assert lost == []


def test_that_the_index_fits_the_memory_of_the_process(shipped: RetrievalIndex) -> None:
    info = shipped.info
    assert info.vectors * info.dimension * 4 < 50_000_000
    assert Path(SHIPPED, "model.safetensors").exists()
