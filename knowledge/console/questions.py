"""Questions without a good answer: taken in once, grouped, deleted after 90 days."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.console.inflow import AskedQuestion, QuestionGroup
from knowledge.retrieval.text import function_words, has_marks, syllables

KEPT_DAYS = 90
ALIKE = 0.6  # share of common terms from which two questions ask the same
Terms = frozenset[str]


def take(rows: list[dict[str, Any]]) -> None:
    """Take in what the bot handed over, each question once; see the bot's `questions`.

    Raises:
        KeyError, TypeError, ValueError: a row is not of the handover.
    """
    known = set(AskedQuestion.objects.values_list("key", flat=True))
    fresh = [_asked(row) for row in rows if row["key"] not in known]
    fresh = [question for question in fresh if question.asked_at > _oldest()]
    if not fresh:
        return
    with transaction.atomic():
        grouping = Grouping()
        for question in fresh:
            question.group = grouping.group_of(question)
            question.save()


def expire() -> None:
    """Delete questions older than 90 days, and the groups that have none left."""
    gone, _kinds = AskedQuestion.objects.filter(asked_at__lte=_oldest()).delete()
    if not gone:
        return
    QuestionGroup.objects.filter(questions=None).delete()
    for group in QuestionGroup.objects.all():
        texts = texts_of(group)
        if group.title not in texts:  # its own words are gone too
            group.title = texts[0]
            group.save(update_fields=["title"])


def terms_of(text: str) -> Terms:
    """Return what questions are compared by: syllables with a subject, and pairs."""
    words = [word for word in syllables(text) if word not in function_words()]
    return frozenset([*words, *(f"{a} {b}" for a, b in pairwise(words))])


def alike(one: Terms, two: Terms) -> float:
    """Return the share of common terms, 0..1 (Dice)."""
    return 2 * len(one & two) / ((len(one) + len(two)) or 1)


class Grouping:
    """All questions that are kept, by what they ask."""

    def __init__(self) -> None:
        self._groups = {group.pk: group for group in QuestionGroup.objects.all()}
        self._asked: list[tuple[Terms, QuestionGroup]] = []
        self._places: dict[str, list[int]] = defaultdict(list)
        kept = AskedQuestion.objects.exclude(group=None)
        for text, group in kept.values_list("text", "group"):
            self._add(terms_of(text), self._groups[group])

    def group_of(self, question: AskedQuestion) -> QuestionGroup:
        """Return the group of the question that is most alike, else a new one."""
        terms = terms_of(question.text)
        places = {place for term in terms for place in self._places[term]}
        nearest = max(
            (self._asked[place] for place in places),
            key=lambda asked: alike(terms, asked[0]),
            default=None,
        )
        if nearest and alike(terms, nearest[0]) >= ALIKE:
            group = nearest[1]
            _update(group, question)
        else:
            group = QuestionGroup.objects.create(title=question.text)
        self._add(terms, group)
        return group

    def _add(self, terms: Terms, group: QuestionGroup) -> None:
        for term in terms:
            self._places[term].append(len(self._asked))
        self._asked.append((terms, group))


def _update(group: QuestionGroup, question: AskedQuestion) -> None:
    """Call a group by a question with marks; show it again if its article fails."""
    if not has_marks(group.title) and has_marks(question.text):
        group.title = question.text
    if group.state == "writing" and _has_failed(group.article, question):
        group.state = "open"
    group.save(update_fields=["title", "state"])


def _has_failed(article: Any, question: AskedQuestion) -> bool:
    """True if a question was asked when the whole article was published already."""
    if article is None or not article.live or article.has_unpublished_changes:
        return False
    return bool(question.asked_at > article.last_published_at)


def texts_of(group: QuestionGroup) -> list[str]:
    """Return the different questions of a group, the newest first."""
    texts = group.questions.values_list("text", flat=True)
    return list(dict.fromkeys(" ".join(text.split()) for text in texts))


def _asked(row: dict[str, Any]) -> AskedQuestion:
    return AskedQuestion(
        key=str(row["key"])[:40],
        channel=str(row["channel"])[:16],
        article=str(row["article"])[:120],
        text=str(row["text"])[:200],
        asked_at=datetime.fromtimestamp(float(row["asked_at"]), tz=UTC),
    )


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=KEPT_DAYS)
