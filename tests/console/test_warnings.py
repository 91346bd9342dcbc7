"""Warnings: on saving, on the home page, and of web addresses. None of them blocks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from knowledge.console import links, models
from knowledge.console.seed import load_seed
from knowledge.console.warnings import has_article, warnings_of
from knowledge.directory import CHECKED_DAYS
from tests.console.staff import Staff
from tests.console.test_review import NEW, article, url
from tests.knowledge.folder import make_folder, write_article
from tests.servers import free_port

Hire = Callable[[str, str], Staff]


def said(person: Staff, **changes: str) -> str:
    """Save the article as a draft; return all that the next page says."""
    answer = person.send(url("edit"), topic="luat-tre-em", **changes)
    assert answer.status_code == 302, person.errors
    return " ".join(person.open(answer.headers["Location"]).text_content().split())


def add(folder: Path, file: str, **changes: object) -> models.Article:
    """Load a second article."""
    root = make_folder(folder)
    write_article(root, file, **changes)
    load_seed(root)
    return models.Article.objects.get(uid=file)


def test_that_a_copy_is_warned_of_and_saved_all_the_same(
    staff: Hire, tmp_path: Path
) -> None:
    add(tmp_path / "k", "ban-sao", meta={"title": "Một bài khác hẳn về chuyện khác"})
    page = said(staff("lan", "editor"))
    assert "nội dung giống bài “Một bài khác hẳn" in page
    assert "đã có ở bài “Một bài khác hẳn" in page  # the example question
    assert article().has_unpublished_changes or article().latest_revision is not None


def test_that_another_matter_is_not_warned_of(staff: Hire, tmp_path: Path) -> None:
    other = {"title": "Gọi 111 có mất tiền không?", "questions": ["gọi 111 mất tiền"]}
    text = "Không. " + " ".join(f"chữ{n}" for n in range(60)) + "."
    add(tmp_path / "k", "goi-111", meta=other, answer=text, details="Hết.")
    page = said(staff("lan", "editor"), body=NEW)
    assert "giống bài" not in page
    assert "đã có ở bài" not in page


def test_that_a_dead_document_is_told_with_all_its_articles(staff: Hire) -> None:
    lan = staff("lan", "editor")
    citation = article().citations.select_related("document").first()
    assert citation is not None
    document = citation.document
    successor = models.LegalDocument.objects.exclude(pk=document.pk).first()
    gone = models.LegalDocument.objects.filter(pk=document.pk)
    assert "Văn bản không còn hiệu lực" not in lan.open("/").text_content()
    gone.update(status="superseded", superseded_by=successor)
    home = " ".join(lan.open("/").text_content().split())
    assert f"{document.number}: văn bản này đã được thay thế, 1 bài" in home
    page = lan.open(reverse("console_cited_by", args=[document.pk]))
    assert page.xpath(f"//a[@href='{url('edit')}']")
    assert "1 bài đang xuất bản dưới đây cần xem lại" in page.text_content()
    assert "đã được thay thế bằng" in said(lan, body=NEW)


def test_that_a_document_with_a_coming_successor_is_told(staff: Hire) -> None:
    citation = article().citations.select_related("document").first()
    assert citation is not None
    later = models.LegalDocument.objects.exclude(pk=citation.document.pk).first()
    assert later is not None
    day = timezone.localdate() + timedelta(days=30)
    models.LegalDocument.objects.filter(pk=later.pk).update(effective_on=day)
    row = models.LegalDocument.objects.filter(pk=citation.document.pk)
    row.update(superseded_by=later, status="in_force")
    lan = staff("lan", "editor")
    assert f"từ ngày {day:%d/%m/%Y}, 1 bài" in lan.open("/").text_content()
    assert f"sẽ được thay bằng {later.number}" in said(lan, body=NEW)


@pytest.mark.parametrize(
    ("text", "number", "is_there"),
    [
        ("Điều 25. Bảo đảm quyền", "25", True),
        ("**ĐIỀU 7** khoản", "7", True),
        ("Điều 250. Khác", "25", False),
        ("Điều 12a. Mới", "12", False),
        ("Điều 12a. Mới", "12a", True),
        ("25 trẻ em", "25", False),
    ],
)
def test_that_an_article_of_law_is_found_by_its_number(
    text: str, number: str, is_there: bool
) -> None:
    assert has_article(text, number) is is_there


def test_that_a_citation_is_looked_up_where_we_hold_the_text(database: Path) -> None:
    row = article()
    citation = row.citations.first()
    assert citation is not None
    citation.where = "Điều 999"
    citation.save()
    assert not [w for w in warnings_of(article()) if "999" in w.text]
    text = "\n".join(f"Điều {n}. Về trẻ em" for n in range(1, 107))
    models.ImportedFile.objects.create(
        name="luat.txt", sha256="0", size=1, text=text, document=citation.document
    )
    (found,) = [w for w in warnings_of(article()) if "999" in w.text]
    assert citation.document.number in found.text


def test_that_an_overdue_review_and_an_old_number_are_on_the_home_page(
    staff: Hire,
) -> None:
    day = timezone.localdate()
    models.Article.objects.update(review_by=day - timedelta(days=1))
    line = models.DirectoryEntry.objects.filter(kind="local", live=True).first()
    assert line is not None
    rows = models.DirectoryEntry.objects.filter(pk=line.pk)
    rows.update(checked_on=day - timedelta(days=100), confidence="high")
    lan = staff("lan", "editor")
    home = lan.open("/").text_content()
    assert "Bài quá hạn rà soát (1)" in home
    assert "100 ngày chưa kiểm tra" in home
    rows.update(checked_on=day - timedelta(days=CHECKED_DAYS + 1))
    assert "bot không còn đưa số này" in lan.open("/").text_content()
    # 111 stays, as it does at the bot.
    old = day - timedelta(days=CHECKED_DAYS + 1)
    models.DirectoryEntry.objects.filter(uid="vn-111").update(checked_on=old)
    home = " ".join(lan.open("/").text_content().split())
    assert "111: 181 ngày chưa kiểm tra" in home


class Site(BaseHTTPRequestHandler):
    """Answers a path such as /404 with that status."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real web site on this machine."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def cite(*urls: str) -> None:
    """Give the addresses to documents, and to nothing else."""
    models.LegalDocument.objects.update(url="")
    models.DirectoryEntry.objects.filter(tel__startswith="http").update(tel="")
    rows = models.LegalDocument.objects.filter(live=True)[: len(urls)]
    for row, address in zip(rows, urls, strict=True):
        models.LegalDocument.objects.filter(pk=row.pk).update(url=address)


