"""BM25 over search terms: the main score, one to three milliseconds a question."""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
# The usual setting for passages; measured flat from 0.9 to 1.2 and 0.4 to 0.75.
K1 = 0.9
B = 0.4
WINDOW = 45  # words of one window of a long text
OVERLAP = 15


class LexicalIndex:
    """Raw BM25 scores of every unit, in the order in which they were given."""

    def __init__(self, model: bm25s.BM25 | None, count: int) -> None:
        self._model = model
        self.count = count

    @property
    def has_terms(self) -> bool:
        """Whether any unit holds a term."""
        return self._model is not None

    @property
    def terms(self) -> Set[str]:
        """All terms of all units."""
        return self._model.vocab_dict.keys() if self._model else frozenset()

    @classmethod
    def build(
        cls, units: Sequence[Sequence[str]], k1: float = K1, b: float = B
    ) -> LexicalIndex:
        """Index some units, each a list of terms (`text.terms`)."""
        if not any(units):
            return cls(None, len(units))
        model = bm25s.BM25(method="lucene", k1=k1, b=b, backend="numpy")
        # Sorted once, so that the same units always give the same files.
        words = {t: i for i, t in enumerate(sorted({t for u in units for t in u}))}
        ids = [[words[term] for term in unit] for unit in units]
        model.index((ids, words), show_progress=False)
        return cls(model, len(units))

    def scores(self, terms: Sequence[str]) -> Scores:
        """Return shape (count,): BM25 of each unit, 0 where nothing is shared."""
        if self._model is None:
            return np.zeros(self.count, dtype=np.float32)
        known = [t for t in terms if t in self._model.vocab_dict]
        if not known:
            return np.zeros(self.count, dtype=np.float32)
        return np.asarray(self._model.get_scores(known), dtype=np.float32)

    def holds(self, terms: Set[str], unit: int) -> set[str]:
        """Return those of some terms that a unit holds."""
        if self._model is None:
            return set()
        words, found = self._model.vocab_dict, self._model.scores
        starts, units = found["indptr"], found["indices"]
        known = [(t, words[t]) for t in terms if t in words]
        return {t for t, i in known if unit in units[starts[i] : starts[i + 1]]}

    def save(self, folder: Path) -> None:
        """Write the index into a new `folder`: plain arrays and JSON, no pickle."""
        folder.mkdir(parents=True)
        counts = {"units": self.count, "terms": self._model is not None}
        (folder / "count.json").write_text(json.dumps(counts))
        if self._model is not None:
            self._model.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Read what `save` wrote.

        Raises:
            EOFError, KeyError, OSError, TypeError, ValueError: a file is missing or is
                not what `save` writes.
        """
        counts = json.loads((folder / "count.json").read_text())
        count = int(counts["units"])
        if not counts["terms"]:
            return cls(None, count)
        return cls(bm25s.BM25.load(folder, load_corpus=False, mmap=False), count)


def best_per_owner(scores: Scores, owners: npt.NDArray[np.int64], n: int) -> Scores:
    """Return shape (n,): the best score among the units of each owner, else 0."""
    best = np.zeros(n, dtype=np.float32)
    np.maximum.at(best, owners, scores)
    return best
