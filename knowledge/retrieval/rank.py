"""From a question to ordered articles and to what the decision looks at."""

from __future__ import annotations

from collections import Counter
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
    def rarity(self) -> dict[str, float]:
        """Word, with marks or folded -> how much it tells articles apart (IDF)."""
        counts: dict[str, int] = {}
        for entry in self.entries:
            for word in entry.words:
                counts[word] = counts.get(word, 0) + 1
        n = len(self.entries)
        return {
            w: float(np.log1p((n - c + 0.5) / (c + 0.5))) for w, c in counts.items()
        }

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
    def unseen(self) -> float:
        """The rarity of a word that no article holds."""
        return float(np.log1p((len(self.entries) + 0.5) / 0.5))

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
    features: tuple[float, ...]
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
        return Ranked((), nothing, (), unknown=unknown)
    own = library.known.get(" ".join(syllables(question)))
    question = _completed(question, references)
    encoder = library.encoder
    vector = encoder.queries([question]) if encoder else None
    signals = library.ranker.signals(question, vector)
    scores = signals.mix(library.dense_weight)
    scores *= province_factors(question, library.entries)
    if candidates is not None:
        scores = np.where(candidates, scores, 0).astype(np.float32)
    if own is not None:
        scores[own] += scores.max()
    order = tuple(int(i) for i in np.argsort(-scores, kind="stable") if scores[i] > 0)
    if not order:
        return Ranked((), scores, ())
    rivals = library.decoys.signals(question, vector)
    if decoy is not None:
        rivals.full[decoy] = rivals.dense[decoy] = 0
    routed = candidates is not None
    seen = (
        *_nearness(signals, scores, order),
        *coverage(question, library, order[0]),
        float(np.log1p(rivals.full.max(initial=0))),
        float(rivals.dense.max(initial=0)),
        float(routed),
    )
    return Ranked(order, scores, seen, routed, known=own is not None)


def _completed(question: str, references: Sequence[Reference]) -> str:
    """Return what is searched: a bare document asks what it is, a district where."""
    named = set(syllables(" ".join(r.name for r in references)))
    if references and not set(map(fold, content_words(question))) - named:
        question = f"{question} {label('what_is')}"
    said = " ".join(syllables(question))
    missing = [p for p in provinces_in(question) if " ".join(syllables(p)) not in said]
    return " ".join([question, *sorted(missing)])


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


def _nearness(
    signals: Signals, scores: Scores, order: Sequence[int]
) -> tuple[float, ...]:
    """Return how near the first article is, in raw scores, and its lead.

    Raw BM25 of its best window, of everything and of the concepts asked, never
    normalised for one question; the lead over the second; the cosine, and its lead
    over the best elsewhere.
    """
    first = order[0]
    second = scores[order[1]] if len(order) > 1 else 0.0
    others = np.delete(signals.dense, first)
    return (
        float(np.log1p(signals.window[first])),
        float(np.log1p(signals.full[first])),
        float(np.log1p(signals.asked[first])),
        float(1 - second / scores[first]),
        float(signals.dense[first]),
        float(signals.dense[first] - others.max(initial=0)),
    )


def coverage(question: str, library: Library, position: int) -> tuple[float, ...]:
    """Return what the article holds of the question's rare words.

    The share that it holds (0..1), the rarity that it lacks and the rarity that all
    articles lack, both as log1p. A word that is there with other marks counts half.
    """
    held = library.entries[position].words
    total = here = anywhere = 0.0
    for word in set(content_words(question)):
        bare = fold(word)
        weight = library.rarity.get(word, library.unseen)
        total += weight
        here += weight * (1.0 if word in held else 0.5 * (bare in held))
        known = 1.0 if word in library.rarity else 0.5 * (bare in library.rarity)
        anywhere += weight * known
    share = here / total if total else 0.0
    return share, float(np.log1p(total - here)), float(np.log1p(total - anywhere))
