"""`search`: a question to an answer, up to three suggestions, or an honest no."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from knowledge.retrieval.calibrate import Features
from knowledge.retrieval.index import RetrievalIndex
from knowledge.retrieval.places import provinces_in, without_places
from knowledge.retrieval.rank import Entry, Ranked, rank
from knowledge.retrieval.text import (
    content_words,
    fold,
    normalise,
    syllables,
)
from knowledge.retrieval.words import phrases, word_set

ANSWER, SUGGEST, ABSTAIN = "answer", "suggest", "abstain"
_LONGEST = 600  # characters of a question that are searched; the rest is ignored
_WHOLE, _NEAR = 0.99, 0.75  # coverage and cosine from which nothing is refused
_LEANING = 4  # content words that a question may have and still lean on the last one


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found. `score` orders hits of one search only."""

    article_id: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`decision` is "answer" (the first hit), "suggest" (up to three) or "abstain".

    `reason` says why: "calibrated", "own_question", "named_document", "follow_up",
    "no_words", "nothing_shared" or "unknown_document", and then `document` is its
    name. `hits` are in order; of an abstention they are for the records only. `right`
    is the probability, 0..1, that the first of them answers.
    """

    decision: str
    hits: tuple[Hit, ...]
    reason: str
    document: str = ""
    right: float = 0.0


def search(
    question: str, index: RetrievalIndex, k: int = 5, previous: str | None = None
) -> SearchResult:
    """Search the articles for an answer to a question.

    Args:
        k: hits to return, at least 1.
        previous: id of the article that was shown last, for "thế còn ở Hà Nội?".
    Raises:
        ValueError: `k` is below 1.
    """
    if k < 1:
        raise ValueError(f"k is {k}; ask for at least 1 hit")
    question = normalise(question)[:_LONGEST]
    if not syllables(question):
        return SearchResult(ABSTAIN, (), "no_words")
    before = _entry(index, previous)
    if before and is_follow_up(question):
        return _follow(question, before, index, k)
    result = _decide(rank(question, index.library), index, k)
    if before and result.reason == "calibrated" and _leans(question):
        return _follow(question, before, index, k)
    return result


def is_follow_up(question: str) -> bool:
    """Return True if a question has no subject of its own: "chi tiết hơn đi"."""
    words = content_words(without_places(question))
    said = " ".join(syllables(question))
    marked = any(re.search(rf"\b{p}\b", said) for p in phrases("follow_up"))
    return not words or (marked and len(words) <= _LEANING)


def continues(question: str) -> bool:
    """Return True if a question says so: "thế còn Nghệ An", "Nghệ An thì sao"."""
    said = " ".join(syllables(question))
    goes_on = any(re.search(rf"\b{p}\b", said) for p in phrases("goes_on"))
    return goes_on and is_follow_up(question)


def _leans(question: str) -> bool:
    """Return True if all that a short question says is of the leaning kind."""
    words = set(map(fold, content_words(without_places(question))))
    return len(words) <= _LEANING and words <= word_set("leaning")


def _follow(
    question: str, before: Entry, index: RetrievalIndex, k: int
) -> SearchResult:
    """Search with the subject of the last article; a new place replaces the old.

    Who asks for no more than more, or for what the last article is asked itself
    ("phạt bao nhiêu?"), is given it again; so is who names a place that no article
    tells apart, where the last one is not about one province alone.
    """
    place = provinces_in(question)
    asks_more = content_words(without_places(question))
    again = SearchResult(
        ANSWER, (Hit(before.id, before.title, 1.0),), "follow_up", right=1.0
    )
    if not place and (not asks_more or _repeats(question) or _asked(question, before)):
        return again
    subject = f"{without_places(before.title)} {' '.join(sorted(place))}"
    if not place:
        subject = f"{question}\n{before.title}"
    ranked = rank(subject, index.library, previous=before)
    if place and not asks_more and len(before.provinces) != 1:
        first = index.library.entries[ranked.order[0]] if ranked.order else before
        if not place & set(first.provinces):
            return again
    if asks_more:
        ranked = _in_both(ranked, rank(question, index.library))
    result = _decide(ranked, index, k, reason="follow_up")
    if result.decision == ABSTAIN and result.hits and not result.document:
        return replace(result, decision=SUGGEST)
    return result


def _asked(question: str, before: Entry) -> bool:
    """Return True if one question of the last article says what is asked now."""
    said = f" {' '.join(syllables(question))} "
    return _leans(question) and any(said in f" {asked} " for asked in before.asked)


def _in_both(subject: Ranked, asked: Ranked) -> Ranked:
    """Return the order by both, so that what is asked weighs as much as the subject.

    If the two disagree on the first article, nothing is sure.
    """
    if not subject.order or not asked.order:
        return subject
    total = subject.scores / subject.scores.max() + asked.scores / asked.scores.max()
    order = tuple(int(i) for i in np.argsort(-total, kind="stable") if total[i] > 0)
    features = subject.features
    if features and order[0] != subject.order[0]:
        features = replace(features, sure=0.0, lead=0.0, margin=0.0)
    return replace(subject, order=order, scores=total, features=features, known=False)


def _repeats(question: str) -> bool:
    """Return True if a question asks for nothing but the same with more detail."""
    more = {word for phrase in phrases("more") for word in phrase.split()}
    return not set(map(fold, content_words(question))) - more


def _decide(
    ranked: Ranked, index: RetrievalIndex, k: int, reason: str = ""
) -> SearchResult:
    if ranked.unknown:
        return SearchResult(ABSTAIN, (), "unknown_document", ranked.unknown)
    if not ranked.features:
        return SearchResult(ABSTAIN, (), "nothing_shared")
    entries = index.library.entries
    hits = tuple(
        Hit(entries[i].id, entries[i].title, round(float(ranked.scores[i]), 4))
        for i in ranked.order[:k]
    )
    decision = index.calibration.decide(ranked.features)
    right = index.calibration.right(ranked.features)
    if decision == ABSTAIN and _holds_all(ranked.features):
        decision = SUGGEST
    if ranked.known:
        why = "named_document" if ranked.named else "own_question"
        return SearchResult(ANSWER, hits, reason or why, right=1.0)
    if ranked.named:
        # Whoever names a document that we hold is in scope; one article is the answer.
        if len(ranked.order) == 1:
            decision = ANSWER
        decision = SUGGEST if decision == ABSTAIN else decision
    why = reason or ("named_document" if ranked.named else "calibrated")
    return SearchResult(decision, hits, why, right=right)


def _holds_all(features: Features) -> bool:
    """True if the first article holds every word and is near: worth a look at least."""
    return features.coverage >= _WHOLE and features.cosine >= _NEAR


def _entry(index: RetrievalIndex, article: str | None) -> Entry | None:
    position = index.library.positions.get(article or "")
    return None if position is None else index.library.entries[position]
