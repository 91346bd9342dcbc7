"""Office files become text and tables, or a refusal that says what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from knowledge.importing import fonts
from knowledge.importing.document import ImportRefusedError
from knowledge.importing.read import LARGEST, read_document
from tests.knowledge.importing.office import (
    Part,
    load_old_fonts,
    load_plan,
    make_bomb,
    make_docx,
    make_html,
    make_pdf,
    make_scan,
)

FORMATS: dict[str, Callable[[list[Part]], bytes]] = {
    "docx": make_docx,
    "html": make_html,
    "pdf": make_pdf,
}
FONT_LETTERS = Path(fonts.__file__).with_name("fonts.yml")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("kind", FORMATS)
def test_that_every_word_of_an_office_file_arrives(kind: str) -> None:
    """A plan with a hole in it would become an article with a hole in it."""
    parts = load_plan()
    document = read_document(f"plan.{kind}", FORMATS[kind](parts))
    assert document.format == kind
    found = " ".join(words(document.text))
    for part, value in parts:
        cells = [c for row in value for c in row] if part == "table" else [value]
        for text in cells:
            assert " ".join(words(text)) in found
    assert unicodedata.is_normalized("NFC", document.text)
    assert document.number == "45/KH-UBND"
    assert document.title.startswith("Kế hoạch chăm lo")


@pytest.mark.parametrize("kind", FORMATS)
def test_that_a_table_stays_readable(kind: str) -> None:
    """Cells in a row, so that a deadline stays beside its office."""
    document = read_document("plan", FORMATS[kind](load_plan()))
    rows = [line for line in document.text.split("\n") if line.startswith("|")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert ["Trạm y tế", "Khám cho trẻ dưới sáu tuổi", "30/9"] in cells
    assert len({len(row) for row in cells}) == 1


@pytest.mark.parametrize("kind", FORMATS)
def test_that_a_document_falls_into_its_parts(kind: str) -> None:
    document = read_document("plan", FORMATS[kind](load_plan()))
    headings = [part.heading for part in document.sections]
    assert "I. Mục đích" in headings
    assert "II. Phân công" in headings


def test_that_nothing_active_of_a_page_is_kept() -> None:
    document = read_document("trang.html", make_html(load_plan()))
    for trace in ("alert", "Trang chủ", "<", "onerror"):
        assert trace not in document.text
    assert any("hình" in line for line in document.notes)


def test_that_letters_and_marks_are_joined() -> None:
    """Office programs on a Mac store a letter and its marks apart."""
    apart = unicodedata.normalize("NFD", load_old_fonts()["Unicode"])
    assert read_document("a.txt", apart.encode()).text == load_old_fonts()["Unicode"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1258"])
def test_that_text_in_other_encodings_is_read(encoding: str) -> None:
    sentence = load_old_fonts()["Unicode"]
    stored = sentence
    if encoding == "cp1258":  # stores the five tones as signs of their own
        stored = "".join(_tones_apart(letter) for letter in sentence)
    assert read_document("a.txt", stored.encode(encoding)).text == sentence


def _tones_apart(letter: str) -> str:
    letters = unicodedata.normalize("NFD", letter)
    tones = "".join(c for c in letters if c in "\u0300\u0301\u0303\u0309\u0323")
    rest = "".join(c for c in letters if c not in tones)
    return unicodedata.normalize("NFC", rest) + tones


@pytest.mark.parametrize("font", ["TCVN3/ABC", "VNI"])
@pytest.mark.parametrize("kind", ["docx", "html", "text", "bytes"])
def test_that_an_old_font_becomes_unicode(font: str, kind: str) -> None:
    """Its letters look like noise; nobody should mend that by hand."""
    text = load_old_fonts()[font]
    parts: list[Part] = [["p", text]]
    make: dict[str, Callable[[], bytes]] = {
        "docx": lambda: make_docx(parts),
        "html": lambda: make_html(parts),
        "text": lambda: text.encode(),
        "bytes": lambda: text.encode("cp1252"),
    }
    document = read_document("cu.txt", make[kind]())
    assert document.text == load_old_fonts()["Unicode"]
    assert any(font in line for line in document.notes)


def test_that_every_letter_of_an_old_font_is_known() -> None:
    """Each stands once for every letter that Vietnamese adds to the alphabet."""
    for font, rows in yaml.safe_load(FONT_LETTERS.read_text("utf-8")).items():
        made = " ".join(row["new"] for row in rows).lower().split()
        stored = [old for row in rows for old in row["old"].split(" ")]
        assert len(set(stored)) == len(stored), font
        assert len(set(made)) == 67, font
        marked = [unicodedata.normalize("NFD", x)[0] for x in set(made) - {"đ"}]
        assert {x: marked.count(x) for x in "aeiouy"} == {
            "a": 17,
            "e": 11,
            "i": 5,
            "o": 17,
            "u": 11,
            "y": 5,
        }


def test_that_capitals_of_an_old_font_are_read() -> None:
    text = "UÛY BAN NHAÂN DAÂN XAÕ ÑÖÔÏC GIAO TREÛ EM, Aùnh vaø Ñöùc ñöôïc khaùm"
    document = read_document("hoa.txt", text.encode("cp1252"))
    assert "ỦY BAN NHÂN DÂN XÃ ĐƯỢC GIAO TRẺ EM" in document.text
    assert "Ánh và Đức được khám" in document.text


def test_that_a_scan_is_recognised_whole_or_in_part() -> None:
    with pytest.raises(ImportRefusedError) as refusal:
        read_document("quet.pdf", make_scan(2, []))
    assert refusal.value.code == "scanned"
    document = read_document("nua.pdf", make_scan(1, [load_old_fonts()["Unicode"]] * 3))
    assert "khám sức khỏe" in document.text
    assert any("Trang 2" in line for line in document.notes)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("rong.txt", b" \n", "empty"),
        ("cu.doc", OLE, "old_word"),
        ("cu.docx", OLE, "old_word"),
        ("a.rtf", b"{\\rtf1 abc}", "rtf"),
        ("may.exe", b"MZ\x00\x00\x01", "unknown_format"),
        ("anh.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "unknown_format"),
        ("bang.xlsx", b"PK\x03\x04" + b"xl/workbook.xml", "unknown_format"),
        ("hong.docx", b"PK\x03\x04" + b"word/document.xml" * 9, "broken"),
        ("hong.pdf", b"%PDF-1.7\n" + b"x" * 500, "broken"),
        ("trang.html", b"<html><body><p> </p></body></html>", "no_text"),
        ("so.txt", b"12 34 56", "no_text"),
        ("lon.txt", b"a" * (LARGEST + 1), "too_large"),
    ],
)
def test_that_a_refusal_names_its_reason(name: str, content: bytes, code: str) -> None:
    with pytest.raises(ImportRefusedError) as refusal:
        read_document(name, content)
    assert refusal.value.code == code
    assert name in str(refusal.value)
    assert str(refusal.value).count("\n") == 0


def test_that_a_password_and_a_bomb_are_refused() -> None:
    with pytest.raises(ImportRefusedError) as refusal:
        read_document("kin.pdf", make_pdf(load_plan(), password="x"))
    assert refusal.value.code == "protected"
    with pytest.raises(ImportRefusedError) as refusal:
        read_document("bom.docx", make_bomb())
    assert refusal.value.code == "too_big_inside"
