"""Colours, large text, paper and files (requirements A, V and F)."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Literal

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.widget.checks import EMPTY, check_accessible, check_reflow, stores
from tests.widget.steps import Chat

DARK, LIGHT = "rgb(19, 29, 28)", "rgb(246, 243, 236)"
Scheme = Literal["light", "dark"]
Colour = tuple[int, int, int]


def press(chat: Chat, name: str) -> None:
    """Press a button of the menu, which stays open or is opened."""
    if not chat.page.locator("#print").is_visible():
        chat.page.click("#more > summary")
    chat.page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("path", ["/widget/v1/frame?site=test", "/"])
def test_that_the_switch_changes_the_colours_of_the_page(chat: Chat, path: str) -> None:
    """F9: light, dark, or as the device; in memory only."""
    body = chat.page.locator("body")
    chat.open(path).say("answer")
    expect(body).to_have_css("background-color", LIGHT)
    press(chat, "Tối")
    expect(body).to_have_css("background-color", DARK)
    check_accessible(chat)
    press(chat, "Theo máy")
    chat.page.emulate_media(color_scheme="dark")
    expect(body).to_have_css("background-color", DARK)
    press(chat, "Sáng")
    expect(body).to_have_css("background-color", LIGHT)
    button = chat.page.get_by_role("button", name="Sáng", exact=True)
    expect(button).to_have_attribute("aria-pressed", "true")
    check_accessible(chat)
    assert stores(chat.page) == EMPTY
    chat.open(path)
    expect(body).to_have_css("background-color", DARK)


@pytest.mark.parametrize("width", [320, 1280])
def test_that_large_text_fits(chat: Chat, width: int) -> None:
    chat.page.set_viewport_size({"width": width, "height": 700})
    chat.open().say("answer").say("card")
    size = "parseFloat(getComputedStyle(document.querySelector('.msg p')).fontSize)"
    before = chat.page.evaluate(size)
    press(chat, "Chữ to")
    assert chat.page.evaluate(size) == pytest.approx(before * 1.4)
    check_accessible(chat)
    chat.page.click("#log", position={"x": 5, "y": 5})
    check_reflow(chat.page)
    press(chat, "Chữ to")
    assert chat.page.evaluate(size) == before


def test_that_forced_colours_show_every_control(chat: Chat) -> None:
    """A8: colours of the system, borders that stay."""
    chat.page.emulate_media(forced_colors="active")
    chat.open().say("answer").say("card")
    check_accessible(chat)
    for selector in (".call.first", "#exit", "#send", ".choice", ".card .number"):
        expect(chat.page.locator(selector).first).not_to_have_css("border-width", "0px")


def printed_text(page: Page) -> str:
    """Return the text of the page as a PDF file holds it."""
    document = pypdfium2.PdfDocument(page.pdf())
    pages = [document[number].get_textpage() for number in range(len(document))]
    return " ".join(" ".join(p.get_text_bounded() for p in pages).split())


@pytest.mark.parametrize("path", ["/widget/v1/frame?site=test", "/"])
def test_that_paper_holds_answer_source_date_and_111(chat: Chat, path: str) -> None:
    """W23: the file that printing gives, of the chat's page and of our own."""
    chat.open(path).say("answer")
    text = printed_text(chat.page)
    for part in (
        "người dưới 16 tuổi",
        "102/2016/QH13",
        "còn hiệu lực, tính đến 21/11/2026",
        "In ngày",
        "Gọi 111",
    ):
        assert part in text, part
    for part in ("Thoát nhanh", "Hữu ích", "Viết câu hỏi", "Trợ lý này là gì"):
        assert part not in text, part
    chat.open("/")
    assert "Trợ lý này là gì" in printed_text(chat.page)  # no conversation, the page


def test_that_one_answer_prints_alone(chat: Chat) -> None:
    chat.open().say("answer").say("two")
    page = chat.page
    page.evaluate("window.print = () => window.dispatchEvent(new Event('beforeprint'))")
    page.get_by_role("button", name="In", exact=True).first.click()
    text = printed_text(page)
    assert "102/2016/QH13" in text
    assert "thứ hai" not in text
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert "thứ hai" in printed_text(page)


