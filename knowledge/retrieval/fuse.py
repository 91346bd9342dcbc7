"""All signals of a question over all passages, and the one score made of them.

A passage is compared by its words, by its best window, by the concepts of its
questions and of everything, and by vectors. Normalised scores are added with fixed
weights; reciprocal rank fusion lost 2 to 16 points here (README.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from knowledge.retrieval.concepts import concept_terms
from knowledge.retrieval.dense import Encoder
from knowledge.retrieval.lexical import (
    OVERLAP,
    WINDOW,
    LexicalIndex,
    Scores,
    best_per_owner,
)
from knowledge.retrieval.static import Vectors
from knowledge.retrieval.text import has_marks, marked_terms, runs, terms, windows

Owners = npt.NDArray[np.int64]
Memory = dict[str, Vectors]  # digest of a text -> its vector
_NEAREST = 256  # units whose cosine counts; the others count as 0
_VECTORS, _ENCODED = "vectors.faiss", "encoded.json"
_PARTS = ("fulls", "marked", "windows", "asked_concepts", "concepts")
# Fitted on left-out questions (README.md). Texts without questions (outside corpora)
# are scored as a whole and by window, half and half.
_FULL, _MARKED, _ASKED, _CONCEPT = 0.29, 0.36, 0.19, 0.16
_NEAR = 0.65  # weight of the nearest three beside that of the nearest one
_FEW = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """What can be found: a text, and a title and questions, which may be empty."""

    id: str
    title: str
    questions: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Signals:
    """One value a passage, each of shape (passages,), never negative.

    Raw BM25 of everything, of everything with its marks (the same without, for a
    question without any), of the best window of the text, of the concepts of title
    and questions, and of all concepts (both zero if no passage has questions); the
    cosine of the nearest question or window, and the mean of the nearest three.
    `is_outside` is True if no passage has questions.
    """

    full: Scores
    marked: Scores
    window: Scores
    asked: Scores
    concept: Scores
    dense: Scores
    near: Scores
    is_outside: bool = False

    def mix(self, dense_weight: float) -> Scores:
        """Return the score that ranks: lexical 0..1, plus the weighted cosine."""
        parts = [
            (_FULL, self.full),
            (_MARKED, self.marked),
            (_ASKED, self.asked),
            (_CONCEPT, self.concept),
        ]
        if self.is_outside:
            parts = [(0.5, self.full), (0.5, self.window)]
        parts += [(dense_weight, self.dense), (dense_weight * _NEAR, self.near)]
        total = np.zeros_like(self.full)
        for weight, scores in parts:
            if scores.any():
                total += np.float32(weight) * scores / scores.max()
        return total


@dataclass(frozen=True)
class Ranker:
    """Exact search over passages; `vectors` is None without an encoder.

    `encoded` are the digests of the texts of the vectors, in order. `windows` are
    indexed only for passages without questions.
    """

    fulls: LexicalIndex
    marked: LexicalIndex
    windows: LexicalIndex
    asked_concepts: LexicalIndex
    concepts: LexicalIndex
    window_owners: Owners
    vectors: faiss.Index | None
    vector_owners: Owners
    encoded: tuple[str, ...]

    @property
    def count(self) -> int:
        """The number of passages."""
        return self.fulls.count

    def signals(self, question: str, vector: Vectors | None) -> Signals:
        """Compare a question with all passages.

        Args:
            vector: shape (1, dim), of the question; None for lexical search alone.
        """
        asked = list(dict.fromkeys(terms(runs(question))))
        meant = sorted(set(concept_terms(question)))
        by_window = self.windows.scores(asked)
        full = self.fulls.scores(asked)
        written = list(dict.fromkeys(marked_terms(question)))
        dense, near = self._cosines(vector)
        return Signals(
            full=full,
            marked=self.marked.scores(written) if has_marks(question) else full,
            window=best_per_owner(by_window, self.window_owners, self.count),
            asked=self.asked_concepts.scores(meant),
            concept=self.concepts.scores(meant),
            dense=dense,
            near=near,
            is_outside=not self.asked_concepts.has_terms,
        )

    def _cosines(self, vector: Vectors | None) -> tuple[Scores, Scores]:
        """Return the best cosine of each passage, and the mean of its best few."""
        if self.vectors is None or vector is None:
            nothing = np.zeros(self.count, dtype=np.float32)
            return nothing, nothing
        nearest = min(_NEAREST, self.vectors.ntotal)
        cosines, units = self.vectors.search(vector, nearest)
        owners = self.vector_owners[units[0]]
        best = best_per_owner(cosines[0], owners, self.count)
        return best, _mean_of_few(cosines[0], owners, self.count)

    def save(self, folder: Path) -> None:
        """Write everything into `folder`; nothing is pickled."""
        for name in _PARTS:
            getattr(self, name).save(folder / name)
        for name in ("window_owners", "vector_owners"):
            owners = getattr(self, name).tolist()
            (folder / f"{name}.json").write_text(json.dumps(owners))
        if self.vectors is not None:
            faiss.write_index(self.vectors, str(folder / _VECTORS))
            (folder / _ENCODED).write_text(json.dumps(self.encoded))

    @classmethod
    def load(cls, folder: Path) -> Ranker:
        """Read what `save` wrote; units and owners must agree in number.

        Raises:
            OSError, RuntimeError, ValueError: a file is missing, torn or does not fit.
        """
        path = folder / _VECTORS
        parts = {name: LexicalIndex.load(folder / name) for name in _PARTS}
        ranker = cls(
            **parts,
            window_owners=_read_owners(folder / "window_owners.json"),
            vectors=faiss.read_index(str(path)) if path.exists() else None,
            vector_owners=_read_owners(folder / "vector_owners.json"),
            encoded=(),  # only the next build asks for them
        )
        ranker.check()
        return ranker

    def check(self) -> None:
        """Raise ValueError if two parts disagree on what they index."""
        vectors = 0 if self.vectors is None else self.vectors.ntotal
        pairs = [
            (self.windows.count, self.window_owners),
            (vectors, self.vector_owners),
        ]
        for count, owners in pairs:
            if count != len(owners) or (count and owners.max() >= self.count):
                raise ValueError(f"{count} units but {len(owners)} owners")
        counts = {getattr(self, name).count for name in _PARTS if name != "windows"}
        if counts != {self.count}:
            raise ValueError(f"parts of {sorted(counts)} passages")


def build_ranker(
    passages: Sequence[Passage], encoder: Encoder | None, memory: Memory | None = None
) -> Ranker:
    """Index passages for lexical search and, with an encoder, by vectors.

    Args:
        memory: vectors of texts that were encoded before, used and filled; of one
            encoder only.
    """
    heads = ["\n".join((p.title, *p.questions)).strip() for p in passages]
    fulls = [f"{h}\n{p.text}".strip() for h, p in zip(heads, passages, strict=True)]
    meant = fulls if any(heads) else [""] * len(fulls)
    # Outside texts have no questions, and their scores do not use the marks.
    marked = fulls if any(heads) else [""] * len(fulls)
    views = [
        (i, view)
        for i, p in enumerate(passages if not any(heads) else ())
        for view in windows(runs(p.text), WINDOW, OVERLAP)
    ]
    units = list(_dense_units(passages)) if encoder else []
    return Ranker(
        fulls=LexicalIndex.build([_folded_terms(full) for full in fulls]),
        marked=LexicalIndex.build([_marked_terms(full) for full in marked]),
        windows=LexicalIndex.build([terms(view) for _, view in views]),
        asked_concepts=LexicalIndex.build([concept_terms(head) for head in heads]),
        concepts=LexicalIndex.build([concept_terms(full) for full in meant]),
        window_owners=_owners(views),
        vectors=_flat(units, encoder, {} if memory is None else memory)
        if encoder and units
        else None,
        vector_owners=_owners(units),
        encoded=tuple(digest(text) for _, text in units),
    )


def remembered(folder: Path) -> Memory:
    """Return the vectors that a saved `Ranker` holds, for the next `build_ranker`."""
    if not (folder / _VECTORS).exists():
        return {}
    vectors = faiss.read_index(str(folder / _VECTORS))
    encoded = json.loads((folder / _ENCODED).read_text())
    rows = vectors.reconstruct_n(0, vectors.ntotal)
    return dict(zip(encoded, rows, strict=True))


def digest(text: str) -> str:
    """Return what stands for a text in memory and on disk."""
    return sha256(text.encode()).hexdigest()[:20]


@lru_cache(maxsize=8192)  # a warm builder meets nearly every text again
def _folded_terms(text: str) -> tuple[str, ...]:
    return tuple(terms(runs(text)))


@lru_cache(maxsize=8192)
def _marked_terms(text: str) -> tuple[str, ...]:
    return tuple(marked_terms(text))


def _mean_of_few(cosines: Scores, owners: Owners, n: int) -> Scores:
    """Return shape (n,): the mean of the first `_FEW` of each owner, missing as 0.

    Args:
        cosines: best first.
    """
    order = np.argsort(owners, kind="stable")
    _, starts = np.unique(owners[order], return_index=True)
    sizes = np.diff(np.append(starts, len(order)))
    place = np.arange(len(order)) - np.repeat(starts, sizes)
    kept = order[place < _FEW]
    total = np.zeros(n, dtype=np.float32)
    np.add.at(total, owners[kept], cosines[kept])
    return np.maximum(total / _FEW, 0)


def _dense_units(passages: Sequence[Passage]) -> Iterator[tuple[int, str]]:
    for i, passage in enumerate(passages):
        yield from ((i, q) for q in (passage.title, *passage.questions) if q)
        for view in windows(passage.text.split(), WINDOW, OVERLAP):
            yield i, " ".join(view)


def _owners(units: Sequence[tuple[int, object]]) -> Owners:
    return np.array([owner for owner, _ in units], dtype=np.int64)


def _read_owners(path: Path) -> Owners:
    return np.array(json.loads(path.read_text()), dtype=np.int64)


def _flat(
    units: Sequence[tuple[int, str]], encoder: Encoder, memory: Memory
) -> faiss.Index:
    texts = {digest(text): text for _, text in units}
    new = {key: text for key, text in texts.items() if key not in memory}
    if new:
        memory.update(zip(new, encoder.passages(list(new.values())), strict=True))
    vectors = np.stack([memory[digest(text)] for _, text in units])
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index
