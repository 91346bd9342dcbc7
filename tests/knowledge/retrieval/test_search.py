"""The search over a tiny index: what comes first, what is refused, what is routed."""

from __future__ import annotations

import pytest

from knowledge.article import Article
from knowledge.retrieval.index import RetrievalIndex
from knowledge.retrieval.search import ABSTAIN, ANSWER, SUGGEST, continues, search
from tests.knowledge.retrieval.sample import articles, asked, said


def first(question: str, index: RetrievalIndex, previous: str | None = None) -> str:
    hits = search(question, index, previous=previous).hits
    return hits[0].article_id if hits else ""


@pytest.mark.parametrize("form", ["marked", "unmarked", "typo"])
def test_that_the_right_article_comes_first_in_every_form(
    form: str, index: RetrievalIndex
) -> None:
    questions = asked(form)
    assert len(questions) >= 5
    found = {question: first(question, index) for question, _ in questions}
    assert found == dict(questions)


def test_that_the_province_asked_about_beats_the_wording(
    index: RetrievalIndex,
) -> None:
    for question, article in asked("place"):
        assert first(question, index) == article


@pytest.mark.parametrize(("typed", "meant"), said("heard"))
def test_that_a_word_typed_as_it_sounds_is_read_as_it_is_meant(
    typed: str, meant: str, index: RetrievalIndex
) -> None:
    assert index.library.repair(typed) == meant


@pytest.mark.parametrize("article", articles(), ids=lambda article: article.id)
def test_that_a_question_of_an_article_finds_it(
    article: Article, index: RetrievalIndex
) -> None:
    for question in article.questions:
        assert first(question, index) == article.id


def test_that_hits_are_ordered_distinct_and_at_most_k(index: RetrievalIndex) -> None:
    titles = {article.id: article.title for article in articles()}
    for k in (1, 3, len(titles) + 5):
        hits = search(said("right"), index, k=k).hits
        scores = [hit.score for hit in hits]
        assert 1 <= len(hits) <= min(k, len(titles))
        assert scores == sorted(scores, reverse=True)
        assert len({hit.article_id for hit in hits}) == len(hits)
        assert all(hit.title == titles[hit.article_id] for hit in hits)


@pytest.mark.parametrize("k", [0, -1])
def test_that_less_than_one_hit_cannot_be_asked_for(
    k: int, index: RetrievalIndex
) -> None:
    with pytest.raises(ValueError, match=f"k is {k}"):
        search(said("right"), index, k=k)


@pytest.mark.parametrize("question", said("no_words"))
def test_that_a_question_without_words_is_no_question(
    question: str, index: RetrievalIndex
) -> None:
    for previous in (None, "khai-sinh"):
        result = search(question, index, previous=previous)
        assert (result.decision, result.reason) == (ABSTAIN, "no_words")
        assert result.hits == ()


def test_that_a_question_that_shares_nothing_is_refused(index: RetrievalIndex) -> None:
    result = search(said("nothing_shared"), index)
    assert (result.decision, result.reason) == (ABSTAIN, "nothing_shared")


def test_that_a_document_we_do_not_hold_is_refused_by_name(
    index: RetrievalIndex,
) -> None:
    for previous in (None, "khai-sinh"):
        result = search(said("unknown_document"), index, previous=previous)
        assert (result.decision, result.reason) == (ABSTAIN, "unknown_document")
        assert said("unknown_number") in result.document
        assert result.hits == ()


def test_that_an_article_of_a_law_that_nothing_cites_is_refused_by_name(
    index: RetrievalIndex,
) -> None:
    result = search(said("unknown_article"), index)
    assert (result.decision, result.reason) == (ABSTAIN, "unknown_document")
    assert "99" in result.document


@pytest.mark.parametrize(
    ("name", "article"),
    [("article_of_law", "bi-mat-rieng-tu"), ("bare_document", "ho-tro-ha-noi")],
)
def test_that_a_document_named_leads_to_its_article_alone(
    name: str, article: str, index: RetrievalIndex
) -> None:
    result = search(said(name), index)
    assert [hit.article_id for hit in result.hits] == [article]
    assert (result.decision, result.reason) == (ANSWER, "named_document")


def test_that_a_follow_up_goes_on_with_the_last_article(index: RetrievalIndex) -> None:
    for article in ("khai-sinh", "bat-nat"):
        result = search(said("go_on"), index, previous=article)
        assert result.hits[0].article_id == article
        assert result.reason == "follow_up"
        assert result.decision in (ANSWER, SUGGEST)


def test_that_a_follow_up_may_change_the_place(index: RetrievalIndex) -> None:
    question = said("other_place")
    assert first(question, index, "ho-tro-ha-noi") == "ho-tro-dak-nong"
    assert search(question, index).reason != "follow_up"


def test_that_the_last_article_answers_again_what_it_is_asked_itself(
    index: RetrievalIndex,
) -> None:
    question = said("asked_itself")
    assert search(question, index).reason == "calibrated"
    result = search(question, index, previous="khai-sinh")
    assert (result.decision, result.reason, result.right) == (ANSWER, "follow_up", 1)
    assert [hit.article_id for hit in result.hits] == ["khai-sinh"]


def test_that_what_holds_everywhere_holds_in_a_place_too(index: RetrievalIndex) -> None:
    result = search(said("other_place"), index, previous="khai-sinh")
    assert (result.decision, result.hits[0].article_id) == (ANSWER, "khai-sinh")


def test_that_a_bare_place_goes_on_only_if_it_says_so() -> None:
    assert [continues(said(n)) for n in ("other_place", "what_of", "from_there")] == [
        True,
        True,
        False,
    ]


def test_that_a_question_with_its_own_subject_leaves_the_last_article(
    index: RetrievalIndex,
) -> None:
    question = said("own_subject")
    assert first(question, index, "khai-sinh") == "tuoi-ket-hon"


def test_that_an_unknown_last_article_changes_nothing(index: RetrievalIndex) -> None:
    for name in ("right", "go_on"):
        with_unknown = search(said(name), index, previous="khong-co")
        assert with_unknown == search(said(name), index)


def test_that_a_very_long_question_is_searched(index: RetrievalIndex) -> None:
    assert first(f"{said('right')} " * 200, index) == "khai-sinh"


def test_that_the_same_question_gives_the_same_result(index: RetrievalIndex) -> None:
    assert search(said("right"), index) == search(said("right"), index)
