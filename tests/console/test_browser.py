"""Two real people in Chromium, from the first sign-in to the bot's new text."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from knowledge.snapshot import SnapshotError, current_name, load_snapshot
from tests.console.test_signin import code_of
from tests.servers import ROOT, free_port
from tests.widget.checks import check_axe

expect.set_options(timeout=60_000)  # the machine may be busy
SENTENCE = "Ai chưa tròn 16 tuổi đều là trẻ em."
# Words of Wagtail's English pages, and of ours where a translation is missing.
ENGLISH = re.compile(
    r"\b(the|you|your|and|save|edit|draft|publish|search|status|history|locked|"
    r"moderation|review|changes|article|hotline|password|login|close|toggle|"
    r"choose|select|upload|file|delete|view|show|warning)\b",
    re.I,
)


class Console:
    """A console and its worker on a free port, with a small seed."""

    def __init__(self, home: Path, seed: Path) -> None:
        self.home = home
        self.address = f"http://127.0.0.1:{free_port()}"
        self.environment = {
            **os.environ,
            "DATA_DIR": str(home),
            "CONSOLE_SEED": str(seed),
            "CONSOLE_PORT": self.address.rsplit(":", 1)[1],
            "CONSOLE_URL": self.address,
            "ACTIONS_PORT": str(free_port()),
            "KNOWLEDGE_ENCODER": "none",
            "OMP_NUM_THREADS": "1",
        }
        self._log = (home / "log.txt").open("wb")
        self.processes = [self._start("console")]

    def _start(self, part: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "knowledge.console.serve", part],
            cwd=ROOT,
            env=self.environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> None:
        """Return when it answers; then start the worker."""
        end = time.monotonic() + 240
        while time.monotonic() < end:
            try:
                httpx.get(f"{self.address}/tai-khoan/dang-nhap/").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.5)
        self.processes.append(self._start("publisher"))

    def account(self, name: str, role: str) -> str:
        """Make an account by the command; returns its password."""
        made = subprocess.run(
            [
                *(sys.executable, "-m", "knowledge.console"),
                *("console_first_admin", name, "--role", role),
            ],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return made.stdout.strip().split(": ")[1]

    def served(self) -> str:
        """Return the name of the snapshot that is served, empty for none."""
        try:
            return current_name(self.home / "snapshots")
        except SnapshotError:
            return ""

    def text(self) -> str:
        """Return the article as a reader of the snapshots has it."""
        folder = self.home / "snapshots" / self.served()
        snapshot = load_snapshot(folder, with_index=False)
        return snapshot.articles["tuoi-tre-em"].body

    def stop(self) -> None:
        """Stop all."""
        for process in self.processes:
            process.terminate()
            process.wait(20)
        self._log.close()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, seed: Path) -> Iterator[Console]:
    """A running console."""
    running = Console(tmp_path_factory.mktemp("console"), seed)
    try:
        running.wait()
        yield running
    finally:
        running.stop()


def enter(console: Console, browser: Browser, name: str, role: str) -> Page:
    """Sign a new person in: password, second factor, recovery codes."""
    password = console.account(name, role)
    context = browser.new_context(base_url=console.address, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto("/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", password)
    page.click("button")
    secret = page.locator("#secret").inner_text()
    check_vietnamese(page)
    page.fill("[name=code]", code_of(secret))
    page.click("button")
    expect(page.locator("li code")).to_have_count(10)
    page.goto("/")
    return page


def check_vietnamese(page: Page) -> None:
    """Fail on words of English that a person sees."""
    seen = page.locator("body").inner_text()
    assert not ENGLISH.findall(seen), (page.url, ENGLISH.findall(seen), seen[:600])


def wait_for(what: Any, seconds: float = 120) -> float:
    """Return the seconds until a condition holds; fail if it never does."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if what():
            return time.monotonic() - began
        time.sleep(0.2)
    pytest.fail("it never happened")


