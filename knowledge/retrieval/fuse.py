"""All signals of a question over all passages, and the one score made of them.

A passage has question-like units (its title and the ways people ask for it), a
text, and overlapping windows of the text. Normalised scores are added with fixed
weights; reciprocal rank fusion lost 2 to 16 points here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from knowledge.retrieval.dense import Encoder, Vectors
from knowledge.retrieval.lexical import (
    OVERLAP,
    WINDOW,
    LexicalIndex,
    Scores,
    best_per_owner,
)
from knowledge.retrieval.text import runs, terms, windows

Owners = npt.NDArray[np.int64]
_NEAREST = 256  # units whose cosine counts; the others count as 0


@dataclass(frozen=True, slots=True)
class Passage:
    """What can be found. `questions` holds the title too; both may be empty."""

    id: str
    questions: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Signals:
    """One value a passage, each of shape (passages,), never negative.

    The first three are raw BM25, `dense` is the cosine of the nearest unit.
    """

    question: Scores
    window: Scores
    whole: Scores
    dense: Scores

    def mix(self, dense_weight: float) -> Scores:
        """Return the score that ranks: lexical 0..1, plus the weighted cosine."""
        lexical = [s for s in (self.question, self.window, self.whole) if s.any()]
        total = np.zeros_like(self.whole)
        for scores in lexical:
            total += scores / scores.max() / len(lexical)
        if dense_weight and self.dense.any():
            total += np.float32(dense_weight) * self.dense / self.dense.max()
        return total


@dataclass(frozen=True)
class Ranker:
    """Exact search over passages; `vectors` is None without an encoder."""

    questions: LexicalIndex
    question_owners: Owners
    windows: LexicalIndex
    window_owners: Owners
    wholes: LexicalIndex
    vectors: faiss.Index | None
    vector_owners: Owners

    @property
    def count(self) -> int:
        """The number of passages."""
        return self.wholes.count

    def signals(
        self, question: str, encoder: Encoder | None, without: int | None = None
    ) -> Signals:
        """Compare a question with all passages.

        Args:
            without: a question unit that is left out, to ask with its own words.
        """
        asked = terms(runs(question))
        by_unit = self.questions.scores(asked)
        if without is not None:
            by_unit[without] = 0
        return Signals(
            best_per_owner(by_unit, self.question_owners, self.count),
            best_per_owner(self.windows.scores(asked), self.window_owners, self.count),
            self.wholes.scores(asked),
            self._cosines(question, encoder, without),
        )

    def _cosines(
        self, question: str, encoder: Encoder | None, without: int | None
    ) -> Scores:
        if self.vectors is None or encoder is None or not self.vectors.ntotal:
            return np.zeros(self.count, dtype=np.float32)
        nearest = min(_NEAREST, self.vectors.ntotal)
        cosines, units = self.vectors.search(encoder.queries([question]), nearest)
        # Vectors of the question units come first, in the order of `questions`.
        kept = units[0] != (-1 if without is None else without)
        owners = self.vector_owners[units[0][kept]]
        return best_per_owner(cosines[0][kept], owners, self.count)

    def save(self, folder: Path) -> None:
        """Write everything into `folder`; nothing is pickled."""
        self.questions.save(folder / "questions")
        self.windows.save(folder / "windows")
        self.wholes.save(folder / "wholes")
        for name in ("question", "window", "vector"):
            owners = getattr(self, f"{name}_owners")
            (folder / f"{name}_owners.json").write_text(json.dumps(owners.tolist()))
        if self.vectors is not None:
            faiss.write_index(self.vectors, str(folder / "vectors.faiss"))

    @classmethod
    def load(cls, folder: Path) -> Ranker:
        """Read what `save` wrote; ids and vectors must agree in number.

        Raises:
            OSError, RuntimeError, ValueError: a file is missing, torn or does not fit.
        """
        path = folder / "vectors.faiss"
        owners = {
            name: np.array(
                json.loads((folder / f"{name}_owners.json").read_text()), dtype=np.int64
            )
            for name in ("question", "window", "vector")
        }
        ranker = cls(
            LexicalIndex.load(folder / "questions"),
            owners["question"],
            LexicalIndex.load(folder / "windows"),
            owners["window"],
            LexicalIndex.load(folder / "wholes"),
            faiss.read_index(str(path)) if path.exists() else None,
            owners["vector"],
        )
        ranker.check()
        return ranker

    def check(self) -> None:
        """Raise ValueError if two parts disagree on what they index."""
        vectors = 0 if self.vectors is None else self.vectors.ntotal
        pairs = [
            (self.questions.count, self.question_owners),
            (self.windows.count, self.window_owners),
            (vectors, self.vector_owners),
        ]
        for count, owners in pairs:
            if count != len(owners) or (count and owners.max() >= self.count):
                raise ValueError(f"{count} units but {len(owners)} owners")


def build_ranker(passages: Sequence[Passage], encoder: Encoder | None) -> Ranker:
    """Index passages for lexical search and, with an encoder, by vectors."""
    asked = [(i, q) for i, p in enumerate(passages) for q in p.questions]
    bodies = [runs(p.text) for p in passages]
    views = [
        (i, view) for i, b in enumerate(bodies) for view in windows(b, WINDOW, OVERLAP)
    ]
    texts = [
        (i, " ".join(view))
        for i, p in enumerate(passages)
        for view in windows(p.text.split(), WINDOW, OVERLAP)
    ]
    units = [*asked, *texts] if encoder else []
    return Ranker(
        LexicalIndex.build([terms(runs(q)) for _, q in asked]),
        _owners(asked),
        LexicalIndex.build([terms(view) for _, view in views]),
        _owners(views),
        LexicalIndex.build([terms(body) for body in bodies]),
        _flat(encoder.passages([text for _, text in units])) if encoder else None,
        _owners(units),
    )


def _owners(units: Sequence[tuple[int, object]]) -> Owners:
    return np.array([owner for owner, _ in units], dtype=np.int64)


def _flat(vectors: Vectors) -> faiss.Index:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index
