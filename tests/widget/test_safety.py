"""Safety of the widget: numbers, quick exit, no trace (requirements S of the widget).

The ids W1 to W31 are those of the widget's acceptance tests.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.widget.checks import (
    check_back_shows_no_words,
    check_exit_keeps_no_trace,
    check_no_trace,
    check_only_our_host,
    check_shift,
)
from tests.widget.server import Act, Site
from tests.widget.steps import FRAME, Chat


def the_number(page: Page) -> None:
    """111 is in sight and can be dialled."""
    link = page.locator(".call.first")
    expect(link).to_have_attribute("href", "tel:111")
    expect(link).to_contain_text("111")
    expect(link).to_be_in_viewport(ratio=1)
    expect(page.locator(".exit").first).to_be_in_viewport(ratio=1)


def test_that_111_stays_in_sight_whatever_fails(chat: Chat) -> None:
    """W1: offline, server down, a small screen, a keyboard that covers half of it."""
    page = chat.page
    page.set_viewport_size({"width": 320, "height": 640})
    chat.open().say("answer")
    the_number(page)
    chat.site.acts.extend([Act(status=503)])
    chat.type("?")
    chat.heard(3)
    the_number(page)
    page.context.set_offline(True)
    expect(chat.status).to_contain_text("111")
    the_number(page)
    page.set_viewport_size({"width": 320, "height": 256})
    chat.input.focus()
    the_number(page)
    expect(chat.input).to_be_in_viewport(ratio=1)


def test_that_111_is_there_when_the_script_or_the_texts_are_not(chat: Chat) -> None:
    """W1: the bar is HTML; nothing has to load for it, and exit is a plain link."""
    chat.site.plant("frame.js", 'import "./exit.js"', 'import "./missing.js"')
    page = chat.page
    page.goto(chat.site.url + FRAME)
    the_number(page)
    expect(page.locator("#opening")).to_contain_text("111")
    page.click("#exit")
    page.wait_for_url("**/thoat")


def test_that_leaving_shows_nothing_and_back_shows_what_was_before(chat: Chat) -> None:
    """W2: GOV.UK's own button leaves the page in the history; ours does not."""
    check_exit_keeps_no_trace(chat)
    assert chat.site.ended == ["token-1"]


@pytest.mark.parametrize("page_name", ["home", "host"])
def test_that_leaving_replaces_the_page_around_as_well(
    chat: Chat, page_name: str
) -> None:
    """W2, W4: by the frame's own link, at home (same origin) and at a host (other)."""
    page = chat.page
    page.goto(f"{chat.site.host}/host/before")
    page.click(f"#{page_name}")
    if page_name == "host":
        page.get_by_role("button").first.click()
    if page_name == "host":
        page.frame_locator("iframe").locator(".choice").first.wait_for()
        page.frame_locator("iframe").locator("#exit").click()
    else:
        chat.heard(1)
        page.click(".top .exit")
    page.wait_for_url(f"{chat.site.url}/thoat", timeout=1_500)
    page.go_back()
    assert page.title() == "before"


SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-modals"
SANDBOXES = {
    "none": "",
    "may leave": f"{SANDBOX} allow-top-navigation-by-user-activation",
    "may not leave": SANDBOX,
}


@pytest.mark.parametrize("leave", ["click", "Shift"])
@pytest.mark.parametrize("loader", [True, False], ids=["loader", "no loader"])
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_that_a_frame_leaves_the_page_around_it(
    chat: Chat, sandbox: str, loader: bool, leave: str
) -> None:
    """W4: three sandboxes; only one of them, without our loader, holds the page."""
    page = chat.page
    query = {"sandbox": SANDBOXES[sandbox], "loader": "defer" if loader else ""}
    page.goto(f"{chat.site.host}/host/bare?{urlencode(query)}")
    frame = page.frame_locator("iframe")
    expect(frame.locator(".msg.bot")).to_have_count(1)
    if leave == "click":
        frame.locator("#exit").click()
    else:
        frame.locator("#text").focus()
        for _ in range(3):
            page.keyboard.press("Shift")
    if sandbox == "may not leave" and not loader:
        expect(frame.locator("main.sheet")).to_be_visible()
    else:
        page.wait_for_url(f"{chat.site.url}/thoat", timeout=1_500)
    chat.problems = [p for p in chat.problems if "sandbox" not in p]  # says why


def test_that_a_site_may_name_its_own_neutral_page(chat: Chat) -> None:
    """S6: by three times Shift in its page, and by the button in the frame."""
    for leave in ("Shift", "click"):
        chat.page.goto(f"{chat.site.host}/host/neutral")
        if leave == "click":
            chat.page.get_by_role("button").first.click()
            chat.page.frame_locator("iframe").locator("#exit").click()
        else:
            for _ in range(3):
                chat.page.keyboard.press("Shift")
        expect(chat.page).to_have_url(f"{chat.site.host}/host/before", timeout=1_500)