def state(address: str) -> str:
    """Return the state of one address."""
    return models.Link.objects.get(url=address).state


def test_that_an_address_is_broken_after_three_failures(staff: Hire, site: str) -> None:
    good, gone, shy = f"{site}/200", f"{site}/404", f"{site}/403"
    cite(good, gone, shy)
    for expected in ("failed", "failed", "broken"):
        assert links.check_due(0) in (1, 3)
        assert (state(good), state(gone), state(shy)) == ("ok", expected, "unknown")
        assert links.check_due(0) == 0  # not twice a day
        late = timezone.now() - timedelta(days=2)
        models.Link.objects.update(checked_at=late)
    page = staff("lan", "editor").open("/").text_content()
    assert "Địa chỉ web bị hỏng (1)" in page
    page = staff("hoa", "editor").open("/dia-chi-web/").text_content()
    assert "Không kiểm tra được" in page
    models.Link.objects.update(checked_at=None)
    cite(f"{site}/200")
    links.check_due(0)
    assert models.Link.objects.count() == 1  # what nobody cites is forgotten


def test_that_without_a_network_nothing_is_said_against_an_address(
    database: Path,
) -> None:
    addresses = [f"http://127.0.0.1:{free_port()}/{n}" for n in range(2)]
    cite(*addresses)
    links.check_due(0)
    assert {state(address) for address in addresses} == {"unknown"}
    assert not models.Link.objects.exclude(failures=0).exists()


def test_that_one_dead_host_among_living_ones_has_failed(
    database: Path, site: str
) -> None:
    dead = f"http://127.0.0.1:{free_port()}/"
    cite(dead, f"{site}/200")
    links.check_due(0)
    assert (state(dead), state(f"{site}/200")) == ("failed", "ok")
