"""The index of a snapshot: built once, verified by its readers, never changed.

`knowledge.snapshot` names the folder and checks its files; this module fills it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from knowledge.article import Article
from knowledge.documents import Document
from knowledge.retrieval.calibrate import Calibration, Example, calibrate
from knowledge.retrieval.dense import (
    NONE,
    Encoder,
    EncoderError,
    configured,
    encoder_id,
    load_encoder,
)
from knowledge.retrieval.entries import describe, from_json, to_json
from knowledge.retrieval.fuse import (
    Memory,
    Passage,
    Ranker,
    build_ranker,
    digest,
    remembered,
)
from knowledge.retrieval.rank import Entry, Library, rank
from knowledge.retrieval.text import HERE
from knowledge.retrieval.ways import asked_of, with_ways, without_asked
from knowledge.retrieval.wording import Wording

SCHEMA = 3
OUT_OF_SCOPE = HERE / "out_of_scope.csv"
_SAME = 0.95  # share of the articles that a calibration may be kept for
_ARTICLES, _DECOYS = "articles", "decoys"
_INFO, _ENTRIES, _CALIBRATION = "index.json", "entries.json", "calibration.json"
_WORDING = "wording.json"


class RetrievalIndexError(ValueError):
    """An index cannot be used; says why and what to do."""


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What an index holds. `encoder` is the id of the model that made its vectors."""

    schema: int
    encoder: str
    dimension: int
    articles: int
    questions: int
    vectors: int


@dataclass(frozen=True)
class RetrievalIndex:
    """A loaded index, ready for `knowledge.retrieval.search.search`."""

    info: IndexInfo
    library: Library
    calibration: Calibration


def build_index(
    articles: Sequence[Article],
    documents: Mapping[str, Document],
    folder: Path,
    encoder: str | Encoder | None = None,
    previous: Path | None = None,
) -> IndexInfo:
    """Write the index of some articles into `folder`, which is made.

    Args:
        documents: by number; those that articles cite and that are in it can be
            asked for by number.
        encoder: a loaded model, or the name of one; by default the configured one.
        previous: an index that the same code built: vectors of texts that stayed
            are taken from it if its model is the same, and its calibration if
            nearly all articles are those that it was learned from.
    Raises:
        ValueError: there are no articles or no questions to calibrate with.
        EncoderError: the model does not load.
    """
    model = load_encoder(encoder) if not isinstance(encoder, Encoder) else encoder
    articles = with_ways(articles)
    memory, calibration = _kept(previous, articles, model)
    library = make_library(articles, documents, model, memory)
    if calibration is None:
        rest = make_library(without_asked(articles), documents, model, memory)
        calibration = _calibrate(rest, articles)
    info = _info(library, articles)
    folder.mkdir(parents=True, exist_ok=True)
    library.ranker.save(folder / _ARTICLES)
    library.decoys.save(folder / _DECOYS)
    library.wording.save(folder / _WORDING)
    _write(folder / _ENTRIES, [to_json(entry) for entry in library.entries])
    _write(folder / _CALIBRATION, calibration.to_json())
    _write(folder / _INFO, asdict(info))
    return info


def _kept(
    previous: Path | None, articles: Sequence[Article], model: Encoder | None
) -> tuple[Memory, Calibration | None]:
    """Return the vectors of an earlier index, and its calibration if it still fits."""
    if previous is None:
        return {}, None
    info = IndexInfo(**_read(previous / _INFO))
    if info.encoder != (model.id if model else NONE):
        return {}, None
    memory = remembered(previous / _ARTICLES) | remembered(previous / _DECOYS)
    calibration = Calibration.from_json(_read(previous / _CALIBRATION))
    learned, now = set(calibration.learned_from), set(_digests(articles))
    same = len(learned & now) >= _SAME * max(len(learned), len(now))
    return memory, calibration if same else None


def _digests(articles: Sequence[Article]) -> tuple[str, ...]:
    return tuple(
        digest("\n".join((p.title, *p.questions, p.text))) for p in passages(articles)
    )


def _info(library: Library, articles: Sequence[Article]) -> IndexInfo:
    vectors = library.ranker.vectors
    return IndexInfo(
        schema=SCHEMA,
        encoder=library.encoder.id if library.encoder else NONE,
        dimension=vectors.d if vectors is not None else 0,
        articles=len(articles),
        questions=sum(len(a.questions) for a in articles),
        vectors=vectors.ntotal if vectors is not None else 0,
    )


