"""How a question is worded: like those that articles answer, or like the others.

"Mấy tuổi được xăm hình?" shares most words with our articles, and none answers it.
What gives such a question away is that its words and pairs of words stand in the
questions out of scope more often than in those of the articles. Words that frame any
question ("được không") tell little and are counted apart; words that the article
found does not hold tell most.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from knowledge.retrieval.concepts import concept_terms
from knowledge.retrieval.text import function_words, runs, terms

_PRIOR = 0.3  # how often a word was seen among as many questions as are out of scope
_ODDEST = 3


@dataclass(frozen=True, slots=True)
class Odds:
    """Log odds of being out of scope, by the kind of term; 0 tells nothing.

    `content`, `frame` and `lacking` are sums over the root of the number of terms:
    of those with a subject, of those without, of those that the article found does
    not hold; `oddest` is the sum of the three highest of the last.
    """

    content: float
    frame: float
    lacking: float
    oddest: float


@dataclass(frozen=True, slots=True)
class Wording:
    """In how many questions each term stands, of how many: answered, out of scope."""

    inside: Mapping[str, int]
    outside: Mapping[str, int]
    asked: int
    refused: int

    @classmethod
    def of(cls, asked: Iterable[str], refused: Iterable[str]) -> Wording:
        """Count the terms of some questions."""
        inside, outside = [[_terms(q) for q in group] for group in (asked, refused)]
        return cls(_count(inside), _count(outside), len(inside), len(outside))

    def odds(
        self, question: str, held: Callable[[Set[str]], Set[str]], is_refused: bool
    ) -> Odds:
        """Return how much more the words are those of questions out of scope.

        Args:
            held: returns those of some terms that the article found holds.
            is_refused: the question is one of those counted as out of scope; it is
                then looked at as if it had not been.
        """
        odds = {term: self._odds(term, is_refused) for term in _terms(question)}
        frames = {term for term in odds if function_words().issuperset(term.split())}
        lacking = [odds[term] for term in odds.keys() - held(odds.keys())]
        return Odds(
            content=_over_root([odds[term] for term in odds.keys() - frames]),
            frame=_over_root([odds[term] for term in frames]),
            lacking=sum(lacking) / math.sqrt(len(odds) or 1),
            oddest=sum(sorted(odd for odd in lacking if odd > 0)[-_ODDEST:]),
        )

    def _odds(self, term: str, is_refused: bool) -> float:
        if not self.asked or not self.refused:
            return 0.0
        ratio = self.asked / self.refused
        out = max(0, self.outside.get(term, 0) - is_refused)
        inside = self.inside.get(term, 0) / ratio
        return math.log((out + _PRIOR) / (inside + _PRIOR))

    def save(self, path: Path) -> None:
        """Write everything as JSON."""
        counts = [dict(self.inside), dict(self.outside), self.asked, self.refused]
        text = json.dumps(counts, ensure_ascii=False, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Wording:
        """Read what `save` wrote.

        Raises:
            OSError, TypeError, ValueError: the file is missing or torn.
        """
        inside, outside, asked, refused = json.loads(path.read_text("utf-8"))
        return cls(dict(inside), dict(outside), int(asked), int(refused))


def _over_root(odds: Sequence[float]) -> float:
    return sum(odds) / math.sqrt(len(odds) or 1)


def _terms(question: str) -> frozenset[str]:
    return frozenset((*terms(runs(question)), *concept_terms(question)))


def _count(questions: Iterable[frozenset[str]]) -> dict[str, int]:
    return dict(Counter(term for found in questions for term in found))
