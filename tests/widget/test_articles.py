"""Pages of articles, by a real gateway over real published snapshots."""

from __future__ import annotations

import gzip
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from bot.gateway.app import create_app
from bot.gateway.articles import topic_names
from bot.gateway.settings import Settings
from knowledge.article import load_articles
from tests.knowledge.folder import KNOWLEDGE, make_folder, write_article
from tests.knowledge.standin import publish
from tests.servers import free_port, serve, wait_until
from tests.widget.checks import check_axe, check_reflow, check_targets

ARTICLE = "/bai/em-bi-danh"
TOPICS = ("cho-tre-em", "tong-dai-111", "to-tung-tro-giup")


@dataclass
class Readers:
    """A gateway with published articles, and the folder that they come from."""

    address: str
    root: Path
    out: Path

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.address + path, headers=headers, trust_env=False)

    def search(self, words: str) -> httpx.Response:
        form = {"words": words}
        return httpx.post(f"{self.address}/bai/tim", data=form, trust_env=False)


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    folder = tmp_path_factory.mktemp("readers")
    root = make_folder(folder / "knowledge")
    for topic in TOPICS:
        shutil.copytree(KNOWLEDGE / "articles" / topic, root / "articles" / topic)
    publish(root, folder / "snapshots")
    settings = Settings(data_dir=folder, dialogue_port=free_port())
    with serve(create_app(settings), free_port()) as address:
        yield Readers(address, root, folder / "snapshots")


def test_that_an_article_shows_its_basis_dates_and_numbers(readers: Readers) -> None:
    page = readers.get(ARTICLE).text
    for part in (
        "Em bị đánh thì em làm gì?",
        "102/2016/QH13",
        "Điều 27",
        "còn hiệu lực",
        "Áp dụng từ",
        "Đối chiếu văn bản ngày",
        'href="tel:111"',
        'href="tel:113"',
        '<link rel="canonical"',
        '<meta name="description" content="Không ai được đánh em.',
    ):
        assert part in page, part
    assert "{{" not in page
    assert "**" not in page


def test_that_a_number_in_the_text_comes_from_the_directory(readers: Readers) -> None:
    """`{{line:ID}}` becomes what may be dialled, or an honest sentence."""
    article = next(
        article
        for article in load_articles()
        if "{{line:vn-legal-aid}}" in article.body and article.topic in TOPICS
    )
    write_article(readers.root, "so-cu", answer="Gọi {{line:vn-18001567-old}}.")
    publish(readers.root, readers.out)
    wait_until(lambda: readers.get("/bai/so-cu").status_code == 200, 10)
    assert 'href="tel:18001233"' in readers.get(f"/bai/{article.id}").text
    old = readers.get("/bai/so-cu").text
    assert "đang được kiểm tra lại" in old
    assert "1800 1567" not in old


def test_that_the_pages_follow_a_snapshot(readers: Readers) -> None:
    before = readers.get("/bai/tuoi-tre-em")
    write_article(readers.root, answer="Câu trả lời đã được sửa.")
    publish(readers.root, readers.out)
    tag = before.headers["etag"]
    wait_until(
        lambda: readers.get("/bai/tuoi-tre-em", **{"If-None-Match": tag}).text != "",
        10,
    )
    assert "Câu trả lời đã được sửa." in readers.get("/bai/tuoi-tre-em").text


def test_that_an_article_that_does_not_hold_yet_is_not_shown(
    readers: Readers,
) -> None:
    write_article(readers.root, "mai-sau", meta={"valid_from": "2099-01-01"})
    path = readers.root / "articles" / "luat" / "mai-sau.md"
    path.write_text(
        path.read_text("utf8").replace("'2099-01-01'", "2099-01-01"), "utf8"
    )
    write_article(readers.root, "hom-nay")
    publish(readers.root, readers.out)
    wait_until(lambda: readers.get("/bai/hom-nay").status_code == 200, 10)
    assert readers.get("/bai/mai-sau").status_code == 404
    assert "mai-sau" not in readers.get("/bai").text + readers.get("/sitemap.xml").text


