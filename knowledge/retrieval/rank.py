"""From a question to ordered articles and to what the decision looks at."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from knowledge.retrieval.calibrate import Features
from knowledge.retrieval.dense import Encoder
from knowledge.retrieval.fuse import Ranker, Signals
from knowledge.retrieval.lexical import Scores
from knowledge.retrieval.places import provinces_in, with_provinces
from knowledge.retrieval.references import Reference, find_references
from knowledge.retrieval.repair import Repair
from knowledge.retrieval.static import Vectors
from knowledge.retrieval.text import (
    content_words,
    fold,
    function_words,
    syllables,
    without_stray_marks,
)
from knowledge.retrieval.wording import Wording
from knowledge.retrieval.words import label, word_set

# Shares of the score that an article keeps: about another province than the one that
# is asked, about a province when none is asked, about the one asked.
OTHER_PROVINCE, SOME_PROVINCE, SAME_PROVINCE = 0.5, 0.92, 1.2
# Shares of the score for a follow-up: the article shown last, those related to it.
SAID_BEFORE, RELATED = 0.6, 1.15
# How much more an article counts that is about the document that is asked.
ABOUT = 1.5
_RIVALS = 30  # first articles that are compared with the very first
_SHARPNESS = 7.5  # of a difference in score; fitted with the weights of the score


@dataclass(frozen=True, slots=True)
class Entry:
    """What the search knows of an article, beside its search units.

    `held` are the documents that it cites, `named` those in its title and questions,
    `titled` those in its title, `told` those in its text, `articles` the numbers after
    the word for article there, `words` its syllables, `asked` its title and
    questions, both folded.
    """

    id: str
    title: str
    provinces: tuple[str, ...]
    related: tuple[str, ...]
    citations: tuple[tuple[str, str], ...]  # (document number, where)
    held: tuple[Reference, ...]
    named: tuple[Reference, ...]
    titled: tuple[Reference, ...]
    told: tuple[Reference, ...]
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
    wording: Wording
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
        written = self.ranker.marked.terms | self.decoys.marked.terms
        return Repair(self._held, written, self.wording.inside)

    @cached_property
    def _held(self) -> Counter[str]:
        return Counter(word for entry in self.entries for word in entry.words)

    def holds(self, position: int, terms: Set[str]) -> Set[str]:
        """Return those of some terms, concepts among them, that an article holds."""
        said = self.ranker.fulls.holds(terms, position)
        return said | self.ranker.concepts.holds(terms, position)

    def rarity(self, word: str) -> float:
        """Return the log of one over the share of the articles that hold a word."""
        return math.log((len(self.entries) + 1) / (self._held[word] + 0.5))

    def vector(self, question: str) -> Vectors | None:
        """Return shape (1, dim), or None without an encoder."""
        return self.encoder.queries([question]) if self.encoder else None

    @property
    def dense_weight(self) -> float:
        """The weight of the cosine beside the lexical score."""
        return self.encoder.treatment.weight if self.encoder else 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """Articles in order, best first, and the features of the first.

    `unknown` is the name of a document that the question asks for and we do not
    hold; then nothing is ranked. `named` is True if a document named was held,
    `known` if the question is one of the first article's own, or no more than the
    name of what that article is about.
    """

    order: tuple[int, ...]
    scores: Scores
    features: Features | None = None
    named: bool = False
    known: bool = False
    unknown: str = ""


def rank(
    question: str,
    library: Library,
    decoy: int | None = None,
    previous: Entry | None = None,
) -> Ranked:
    """Rank all articles for a question.

    Args:
        previous: the article that the question follows; others go before it, and
            those that it names as related before the rest.
        decoy: position of the question itself among the decoys, to look away from.
    """
    question = library.repair(question)
    references = find_references(question)
    question = without_stray_marks(question)
    factors, unknown = route(references, library.entries)
    if unknown:
        return Ranked((), np.zeros_like(factors), unknown=unknown)
    own = library.known.get(" ".join(syllables(question)))
    bare = is_bare(question, references)
    if bare:
        factors = factors * introductions(references[0], library.entries)
        question = f"{references[0].name} {label('what_is')}"
    if previous:
        factors = factors * _following(previous, library)
    vector = library.vector(question)
    signals = library.ranker.signals(with_provinces(question), vector)
    scores = signals.mix(library.dense_weight) * factors
    scores *= province_factors(question, library.entries)
    if own is not None:
        scores[own] += scores.max()
    order = tuple(int(i) for i in np.argsort(-scores, kind="stable") if scores[i] > 0)
    if not order:
        return Ranked((), scores)
    compared = (signals, _rivals(question, vector, library, decoy))
    seen = _features(question, library, compared, scores, order, decoy is not None)
    known = own is not None or (bare and factors[order[0]] >= ABOUT * ABOUT)
    return Ranked(order, scores, seen, bool(references), known)


def _rivals(
    question: str, vector: Vectors | None, library: Library, decoy: int | None
) -> Signals:
    rivals = library.decoys.signals(question, vector)
    if decoy is not None:
        rivals.full[decoy] = rivals.dense[decoy] = 0
    return rivals


def _following(previous: Entry, library: Library) -> Scores:
    factors = np.ones(len(library.entries), dtype=np.float32)
    related = [library.positions.get(i) for i in previous.related]
    factors[[i for i in related if i is not None]] = RELATED
    factors[library.positions[previous.id]] = SAID_BEFORE
    return factors


def is_bare(question: str, references: Sequence[Reference]) -> bool:
    """Return True if a question is no more than the name of a document."""
    named = set(syllables(" ".join(r.name for r in references))) | word_set("numbered")
    return bool(references) and not set(map(fold, content_words(question))) - named


def introductions(asked: Reference, entries: Sequence[Entry]) -> Scores:
    """Return shape (entries,): more for the article that says what a document is."""
    what_is = " ".join(syllables(label("what_is")))

    def factor(entry: Entry) -> float:
        if not any(held.is_same_document(asked) for held in entry.titled[:1]):
            return 1.0
        return ABOUT * ABOUT if what_is in " ".join(syllables(entry.title)) else ABOUT

    return np.array([factor(entry) for entry in entries], dtype=np.float32)


def route(
    references: Sequence[Reference], entries: Sequence[Entry]
) -> tuple[Scores, str]:
    """Return a factor an article, 0 where a question may not go.

    And the name of a document that is asked and not held, if no other is held. A law
    that is only named restricts nothing; a number or an article of it does.
    """
    factors, unknown = [], ""
    for reference in references:
        factor = np.array([covers(e, reference) for e in entries], dtype=np.float32)
        if not factor.any():
            unknown = unknown or reference.name
        elif reference.number is not None or reference.articles:
            factors.append(factor)
    if factors:
        return np.maximum.reduce(factors), ""
    return np.ones(len(entries), dtype=np.float32), unknown


def covers(entry: Entry, asked: Reference) -> float:
    """Return how far an article is about a document, and the article of law asked.

    `ABOUT` twice if its questions name the article of law, once if they name the
    document or it cites the article; 1 if it cites the document or tells of it (and
    has the article in its text); else 0.
    """
    cited = [held for held in entry.held if held.is_same_document(asked)]
    named = [held for held in entry.named if held.is_same_document(asked)]
    told = any(held.is_same_document(asked) for held in entry.told)
    if not asked.articles:
        return ABOUT if named else float(bool(cited) or told)
    wanted = set(asked.articles)
    if any(wanted & set(held.articles) for held in named):
        return ABOUT * ABOUT
    if any(wanted & set(held.articles) for held in cited):
        return ABOUT
    is_about = bool(cited or named) or told
    return float(is_about and bool(wanted & set(entry.articles)))


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
    question: str,
    library: Library,
    compared: tuple[Signals, Signals],
    scores: Scores,
    order: Sequence[int],
    is_decoy: bool,
) -> Features:
    signals, rivals = compared
    first = order[0]
    second = float(scores[order[1]]) if len(order) > 1 else 0.0
    others = np.delete(signals.dense, first).max(initial=0)
    odds = library.wording.odds(question, partial(library.holds, first), is_decoy)
    behind = scores[list(order[:_RIVALS])] - scores[first]
    return Features(
        words=float(np.log1p(signals.full[first])),
        concepts=float(np.log1p(signals.asked[first])),
        cosine=float(signals.dense[first]),
        near=float(signals.near[first]),
        coverage=_coverage(question, library, library.entries[first]),
        decoy_words=float(np.log1p(rivals.full.max(initial=0))),
        decoy_cosine=float(rivals.dense.max(initial=0)),
        odds=odds,
        sure=1 / float(np.exp(behind * _SHARPNESS).sum()),
        lead=float(signals.dense[first] - others),
        margin=1 - second / float(scores[first]),
    )


def _coverage(question: str, library: Library, entry: Entry) -> float:
    words = set(syllables(question)) - function_words()
    rarity = {word: library.rarity(word) for word in words}
    held = sum(rarity[word] for word in words & entry.words)
    return held / (sum(rarity.values()) or 1.0)
