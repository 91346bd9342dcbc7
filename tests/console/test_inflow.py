"""Two real people in Chromium: questions, a file, and a draft that is tried out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.console.test_browser import Console, check_vietnamese, enter, wait_for
from tests.knowledge.importing.office import load_plan, make_docx

QUESTION = "Trẻ mồ côi có được cấp học bổng không?"
LIKE = "tre mo coi co duoc cap hoc bong khong a"
# Wagtail cuts off what is too wide, so that the page itself never is.
TOO_WIDE = """() => [...document.querySelectorAll(".nice-padding *")]
  .filter(e => !e.closest(".w-sr-only, .import-text, thead"))
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.outerHTML.slice(0, 80))"""
OTHER = "Bao nhiêu tuổi thì hết là con nít?"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, seed: Path) -> Iterator[Console]:
    """A running console, and what a gateway has handed over."""
    home = tmp_path_factory.mktemp("console")
    (home / "handover").mkdir()
    rows = [
        {"key": str(n), "channel": channel, "article": "", "text": text}
        | {"asked_at": time.time()}
        for n, (channel, text) in enumerate(
            [("web", QUESTION), ("zalo", LIKE), ("telegram", OTHER)]
        )
    ]
    (home / "handover/questions.json").write_text(json.dumps(rows), encoding="utf-8")
    running = Console(home, seed)
    try:
        running.wait()
        yield running
    finally:
        running.stop()


def see(page: Page, name: str, shots: Path) -> None:
    """Check words, width and accessibility of a page; keep its picture."""
    page.wait_for_load_state("networkidle")
    check_vietnamese(page)
    for width in (400, 1280):
        page.set_viewport_size({"width": width, "height": 1000})
        wait_for(lambda: page.evaluate(TOO_WIDE) == [], 10)  # the menu slides away
        page.screenshot(path=shots / f"{name}-{width}.png")
    faults = Axe().run(page, ".nice-padding").response["violations"]
    assert [(f["id"], f["nodes"][0]["html"]) for f in faults] == []


def test_a_day_at_the_console(
    console: Console, browser: Browser, tmp_path: Path
) -> None:
    lan = enter(console, browser, "lan", "editor")
    wait_for(console.served)
    lan.goto("/cau-hoi/")
    wait_for(lambda: QUESTION in (lan.reload(), lan.content())[1])
    see(lan, "questions", tmp_path)
    first = lan.locator("table.listing > tbody > tr").first
    expect(first).to_contain_text("Zalo")
    first.locator("summary").click()
    expect(first.get_by_text(LIKE)).to_be_visible()
    first.get_by_role("button", name="Viết bài cho câu hỏi này").click()
    expect(lan.locator("[name=title]")).to_have_value(QUESTION)
    expect(lan.locator("[name='questions-1-text']")).to_have_value(QUESTION)
    check_vietnamese(lan)
    # The other question becomes an example of the article that is there.
    lan.goto("/cau-hoi/")
    lan.get_by_role("link", name="Thêm vào bài có sẵn").click()
    see(lan, "add", tmp_path)
    lan.get_by_role("button", name="Bao nhiêu tuổi", exact=False).first.click()
    lan.wait_for_url("**/bai-viet/edit/**")
    expect(lan.locator(f"input[value='{OTHER}']")).to_be_visible()
    # The draft is tried out with it before anybody else sees it.
    lan.locator(".w-dropdown__toggle:visible, footer [aria-expanded]").last.click()
    lan.get_by_role("link", name="Hỏi bot thử").last.click()
    lan.wait_for_url("**/hoi-thu/**")
    lan.locator("[name=question]").first.fill(OTHER)
    lan.get_by_role("button", name="Hỏi thử", exact=True).click()
    expect(lan.get_by_text("Bot sẽ trả lời với bản nháp này")).to_be_visible()
    ranks = lan.locator("table.listing > tbody > tr", has_text=OTHER)
    expect(ranks.locator("td").nth(1)).to_have_text("1")
    see(lan, "trial", tmp_path)
    for summary in lan.locator(".trial-turns summary").all():
        summary.click()
    check_vietnamese(lan)
    lan.locator("[name=question]").first.fill("em bị thầy sờ người")
    lan.get_by_role("button", name="Hỏi thử", exact=True).click()
    expect(lan.locator(".trial-card").first).to_contain_text("111")
    see(lan, "trial-danger", tmp_path)


def test_a_file_from_the_ministry(
    console: Console, browser: Browser, tmp_path: Path
) -> None:
    minh = enter(console, browser, "minh", "reviewer")
    file = tmp_path / "ke-hoach.docx"
    file.write_bytes(make_docx(load_plan()))
    minh.goto("/nhap-tep/")
    see(minh, "imports", tmp_path)
    minh.set_input_files("[name=file]", file)
    minh.get_by_role("button", name="Tải lên và đọc").click()
    expect(minh.locator("td", has_text="Trạm y tế")).to_be_visible()
    see(minh, "imported", tmp_path)
    minh.get_by_role("button", name="Tạo văn bản pháp luật").click()
    expect(minh.locator("[name=number]")).to_have_value("45/KH-UBND")
    minh.locator(".w-dropdown__toggle:visible, footer [aria-expanded]").last.click()
    minh.get_by_role("link", name="Xem tệp gốc").last.click()
    with minh.expect_download() as download:
        minh.get_by_role("link", name="Tải tệp gốc về").click()
    assert Path(download.value.path()).read_bytes() == file.read_bytes()
    minh.get_by_role("button", name="Tạo bài viết").last.click()
    expect(minh.locator(".public-DraftEditor-content")).to_contain_text("Trạm y tế")
    check_vietnamese(minh)