def test_that_caches_ask_again_and_get_a_short_answer(readers: Readers) -> None:
    first = readers.get(ARTICLE)
    assert first.headers["cache-control"] == "no-cache"
    again = readers.get(ARTICLE, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    loader = readers.get("/widget/v1/loader.js")
    assert loader.headers["cache-control"] == "public, max-age=3600"
    assert loader.headers["etag"]
    for path in ("/", "/thoat", "/widget/v1/frame", "/bai/khong-co"):
        assert readers.get(path).headers["cache-control"] == "no-store", path


def test_that_hashed_files_stay_in_the_cache_and_others_are_not_found(
    readers: Readers,
) -> None:
    page = readers.get("/").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    file = readers.get(address, **{"Accept-Encoding": "gzip"})
    assert "immutable" in file.headers["cache-control"]
    assert file.headers["content-encoding"] == "gzip"
    assert file.headers["vary"] == "Accept-Encoding"
    with httpx.stream("GET", readers.address + address, trust_env=False) as raw:
        assert len(b"".join(raw.iter_raw())) < len(gzip.compress(file.content)) + 50
    other = address.replace("pages.", "pages.0")
    assert readers.get(other).status_code == 404


@pytest.mark.parametrize(
    "words", ["em bị đánh", "em bi danh", "EM BI DANH", "e bị đánh đau quá"]
)
def test_that_articles_are_found_without_diacritics(
    readers: Readers, words: str
) -> None:
    page = readers.search(words)
    assert page.headers["cache-control"] == "no-store"
    assert ARTICLE in page.text.split('<ol class="found">')[1]


def test_that_danger_in_the_words_gets_the_numbers_first(readers: Readers) -> None:
    """The same gate as in a conversation: 111 stands before any title."""
    page = readers.search("bố đánh em chảy máu").text
    assert page.index('class="urgent"') < page.index("<h1>")
    first = page.split('class="urgent"')[1].split('href="')[1]
    assert first.startswith("tel:11")
    assert 'class="urgent"' not in readers.search("quyền được học").text


@pytest.mark.parametrize(
    "words", ["", "   ", "a" * 10_000, "<script>alert(1)</script>"]
)
def test_that_odd_words_get_a_page(readers: Readers, words: str) -> None:
    page = readers.search(words)
    assert page.status_code in (200, 303)
    assert "<script>alert" not in page.text


def test_that_the_sitemap_lists_every_article(readers: Readers) -> None:
    tree = ET.fromstring(readers.get("/sitemap.xml").content)  # noqa: S314
    listed = {node.text or "" for node in tree.iter() if node.tag.endswith("loc")}
    assert f"{readers.address}{ARTICLE}" in listed
    assert len(listed) == 2 + readers.get("/bai").text.count('<li><a href="/bai/')
    robots = readers.get("/robots.txt").text
    assert f"Sitemap: {readers.address}/sitemap.xml" in robots


def test_that_a_missing_page_says_so_in_vietnamese(readers: Readers) -> None:
    for path in ("/bai/khong-co", "/khong-co", "/bai/..%2f..%2fetc%2fpasswd"):
        missing = readers.get(path)
        assert missing.status_code == 404
        assert "Không có trang này" in missing.text
        assert 'href="tel:111"' in missing.text


def test_that_nothing_published_is_told_with_111(tmp_path: Path) -> None:
    with serve(create_app(Settings(data_dir=tmp_path)), free_port()) as address:
        for path in ("/bai", ARTICLE):
            page = httpx.get(address + path, trust_env=False)
            assert page.status_code == 503
            assert "đang được chuẩn bị" in page.text
            assert 'href="tel:111"' in page.text


def test_that_every_topic_has_a_name() -> None:
    """A new folder of articles needs a name that people can read."""
    topics = {article.topic for article in load_articles()}
    assert topics - set(topic_names()) == set()


PAGES = ("/bai", ARTICLE, "/bai/khong-co")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_that_axe_finds_nothing_in_the_articles(
    page: Page, readers: Readers, width: int, scheme: str
) -> None:
    """W10, W11 for the pages that are read."""
    page.set_viewport_size({"width": width, "height": 700})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in PAGES:
        page.goto(readers.address + path)
        for summary in page.locator("summary").all()[:2]:
            summary.click()
        page.evaluate("scrollTo(0, 0)")  # half a link below the bar is no fault
        check_axe(page)
        check_targets(page)
        check_reflow(page)
    page.goto(f"{readers.address}/bai")
    page.fill("#words", "bo danh em")
    page.click("main button")
    expect(page.locator(".urgent a[href='tel:111']").first).to_be_visible()
    check_axe(page)
    check_targets(page)
    check_reflow(page)


def test_that_articles_need_no_script_and_no_other_host(
    browser: Browser, readers: Readers
) -> None:
    """Found, read and left; the words stand in no address."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{readers.address}/bai")
    page.fill("#words", "em bi danh")
    page.press("#words", "Enter")
    page.locator(".found a").first.wait_for()
    assert page.url == f"{readers.address}/bai/tim"
    page.click(f"a[href='{ARTICLE}']")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Em bị đánh thì em làm gì?"
    )
    page.click(".exit")
    page.wait_for_url("**/thoat")
    assert [url for url in asked if not url.startswith(readers.address)] == []
    assert context.cookies() == []
    context.close()


def test_that_leaving_an_article_keeps_it_out_of_the_history(
    page: Page, readers: Readers
) -> None:
    """With its small script: the button and Shift three times replace the page."""
    for leave in ("click", "Shift"):
        page.goto(f"{readers.address}/robots.txt")
        page.goto(readers.address + ARTICLE)
        if leave == "click":
            page.click(".exit")
        else:
            for _ in range(3):
                page.keyboard.press("Shift")
        page.wait_for_url("**/thoat", timeout=1_500)
        page.go_back()
        assert page.url.endswith("/robots.txt")


def test_that_an_article_prints_without_its_controls(
    page: Page, readers: Readers
) -> None:
    page.goto(readers.address + ARTICLE)
    page.emulate_media(media="print")
    for hidden in (".exit", ".foot", ".related"):
        expect(page.locator(hidden).first).to_be_hidden()
    for shown in ("h1", ".sources", ".dates", ".numbers"):
        expect(page.locator(shown).first).to_be_visible()
