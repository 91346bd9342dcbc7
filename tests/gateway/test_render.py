"""Texts of the chats: cut well, escaped, numbers first, previews neutral."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.gateway.render import BLANK, Style, numbered, render
from bot.gateway.split import shorten, split, units
from bot.gateway.texts import texts
from bot.reply import KINDS, Button, Citation, PhoneNumber, Reply
from tests.fakes.markup import plain

LINE = PhoneNumber("111", "tel:111", "Tổng đài 111", "24/7", "miễn phí", "2026-11-21")
LOCAL = PhoneNumber("024.3223.3111", "tel:+842432233111", "Hà Nội", "", "", "")
WEB = PhoneNumber("zalo.me/1", "https://zalo.me/1", "Zalo của 111", "", "", "")
URL = "https://vanban.chinhphu.vn/so-203"
STYLE = Style(limit=3800)


def test_that_units_are_those_of_utf_16() -> None:
    assert units("ố") == 1
    assert units("👨‍👩‍👧 ố") == 10


@given(st.text(min_size=1, max_size=3000), st.integers(20, 400))
@settings(max_examples=60, deadline=None)
def test_that_pieces_fit_and_lose_nothing(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "whole", [URL, "024 3223 3111", "203/KH-UBND", "Điều 37", "+84 24 3223 3111"]
)
@pytest.mark.parametrize("before", range(20, 60, 3))
def test_that_no_address_or_number_is_cut(whole: str, before: int) -> None:
    text = f"{'a ' * before}{whole} {'b ' * 60}"
    assert sum(whole in piece for piece in split(text, 110)) == 1


def test_that_a_cut_prefers_the_end_of_a_sentence() -> None:
    first, second = split("Một câu. Hai câu nữa đây. Ba câu rất dài ở cuối", 30)
    assert first == "Một câu. Hai câu nữa đây."
    assert second.startswith("Ba")


def test_that_a_card_begins_neutrally_then_with_its_numbers() -> None:
    reply = Reply(kind="card", text="Mình nghe em.\nKể tiếp.", numbers=(LINE, LOCAL))
    (part,) = render([reply], STYLE)
    assert part.text.split(BLANK) == [
        "Mình nghe em.",
        "111: Tổng đài 111 (miễn phí, 24/7)",
        "024.3223.3111 (+842432233111): Hà Nội",
        "Kể tiếp.",
    ]
    assert part.is_danger
    assert part.html.count("<b>111</b>") == 1
    assert part.phones == (("111 Tổng đài 111", "tel:111"), part.phones[1])
    assert part.phones[1][1] == "tel:+842432233111"


def test_that_an_address_is_a_link_and_no_number() -> None:
    (part,) = render([Reply(kind="smalltalk", text="Chào.", numbers=(WEB,))], STYLE)
    assert '<a href="https://zalo.me/1">Zalo của 111</a>' in part.html
    assert part.phones == ()


def test_that_only_secure_addresses_of_sources_are_links() -> None:
    bad, good = (
        Citation(n, "203/KH-UBND", "Mục II", "Kế hoạch", "in_force", "2026-11-21", url)
        for n, url in ((1, 'javascript:alert("x")'), (2, URL))
    )
    (part,) = render([Reply(kind="answer", text="A.", citations=(bad, good))], STYLE)
    assert "javascript" not in part.text + part.html
    assert f"{URL}" in part.text


@given(st.text(max_size=300))
@settings(max_examples=80, deadline=None)
def test_that_any_text_is_valid_html_and_reads_the_same(text: str) -> None:
    for part in render([Reply(kind="answer", text=f"x{text}")], STYLE):
        assert plain(part.html) == part.text


@pytest.mark.parametrize("word", texts()["telling_words"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "card"])
def test_that_a_preview_shows_no_telling_word(word: str, kind: str) -> None:
    (part,) = render([Reply(kind=kind, text=f"Về {word.upper()} thì luật nói.")], STYLE)
    assert word not in part.text[:100].casefold()


def test_that_replies_of_a_turn_make_one_message_with_all_choices() -> None:
    card = Reply(kind="card", text="A.\nB.", buttons=(Button("safe", "An toàn"),))
    ask = Reply(kind="ask", text="Ở tỉnh nào?", buttons=(Button("skip", "Bỏ qua"),))
    (part,) = render([card, ask], Style(limit=1900, buttons=5, numbered=True))
    assert part.text.endswith("Ở tỉnh nào?")
    assert [button.id for button in part.buttons] == ["safe", "skip"]
    assert numbered(part.buttons).splitlines()[1:] == ["1. An toàn", "2. Bỏ qua"]


def test_that_thumbs_stand_under_an_answer_and_never_beside_a_card() -> None:
    style = Style(limit=3800, thumbs=True)
    answer = Reply(kind="answer", text="Một câu.", article="quyen-song")
    (part,) = render([answer], style)
    names = [button.id for button in part.buttons]
    assert names == ["good:quyen-song", "bad:quyen-song"]
    card = Reply(kind="card", text="A.\nB.")
    assert not render([card, answer], style)[-1].buttons


def test_that_numbered_choices_always_fit() -> None:
    buttons = tuple(Button(f"article:{n}", "Một tiêu đề dài " * 5) for n in range(5))
    style = Style(limit=1900, buttons=5, numbered=True)
    for part in render([Reply("answer", "Một câu. " * 400, buttons=buttons)], style):
        whole = part.text + BLANK + numbered(part.buttons or ())
        assert units(whole) <= 2000


def test_that_shortening_keeps_short_texts() -> None:
    assert shorten("ngắn", 10) == "ngắn"
    assert units(shorten("dài " * 50, 20)) <= 20
