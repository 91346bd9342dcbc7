"""How a question is worded: like those that articles answer, or like the others.

"Mấy tuổi được xăm hình?" shares most words with our articles, and none answers it.
What gives such a question away is that its words and pairs of words stand in the
questions out of scope more often than in those of the articles.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.retrieval.concepts import concept_terms
from knowledge.retrieval.text import runs, terms

_PRIOR = 0.3  # how often a word was seen among as many questions as are out of scope
_ODDEST = 3


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

    def odds(self, question: str, is_refused: bool = False) -> tuple[float, float]:
        """Return how much more the words are those of questions out of scope.

        Args:
            is_refused: the question is one of those counted as out of scope; it is
                then looked at as if it had not been.
        Returns:
            the sum of the log odds of all terms over the root of their number, and
            the sum of the three highest.
        """
        odds = sorted(self._odds(term, is_refused) for term in _terms(question))
        if not odds:
            return 0.0, 0.0
        return sum(odds) / math.sqrt(len(odds)), sum(odds[-_ODDEST:])

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


def _terms(question: str) -> frozenset[str]:
    return frozenset((*terms(runs(question)), *concept_terms(question)))


def _count(questions: Iterable[frozenset[str]]) -> dict[str, int]:
    return dict(Counter(term for found in questions for term in found))
