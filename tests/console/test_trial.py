"""What the bot would say with a draft: the whole way of a message, nothing kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import lxml.html
import pytest
from django.conf import settings

from knowledge.console.models import Article
from knowledge.console.trial import ANSWERER
from knowledge.publish import build_snapshot
from tests.console.staff import Staff
from tests.console.test_review import article
from tests.servers import free_port

Hire = Callable[[str, str], Staff]
NEW = "Trẻ em là người chưa tròn 16 tuổi, theo bản nháp mới."
DANGER = "em bị thầy sờ người"


@pytest.fixture
def served(
    database: Path, seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A published snapshot of the seed; neither dialogue nor actions are running."""
    monkeypatch.setenv("KNOWLEDGE_ENCODER", "none")
    monkeypatch.setenv("DIALOGUE_PORT", str(free_port()))
    monkeypatch.setattr(settings, "SNAPSHOTS", tmp_path / "snapshots")
    build_snapshot(seed, tmp_path / "snapshots")
    yield tmp_path
    ANSWERER.stop()


def turns(person: Staff, question: str, pk: int | None) -> list[str]:
    """Ask; returns the text of each answer shown, today's first."""
    address = f"/hoi-thu/{pk}/" if pk else "/hoi-thu/"
    answer = person.client.post(address, {"question": question})
    assert answer.status_code == 200
    page = lxml.html.fromstring(answer.content.decode())
    return [part.text_content() for part in page.xpath("//section[h3]")]


def test_a_draft_is_asked_before_anybody_else_sees_it(
    staff: Hire, served: Path
) -> None:
    """One long test: the process that answers takes seconds to start."""
    lan, row = staff("lan", "editor"), article()
    question = row.questions.first().text
    lan.send(f"/bai-viet/edit/{row.pk}/", body=NEW, topic="luat-tre-em")
    assert article().body != NEW
    today, draft = turns(lan, question, row.pk)
    assert NEW not in today
    assert "16 tuổi" in today
    assert NEW in draft
    for channel in ("Trang web", "Telegram", "Zalo"):
        assert channel in draft
    # A danger goes the way of a danger, also here, and is kept nowhere.
    today, draft = turns(lan, DANGER, row.pk)
    assert "nguy cấp" in draft
    assert "111" in draft
    assert NEW not in draft
    for path in (p for p in served.rglob("*") if p.is_file()):
        assert DANGER.encode() not in path.read_bytes(), path
    # Without a draft there is only what the bot says today.
    assert len(turns(lan, question, None)) == 1


def test_that_the_ranks_of_the_example_questions_are_shown(
    staff: Hire, served: Path
) -> None:
    lan, row = staff("lan", "editor"), article()
    answer = lan.client.post(f"/hoi-thu/{row.pk}/", {"question": ""})
    page = lxml.html.fromstring(answer.content.decode())
    rows = page.xpath("//table[contains(@class, 'own-table')]/tbody/tr")
    assert len(rows) == row.questions.count()
    assert rows[0].xpath("td[2]")[0].text_content().strip() == "1"
    assert not page.xpath("//section[h3]")


def test_that_a_draft_without_a_basis_is_told_so(staff: Hire, served: Path) -> None:
    lan = staff("lan", "editor")
    row = Article.objects.create(
        title="Bài mới",
        body="Chữ.",
        topic="luat-tre-em",
        valid_from="2026-01-01",
        review_by="2027-01-01",
        live=False,
    )
    row.save_revision()
    page = lan.open(f"/hoi-thu/{row.pk}/").text_content()
    assert "chưa có căn cứ pháp lý" in page


def test_that_a_bot_without_a_snapshot_is_told_in_plain_words(
    staff: Hire, served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ANSWERER.stop()
    monkeypatch.setattr(settings, "SNAPSHOTS", served / "nothing" / "snapshots")
    answer = staff("lan", "editor").client.post("/hoi-thu/", {"question": "gì"})
    assert "Chưa đọc được bản bot đang dùng" in answer.content.decode()


def test_that_the_form_of_an_article_leads_there(staff: Hire, database: Path) -> None:
    page = staff("lan", "editor").open(f"/bai-viet/edit/{article().pk}/")
    assert page.xpath(f"//a[contains(@href, '/hoi-thu/{article().pk}/')]")
