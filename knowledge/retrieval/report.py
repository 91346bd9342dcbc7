"""What each stage adds, how well probabilities hold, and what the engine takes."""

from __future__ import annotations

import resource
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.retrieval.evaluate import SEED, Outcome, Question
from knowledge.retrieval.forms import write_as
from knowledge.retrieval.index import RetrievalIndex, make_library
from knowledge.retrieval.rank import Library, rank
from knowledge.snapshot import Snapshot

_BINS = 10
# Every stage keeps the signals of those before it; "engine" adds routing, places and
# the mending of slips.
_STAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("words without marks", ("full",)),
    ("+ words with marks", ("full", "marked")),
    ("+ concepts", ("full", "marked", "asked", "concept")),
    ("+ encoder", ("full", "marked", "asked", "concept", "dense", "near")),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """Shares 0..1 of the questions with an answer, ranked by some of the stages."""

    stage: str
    form: str
    recall_1: float
    recall_3: float


def ablation(questions: Sequence[Question], snapshot: Snapshot) -> Iterator[Stage]:
    """Yield what is found with more and more stages, and without the ways to ask."""
    inside = [q for q in questions if q.articles]
    forms = ("as written",) if all(q.form for q in inside) else ("marked", "typos")
    library: Library = snapshot.index.library
    articles = list(snapshot.articles.values())
    bare = make_library(articles, snapshot.documents, library.encoder)
    for form in forms:
        texts = [q.text if q.form else write_as(form, q.text, SEED) for q in inside]
        for name, kept in _STAGES:
            found = [_order(text, library, kept) for text in texts]
            yield _stage(name, form, inside, found, library)
        for name, asked in (("engine", library), ("engine without ways", bare)):
            found = [rank(text, asked).order[:3] for text in texts]
            yield _stage(name, form, inside, found, asked)


def _order(text: str, library: Library, kept: tuple[str, ...]) -> Sequence[int]:
    signals = library.ranker.signals(text, library.vector(text))
    nothing = np.zeros_like(signals.full)
    dropped: dict[str, Any] = {n: nothing for n in _STAGES[-1][1] if n not in kept}
    some = replace(signals, **dropped)
    return [int(i) for i in np.argsort(-some.mix(library.dense_weight))[:3]]


def _stage(
    name: str,
    form: str,
    questions: Sequence[Question],
    found: Sequence[Sequence[int]],
    library: Library,
) -> Stage:
    right = [
        [library.entries[i].id in question.articles for i in order]
        for question, order in zip(questions, found, strict=True)
    ]
    firsts = [any(hits[:1]) for hits in right]
    thirds = [any(hits) for hits in right]
    count = max(1, len(right))
    return Stage(
        name, form, round(sum(firsts) / count, 4), round(sum(thirds) / count, 4)
    )


def plot_calibration(outcomes: Sequence[Outcome], path: Path) -> None:
    """Draw the probability of the first article against how often it is right."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    given = np.array([o.right for o in outcomes])
    right = np.array([o.rank == 1 for o in outcomes])
    place = np.minimum((given * _BINS).astype(int), _BINS - 1)
    used = [i for i in range(_BINS) if (place == i).any()]
    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
    axes.plot(
        [given[place == i].mean() for i in used],
        [right[place == i].mean() for i in used],
        marker="o",
    )
    for i in used:
        at = (given[place == i].mean(), right[place == i].mean())
        axes.annotate(str((place == i).sum()), at)
    axes.set(xlabel="probability given", ylabel="share right", title=path.stem)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def size_of(index: RetrievalIndex) -> dict[str, Any]:
    """Return how many articles and units there are, and the memory of this process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "articles": index.info.articles,
        "questions": index.info.questions,
        "vectors": index.info.vectors,
        "peak_megabytes": round(peak),
    }
