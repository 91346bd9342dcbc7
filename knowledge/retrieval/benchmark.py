"""The same ranking on an outside corpus, beside plain syllable BM25.

Lines of the corpus are {"id","title","text"}, of the queries {"id","text","gold"}.
Nothing here is tuned on them; titles and questions may be missing.
"""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.retrieval.dense import NONE, Encoder, Treatment, load_encoder
from knowledge.retrieval.evaluate import SEED
from knowledge.retrieval.forms import write_as
from knowledge.retrieval.fuse import Passage, build_ranker
from knowledge.retrieval.lexical import LexicalIndex, Scores
from knowledge.retrieval.text import normalise

SELF = "self"  # an encoder trained on the corpus itself, as the shipped one is on ours


class CorpusError(ValueError):
    """A corpus or its queries cannot be used; names the file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Shares 0..1 of one engine on one corpus."""

    engine: str
    passages: int
    queries: int
    p_1: float
    recall_3: float
    recall_10: float
    mrr_10: float
    ms_mean: float


def evaluate_corpus(
    corpus: Path, queries: Path, form: str, encoder: str = NONE
) -> Iterator[Standing]:
    """Yield the standing of plain BM25 and of this engine, in one writing form.

    Raises:
        CorpusError: a line is not as described, or a gold passage is missing.
    """
    passages = [_passage(line) for line in _lines(corpus, "text")]
    positions = {p.id: i for i, p in enumerate(passages)}
    asked = []
    for line in _lines(queries, "text", "gold"):
        if missing := [g for g in line["gold"] if str(g) not in positions]:
            raise CorpusError(
                f"{queries.name}: {corpus.name} has no passage {missing[0]}"
            )
        gold = [positions[str(g)] for g in line["gold"]]
        asked.append((write_as(form, line["text"], SEED), gold))
    plain = LexicalIndex.build([_marked(p.text) for p in passages], k1=1.2, b=0.75)
    yield _stand("bm25-marked", lambda q: plain.scores(_marked(q)), passages, asked)
    model = _encoder(encoder, passages)
    ranker = build_ranker(passages, model)
    weight = model.treatment.weight if model else 0.0

    def score(question: str) -> Scores:
        vector = model.queries([question]) if model else None
        return ranker.signals(question, vector).mix(weight)

    yield _stand(f"retrieval+{encoder}", score, passages, asked)


def _stand(
    engine: str,
    score: Callable[[str], Scores],
    passages: Sequence[Passage],
    asked: Sequence[tuple[str, list[int]]],
) -> Standing:
    ranks, start = [], time.perf_counter()
    for question, gold in asked:
        scores = score(question)
        best = max(float(scores[g]) for g in gold)
        ranks.append(1 + int((scores > best).sum()) if best > 0 else len(passages))
    elapsed = (time.perf_counter() - start) * 1000 / max(1, len(asked))
    r = np.array(ranks)
    return Standing(
        engine,
        len(passages),
        len(asked),
        round(float((r == 1).mean()), 4),
        round(float((r <= 3).mean()), 4),
        round(float((r <= 10).mean()), 4),
        round(float(np.where(r <= 10, 1 / r, 0).mean()), 4),
        round(elapsed, 2),
    )


def _marked(text: str) -> list[str]:
    """Return lower-case words with their marks: what a plain BM25 would see."""
    return re.findall(r"\w+", normalise(text).lower())


def _encoder(name: str, passages: Sequence[Passage]) -> Encoder | None:
    if name != SELF:
        return load_encoder(name)
    from knowledge.retrieval.train import Recipe, fit

    return Encoder(SELF, Treatment(), fit(passages, Recipe()))


def _passage(line: dict[str, Any]) -> Passage:
    return Passage(
        str(line["id"]), "", (), f"{line.get('title') or ''} {line['text']}".strip()
    )


def _lines(path: Path, *keys: str) -> list[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    lines = []
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                line = json.loads(text)
                if not isinstance(line, dict) or not {"id", *keys} <= set(line):
                    wanted = ", ".join(("id", *keys))
                    raise CorpusError(f"{path.name} line {number}: needs {wanted}")
                lines.append(line)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CorpusError(f"{path.name} cannot be read ({error})") from None
    if not lines:
        raise CorpusError(f"{path.name} holds no lines")
    return lines
