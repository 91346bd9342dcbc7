"""The widget for everybody (requirements A): axe, reflow, reading order, focus."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from playwright.sync_api import expect

from tests.widget.checks import check_accessible, check_reflow, check_targets
from tests.widget.server import Act, Site
from tests.widget.steps import FRAME, Chat

Scheme = Literal["light", "dark"]


def every_state(chat: Chat) -> None:
    """Answer with an open source, choices, error with retry, offline, menu, card."""
    chat.open().say("answer").say("suggest")
    chat.page.locator(".cite summary").first.click()
    chat.page.get_by_role("button", name="Hữu ích", exact=True).first.click()
    chat.page.locator(".offer").first.click()
    chat.heard(4)
    chat.site.acts.append(Act(status=503))
    chat.type("?")
    chat.heard(5)
    chat.page.locator("#how summary").click()
    chat.page.click("#more > summary")
    chat.page.context.set_offline(True)
    expect(chat.status).to_contain_text("111")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_that_axe_finds_nothing_in_any_state(
    chat: Chat, width: int, scheme: Scheme
) -> None:
    """W10, with the sizes of all targets."""
    page = chat.page
    page.set_viewport_size({"width": width, "height": 700})
    page.emulate_media(color_scheme=scheme)
    every_state(chat)
    check_accessible(chat)
    check_targets(page)
    page.context.set_offline(False)
    chat.say("card")
    check_accessible(chat)
    check_targets(page)
    for path in ("/", "/thoat"):
        page.goto(chat.site.url + path)
        check_accessible(chat)
        check_targets(page)


def test_that_the_open_panel_of_the_loader_is_accessible(
    chat: Chat, site: Site
) -> None:
    """W10 in the host's page, whose shadow root axe walks."""
    chat.page.goto(f"{site.host}/host/embed")
    chat.page.get_by_role("button").first.click()
    expect(chat.page.frame_locator("iframe").locator(".msg.bot")).to_have_count(1)
    check_accessible(chat)


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("base.css", "--ink: #20302f;", "--ink: #b9bdbd;"),
        (
            "frame.html",
            'role="log" tabindex="0"',
            'role="log" tabindex="0" aria-level="x"',
        ),
        ("frame.html", '<label class="sr" for="text"', '<label class="sr" for="other"'),
    ],
    ids=["grey on grey", "a wrong attribute", "input without a label"],
)
def test_that_the_axe_check_finds_a_planted_fault(
    chat: Chat, file: str, right: str, wrong: str
) -> None:
    """W10."""
    chat.site.plant(file, right, wrong)
    if "for=" in right:
        chat.site.plant(file, 'placeholder="', 'data-none="')
    chat.open()
    with pytest.raises(AssertionError):
        check_accessible(chat)


def test_that_the_size_check_finds_a_planted_fault(chat: Chat) -> None:
    """W10."""
    chat.site.plant("base.css", "min-height: 44px;", "min-height: 20px;")
    chat.open()
    with pytest.raises(AssertionError):
        check_targets(chat.page)


# WCAG 1.4.12, and 1.4.4 with text of double size.
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important;"
    " word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }"
)
DOUBLE = "html { font-size: 200% }"
SCREENS = [(640, ""), (640, SPACING), (640, DOUBLE), (256, ""), (256, SPACING)]


def test_that_a_narrow_screen_shows_everything(chat: Chat) -> None:
    """W11: 320 px wide; 320 x 256 is a screen of 1280 x 1024 at 400 %."""
    page = chat.page
    page.set_viewport_size({"width": 320, "height": 640})
    chat.open().say("answer").say("suggest").say("card").say("inject")
    page.click("#help")
    chat.heard(6)
    for height, style in SCREENS:
        page.set_viewport_size({"width": 320, "height": height})
        page.evaluate(
            """style => { const sheet = new CSSStyleSheet(); sheet.replaceSync(style);
              document.adoptedStyleSheets = [sheet]; }""",
            style,
        )
        check_reflow(page)
        assert page.evaluate("document.getElementById('log').clientHeight") >= 48


def test_that_the_home_page_fits_a_narrow_screen(chat: Chat) -> None:
    """W11."""
    chat.page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/", "/thoat"):
        chat.page.goto(chat.site.url + path)
        check_reflow(chat.page)


def test_that_a_very_long_text_does_not_widen_the_page(chat: Chat) -> None:
    """W24: 10,000 characters without a space, there and back."""
    chat.open()
    chat.type("a" * 10_000)
    chat.heard(2)
    check_reflow(chat.page)
    assert len(chat.site.messages()[0]["text"]) == 10_000


