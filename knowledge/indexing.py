"""The seam to the retrieval index, which imports torch only when it is used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.article import Article
from knowledge.documents import Document

RETRIEVAL = Path(__file__).parent / "retrieval"
Build = Callable[[Sequence[Article], Mapping[str, Document], Path, Path | None], Any]


@dataclass(frozen=True, slots=True)
class Indexing:
    """How an index is built, loaded and asked.

    `build(articles, documents, folder, previous)` writes into `folder` and returns a
    dataclass with an `encoder`, for the manifest; it may take from `previous`, the
    folder of an index of the same recipe, what did not change;
    `load(folder)` returns an index;
    `find(index, question, k)` returns ids of articles, best first; `recipe()`
    changes when the code, the data or the model of the index change.
    """

    build: Build
    load: Callable[[Path], Any]
    find: Callable[[Any, str, int], list[str]]
    recipe: Callable[[], str]


def shipped_indexing() -> Indexing:
    """Return the index of `knowledge.retrieval` with the configured encoder."""
    return Indexing(_build, _load, _find, _recipe)


def _build(
    articles: Sequence[Article],
    documents: Mapping[str, Document],
    folder: Path,
    previous: Path | None,
) -> Any:
    from knowledge.retrieval.dense import configured
    from knowledge.retrieval.index import build_index

    return build_index(articles, documents, folder, configured(), previous)


def _load(folder: Path) -> Any:
    from knowledge.retrieval.index import load_index

    return load_index(folder)


def _find(index: Any, question: str, k: int) -> list[str]:
    from knowledge.retrieval.rank import rank

    entries = index.library.entries
    return [entries[i].id for i in rank(question, index.library).order[:k]]


def _recipe() -> str:
    from knowledge.retrieval.dense import configured

    digest = hashlib.sha256(configured().encode())
    folders = [RETRIEVAL, Path(configured())]
    for folder in folders:
        if folder.is_dir():
            _add_files(digest, folder)
    return digest.hexdigest()


def _add_files(digest: hashlib._Hash, folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
