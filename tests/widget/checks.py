"""Checks that several tests share, and that planted faults must fail."""

from __future__ import annotations

import contextlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Error, Page, expect

from tests.servers import wait_until
from tests.widget.server import Site, script
from tests.widget.steps import Chat

# `all(what)`: the nodes of the page and of its shadow roots.
EVERYWHERE = """const all = what => [document, ...[...document.querySelectorAll("*")]
  .map(n => n.shadowRoot).filter(Boolean)]
  .flatMap(tree => [...tree.querySelectorAll(what)]);"""
LARGE = ".call, .exit, .send, .choice, .offer, .number, .need"
ALL = "a[href], button, summary, textarea, input"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@cache
def axe_source() -> str:
    return (
        Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf8")
    )


def check_axe(page: Page) -> None:
    """Run axe; injected by the protocol, as the page's CSP refuses a script tag."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Runtime.evaluate", {"expression": axe_source()})
    # No preload: for a shadow root it makes a style element, which the policy refuses.
    options = {"runOnly": AXE_TAGS, "iframes": False, "preload": False}
    found: list[dict[str, Any]] = page.evaluate(
        "options => axe.run(document, options).then(result => result.violations)",
        options,
    )
    cdp.detach()
    faults = [f"{v['id']}: {n['html'][:120]}" for v in found for n in v["nodes"]]
    assert not faults, faults


def check_accessible(chat: Chat) -> None:
    check_axe(chat.page)


def check_exit_keeps_no_trace(chat: Chat) -> None:
    """Leave after a chat: its words are gone at once; Back shows the page before."""
    page = chat.page
    page.goto(f"{chat.site.host}/host/before")
    page.click("#frame")
    chat.heard(1).say("answer")
    said = script()["turns"]["answer"]["say"]
    left: dict[str, str] = page.evaluate(
        """() => { document.getElementById("exit").click();
          return { words: document.body.textContent, title: document.title,
            shown: getComputedStyle(document.documentElement).display }; }"""
    )
    expect(page).to_have_url(f"{chat.site.url}/thoat", timeout=1_000)
    assert said not in left.pop("words")
    assert left == {"title": "", "shown": "none"}
    page.go_back()
    assert page.title() == "before"
    page.go_forward()
    assert page.url.endswith("/thoat")


STAY = {
    "capital words": [*["Shift+D"] * 2, "i", "Space", "Shift+H", "Shift+O", "Shift+J"],
    "capital letters": ["Shift+A", "Shift+B", "Shift+C"],
    "selecting": ["Shift+ArrowLeft"] * 3,
    "switching keyboards": ["Control+Shift"] * 3,
    "holding Control": ["down Control", *["Shift"] * 3, "up Control"],
    "a letter between": ["Shift", "Shift", "a", "Shift"],
}


def check_shift(page: Page, site: Site) -> None:
    """Six sequences stay on the page; Shift alone, three times, leaves."""
    here = page.url
    for name, keys in STAY.items():
        for key in keys:
            way, _, held = key.rpartition(" ")
            {"up": page.keyboard.up, "down": page.keyboard.down}.get(
                way, page.keyboard.press
            )(held)
        page.wait_for_timeout(30)
        assert page.url == here, name
        page.keyboard.press("a")
    for _ in range(3):
        page.keyboard.press("Shift")
    expect(page).to_have_url(f"{site.url}/thoat", timeout=1_500)


STORES = """(async () => ({
  local: Object.keys(localStorage), session: Object.keys(sessionStorage),
  cookie: document.cookie, caches: await caches.keys(),
  databases: (await indexedDB.databases()).map(each => each.name),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
}))()"""


def stores(page: Page) -> dict[str, Any]:
    """Return what the page left in the browser."""
    kept: dict[str, Any] = page.evaluate(STORES)
    return kept


EMPTY = {
    "local": [],
    "session": [],
    "cookie": "",
    "caches": [],
    "databases": [],
    "workers": 0,
}


def check_no_trace(chat: Chat) -> None:
    """Five turns, a rating, printing, deleting, leaving: every store stays empty."""
    chat.open().say("answer").say("card").say("suggest").say("two").say("answer")
    page = chat.page
    page.evaluate("window.print = () => {}")
    for name in ("print", "traces", "forget"):
        page.click("#more > summary")
        page.click(f"#{name}")
    expect(chat.answers).to_have_count(1)
    chat.say("answer")
    page.get_by_role("button", name="Hữu ích", exact=True).click()
    assert stores(page) == EMPTY
    page.click("#exit")
    page.wait_for_url("**/thoat")
    assert stores(page) == EMPTY
    assert page.context.cookies() == []


def check_composition(chat: Chat) -> None:
    """Enter that ends a composition does not send; the next one does."""
    chat.open()
    chat.input.focus()
    cdp = chat.cdp()
    composing = {"text": "tiê", "selectionStart": 3, "selectionEnd": 3}
    cdp.send("Input.imeSetComposition", composing)
    chat.page.keyboard.press("Enter")
    chat.page.evaluate(
        """() => { const event = new KeyboardEvent("keydown", {key: "Enter"});
          Object.defineProperty(event, "keyCode", {get: () => 229});
          document.getElementById("text").dispatchEvent(event); }"""
    )
    chat.page.wait_for_timeout(50)
    assert chat.site.messages() == []
    cdp.send("Input.insertText", {"text": "tiếng"})
    # An interrupted composition: started, never ended. The next Enter still sends.
    chat.page.evaluate(
        """document.getElementById("text")
          .dispatchEvent(new CompositionEvent("compositionstart"))"""
    )
    chat.page.keyboard.press("Shift+Enter")
    chat.page.keyboard.insert_text("x")
    chat.page.keyboard.press("Enter")
    chat.heard(2, patience=1_500)
    assert [m["text"] for m in chat.site.messages()] == ["tiếng\nx"]


def check_injection(chat: Chat) -> None:
    """Markup in texts is shown, never run; links lead to https: and tel: only."""
    chat.open().say("inject")
    page = chat.page
    page.wait_for_timeout(100)
    assert chat.problems == []
    assert page.locator(".msg :is(img, script, i, iframe)").count() == 0
    expect(chat.answers.last).to_contain_text("<img src=x onerror=alert(3)>")
    expect(page.locator(".msg.you").last).to_contain_text("<script>alert(2)</script>")
    page.locator(".cite summary").first.click()
    hrefs = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    allowed = ("https:", "tel:", chat.site.url)
    assert [h for h in hrefs if not h.startswith(allowed)] == []
    assert "\u202e" not in page.inner_text("body")


def check_only_our_host(chat: Chat) -> None:
    chat.open().say("answer").say("card")
    chat.page.locator(".cite summary").first.click()
    chat.page.goto(f"{chat.site.url}/")
    chat.heard(1)
    others = [u for u in chat.asked if not u.startswith((chat.site.url, "data:"))]
    assert others == []


def check_back_shows_no_words(chat: Chat) -> None:
    """Back and forward after a link and after exit, in a browser that keeps pages.

    The protocol is asked directly: Playwright does not follow a page that comes back.
    """
    said, cdp = script()["turns"]["answer"]["say"], chat.cdp()

    def run(expression: str) -> Any:
        asked = {"expression": expression, "returnByValue": True}
        with contextlib.suppress(Error):  # the page may be changing just now
            return cdp.send("Runtime.evaluate", asked)["result"].get("value")
        return None

    for leave in ("link", "exit"):
        chat.page.goto(f"{chat.site.host}/host/before")
        chat.page.click("#frame")
        chat.heard(1).say("answer")
        if leave == "link":
            chat.page.goto(f"{chat.site.host}/host/before")
        else:
            chat.page.click("#exit")
            chat.page.wait_for_url("**/thoat")
        for step in (-1, 1, -1):
            here = run("location.href")
            run(f"setTimeout(() => history.go({step}))")
            wait_until(lambda here=here: run("location.href") not in (here, None), 3)  # type: ignore[misc]
            chat.page.wait_for_timeout(100)
            words = run("document.body.textContent")
            assert words is not None
            assert said not in words


def sizes(page: Page, selector: str) -> dict[str, tuple[float, float]]:
    """Return name -> width and height of each visible target, in CSS px."""
    boxes: list[tuple[str, float, float]] = json.loads(
        page.evaluate(
            "selector => {"
            + EVERYWHERE
            + """
              return JSON.stringify(all(selector)
                .filter(node => node.checkVisibility({visibilityProperty: true}))
                .map(node => [node.innerText || node.id,
                  node.getBoundingClientRect().width,
                  node.getBoundingClientRect().height])); }""",
            selector,
        )
    )
    return {name: (width, height) for name, width, height in boxes}


def check_targets(page: Page) -> None:
    small = {n: s for n, s in sizes(page, ALL).items() if min(s) < 24}
    assert not small, small
    small = {n: s for n, s in sizes(page, LARGE).items() if min(s) < 44}
    assert not small, small


def check_reflow(page: Page) -> None:
    """Nothing scrolls sideways, no text is cut, no control covers another."""
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    cut: list[str] = page.evaluate(
        "() => {"
        + EVERYWHERE
        + """
          return all("a, button, summary, p, li, dd, .msg")
            .filter(n => n.checkVisibility() && !n.closest(".sr, .skip"))
            .filter(n => n.scrollWidth > n.clientWidth + 1 && n.clientWidth)
            .map(n => n.outerHTML.slice(0, 90)); }"""
    )
    assert cut == []
    covered: list[str] = page.evaluate(
        "() => {"
        + EVERYWHERE
        + """
          return all(".bar a, .lines a, .need, .more, #send, #text")
            .filter(n => n.checkVisibility())
            .filter(n => { const b = n.getBoundingClientRect();
              const at = n.getRootNode()
                .elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);
              // Our own page is longer than the screen; the chat's page never is.
              if (!at && n.getRootNode() !== document) return false;
              return !(n.contains(at) || at?.contains(n)); })
            .map(n => n.outerHTML.slice(0, 90)); }"""
    )
    assert covered == []
