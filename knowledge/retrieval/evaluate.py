"""How well the engine answers: our own questions, in every form people type.

Measured here: whether the right article comes first or among three, what is
answered, suggested and refused, and how much of what is answered is right.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.retrieval.forms import FORMS, write_as
from knowledge.retrieval.index import RetrievalIndex
from knowledge.retrieval.search import ABSTAIN, ANSWER, SUGGEST, search

SEED = 7  # of the slips; training uses others
_DEPTH = 10
ALL = "all"
_COLUMNS = {"id", "question", "article"}


class QuestionsError(ValueError):
    """A file of questions cannot be used; names file, row and remedy."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the articles that answer it; none if it is out of scope.

    `form` is how it is written, if the file says so; else it is asked in every form.
    """

    id: str
    text: str
    articles: tuple[str, ...]
    kind: str
    form: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question. `rank` is 1.. of the first right article, or 0.

    `right` is the probability, 0..1, that the engine gave to its first article.
    """

    question: Question
    decision: str
    rank: int
    milliseconds: float
    right: float


@dataclass(frozen=True, slots=True)
class Measures:
    """Shares 0..1 over some outcomes; None where there is nothing to share.

    The first eight are over questions with an answer. `precision` is the share of
    all answers given, also to questions out of scope, whose article is right.
    `ms_p95` is of one core's time.
    """

    questions: int
    recall_1: float | None
    recall_3: float | None
    recall_10: float | None
    mrr_10: float | None
    answered: float | None
    suggested: float | None
    abstained: float | None
    precision: float | None
    out_of_scope: int
    refused: float | None
    ms_p95: float


def load_questions(path: Path, known: Iterable[str]) -> list[Question]:
    """Read columns id, question, article (ids separated by |, or empty), kind.

    And, where they are, form and topic.

    Raises:
        QuestionsError: no file, a column is missing, an article is unknown.
    """
    articles = set(known)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{path.name} cannot be read ({error})") from None
    reader = csv.DictReader(text.splitlines())
    if missing := _COLUMNS - set(reader.fieldnames or ()):
        raise QuestionsError(f"{path.name} has no column {', '.join(sorted(missing))}")
    questions = []
    for row in reader:
        wanted = tuple(a for a in (row["article"] or "").split("|") if a.strip())
        if unknown := set(wanted) - articles:
            what = f"row {reader.line_num}: no article {', '.join(sorted(unknown))}"
            raise QuestionsError(f"{path.name} {what}")
        others = [row.get(name) or "" for name in ("kind", "form", "topic")]
        questions.append(Question(row["id"], row["question"], wanted, *others))
    if not questions:
        raise QuestionsError(f"{path.name} holds no questions")
    return questions


def ask(
    questions: Sequence[Question], index: RetrievalIndex, form: str
) -> Iterator[Outcome]:
    """Ask all questions in one writing form; those that have their own, in that."""
    for question in questions:
        text = question.text if question.form else write_as(form, question.text, SEED)
        start = time.process_time()
        result = search(text, index, k=_DEPTH)
        milliseconds = (time.process_time() - start) * 1000
        found = [hit.article_id for hit in result.hits]
        ranks = [found.index(a) + 1 for a in question.articles if a in found]
        place = min(ranks, default=0)
        yield Outcome(question, result.decision, place, milliseconds, result.right)


def measure(outcomes: Sequence[Outcome]) -> Measures:
    """Return the measures of some outcomes."""
    inside = [o for o in outcomes if o.question.articles]
    outside = [o for o in outcomes if not o.question.articles]
    answers = [o for o in outcomes if o.decision == ANSWER]
    times = sorted(o.milliseconds for o in outcomes)
    return Measures(
        questions=len(inside),
        recall_1=_share(inside, lambda o: o.rank == 1),
        recall_3=_share(inside, lambda o: 1 <= o.rank <= 3),
        recall_10=_share(inside, lambda o: o.rank >= 1),
        mrr_10=_mean([1 / o.rank if o.rank else 0.0 for o in inside]),
        answered=_share(inside, lambda o: o.decision == ANSWER),
        suggested=_share(inside, lambda o: o.decision == SUGGEST),
        abstained=_share(inside, lambda o: o.decision == ABSTAIN),
        precision=_share(answers, lambda o: o.rank == 1),
        out_of_scope=len(outside),
        refused=_share(outside, lambda o: o.decision == ABSTAIN),
        ms_p95=round(times[int(0.95 * (len(times) - 1))], 2) if times else 0.0,
    )


def outcomes_of(
    questions: Sequence[Question], index: RetrievalIndex
) -> dict[str, list[Outcome]]:
    """Return form -> outcomes; questions of one file either all have forms or none."""
    if not all(q.form for q in questions):
        return {form: list(ask(questions, index, form)) for form in FORMS}
    asked = list(ask(questions, index, FORMS[0]))
    forms = dict.fromkeys(q.form for q in questions)
    return {form: [o for o in asked if o.question.form == form] for form in forms}


def groups_of(
    outcomes: Mapping[str, Sequence[Outcome]],
) -> Iterator[tuple[str, str, str, Sequence[Outcome]]]:
    """Yield (form, kind, topic, outcomes): each form, its kinds, and all topics."""
    for form, some in outcomes.items():
        yield form, ALL, ALL, some
        kinds = sorted({o.question.kind for o in some} - {""})
        for kind in kinds if len(kinds) > 1 else []:
            yield form, kind, ALL, [o for o in some if o.question.kind == kind]
    every = [o for some in outcomes.values() for o in some]
    yield ALL, ALL, ALL, every
    for topic in sorted({o.question.topic for o in every} - {""}):
        yield ALL, ALL, topic, [o for o in every if o.question.topic == topic]


def _share(
    outcomes: Sequence[Outcome], holds: Callable[[Outcome], bool]
) -> float | None:
    return _mean([float(holds(o)) for o in outcomes])


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