def test_that_only_shift_alone_three_times_leaves(chat: Chat) -> None:
    """W3 in the chat page: capitals, selecting and switching keyboards stay."""
    chat.open()
    chat.input.focus()
    check_shift(chat.page, chat.site)


def test_that_only_shift_alone_three_times_leaves_the_host(chat: Chat) -> None:
    """W3 in the host's page: keys there never reach the frame."""
    chat.page.goto(f"{chat.site.host}/host/embed")
    chat.page.focus("#field")
    check_shift(chat.page, chat.site)


def test_that_presses_more_than_five_seconds_apart_do_not_count(
    browser: Browser, site: Site
) -> None:
    page = browser.new_page()
    chat = Chat(page, site)
    page.clock.install()
    chat.open()
    chat.input.focus()
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    expect(chat.status).to_contain_text("1")
    page.clock.run_for(5_100)
    page.keyboard.press("Shift")
    expect(chat.status).to_contain_text("2")
    assert page.url.endswith(FRAME)
    page.close()


def test_that_back_and_forward_never_show_the_conversation(keeping_chat: Chat) -> None:
    """W5: even where a proxy took "no-store" away, so that the page is kept."""
    keeping_chat.site.cache = "no-cache"
    check_back_shows_no_words(keeping_chat)


def test_that_the_back_check_finds_a_planted_fault(keeping_chat: Chat) -> None:
    """W5: a page that is kept and was not emptied."""
    keeping_chat.site.cache = "no-cache"
    keeping_chat.site.plant("exit.js", '"pagehide"', '"never"')
    keeping_chat.site.plant("exit.js", "event.persisted && location.reload()", "0")
    with pytest.raises(AssertionError):
        check_back_shows_no_words(keeping_chat)


def test_that_nothing_is_kept_in_the_browser(chat: Chat) -> None:
    """W6: five turns, a rating, printing, deleting, leaving."""
    check_no_trace(chat)


def test_that_typing_sends_nothing_and_asks_no_dictionary(chat: Chat) -> None:
    """W7: no cloud spelling, no completion, no request before "send"."""
    chat.open()
    before = len(chat.asked)
    chat.input.type("bi mat cua em")
    assert len(chat.asked) == before
    for name in ("autocomplete", "autocapitalize", "autocorrect"):
        expect(chat.input).to_have_attribute(name, "off")
    expect(chat.input).to_have_attribute("spellcheck", "false")
    expect(chat.input).to_have_attribute("enterkeyhint", "send")


def test_that_no_other_host_is_asked(chat: Chat) -> None:
    """W8: a whole session, and the home page."""
    check_only_our_host(chat)


def test_that_the_words_go_into_messages_only(chat: Chat) -> None:
    """W9: not into the console, an address, or any other request."""
    chat.open().say("answer")
    chat.type("marker-in-a-text")
    chat.heard(3)
    chat.page.get_by_role("button", name="Hữu ích", exact=True).first.click()
    chat.site.acts.extend([Act(status=503), Act(cut=0), Act(raw="marker-in-a-line\n")])
    for count in (4, 5, 7):
        chat.type("marker-in-a-text")
        chat.heard(count)
    chat.page.click("#exit")
    chat.page.wait_for_url("**/thoat")
    others = [r for r in chat.site.requests if not r[1].endswith("/message")]
    assert "marker" not in json.dumps(others)
    assert "marker" not in "".join(chat.printed + chat.asked)


def test_that_an_urgent_card_makes_111_stand_out_and_blocks_nothing(chat: Chat) -> None:
    """S12: the bar stands out, the alert is spoken once, writing goes on."""
    chat.open().say("card")
    alert = chat.page.get_by_role("alert")
    expect(alert).to_contain_text("111")
    first = chat.answers.last.locator("a.number").first
    expect(first).to_have_attribute("href", "tel:111")
    chat.say("two").say("card")
    expect(alert).to_have_count(1)
    expect(chat.input).to_be_enabled()


def test_that_the_bar_comes_to_our_home_page_when_it_is_urgent(chat: Chat) -> None:
    """The home page shows the bar itself; the frame adds it after an urgent card."""
    chat.open("/")
    expect(chat.page.locator("#chat .bar")).to_be_hidden()
    expect(chat.page.locator(".top .call")).to_be_in_viewport()
    chat.say("card")
    expect(chat.page.locator("#chat .bar")).to_be_visible()
