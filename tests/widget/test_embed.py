"""The loader in other people's pages, the home page, and life without scripts."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, FrameLocator, expect

from bot.gateway.pages import widget_texts
from knowledge.documents import STATUSES
from tests.widget.server import WIDGET, Site
from tests.widget.steps import FRAME, Chat


def opened(chat: Chat, host: str) -> FrameLocator:
    chat.page.goto(f"{chat.site.host}/host/{host}")
    chat.page.get_by_role("button").first.click()
    frame = chat.page.frame_locator("iframe")
    expect(frame.locator(".msg.bot")).to_have_count(1)
    return frame


def test_that_the_loader_asks_for_nothing_before_the_click(chat: Chat) -> None:
    chat.page.goto(f"{chat.site.host}/host/embed")
    expect(chat.page.get_by_role("button")).to_have_count(1)  # two scripts, one button
    asked = [url for url in chat.asked if url.startswith(chat.site.url)]
    assert {url.rpartition("/")[2] for url in asked} == {"loader.js"}
    names = chat.page.evaluate(
        """() => { const frame = document.createElement("iframe");
          document.body.append(frame);
          const plain = new Set(Object.getOwnPropertyNames(frame.contentWindow));
          frame.remove();
          return Object.getOwnPropertyNames(window).filter(n => !plain.has(n)); }"""
    )
    assert [n for n in names if "uyen" in n] == ["quyenTreEm"]


def test_that_the_panel_takes_and_returns_the_focus(chat: Chat) -> None:
    """W13, A5: to the input; Esc and the button close it, back to the launcher."""
    page = chat.page
    frame = opened(chat, "embed")
    expect(frame.locator("#text")).to_be_focused()
    launcher = page.get_by_role("button", name="Hỏi về quyền trẻ em")
    for close in ("Escape", "button"):
        expect(launcher).to_have_attribute("aria-expanded", "true")
        if close == "Escape":
            page.keyboard.press("Escape")
        else:
            frame.locator("#close").click()
        expect(page.locator("iframe")).to_be_hidden()
        expect(launcher).to_be_focused()
        launcher.press("Enter")
        expect(frame.locator("#text")).to_be_focused()
    assert chat.site.sessions == 1  # the conversation goes on
    page.focus("#field")
    expect(page.locator("iframe")).to_be_visible()  # no trap: the page stays usable


def test_that_the_keyboard_leads_into_the_panel_and_out_again(chat: Chat) -> None:
    """W13: nobody is held inside."""
    page = chat.page
    opened(chat, "embed")
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.id") == "field":
            break
    assert page.evaluate("document.activeElement.id") == "field"


def test_that_the_panel_fills_a_phone(chat: Chat) -> None:
    chat.page.set_viewport_size({"width": 360, "height": 640})
    opened(chat, "embed")
    box = chat.page.locator("iframe").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (360, 640)


def test_that_111_shows_while_the_frame_does_not_load(chat: Chat) -> None:
    """S1: the panel itself names the number and can be closed."""
    chat.page.goto(f"{chat.site.host}/host/embed")
    chat.page.context.set_offline(True)
    chat.page.get_by_role("button").first.click()
    expect(chat.page.get_by_role("link", name="111")).to_be_in_viewport(ratio=1)
    chat.page.get_by_role("button", name="Đóng").click()
    expect(chat.page.locator("iframe")).to_be_hidden()


def test_that_a_hostile_page_changes_nothing_and_stays_unchanged(chat: Chat) -> None:
    """W26: `all: unset !important`, a strict policy, polluted prototypes."""
    frame = opened(chat, "hostile")
    box = chat.page.locator("iframe").bounding_box()
    assert box is not None
    assert box["width"] >= 380
    frame.locator("#text").fill("xin chào")
    frame.locator("#text").press("Enter")
    expect(frame.locator(".msg.bot")).to_have_count(2)
    added = chat.page.evaluate("[...document.body.children].map(n => n.tagName)")
    assert added.count("DIV") == 1
    assert chat.problems == []


def test_that_messages_of_strangers_are_not_obeyed(chat: Chat) -> None:
    """Only our frame may close the panel or leave the page."""
    opened(chat, "embed")
    chat.page.evaluate("['exit', 'close'].forEach(t => window.postMessage({ t }, '*'))")
    chat.page.wait_for_timeout(100)
    assert chat.page.title() == "host"
    expect(chat.page.locator("iframe")).to_be_visible()


def test_that_a_newcomer_can_chat_on_the_home_page_at_once(chat: Chat) -> None:
    """The element <quyen-tre-em-chat>: the same chat, in the page's own tree."""
    chat.page.set_viewport_size({"width": 390, "height": 740})
    chat.open("/")
    expect(chat.input).to_be_in_viewport(ratio=1)
    assert chat.page.evaluate("scrollY") == 0
    chat.say("answer").say("card")
    assert (
        chat.page.evaluate(
            "document.querySelector('quyen-tre-em-chat').shadowRoot.mode"
        )
        == "open"
    )
    for href in ("tel:111", "tel:113", "tel:115"):
        assert chat.page.locator(f"main .rest a[href='{href}']").count() == 1


def test_that_an_old_browser_shows_the_element_as_well(chat: Chat) -> None:
    """One that takes the template for an ordinary one; its script makes the root."""
    for wrong in (("shadowrootmode", "data-mode"),):
        chat.site.plant("home.html", *wrong)
    chat.open("/").say("answer")


def test_that_pages_inform_without_scripts(browser: Browser, site: Site) -> None:
    """W31: numbers, exit, and a way to the information."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url + FRAME)
    expect(page.locator(".call.first")).to_have_attribute("href", "tel:111")
    expect(page.locator("#form")).to_be_hidden()
    expect(page.locator("noscript a[href='tel:111']")).to_be_visible()
    expect(page.locator("noscript a[href='/bai']")).to_be_visible()
    page.click("#exit")
    page.wait_for_url("**/thoat")
    page.goto(site.url + "/")
    expect(page.locator(".top .call")).to_be_visible()
    expect(page.locator("main > .rest h2")).to_have_count(6)
    page.click(".top .exit")
    page.wait_for_url("**/thoat")
    assert "trẻ em" not in page.inner_text("body")
    context.close()


def test_that_every_text_exists_in_both_languages_and_is_used() -> None:
    """V7: one file holds the words. What an answer may name stands in data."""
    texts = widget_texts()
    vi, en = texts["vi"], texts["en"]
    assert list(vi["page"]) == list(en["page"])
    assert set(vi["talk"]) <= set(en["talk"])  # the gateway itself greets in Vietnamese
    assert list(vi["loader"]) == list(en["loader"])
    pages = "".join(p.read_text("utf8") for p in (WIDGET / "pages").iterdir())
    used = set(re.findall(r"\bt\.(\w+)", pages)) | {"system", "light", "dark"}
    assert used == set(vi["page"])
    code = "".join(path.read_text("utf8") for path in WIDGET.glob("*.js"))
    statuses = set(STATUSES)
    assert [k for k in set(vi["talk"]) - statuses if k not in code] == []
    assert set(re.findall(r'\bt\("(\w+)"', code)) - {"greeting"} <= set(vi["talk"])


def test_that_pages_hold_no_code_and_no_style_of_their_own() -> None:
    for path in (WIDGET / "pages").glob("*.html"):
        page = path.read_text("utf8")
        assert "style=" not in page, path.name
        assert not re.search(r"<[^>]*\son\w+=", page), path.name
