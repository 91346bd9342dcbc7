"""From a question to ordered articles and to what the decision looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from knowledge.retrieval.calibrate import Features
from knowledge.retrieval.dense import Encoder
from knowledge.retrieval.fuse import Ranker, Signals
from knowledge.retrieval.lexical import Scores
from knowledge.retrieval.places import provinces_in
from knowledge.retrieval.references import Reference, find_references
from knowledge.retrieval.repair import Repair
from knowledge.retrieval.text import content_words, fold, syllables
from knowledge.retrieval.words import label

# Shares of the score that an article keeps: about another province than the one that
# is asked, about a province when none is asked, about the one asked.
OTHER_PROVINCE, SOME_PROVINCE, SAME_PROVINCE = 0.5, 0.92, 1.2
LEXICAL_ONLY = 0.0
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the search knows of an article, beside its search units.

    `held` are the documents that it cites, `named` those in its title and questions,
    `articles` the numbers after the word for article in its text, `words` its words,
    with their marks and folded, `asked` its title and questions in folded syllables.
    """

    id: str
    title: str
    provinces: tuple[str, ...]
    related: tuple[str, ...]
    citations: tuple[tuple[str, str], ...]  # (document number, where)
    held: tuple[Reference, ...]
    named: tuple[Reference, ...]
    articles: tuple[int, ...]
    words: frozenset[str]
    asked: tuple[str, ...]


@dataclass(frozen=True)
class Library:
    """Entries and their search units, in the same order.

    `decoys` are the questions out of scope: what is nearer to them is refused.
    """

    entries: tuple[Entry, ...]
    ranker: Ranker
    decoys: Ranker
    encoder: Encoder | None

    @cached_property
    def positions(self) -> dict[str, int]:
        """Article id -> position of its entry."""
        return {entry.id: i for i, entry in enumerate(self.entries)}

    @cached_property
    def known(self) -> dict[str, int]:
        """Title or question in folded syllables -> position of its entry."""
        return {q: i for i, entry in enumerate(self.entries) for q in entry.asked}

    @cached_property
    def repair(self) -> Repair:
        """Mends slips towards the words of the articles."""
        words = (word for entry in self.entries for word in entry.words)
        return Repair(Counter(word for word in words if word == fold(word)))

    @property
    def dense_weight(self) -> float:
        """The weight of the cosine beside the lexical score."""
        return self.encoder.treatment.weight if self.encoder else LEXICAL_ONLY


@dataclass(frozen=True, slots=True)
class Ranked:
    """Articles in order, best first, and the features of the first.

    `unknown` is the name of a document that the question asks for and we do not
    hold; then nothing is ranked. `routed` is True if a document named was held,
    `known` if the question is one of the first article's own.
    """

    order: tuple[int, ...]
    scores: Scores
    features: Features | None = None
    routed: bool = False
    known: bool = False
    unknown: str = ""


def rank(question: str, library: Library, decoy: int | None = None) -> Ranked:
    """Rank all articles for a question.

    Args:
        decoy: position of the question itself among the decoys, to look away from.
    """
    question = library.repair(question)
    references = find_references(question)
    candidates, unknown = route(references, library.entries)
    if unknown:
        nothing = np.zeros(len(library.entries), dtype=np.float32)
        return Ranked((), nothing, unknown=unknown)
    own = library.known.get(" ".join(syllables(question)))
    searched = _completed(question, references)
    encoder = library.encoder
    vector = encoder.queries([searched]) if encoder else None
    signals = library.ranker.signals(searched, vector)
    scores = signals.mix(library.dense_weight)
    scores *= province_factors(question, library.entries)
    if candidates is not None:
        scores = np.where(candidates, scores, 0).astype(np.float32)
    if own is not None:
        scores[own] += scores.max()
    order = tuple(int(i) for i in np.argsort(-scores, kind="stable") if scores[i] > 0)
    if not order:
        return Ranked((), scores)
    rivals = library.decoys.signals(question, vector)
    if decoy is not None:
        rivals.full[decoy] = rivals.dense[decoy] = 0
    seen = _features(signals, rivals, scores, order)
    routed = candidates is not None
    return Ranked(order, scores, seen, routed, known=own is not None)


def _completed(question: str, references: Sequence[Reference]) -> str:
    """Return what is searched: a bare document asks what it is, a district where."""
    named = set(syllables(" ".join(r.name for r in references)))
    if references and not set(map(fold, content_words(question))) - named:
        question = f"{question}\n{label('what_is')}"
    said = " ".join(syllables(question))
    missing = [p for p in provinces_in(question) if " ".join(syllables(p)) not in said]
    # On lines of their own, because a line without marks is read without.
    return "\n".join([question, *sorted(missing)])


def route(
    references: Sequence[Reference], entries: Sequence[Entry]
) -> tuple[Mask | None, str]:
    """Return which articles a question may go to, or the name of an unknown document.

    A law that is only named restricts nothing; a number or an article of it does.
    """
    masks, unknown = [], ""
    for reference in references:
        mask = np.array([covers(entry, reference) for entry in entries], dtype=bool)
        if not mask.any():
            unknown = unknown or reference.name
        elif reference.number is not None or reference.articles:
            masks.append(mask)
    if masks:
        return np.logical_or.reduce(masks), ""
    return None, unknown


def covers(entry: Entry, asked: Reference) -> bool:
    """Return True if an article cites or names the document, and the article in it."""
    for held in (*entry.held, *entry.named):
        if held.is_same_document(asked):
            cited = set(held.articles) | set(entry.articles)
            if not asked.articles or cited & set(asked.articles):
                return True
    return False


def province_factors(question: str, entries: Sequence[Entry]) -> Scores:
    """Return shape (entries,): how much of its score each article keeps."""
    asked = provinces_in(question)

    def factor(entry: Entry) -> float:
        if not entry.provinces:
            return 1.0
        if not asked:
            return SOME_PROVINCE
        return SAME_PROVINCE if asked & set(entry.provinces) else OTHER_PROVINCE

    return np.array([factor(entry) for entry in entries], dtype=np.float32)


def _features(
    signals: Signals, rivals: Signals, scores: Scores, order: Sequence[int]
) -> Features:
    first = order[0]
    second = float(scores[order[1]]) if len(order) > 1 else 0.0
    others = np.delete(signals.dense, first)
    return Features(
        words=float(np.log1p(signals.full[first])),
        concepts=float(np.log1p(signals.asked[first])),
        cosine=float(signals.dense[first]),
        decoy_words=float(np.log1p(rivals.full.max(initial=0))),
        decoy_cosine=float(rivals.dense.max(initial=0)),
        lead=float(signals.dense[first] - others.max(initial=0)),
        margin=1 - second / float(scores[first]),
    )
