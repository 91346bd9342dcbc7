"""The files of an index: what was built is what is read, and damage is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.article import load_articles
from knowledge.retrieval.dense import NONE
from knowledge.retrieval.index import (
    RetrievalIndex,
    RetrievalIndexError,
    build_index,
    load_index,
    make_library,
)
from knowledge.retrieval.rank import rank
from knowledge.retrieval.ways import asked_of, ways, with_ways, without_asked
from tests.knowledge.retrieval.sample import articles, asked, documents, said

PARTS = [
    "index.json",
    "entries.json",
    "calibration.json",
    "wording.json",
    "articles/window_owners.json",
    "articles/fulls/count.json",
    "articles/fulls/data.csc.index.npy",
    "articles/fulls/params.index.json",
    "decoys/windows/vocab.index.json",
]


@pytest.fixture
def copy(index_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny index that a test may damage."""
    return Path(shutil.copytree(index_folder, tmp_path / "index"))


def cut(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


def files_of(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_that_what_is_read_is_what_was_built(index: RetrievalIndex) -> None:
    made = make_library(articles(), documents(), None)
    assert index.library.entries == made.entries
    for question, _ in asked("marked") + asked("typo"):
        read, built = rank(question, index.library), rank(question, made)
        assert read.order == built.order
        assert read.scores.tolist() == built.scores.tolist()
        assert read.features == built.features


def test_that_the_information_counts_what_is_there(index: RetrievalIndex) -> None:
    info = index.info
    assert info.articles == len(articles()) == index.library.ranker.count
    assert info.questions == sum(len(a.questions) for a in articles())
    assert (info.encoder, info.dimension, info.vectors) == (NONE, 0, 0)


def test_that_the_same_articles_make_the_same_bytes(
    index_folder: Path, tmp_path: Path
) -> None:
    build_index(articles(), documents(), tmp_path / "again", NONE)
    assert files_of(tmp_path / "again") == files_of(index_folder)


@pytest.mark.parametrize("encoder", [NONE, None])
def test_that_a_build_after_another_finds_what_a_new_one_finds(
    encoder: str | None, tmp_path: Path
) -> None:
    changed = replace(articles()[0], details=said("right"))
    now = (changed, *articles()[1:])
    build_index(articles(), documents(), tmp_path / "old", encoder)
    build_index(now, documents(), tmp_path / "new", encoder, tmp_path / "old")
    build_index(now, documents(), tmp_path / "whole", encoder)
    after = load_index(tmp_path / "new", encoder).library
    whole = load_index(tmp_path / "whole", encoder).library
    for question, _ in asked("marked") + asked("typo"):
        found, expected = rank(question, after), rank(question, whole)
        assert found.order == expected.order
        assert found.scores == pytest.approx(expected.scores)


def test_that_a_calibration_is_kept_while_nearly_all_articles_are(
    index_folder: Path, tmp_path: Path
) -> None:
    def learned(name: str) -> str:
        return (tmp_path / name / "calibration.json").read_text()

    build_index(articles(), documents(), tmp_path / "same", NONE, index_folder)
    build_index(articles()[:6], documents(), tmp_path / "other", NONE, index_folder)
    assert learned("same") == (index_folder / "calibration.json").read_text()
    assert learned("other") != learned("same")


def test_that_nothing_is_pickled(index_folder: Path) -> None:
    suffixes = {Path(name).suffix for name in files_of(index_folder)}
    assert suffixes <= {".json", ".npy", ".faiss"}
    for name, raw in files_of(index_folder).items():
        assert b"|O" not in raw[:128], name


@pytest.mark.parametrize("damage", [cut, empty, remove])
@pytest.mark.parametrize("name", PARTS)
def test_that_a_damaged_file_is_refused(
    name: str, damage: Callable[[Path], None], copy: Path
) -> None:
    damage(copy / name)
    with pytest.raises(RetrievalIndexError, match="build the snapshot again"):
        load_index(copy, NONE)


@pytest.mark.parametrize(
    ("key", "value"), [("schema", 0), ("articles", 11), ("windows", 1), ("vectors", 5)]
)
def test_that_information_that_does_not_fit_is_refused(
    key: str, value: int, copy: Path
) -> None:
    info = json.loads((copy / "index.json").read_text(encoding="utf-8"))
    (copy / "index.json").write_text(json.dumps(info | {key: value}))
    with pytest.raises(RetrievalIndexError, match="cannot be read"):
        load_index(copy, NONE)


def test_that_parts_of_another_index_are_refused(copy: Path, tmp_path: Path) -> None:
    build_index(articles()[:-2], documents(), tmp_path / "smaller", NONE)
    shutil.rmtree(copy / "articles")
    shutil.copytree(tmp_path / "smaller" / "articles", copy / "articles")
    with pytest.raises(RetrievalIndexError, match="cannot be read"):
        load_index(copy, NONE)


def test_that_no_folder_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(RetrievalIndexError, match="cannot be read"):
        load_index(tmp_path / "absent", NONE)


def test_that_no_articles_make_no_index(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="calibration"):
        build_index((), documents(), tmp_path / "index", NONE)


def test_that_calibration_asks_what_training_never_sees() -> None:
    for full, rest in zip(articles(), without_asked(articles()), strict=True):
        spared = asked_of(full)
        assert 1 <= len(spared) < len(full.questions)
        assert set(spared) | set(rest.questions) == set(full.questions)
        assert not set(spared) & set(rest.questions)


def test_that_an_article_with_one_question_spares_none() -> None:
    only = replace(articles()[0], questions=("a",))
    assert asked_of(only) == ()
    assert without_asked([only]) == [only]


def test_that_the_ways_to_ask_are_of_articles_that_exist() -> None:
    """A line under a name that is no article's would be lost without a word."""
    shipped = {article.id: article for article in load_articles()}
    assert set(ways()) <= set(shipped)
    assert all(lines for lines in ways().values())
    for article in with_ways(list(shipped.values())):
        assert article.questions[0] == shipped[article.id].questions[0]
        assert len(set(article.questions)) == len(article.questions)
