"""Office files become drafts with their original; nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from knowledge.console import imports
from knowledge.console.imports import article_body
from knowledge.console.models import Article, ImportedFile, LegalDocument
from knowledge.importing.child import Limits
from tests.console.staff import Staff
from tests.knowledge.importing.office import (
    load_old_fonts,
    load_plan,
    make_docx,
    make_html,
    make_pdf,
    make_scan,
)

Hire = Callable[[str, str], Staff]
MAKE = {"docx": make_docx, "pdf": make_pdf, "html": make_html}


@pytest.fixture(autouse=True)
def folder(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where originals go."""
    monkeypatch.setattr(settings, "CONSOLE_DIR", tmp_path)
    return tmp_path / "originals"


def upload(person: Staff, name: str, content: bytes) -> ImportedFile:
    """Send a file by the form; returns what was kept of it."""
    file = SimpleUploadedFile(name, content)
    answer = person.client.post("/nhap-tep/", {"file": file})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return ImportedFile.objects.get(pk=answer.headers["Location"].split("/")[-2])


def page_of(person: Staff, row: ImportedFile) -> lxml.html.HtmlElement:
    """Return the page of an uploaded file."""
    return person.open(f"/nhap-tep/{row.pk}/")


@pytest.mark.parametrize("kind", MAKE)
def test_from_a_file_to_its_drafts(staff: Hire, kind: str) -> None:
    lan, content = staff("lan", "editor"), MAKE[kind](load_plan())
    row = upload(lan, f"ke-hoach.{kind}", content)
    page = page_of(lan, row)
    cells = [cell.text_content().strip() for cell in page.xpath("//td")]
    assert "Khám cho trẻ dưới sáu tuổi" in cells, "tables are read as tables"
    address = f"/nhap-tep/{row.pk}/lay/"
    lan.client.post(address, {})
    document = LegalDocument.objects.get(number="45/KH-UBND")
    assert not document.live
    assert document.status == "unverified"
    parts = [heading for heading, _text in row.sections]
    number = next(n for n, part in enumerate(parts) if "Phân công" in part)
    answer = lan.client.post(address, {"part": str(number)})
    article = Article.objects.get(originals=row)
    assert answer.headers["Location"].endswith(f"/bai-viet/edit/{article.pk}/")
    assert not article.live
    draft = article.get_latest_revision_as_object()
    assert [c.document.number for c in draft.citations.all()] == ["45/KH-UBND"]
    assert "- Đơn vị: Trạm y tế; Việc phải làm: Khám cho trẻ" in draft.body
    # The form shows the draft, and leads to the original, byte for byte.
    form = lan.open(f"/bai-viet/edit/{article.pk}/")
    assert form.xpath(f"//a[contains(@href, '/nhap-tep/{row.pk}/')]")
    file = lan.client.get(f"/nhap-tep/{row.pk}/goc/")
    assert b"".join(file.streaming_content) == content
    assert file.headers["Content-Disposition"].startswith("attachment")


def test_that_the_original_is_for_staff_alone(staff: Hire, folder: Path) -> None:
    row = upload(staff("lan", "editor"), "a.docx", make_docx(load_plan()))
    for address in ("", f"{row.pk}/", f"{row.pk}/goc/"):
        answer = Client().get(f"/nhap-tep/{address}")
        assert answer.status_code == 302
        assert "/tai-khoan/" in answer.headers["Location"]
    assert (folder / row.sha256).stat().st_mode & 0o077 == 0
    assert Client().get(f"/media/originals/{row.sha256}").status_code == 302


def test_that_a_known_document_is_not_made_twice(staff: Hire) -> None:
    lan = staff("lan", "editor")
    held = LegalDocument.objects.first()
    assert held is not None
    row = upload(lan, "a.docx", make_docx(load_plan()))
    ImportedFile.objects.update(number=held.number)
    count = LegalDocument.objects.count()
    lan.client.post(f"/nhap-tep/{row.pk}/lay/", {})
    row.refresh_from_db()
    assert row.document == held
    assert LegalDocument.objects.count() == count
    again = upload(lan, "khac.docx", make_docx(load_plan()))
    assert ImportedFile.objects.count() >= 1
    assert again.text == row.text


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("quet.pdf", make_scan(2, []), "bản quét"),
        ("cu.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Word kiểu cũ"),
        ("rong.txt", b"", "trống"),
        ("anh.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "chỉ nhận DOCX"),
    ],
)
def test_that_a_refusal_is_one_plain_sentence_and_keeps_the_file(
    staff: Hire, folder: Path, name: str, content: bytes, told: str
) -> None:
    lan = staff("lan", "editor")
    row = upload(lan, name, content)
    (alert,) = page_of(lan, row).xpath("//*[@role='alert']")
    assert told in alert.text_content()
    assert (folder / row.sha256).read_bytes() == content
    assert lan.client.post(f"/nhap-tep/{row.pk}/lay/", {}).status_code == 404


def test_that_a_slow_file_is_stopped_and_can_be_read_later(
    staff: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan = staff("lan", "editor")
    monkeypatch.setattr(imports, "LIMITS", Limits(seconds=0))
    row = upload(lan, "a.docx", make_docx(load_plan()))
    assert "giây" in row.refusal
    monkeypatch.setattr(imports, "LIMITS", Limits())
    lan.client.post(f"/nhap-tep/{row.pk}/lay/", {"again": "1"})
    row.refresh_from_db()
    assert row.refusal == ""
    assert row.number == "45/KH-UBND"


def test_that_a_file_that_is_too_large_is_told(
    staff: Hire, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "LARGEST", 10)
    file = SimpleUploadedFile("to.txt", b"x" * 11)
    answer = staff("lan", "editor").client.post("/nhap-tep/", {"file": file})
    assert "quá mức" in answer.content.decode()
    assert not ImportedFile.objects.exists()


@pytest.mark.parametrize("font", ["TCVN3/ABC", "VNI"])
def test_that_old_fonts_are_read(staff: Hire, font: str) -> None:
    fonts = load_old_fonts()
    row = upload(staff("lan", "editor"), "cu.txt", fonts[font].encode("cp1252"))
    assert row.text == fonts["Unicode"]
    assert any(font in note for note in row.notes)


def test_that_nothing_of_a_file_runs_in_the_console(staff: Hire) -> None:
    lan = staff("lan", "editor")
    text = "Trẻ em <script>alert(1)</script> được học, [bấm](javascript:alert(1))."
    row = upload(lan, "x.txt", text.encode())
    (shown,) = page_of(lan, row).xpath("//*[@class='import-text']")
    assert not shown.xpath(".//script")
    assert not [a for a in shown.xpath(".//a/@href") if a.startswith("javascript")]


def test_that_a_file_can_be_deleted_and_its_drafts_stay(
    staff: Hire, folder: Path
) -> None:
    lan = staff("lan", "editor")
    row = upload(lan, "a.docx", make_docx(load_plan()))
    lan.client.post(f"/nhap-tep/{row.pk}/lay/", {"part": "0"})
    lan.client.post(f"/nhap-tep/{row.pk}/lay/", {"delete": "1"})
    assert not ImportedFile.objects.exists()
    assert not (folder / row.sha256).exists()
    assert Article.objects.filter(live=False).count() == 1


def test_how_a_table_becomes_a_list() -> None:
    text = "## Việc\n| Ai | Hạn |\n| --- | --- |\n| Xã | 1/9 |\n\nHết."
    assert article_body(text) == "**Việc**\n- Ai: Xã; Hạn: 1/9\n\nHết."