def test_that_an_answer_is_saved_as_text(chat: Chat, tmp_path: Path) -> None:
    """F7: with its sources, under a name that tells nothing."""
    chat.open().say("answer")
    with chat.page.expect_download() as download:
        chat.page.get_by_role("button", name="Lưu", exact=True).click()
    assert download.value.suggested_filename == "ghi-chu.txt"
    path = tmp_path / "saved"
    download.value.save_as(path)
    text = path.read_text("utf8")
    assert "người dưới 16 tuổi" in text
    assert "[1] Luật Trẻ em, 102/2016/QH13, Điều 1 (còn hiệu lực) https://" in text
    expect(chat.status).to_contain_text("Đã lưu")
    link = chat.answers.last.get_by_role("link", name="Đọc cả bài")
    expect(link).to_have_attribute("href", "/bai/bao-nhieu-tuoi-la-tre-em")
    chat.say("card")
    expect(chat.page.get_by_role("button", name="Lưu", exact=True)).to_be_hidden()


def picture(page: Page, box: dict[str, float]) -> Image.Image:
    shot = page.screenshot(
        clip={
            "x": box["x"],
            "y": box["y"],
            "width": box["width"],
            "height": box["height"],
        }
    )
    return Image.open(io.BytesIO(shot)).convert("RGB")


def ink(chat: Chat, selector: str, line_height: str) -> int:
    """Return how many pixels the letters of an element cover."""
    node = chat.page.locator(selector).last
    node.evaluate(
        "(node, height) => { node.style.fontSize = '16px';"
        " node.style.lineHeight = height; }",
        line_height,
    )
    box = node.bounding_box()
    assert box is not None
    inside = {
        "x": box["x"] + 4,
        "y": box["y"],
        "width": box["width"] - 8,
        "height": box["height"],
    }
    drawn = list(picture(chat.page, inside).get_flattened_data())
    return len(drawn) - Counter(drawn).most_common(1)[0][1]


@pytest.mark.parametrize("selector", [".msg.you p", ".msg.bot:last-child p", "#text"])
def test_that_no_mark_above_or_below_a_letter_is_cut(chat: Chat, selector: str) -> None:
    """W18: as much ink at our line height as where there is room to spare."""
    chat.open()
    chat.type("Ẵ ỗ ế Ự ặ Ỹ")
    chat.heard(2)
    chat.input.fill("Ẵ ỗ ế Ự ặ Ỹ")
    chat.page.focus("#log")
    cut = ink(chat, selector, "0.6")
    ours = ink(chat, selector, "")
    room = ink(chat, selector, "3")
    assert ours == pytest.approx(room, rel=0.01)
    assert cut < ours or selector == "#text"  # the check sees what is cut


def colours_of(chat: Chat, *names: str) -> list[Colour]:
    """Return the values of the page's colour variables."""
    return [
        tuple(colour)
        for colour in chat.page.evaluate(
            """names => names.map(name => { const probe = document.body
              .appendChild(document.createElement("i"));
              probe.style.color = `var(--${name})`;
              const colour = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
              probe.remove(); return colour; })""",
            list(names),
        )
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["exit", "text", "log", "help"])
def test_that_the_focus_is_drawn_with_two_rings(
    chat: Chat, scheme: Scheme, name: str
) -> None:
    """W14: seen in the picture, on both grounds; the log's ring lies inside."""
    page = chat.page
    page.emulate_media(color_scheme=scheme)
    chat.open()
    ring, halo = colours_of(chat, "focus", "halo")
    for _ in range(20):
        page.keyboard.press("Tab")
        if chat.focus() == name:
            break
    box = page.locator(f"#{name}").bounding_box()
    assert box is not None
    around = {
        "x": max(0, box["x"] - 6),
        "y": max(0, box["y"] - 6),
        "width": box["width"] + 12,
        "height": box["height"] + 12,
    }
    drawn = list(picture(page, around).get_flattened_data())
    length = 2 * (box["width"] + box["height"])
    assert drawn.count(ring) > 1.5 * length  # 3 px wide, round at the corners
    if name != "log":
        assert drawn.count(halo) > 0.5 * length