def test_that_a_screen_reader_hears_each_message_once(chat: Chat) -> None:
    """W12: a named log; one added child a message, and no text that grows."""
    page = chat.page
    chat.open()
    page.evaluate(
        """() => { window.added = []; window.grown = 0;
          new MutationObserver(list => { for (const change of list) {
            if (change.target.id === "log") {
              window.added.push(...[...change.addedNodes].map(n => n.className));
            } else if (change.type === "characterData") window.grown += 1; } })
          .observe(document.getElementById("log"),
            {childList: true, subtree: true, characterData: true}); }"""
    )
    chat.site.acts.append(Act(gap=0.3))
    chat.type("hai câu")
    expect(chat.status).to_have_text("Đang trả lời…")
    chat.heard(2)
    assert chat.answers.count() == 2  # the second one comes later
    chat.heard(3)
    assert page.evaluate("window.added") == ["msg you", "msg bot ", "msg bot "]
    assert page.evaluate("window.grown") == 0
    snapshot = page.locator("body").aria_snapshot()
    assert 'log "Cuộc trò chuyện"' in snapshot
    assert "Bạn:" in snapshot
    assert "Trợ lý:" in snapshot
    expect(chat.log).to_have_attribute("aria-live", "polite")
    expect(chat.log).to_have_attribute("aria-relevant", "additions")


ORDER = ["skip", "call first", "exit", "call", "call", "help", "tool", "log"]


def test_that_the_keyboard_follows_the_reading_order(chat: Chat) -> None:
    """W13: 111, then the way out, then the other lines; list, input, send."""
    chat.open()
    reached = []
    for _ in range(14):
        chat.page.keyboard.press("Tab")
        reached.append(chat.focus())
    assert reached[: len(ORDER)] == ORDER
    assert reached[len(ORDER) : len(ORDER) + 3] == ["choice"] * 3
    assert reached[-2:] == ["text", "send"]


def test_that_a_conversation_needs_no_mouse(chat: Chat) -> None:
    """W13, A6: ask, open a source, rate, choose, change colours, leave."""
    chat.open()
    keyboard = chat.page.keyboard

    def reach(what: str, key: str = "Tab") -> None:
        for _ in range(60):
            keyboard.press(key)
            focused = chat.page.evaluate(
                "document.activeElement.innerText || document.activeElement.id"
            )
            if what in focused.split("\n"):
                return
        raise AssertionError(f"{key} never reaches {what}")

    reach("text")
    keyboard.type("Bao nhiêu tuổi thì được gọi là trẻ em?")
    keyboard.press("Enter")
    chat.heard(2)
    reach("1", "Shift+Tab")
    keyboard.press("Enter")
    expect(chat.page.locator(".cite[open]")).to_have_count(1)
    keyboard.press("Escape")
    reach("Hữu ích")
    keyboard.press("Space")
    expect(chat.status).to_contain_text("Cảm ơn")
    reach("Cần giúp ngay", "Shift+Tab")
    keyboard.press("Enter")
    chat.heard(3)
    reach("Thêm", "Shift+Tab")
    keyboard.press("Enter")
    reach("Tối")
    keyboard.press("Enter")
    keyboard.press("Escape")
    reach("Thoát nhanh", "Shift+Tab")
    keyboard.press("Enter")
    chat.page.wait_for_url("**/thoat")


def test_that_an_answer_moves_no_focus(chat: Chat) -> None:
    """W13: neither an answer, a card nor a choice that was tapped."""
    chat.open().say("answer").say("card")
    assert chat.focus() == "text"
    chat.page.get_by_role("button", name="Không", exact=True).click()
    chat.heard(4)
    assert "chosen" in chat.focus()


def test_that_escape_closes_the_innermost_thing_only(chat: Chat) -> None:
    """W13, A14: a source, the menu; never the site."""
    page = chat.page
    chat.open().say("answer")
    page.locator(".cite summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cite").first).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator(".cite").first).not_to_have_attribute("open", "")
    page.locator("#more > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert chat.focus() == "print"
    page.keyboard.press("Escape")
    expect(page.locator("#print")).to_be_hidden()
    assert chat.focus() == "tool"
    page.keyboard.press("Escape")
    assert page.url.endswith(FRAME)


def test_that_nothing_moves_for_who_wants_no_motion(chat: Chat) -> None:
    """W15."""
    chat.page.emulate_media(reduced_motion="reduce")
    chat.open().say("card")
    assert chat.page.evaluate("document.getAnimations().length") == 0


def contrast(one: list[float], other: list[float]) -> float:
    """Return the contrast ratio of two sRGB colours, 1..21 (WCAG 2.2)."""

    def luminance(colour: list[float]) -> float:
        parts = [c / 255 for c in colour[:3]]
        r, g, b = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_controls_and_focus_stand_out(chat: Chat, scheme: Scheme) -> None:
    """W14, A8: borders of controls and the focus ring against what is beside them."""
    chat.page.emulate_media(color_scheme=scheme)
    chat.open()
    colours: dict[str, list[float]] = chat.page.evaluate(
        """() => { const probe = document.body.appendChild(document.createElement("i"));
          const read = name => { probe.style.color = `var(--${name})`;
            return getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number); };
          const names = ["ground", "paper", "mine", "card", "edge", "teal", "exit",
            "card-edge", "focus", "halo"];
          return Object.fromEntries(names.map(n => [n, read(n)])); }"""
    )
    grounds = [colours[n] for n in ("ground", "paper", "card")]
    weak: dict[str, Any] = {}
    for name in ("edge", "teal", "exit", "card-edge", "focus"):
        ratio = min(contrast(colours[name], ground) for ground in grounds)
        if ratio < 3:
            weak[name] = ratio
    assert weak == {}
    assert contrast(colours["focus"], colours["halo"]) >= 3
