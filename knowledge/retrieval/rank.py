"""From a question to ordered articles and to what the decision looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from knowledge.retrieval.dense import Encoder
from knowledge.retrieval.fuse import Ranker, Signals
from knowledge.retrieval.lexical import Scores
from knowledge.retrieval.places import provinces_in
from knowledge.retrieval.references import Reference, find_references
from knowledge.retrieval.text import content_words

# Shares of the score that an article keeps: about another province than the one that
# is asked, about a province when none is asked, about the one asked.
OTHER_PROVINCE, SOME_PROVINCE, SAME_PROVINCE = 0.5, 0.92, 1.2
LEXICAL_ONLY = 0.0
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the search knows of an article, beside its search units.

    `held` are the documents that it cites, `named` those in its title and questions,
    `articles` the numbers after the word for article in its text, `words` its folded
    syllables.
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


@dataclass(frozen=True)
class Library:
    """Entries and their search units, in the same order."""

    entries: tuple[Entry, ...]
    ranker: Ranker
    encoder: Encoder | None

    @cached_property
    def positions(self) -> dict[str, int]:
        """Article id -> position of its entry."""
        return {entry.id: i for i, entry in enumerate(self.entries)}

    @cached_property
    def rarity(self) -> dict[str, float]:
        """Folded syllable -> how much it tells the articles apart (IDF)."""
        counts: dict[str, int] = {}
        for entry in self.entries:
            for word in entry.words:
                counts[word] = counts.get(word, 0) + 1
        n = len(self.entries)
        return {
            w: float(np.log1p((n - c + 0.5) / (c + 0.5))) for w, c in counts.items()
        }

    @property
    def unseen(self) -> float:
        """The rarity of a syllable that no article holds."""
        return float(np.log1p((len(self.entries) + 0.5) / 0.5))

    @property
    def dense_weight(self) -> float:
        """The weight of the cosine beside the lexical score."""
        return self.encoder.treatment.weight if self.encoder else LEXICAL_ONLY


@dataclass(frozen=True, slots=True)
class Ranked:
    """Articles in order, best first, and the features of the first.

    `unknown` is the name of a document that the question asks for and we do not
    hold; then nothing is ranked. `routed` is True if a document named was held.
    """

    order: tuple[int, ...]
    scores: Scores
    features: tuple[float, ...]
    routed: bool = False
    unknown: str = ""


def rank(question: str, library: Library) -> Ranked:
    """Rank all articles for a question."""
    references = find_references(question)
    candidates, unknown = route(references, library.entries)
    if unknown:
        nothing = np.zeros(len(library.entries), dtype=np.float32)
        return Ranked((), nothing, (), unknown=unknown)
    signals = library.ranker.signals(question, library.encoder)
    scores = signals.mix(library.dense_weight)
    scores *= province_factors(question, library.entries)
    if candidates is not None:
        scores = np.where(candidates, scores, 0).astype(np.float32)
    order = tuple(int(i) for i in np.argsort(-scores, kind="stable") if scores[i] > 0)
    routed = candidates is not None
    seen = features(question, library, signals, scores, order)
    return Ranked(order, scores, (*seen, float(routed)), routed)


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


def features(
    question: str,
    library: Library,
    signals: Signals,
    scores: Scores,
    order: Sequence[int],
) -> tuple[float, ...]:
    """Return what the decision looks at, for the first article of `order`.

    Raw BM25 of its best window, text and title (never normalised for one question);
    the share of the question's rare words that it holds; the lead over the second;
    and the cosine, with its lead over the best cosine elsewhere.
    """
    if not order:
        return (0.0,) * 7
    first = order[0]
    second = scores[order[1]] if len(order) > 1 else 0.0
    others = np.delete(signals.dense, first)
    return (
        float(np.log1p(signals.window[first])),
        float(np.log1p(signals.full[first])),
        float(np.log1p(signals.title[first])),
        coverage(question, library, first),
        float(1 - second / scores[first]),
        float(signals.dense[first]),
        float(signals.dense[first] - others.max(initial=0)),
    )


def coverage(question: str, library: Library, position: int) -> float:
    """Return 0..1: which share of the question's rarity the article holds."""
    held = library.entries[position].words
    known, total = 0.0, 0.0
    for word in set(content_words(question)):
        weight = library.rarity.get(word, library.unseen)
        total += weight
        known += weight if word in held else 0.0
    return known / total if total else 0.0