def test_from_a_new_sentence_to_the_bot_and_back(
    console: Console, browser: Browser
) -> None:
    lan = enter(console, browser, "lan", "editor")
    minh = enter(console, browser, "minh", "reviewer")
    others: list[str] = []
    for page in (lan, minh):
        page.on("request", lambda r: others.append(r.url))
    wait_for(console.served)
    first = console.served()
    check_vietnamese(lan)
    lan.goto("/bai-viet/?q=tuoi tre em")  # found without marks
    check_vietnamese(lan)
    lan.get_by_role("link", name="Bao nhiêu tuổi", exact=False).first.click()
    editor = lan.locator(".public-DraftEditor-content")
    expect(editor).to_contain_text("16")
    editor.click()
    lan.keyboard.press("Control+A")
    lan.keyboard.type(SENTENCE)
    lan.get_by_role("tab", name="Phân loại và thời hạn").click()
    lan.locator("[name=topic]").select_option("luat-tre-em")
    check_vietnamese(lan)
    lan.get_by_role("tab", name="Căn cứ pháp lý").click()
    lan.get_by_role("button", name="Thêm").first.click()  # a script of the form itself
    chooser = lan.locator(".snippet-chooser [data-chooser-action-choose]:visible")
    check_vietnamese(lan)
    chooser.last.click()
    expect(lan.locator(".modal-body a").first).to_be_visible()
    check_vietnamese(lan)
    lan.locator(".modal-body a[data-chooser-modal-choice]").first.click()
    expect(lan.locator(".modal-body")).to_have_count(0)
    lan.locator(
        "[id^=inline_child_citations] [id$=-DELETE-button]:visible"
    ).last.click()
    lan.locator(".w-dropdown__toggle:visible, footer [aria-expanded]").last.click()
    lan.locator("[name=action-submit]").first.click()
    expect(lan.get_by_text("Đã gửi duyệt")).to_be_visible()
    lan.goto("/bai-viet/?q=tuoi")
    minh.goto("/")
    expect(minh.get_by_text("Chờ bạn duyệt")).to_be_visible()
    check_vietnamese(minh)
    minh.get_by_role("link", name="Bao nhiêu tuổi", exact=False).first.click()
    check_vietnamese(minh)
    assert console.served() == first
    minh.locator("footer [aria-expanded]").last.click()
    minh.get_by_role("button", name="Duyệt và xuất bản").first.click()
    minh.wait_for_url("**/bai-viet/")
    seconds = wait_for(lambda: console.served() != first)
    assert console.text() == SENTENCE
    print(f"approved -> served: {seconds:.1f} s")
    minh.goto("/xuat-ban/")
    check_vietnamese(minh)
    row = minh.locator("tr", has_text=first)
    row.get_by_role("button", name="Quay lại bản này").click()
    wait_for(lambda: console.served() == first)
    assert "người dưới 16" in console.text()
    assert all(url.startswith((console.address, "data:", "blob:")) for url in others)


OWN_PAGES = [
    *("/", "/thong-ke/", "/dia-chi-web/", "/huong-dan/", "/xuat-ban/", "/danh-ba-so/"),
    *("/cau-hoi/", "/nhap-tep/", "/hoi-thu/", "/bai-viet/", "/bai-viet/add/"),
    *("/van-ban/", "/danh-ba/", "/tai-khoan/hai-buoc/"),
]


def test_that_every_page_is_accessible_and_runs_no_foreign_script(
    console: Console, browser: Browser
) -> None:
    """The policy allows inline scripts by a nonce alone; a refused one is an error."""
    hoa = enter(console, browser, "hoa", "admin")
    refused: list[str] = []
    hoa.on(
        "console",
        lambda m: refused.append(m.text) if "Content Security" in m.text else None,
    )
    for address in OWN_PAGES:
        hoa.goto(address)
        check_axe(hoa)
        check_vietnamese(hoa)
    hoa.goto("/users/?q=hoa")
    told = hoa.locator("main").text_content() or ""  # for screen readers too
    assert "hoa" in told
    assert not re.search(r"\b(True|False|None)\b", told)
    document = hoa.goto("/")
    assert document is not None
    policy = document.headers["content-security-policy"]
    assert "script-src 'self' 'nonce-" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    # A script that somebody smuggled into a page does not run.
    hoa.evaluate(
        """() => { const own = document.createElement("script");
          own.textContent = "window.smuggled = 1"; document.body.append(own); }"""
    )
    assert hoa.evaluate("window.smuggled") is None
    assert len(refused) == 1, refused


def test_that_an_article_is_edited_by_keyboard_alone(
    console: Console, browser: Browser
) -> None:
    """What was typed last is there, though the button is pressed right after."""
    page = enter(console, browser, "thu", "editor")
    page.goto("/bai-viet/?q=tuoi")
    page.get_by_role("link", name="Bao nhiêu tuổi", exact=False).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/edit/**")
    expect(page.locator(".public-DraftEditor-content")).to_contain_text("16")
    address = page.url
    tab_to(page, "document.activeElement.matches('.public-DraftEditor-content')")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Gõ bằng bàn phím.")
    tab_to(page, "document.activeElement.matches('footer button[type=submit]')")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(address)
    editor = page.locator(".public-DraftEditor-content")
    expect(editor).to_contain_text("Gõ bằng bàn phím.")
    # The mouse is no faster.
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Và bấm ngay")
    with page.expect_navigation():
        page.locator("footer button[type=submit]").first.click()
    page.goto(address)
    expect(page.locator(".public-DraftEditor-content")).to_contain_text("Và bấm ngay")


def tab_to(page: Page, there: str) -> None:
    """Press Tab until a condition holds; fail after a hundred."""
    way = []
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate(there):
            return
        way.append(page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
    pytest.fail(f"no Tab leads there: {way}")
