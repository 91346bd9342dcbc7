"""The widget with the real gateway behind it; the dialogue is dead, danger is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from bot.gateway.app import create_app
from bot.gateway.settings import Settings
from tests.servers import free_port, serve

FRAME = "/widget/v1/frame"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"), dialogue_port=free_port()
    )
    with serve(create_app(settings), free_port()) as running:
        yield running


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def test_that_danger_gets_its_card_and_takes_the_tools_away(
    page: Page, address: str
) -> None:
    page.goto(address + "/")
    say(page, "em bị thầy sờ người")
    card = page.locator(".card")
    expect(card.locator("a.number").first).to_have_attribute("href", "tel:111")
    expect(page.locator("#chat .bar")).to_be_visible()


def test_that_the_21st_turn_in_five_minutes_gets_111(page: Page, address: str) -> None:
    """W28: and danger is answered even then."""
    page.goto(address + FRAME)
    for _ in range(21):
        say(page, "trẻ em có những quyền gì")
    expect(page.locator(".msg.error").last).to_contain_text("nhanh quá", timeout=60_000)
    last = page.locator(".msg.error").last
    expect(last.locator("a[href='tel:111']")).to_be_visible()
    say(page, "em bị thầy sờ người")
    expect(page.locator(".card")).to_be_visible()


def test_that_two_tabs_do_not_share_a_conversation(page: Page, address: str) -> None:
    """W27: each has a token of its own, and knows nothing of the other."""
    tokens = []
    other = page.context.new_page()
    for tab in (page, other):
        tab.on(
            "request", lambda request: tokens.append(request.headers["authorization"])
            if request.url.endswith("/message") else None
        )  # fmt: skip
        tab.goto(address + FRAME)
        say(tab, "em bị thầy sờ người")
        expect(tab.locator(".card")).to_be_visible()
    assert len(set(tokens)) == 2
    page.reload()
    expect(page.locator(".msg.bot")).to_have_count(1)
    other.close()


def test_that_the_pages_of_the_gateway_break_no_rule_of_theirs(
    page: Page, address: str, tmp_path: Path
) -> None:
    """W25: the policy is sent with every page, and nothing on them offends it."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Chromium tells, as information, that it cleared what it was asked to clear.
        if message.type != "info":
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for path in ("/", FRAME, f"{FRAME}?site=truong-mau&lang=en", "/thoat"):
        answer = page.goto(address + path)
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        page.wait_for_load_state("networkidle")
    assert errors == []
