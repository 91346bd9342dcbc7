"""The loader in other people's pages, the home page, and life without scripts."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Browser, FrameLocator, expect

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
    chat.page.set_viewport_size({"width": 390, "height": 740})
    chat.page.goto(chat.site.url + "/")
    frame = chat.page.frame_locator("iframe")
    expect(frame.locator("#text")).to_be_attached()
    assert chat.page.evaluate("scrollY") == 0
    frame.locator("#text").fill("xin chào")
    frame.locator("#send").click()
    expect(frame.locator(".msg.bot")).to_have_count(2)
    for href in ("tel:111", "tel:113", "tel:115"):
        assert chat.page.locator(f".numbers a[href='{href}']").count() == 1


def test_that_pages_inform_without_scripts(browser: Browser, site: Site) -> None:
    """W31: numbers, exit, and a way to the information."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url + FRAME)
    expect(page.locator(".call.first")).to_have_attribute("href", "tel:111")
    expect(page.locator("#form")).to_be_hidden()
    expect(page.locator("noscript a[href='tel:111']")).to_be_visible()
    expect(page.locator("noscript a[href='/']")).to_be_visible()
    page.click("#exit")
    page.wait_for_url("**/thoat")
    page.goto(site.url + "/")
    expect(page.locator(".top .call")).to_be_visible()
    expect(page.locator("h2")).to_have_count(5)
    page.click(".exit")
    page.wait_for_url("**/thoat")
    assert "trẻ em" not in page.inner_text("body")
    context.close()


TEXTS: dict[str, dict[str, str]] = json.loads((WIDGET / "texts.json").read_text("utf8"))


class Marked(HTMLParser):
    """Collects (key, Vietnamese text) of the elements that a script may translate."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._key = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = {name: value or "" for name, value in attrs}
        self._key = marks.get("data-t", "")
        for mark, attribute in (("data-l", "aria-label"), ("data-p", "placeholder")):
            if mark in marks:
                self.found.append((marks[mark], marks[attribute]))

    def handle_data(self, data: str) -> None:
        if self._key:
            self.found.append((self._key, data))
        self._key = ""


def test_that_the_page_says_what_the_texts_say() -> None:
    """V7: one file holds the words; the page repeats some so that it works at once."""
    marked = Marked()
    marked.feed((WIDGET / "frame.html").read_text("utf8"))
    assert len(marked.found) > 20
    assert [(k, v) for k, v in marked.found if TEXTS["vi"].get(k) != v] == []
    loader = (WIDGET / "loader.js").read_text("utf8")
    for lang in ("vi", "en"):
        for key in ("launcher", "heading", "loading", "close"):
            assert f'{key}: "{TEXTS[lang][key]}"' in loader


def test_that_every_text_exists_in_both_languages_and_is_used() -> None:
    assert list(TEXTS["vi"]) == list(TEXTS["en"])
    code = "".join(
        path.read_text("utf8")
        for path in WIDGET.iterdir()
        if path.suffix in (".js", ".html")
    )
    statuses = {
        "in_force", "superseded", "expired", "not_yet_in_force", "unverified",
        "guidance",
    }  # fmt: skip
    unused = [
        key
        for key in TEXTS["vi"]
        if key not in statuses and not re.search(rf"\b{key}\b", code)
    ]
    assert unused == []
    used = set(re.findall(r'\bt\("(\w+)"', code))
    assert used - set(TEXTS["vi"]) == set()


@pytest.mark.parametrize("name", ["frame.html", "home.html", "exit.html"])
def test_that_every_file_a_page_asks_for_is_there(name: str) -> None:
    page = (WIDGET / name).read_text("utf8")
    asked = {m for m in re.findall(r"/widget/v1/([\w.]+)", page) if "." in m}
    for script_file in WIDGET.glob("*.js"):
        asked |= set(re.findall(r'from "\./(.+?)"', script_file.read_text("utf8")))
    assert {file for file in asked if not (WIDGET / file).is_file()} == set()
    assert "style=" not in page
    assert "<style" not in page
    assert " on" not in re.sub(r">[^<]*<", "><", page)
