"""The conversation: streams, failures, sources, ratings (requirements F)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.servers import wait_until
from tests.widget.checks import check_injection
from tests.widget.server import Act, script
from tests.widget.steps import FRAME, Chat


def test_that_the_first_reply_shows_before_the_second_is_sent(chat: Chat) -> None:
    """W19."""
    chat.open()
    chat.site.acts.append(Act(gap=0.5))
    chat.type(script()["turns"]["two"]["say"])
    expect(chat.log).to_contain_text("thứ nhất")
    assert "thứ hai" not in chat.log.inner_text()
    expect(chat.log).to_contain_text("thứ hai")


def test_that_stop_stops_and_can_be_taken_back(chat: Chat) -> None:
    """W19: the button is there while an answer comes; what came stays."""
    chat.open()
    stop = chat.page.get_by_role("button", name="Dừng")
    expect(stop).to_be_hidden()
    chat.site.acts.append(Act(gap=5))
    chat.type(script()["turns"]["two"]["say"])
    expect(chat.log).to_contain_text("thứ nhất")
    stop.click()
    expect(stop).to_be_hidden()
    assert chat.focus() == "text"
    wait_until(lambda: chat.site.aborted == 1, 5)
    chat.page.get_by_role("button", name="Thử lại").click()
    expect(chat.log).to_contain_text("thứ hai")
    assert chat.log.inner_text().count("thứ nhất") == 1


def test_that_a_refused_message_is_sent_again_as_the_same_turn(chat: Chat) -> None:
    """W20: one message of the person, one turn of the gateway.

    The first error has the gateway's words, the second none: a proxy's, say.
    """
    chat.open()
    chat.site.acts.extend([Act(status=503), Act(status=500)])
    chat.type("xin hỏi")
    for words in ("tạm nghỉ", "đang bận"):
        error = chat.page.locator(".msg.error")
        expect(error).to_contain_text(words)
        expect(error.locator("a[href='tel:111']")).to_be_visible()
        chat.page.get_by_role("button", name="Thử lại").click()
    expect(chat.log).to_contain_text("(xin hỏi)")
    expect(chat.page.locator(".msg.you")).to_have_count(1)
    expect(chat.page.locator(".msg.error")).to_have_count(0)
    assert len({m["client_id"] for m in chat.site.messages()}) == 1
    assert len(chat.site.turns) == 1


@pytest.mark.parametrize(
    "act", [Act(cut=1), Act(cut=1, raw="{not json\n")], ids=["cut", "raw"]
)
def test_that_a_cut_answer_keeps_its_part_and_is_completed(
    chat: Chat, act: Act
) -> None:
    """W20, F11: the gateway repeats the turn; nothing shows twice."""
    chat.open()
    chat.site.acts.append(act)
    chat.type(script()["turns"]["two"]["say"])
    expect(chat.answers.last).to_contain_text("bị ngắt")
    expect(chat.log).to_contain_text("thứ nhất")
    chat.page.get_by_role("button", name="Thử lại").click()
    expect(chat.log).to_contain_text("thứ hai")
    assert chat.log.inner_text().count("thứ nhất") == 1
    assert len(chat.site.turns) == 1


def test_that_too_many_messages_are_told_in_the_gateways_words(chat: Chat) -> None:
    """W20, W28."""
    chat.open()
    chat.site.acts.append(Act(status=429))
    chat.type("a")
    expect(chat.answers.last).to_contain_text("nhanh quá")
    expect(chat.page.locator(".msg.error a[href='tel:111']")).to_be_visible()


def test_that_a_text_that_is_too_long_comes_back_to_be_shortened(chat: Chat) -> None:
    """F3: the words of the person are never lost."""
    chat.open()
    chat.site.acts.append(Act(status=413))
    chat.type("rất dài")
    expect(chat.answers.last).to_contain_text("2.000")
    expect(chat.input).to_have_value("rất dài")


def test_that_the_network_may_fail_and_come_back(chat: Chat) -> None:
    """F2, F3: by itself once while online; by a tap after offline."""
    chat.open()
    page = chat.page
    page.route("**/message", lambda route: route.abort(), times=1)
    chat.type("một")
    expect(chat.status).to_contain_text("thử lại")
    expect(chat.log).to_contain_text("(một)")
    page.context.set_offline(True)
    chat.type("hai")
    expect(chat.answers.last).to_contain_text("111")
    page.context.set_offline(False)
    expect(chat.status).to_contain_text("có mạng")
    page.get_by_role("button", name="Thử lại").click()
    expect(chat.log).to_contain_text("(hai)")
    assert [turn["text"] for turn in chat.site.turns] == ["một", "hai"]


def test_that_a_network_cut_in_mid_answer_loses_nothing(chat: Chat) -> None:
    """W20, F2: the part stays, 111 stays, the rest comes with the same turn."""
    chat.open().say("answer")
    chat.site.acts.append(Act(gap=0.7, cut=1, drop=True))
    chat.type(script()["turns"]["two"]["say"])
    expect(chat.log).to_contain_text("thứ nhất")
    chat.page.context.set_offline(True)
    expect(chat.status).to_contain_text("Mất kết nối mạng. Vẫn gọi được 111.")
    expect(chat.answers.last.locator("a[href='tel:111']")).to_be_visible()
    chat.input.fill("câu sau")
    chat.page.context.set_offline(False)
    expect(chat.status).to_contain_text("có mạng")
    chat.page.get_by_role("button", name="Thử lại").click()
    expect(chat.log).to_contain_text("thứ hai")
    assert chat.log.inner_text().count("thứ nhất") == 1
    expect(chat.input).to_have_value("câu sau")
    assert len(chat.site.turns) == 2


def test_that_messages_sent_in_a_hurry_are_answered_one_after_the_other(
    chat: Chat,
) -> None:
    chat.open()
    chat.site.acts.append(Act(gap=0.2))
    for text in ("một", "hai", "ba"):
        chat.type(text)
    chat.heard(4)
    assert [turn["text"] for turn in chat.site.turns] == ["một", "hai", "ba"]


def test_that_an_expired_session_is_renewed_without_a_word(chat: Chat) -> None:
    """W27, A15."""
    chat.open()
    chat.site.ended.append("token-1")
    chat.type("còn đó không")
    expect(chat.log).to_contain_text("(còn đó không)")
    expect(chat.answers).to_have_count(2)
    assert chat.site.sessions == 2


def test_that_a_source_opens_in_place_by_keyboard(chat: Chat) -> None:
    """W21: by its mark in the text and by its own line; Esc closes it."""
    chat.open().say("answer")
    page = chat.page
    mark, source = page.locator(".mark").first, page.locator(".cite").first
    expect(mark).to_have_attribute("aria-expanded", "false")
    mark.focus()
    page.keyboard.press("Enter")
    expect(mark).to_have_attribute("aria-expanded", "true")
    for part in ("102/2016/QH13", "Điều 1", "còn hiệu lực", "21/11/2026"):
        expect(source).to_contain_text(part)
    link = source.get_by_role("link")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_contain_text("vanban.chinhphu.vn")
    assert "mark" in chat.focus()
    page.keyboard.press("Escape")
    expect(mark).to_have_attribute("aria-expanded", "false")
    source.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(mark).to_have_attribute("aria-expanded", "true")


def test_that_choices_are_sent_once_and_stay_readable(chat: Chat) -> None:
    """F4; a suggestion is an article, the others stay open."""
    chat.open().say("suggest")
    first, second = chat.page.locator(".offer").all()
    first.click()
    chat.heard(3)
    first.press("Enter")
    expect(first).to_have_attribute("aria-disabled", "true")
    expect(second).not_to_have_attribute("aria-disabled", "true")
    chat.page.get_by_role("button", name="Không phải").click()
    chat.heard(4)
    sent = [message["choice"] for message in chat.site.messages()[1:]]
    assert sent == ["article:quyen-duoc-hoc", "none"]


def test_that_help_is_one_tap_away_at_any_time(chat: Chat) -> None:
    """Rule R4b of the routing: a permanent button opens the card."""
    chat.open()
    chat.page.click("#help")
    expect(chat.page.locator(".card a[href='tel:111']")).to_be_visible()
    assert chat.site.messages()[0]["choice"] == "need_help"


def test_that_an_answer_of_no_help_asks_for_others(chat: Chat) -> None:
    """A thumb down is a turn: the gateway keeps it and offers other articles."""
    chat.open().say("answer")
    chat.page.get_by_role("button", name="Không hữu ích", exact=True).click()
    expect(chat.page.locator(".msg.you").last).to_contain_text("Không hữu ích")
    choice = chat.site.messages()[-1]["choice"]
    name, _, article = choice.partition(":")
    assert name == "bad"
    assert article


def test_that_a_rating_shows_and_ends_with_a_disclosure(chat: Chat) -> None:
    """W22: pressed state; no rating and no copying in a flagged conversation."""
    chat.open().say("answer")
    good = chat.page.get_by_role("button", name="Hữu ích", exact=True)
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    expect(chat.status).to_contain_text("Cảm ơn")
    assert [p for _, p, _ in chat.site.requests][-1].endswith("/feedback")
    chat.say("card")
    expect(good).to_be_hidden()
    expect(chat.page.get_by_role("button", name="Chép")).to_be_hidden()


def test_that_an_answer_is_copied_with_its_sources(chat: Chat) -> None:
    """F7."""
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.open().say("answer")
    chat.page.get_by_role("button", name="Chép").click()
    expect(chat.status).to_contain_text("Đã chép")
    copied = chat.page.evaluate("navigator.clipboard.readText()")
    assert "[1] Luật Trẻ em, 102/2016/QH13, Điều 1 (còn hiệu lực) https://" in copied
    assert "**" not in copied


def test_that_print_holds_the_words_and_no_buttons(chat: Chat) -> None:
    """W23: messages, sources, date, numbers."""
    page = chat.page
    chat.open().say("answer")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for selector in ("#form", "#exit", ".choices", ".after", "#help", "#more"):
        expect(page.locator(selector).first).to_be_hidden()
    for text in ("dưới 16 tuổi", "102/2016/QH13", "In ngày", "21/11/2026"):
        expect(page.locator("#log")).to_contain_text(text)
    expect(page.locator("#printed")).to_be_visible()
    expect(page.locator(".call.first")).to_be_visible()


def test_that_deleting_begins_anew(chat: Chat) -> None:
    """F8: also while an answer is coming."""
    chat.open().say("card")
    chat.site.acts.append(Act(gap=2))
    chat.type(script()["turns"]["two"]["say"])
    expect(chat.log).to_contain_text("thứ nhất")
    chat.page.click("#more > summary")
    chat.page.click("#forget")
    expect(chat.status).to_contain_text("Đã xóa")
    expect(chat.answers).to_have_count(1)
    expect(chat.page.locator(".msg.you, .card")).to_have_count(0)
    assert chat.site.ended == ["token-1"]
    chat.type("mới")
    expect(chat.log).to_contain_text("(mới)")


def test_that_markup_is_shown_and_never_run(chat: Chat) -> None:
    """W24."""
    check_injection(chat)


def test_that_the_injection_check_finds_a_planted_fault(chat: Chat) -> None:
    """W24: without our policy, which alone would stop it, the script runs."""
    chat.site.policy = "frame-ancestors *"
    chat.site.plant(
        "reply.js", "else node.append(part);", "else node.innerHTML += part;"
    )
    with pytest.raises(AssertionError):
        check_injection(chat)


def test_that_the_link_check_finds_a_planted_fault(chat: Chat) -> None:
    """W24."""
    chat.site.plant("reply.js", 'url.protocol === "https:" ||', "true ||")
    with pytest.raises(AssertionError):
        check_injection(chat)


def test_that_the_policy_is_enforced(chat: Chat) -> None:
    """W25: every other test fails at a violation; here the browser proves it looks."""
    chat.page.goto(chat.site.url + FRAME)
    refused = chat.page.evaluate(
        """() => { try { document.body.innerHTML = "<b>x</b>"; return ""; }
          catch (error) { return error.name; } }"""
    )
    assert refused == "TypeError"
    assert [p for p in chat.problems if "TrustedHTML" in p]
    chat.problems.clear()


def test_that_english_is_available(chat: Chat) -> None:
    """V7, A12: the frame in English; what the assistant says is marked Vietnamese."""
    chat.open(FRAME + "?lang=en").say("answer")
    expect(chat.page.locator("html")).to_have_attribute("lang", "en")
    expect(chat.page.locator("#exit")).to_have_text("Quick exit")
    expect(chat.answers.last).to_have_attribute("lang", "vi")
