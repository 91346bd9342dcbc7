"""Replies from articles: short first, cited, dated, with what has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.render import (
    WHOLE_WORDS,
    render_abstain,
    render_article,
    render_place,
    render_sources,
    render_suggestions,
)
from bot.reply import Reply
from knowledge.article import Article, CitationRef, load_articles
from knowledge.directory import Directory
from knowledge.documents import Document, load_documents

TODAY = date(2026, 11, 22)


@pytest.fixture
def directory() -> Directory:
    return Directory.load(today=TODAY)


@pytest.fixture
def documents() -> dict[str, Document]:
    return load_documents()


@pytest.fixture
def article() -> Article:
    return Article(
        id="bao-tin-o-dau",
        title="Báo tin ở đâu?",
        audience="all",
        topic="bao-tin",
        questions=("báo tin ở đâu",),
        citations=(CitationRef("102/2016/QH13", "Điều 51"),),
        facts=("B-17",),
        lines=("hn-ctxh", "vn-111"),
        provinces=(),
        valid_from=date(2017, 6, 1),
        valid_to=None,
        review_by=date(2027, 5, 21),
        related=(),
        answer="Gọi 111 hoặc {{line:hn-ctxh}}.",
        details="từ " * 200,
    )


def test_that_the_short_answer_comes_first_and_the_rest_on_request(
    article: Article, documents: dict[str, Document], directory: Directory
) -> None:
    short = render_article(article, documents, directory)
    whole = render_article(article, documents, directory, detailed=True)
    assert [b.id for b in short.buttons] == [
        "more:bao-tin-o-dau",
        "source:bao-tin-o-dau",
        "related:bao-tin-o-dau",
    ]
    assert len(whole.text) > len(short.text)
    assert "more:bao-tin-o-dau" not in [b.id for b in whole.buttons]


def test_that_an_answer_names_document_article_and_since_when(
    article: Article, documents: dict[str, Document], directory: Directory
) -> None:
    reply = render_article(article, documents, directory)
    for part in ("Luật Trẻ em", "102/2016/QH13", "Điều 51", "01/06/2017"):
        assert part in reply.text
    (citation,) = reply.citations
    assert citation.as_of == documents["102/2016/QH13"].checked_on.isoformat()


def test_that_111_leads_and_a_number_comes_from_the_directory(
    article: Article, documents: dict[str, Document], directory: Directory
) -> None:
    reply = render_article(article, documents, directory)
    assert [number.tel for number in reply.numbers] == ["tel:111", "tel:+842432233111"]
    line = directory.line("hn-ctxh")
    assert line is not None
    assert line.number in reply.text
    stale = Directory.load(today=date(2027, 11, 22))
    reply = render_article(article, documents, stale)
    assert [number.tel for number in reply.numbers] == ["tel:111"]
    assert line.number not in reply.text


def test_that_a_changed_document_says_so(
    article: Article, documents: dict[str, Document], directory: Directory
) -> None:
    old = replace(article, citations=(CitationRef("377/KH-UBND", "mục II"),))
    note = documents["377/KH-UBND"].note
    assert note
    assert note in render_article(old, documents, directory).text


def test_that_an_unsure_answer_names_its_citation_and_who_knows(
    article: Article, documents: dict[str, Document], directory: Directory
) -> None:
    """Nobody should take an old number for today's: the note points at [2]."""
    decree = (*article.citations, CitationRef("56/2017/NĐ-CP", "Điều 25"))
    text = render_article(replace(article, citations=decree), documents, directory).text
    note, asked = text.split("\n\n")[-2].split("\n")
    assert note.startswith("Lưu ý [2]:")
    assert "111" in asked
    sure = render_article(article, documents, directory).text
    assert "Lưu ý" not in sure
    school = replace(article, citations=decree, topic="truong-hoc")
    assert "nhà trường" in render_article(school, documents, directory).text


def test_that_a_replaced_document_names_its_successor_once(
    article: Article, documents: dict[str, Document], directory: Directory
) -> None:
    old = documents["12/2022/NĐ-CP"]
    for note in (old.note, "Đã cũ."):
        documents[old.number] = replace(old, note=note)
        cited = replace(article, citations=(CitationRef(old.number, "Điều 1"),))
        text = render_article(cited, documents, directory).text
        assert text.count("283/2026/NĐ-CP") == 1


def test_that_each_citation_has_a_line_with_number_place_and_status(
    article: Article, documents: dict[str, Document], directory: Directory
) -> None:
    refs = (CitationRef("102/2016/QH13", "Điều 51"), CitationRef("377/KH-UBND", "II"))
    text = render_article(replace(article, citations=refs), documents, directory).text
    lines = text.split("\n")[-2:]
    assert lines[0].startswith("[1] Luật Trẻ em (102/2016/QH13), Điều 51: còn hiệu")
    assert lines[1].startswith("[2] Kế hoạch 377")
    assert "chưa xác minh" in lines[1]


def test_that_a_list_reads_well_in_a_chat(
    article: Article, documents: dict[str, Document], directory: Directory
) -> None:
    listed = replace(article, details="**Nên làm:**\n\n- Gọi 111.\n- Kể - ngay.\n")
    text = render_article(listed, documents, directory, detailed=True).text
    assert "Nên làm:\n\n• Gọi 111.\n• Kể - ngay." in text


def test_that_every_article_answers_in_eighty_words_at_most(
    documents: dict[str, Document], directory: Directory
) -> None:
    for each in load_articles():
        reply = render_article(each, documents, directory)
        shown = reply.text.split("\n\nCăn cứ")[0].split("\n\nLưu ý")[0]
        assert len(shown.split()) <= WHOLE_WORDS, each.id
        has_more = any(b.id.startswith("more:") for b in reply.buttons)
        assert has_more or not each.details or len(each.body.split()) <= WHOLE_WORDS


def test_that_sources_tell_issuer_date_and_status(
    article: Article, documents: dict[str, Document]
) -> None:
    text = render_sources(article, documents).text
    assert documents["102/2016/QH13"].issuer in text
    assert "05/04/2016" in text


def test_that_three_titles_are_suggested_at_most(article: Article) -> None:
    articles = [replace(article, id=f"a{n}", title=f"Bài {n}") for n in range(5)]
    reply = render_suggestions(articles)
    assert [s.article for s in reply.suggestions] == ["a0", "a1", "a2"]
    assert [b.id for b in reply.buttons] == ["article:a0", "article:a1", "article:a2"]


def test_that_a_refusal_names_the_document_we_do_not_hold(directory: Directory) -> None:
    assert "999/2030/NĐ-CP" in render_abstain("999/2030/NĐ-CP", directory).text
    for reply in (render_abstain("", directory), render_abstain("x", directory)):
        assert reply.numbers[0].number == "111"


@pytest.mark.parametrize("place", ["Quảng Ninh", "Sơn La"])
def test_that_111_stands_before_a_local_line(directory: Directory, place: str) -> None:
    reply = render_place(place, directory)
    assert reply.numbers[0].number == "111"
    assert len(reply.numbers) == 1 + len(directory.local(place))


def test_that_a_reply_survives_the_way_through_rasa(
    article: Article, documents: dict[str, Document], directory: Directory
) -> None:
    reply = render_article(article, documents, directory)
    assert Reply.from_json(reply.to_json()) == reply