def load_index(folder: Path, encoder: str | Encoder | None = None) -> RetrievalIndex:
    """Read what `build_index` wrote, with the model that made its vectors.

    Args:
        encoder: as in `build_index`; by default the configured one.
    Raises:
        EncoderError: the index was built with another model, or it does not load.
        RetrievalIndexError: a file is missing, torn or of another schema.
    """
    try:
        info = IndexInfo(**_read(folder / _INFO))
        if info.schema != SCHEMA:
            raise ValueError(f"schema {info.schema} instead of {SCHEMA}")
        entries = tuple(from_json(values) for values in _read(folder / _ENTRIES))
        ranker = Ranker.load(folder / _ARTICLES)
        decoys = Ranker.load(folder / _DECOYS)
        wording = Wording.load(folder / _WORDING)
        calibration = Calibration.from_json(_read(folder / _CALIBRATION))
        _check_counts(info, entries, ranker)
    except (EOFError, OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        what = f"index {folder.name} cannot be read ({error})"
        raise RetrievalIndexError(f"{what}; build the snapshot again") from error
    model = _same_encoder(info.encoder, encoder)
    library = Library(entries, ranker, decoys, wording, model)
    return RetrievalIndex(info, library, calibration)


def make_library(
    articles: Sequence[Article],
    documents: Mapping[str, Document],
    encoder: Encoder | None,
    memory: Memory | None = None,
) -> Library:
    """Return the search units and entries of some articles; `memory` as in fuse."""
    entries = tuple(describe(article, documents) for article in articles)
    ranker = build_ranker(passages(articles), encoder, memory)
    refused = out_of_scope()
    decoys = [Passage(str(i), "", (), q) for i, q in enumerate(refused)]
    rivals = build_ranker(decoys, encoder, memory)
    asked = [q for a in articles for q in (a.title, *a.questions)]
    return Library(entries, ranker, rivals, Wording.of(asked, refused), encoder)


def passages(articles: Sequence[Article]) -> list[Passage]:
    """Return what is searched of each article: title, questions, body."""
    return [
        Passage(a.id, a.title, a.questions, f"{a.title}\n{a.body}") for a in articles
    ]


def out_of_scope() -> list[str]:
    """Return the shipped questions that no article answers."""
    with OUT_OF_SCOPE.open(encoding="utf-8", newline="") as file:
        return [row["question"] for row in csv.DictReader(file)]


def _calibrate(library: Library, articles: Sequence[Article]) -> Calibration:
    """Ask each article's left-out questions, and those that no article answers."""
    examples = []
    for position, article in enumerate(articles):
        for question in asked_of(article):
            ranked = rank(question, library)
            if ranked.features:
                right = ranked.order[0] == position
                examples.append(Example(ranked.features, True, right))
    for decoy, question in enumerate(out_of_scope()):
        ranked = rank(question, library, decoy)
        if ranked.features:
            examples.append(Example(ranked.features, False, False))
    return replace(calibrate(examples), learned_from=_digests(articles))


def _same_encoder(built_with: str, encoder: str | Encoder | None) -> Encoder | None:
    """Return the model whose id is `built_with`, and refuse any other."""
    if built_with == NONE:
        return None
    asked = encoder.id if isinstance(encoder, Encoder) else encoder_id(_name(encoder))
    if asked != built_with:
        raise EncoderError(
            f"the index was built with encoder {built_with}, not with {asked}; build "
            "the snapshot again or set KNOWLEDGE_ENCODER to the former"
        )
    return encoder if isinstance(encoder, Encoder) else load_encoder(encoder)


def _name(encoder: str | None) -> str:
    return encoder or configured()


def _check_counts(info: IndexInfo, entries: Sequence[Entry], ranker: Ranker) -> None:
    vectors = ranker.vectors.ntotal if ranker.vectors is not None else 0
    expected = (info.articles, info.articles, info.vectors)
    found = (len(entries), ranker.count, vectors)
    if expected != found:
        raise ValueError(f"counts {found} instead of {expected}")


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, values: object) -> None:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
