"""Search of articles for readers: folded words, ranked by BM25, no model.

The assistant's own retrieval needs its encoder; a page that lists ten titles does not.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from knowledge.article import Article
from knowledge.retrieval.text import function_words, runs, terms

# How often a word counts where it stands in the title, a question, the text.
TITLE, QUESTION, TEXT = 4, 2, 1
K1, B = 1.2, 0.5
# Titles that score below this part of the best are noise.
WORTH_SHOWING = 0.35


class Search:
    """An index of some articles. Words match with or without diacritics."""

    def __init__(self, articles: Iterable[Article]) -> None:
        counts = {article.id: _counts(article) for article in articles}
        lengths = {name: sum(count.values()) for name, count in counts.items()}
        average = sum(lengths.values()) / max(1, len(lengths))
        self._weights: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for name, count in counts.items():
            norm = K1 * (1 - B + B * lengths[name] / average)
            for term, times in count.items():
                self._weights[term][name] = times * (K1 + 1) / (times + norm)
        self._count = len(counts)

    def find(self, words: str, limit: int = 10) -> list[str]:
        """Return ids of the articles that fit best, best first, none if none fits."""
        scores: Counter[str] = Counter()
        for term in _subject(words):
            holders = self._weights.get(term, {})
            rare = math.log(1 + (self._count + 0.5) / (len(holders) + 0.5))
            for name, weight in holders.items():
                scores[name] += rare * weight  # type: ignore[assignment]
        best = scores.most_common(limit)
        return [name for name, score in best if score >= WORTH_SHOWING * best[0][1]]


def _counts(article: Article) -> Counter[str]:
    count: Counter[str] = Counter()
    parts = [(article.title, TITLE), (article.body, TEXT)]
    parts += [(question, QUESTION) for question in article.questions]
    for text, weight in parts:
        for term in terms(runs(text)):
            count[term] += weight
    return count


def _subject(words: str) -> set[str]:
    """Return the terms that carry the subject; all of them if none does."""
    every = set(terms(runs(words)))
    bare = function_words()
    return {term for term in every if not set(term.split()) <= bare} or every
