"""The pages of docs/embedding, as a visitor of each finds them (W26)."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.widget.checks import check_accessible
from tests.widget.steps import Chat

DEMOS = ("plain", "bootstrap", "wordpress", "strict-csp")


@pytest.mark.parametrize("demo", DEMOS)
def test_that_the_chat_works_in_each_page_and_changes_none(
    chat: Chat, demo: str
) -> None:
    """W25, W26: seen, pressed, answered, left; and no error or refused request."""
    page = chat.page
    page.set_viewport_size({"width": 1000, "height": 740})
    page.goto(f"{chat.site.host}/host/{demo}")
    before = page.evaluate("document.body.outerHTML")
    launcher = page.locator("button[aria-controls=panel]")
    expect(launcher).to_be_in_viewport(ratio=1)
    launcher.click()
    frame = page.frame_locator("iframe")
    expect(frame.locator(".msg.bot")).to_have_count(1)
    box = page.locator("iframe").bounding_box()
    assert box is not None
    assert box["width"] >= 380
    assert box["height"] >= 500
    frame.locator("#text").fill("xin chào")
    frame.locator("#text").press("Enter")
    expect(frame.locator(".msg.bot")).to_have_count(2)
    assert page.evaluate("document.body.outerHTML") == before
    page.locator("#field").focus()
    for _ in range(3):
        page.keyboard.press("Shift")
    expect(page).to_have_url(f"{chat.site.url}/thoat", timeout=1_500)


def test_that_a_site_has_its_own_look(chat: Chat) -> None:
    """Colours, side and greeting come from the gateway's configuration."""
    chat.page.goto(f"{chat.site.host}/host/bootstrap")
    launcher = chat.page.locator("button[aria-controls=panel]")
    expect(launcher).to_have_css("background-color", "rgb(29, 78, 216)")
    box = launcher.bounding_box()
    assert box is not None
    assert box["x"] < 40
    launcher.click()
    frame = chat.page.frame_locator("iframe")
    expect(frame.locator(".call.first")).to_have_css(
        "background-color", "rgb(29, 78, 216)"
    )
    expect(frame.locator(".msg.bot")).to_contain_text("Học sinh")
    chat.page.emulate_media(color_scheme="dark")
    expect(frame.locator(".call.first")).to_have_css(
        "background-color", "rgb(147, 197, 253)"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_a_site_of_its_own_colours_can_be_read(
    chat: Chat, scheme: Literal["light", "dark"]
) -> None:
    """W10 with the colours of a site."""
    chat.page.emulate_media(color_scheme=scheme)
    chat.open("/widget/v1/frame?site=truong-mau").say("answer").say("card")
    check_accessible(chat)


def test_that_a_page_may_choose_among_what_the_gateway_knows(chat: Chat) -> None:
    """Language, colour, greeting and line by `data-` attributes."""
    chat.page.goto(f"{chat.site.host}/host/strict-csp")
    launcher = chat.page.get_by_role("button", name="Ask about children’s rights")
    expect(launcher).to_have_css("background-color", "rgb(109, 40, 217)")
    launcher.click()
    frame = chat.page.frame_locator("iframe")
    expect(frame.locator("#exit")).to_have_text("Quick exit")
    expect(frame.locator(".msg.bot")).to_contain_text("Pupils, parents")
    expect(frame.locator(".call").last).to_contain_text("024 3223 3111")
    expect(frame.locator(".call.first")).to_have_css(
        "background-color", "rgb(109, 40, 217)"
    )


def test_that_a_page_cannot_bring_words_or_numbers_of_its_own(chat: Chat) -> None:
    """Nor a colour that hides 111, nor one that is none."""
    address = "/widget/v1/frame?greeting=Gọi 0900000000&line=0900000000&site=x"
    for colour in ("%23ffff00", "red;}", "%23fff"):
        chat.open(f"{address}&colour={colour}")
        assert "0900000000" not in chat.page.inner_text("body")
        expect(chat.page.locator(".call.first")).to_have_css(
            "background-color", "rgb(11, 102, 96)"
        )


def test_that_a_stranger_may_not_frame_the_chat(chat: Chat) -> None:
    """An unknown site, or a known one of another origin; the panel shows 111."""
    page = chat.page
    page.goto(f"{chat.site.host}/host/stranger")
    page.get_by_role("button").first.click()
    expect(page.get_by_role("link", name="111")).to_be_visible()
    page.wait_for_timeout(300)
    assert chat.site.sessions == 0
    assert [p for p in chat.problems if "frame-ancestors" in p]
    chat.problems.clear()
