"""Nothing reaches the bot without a second person: the four gaps of stock Wagtail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from knowledge.console.models import Article, Publishing
from tests.console.staff import Staff

Hire = Callable[[str, str], Staff]
NEW = "Em là trẻ em khi chưa tròn 16 tuổi.\n\n- Gọi **111** không mất tiền."


def article() -> Article:
    """Return the one article, fresh."""
    return Article.objects.get(uid="tuoi-tre-em")


def url(name: str, *more: object) -> str:
    """Return the address of one of its pages."""
    return reverse(
        f"wagtailsnippets_console_article:{name}", args=[article().pk, *more]
    )


def submit(author: Staff, body: str = NEW) -> None:
    """Write a new text and send it to review."""
    answer = author.send(
        url("edit"), body=body, topic="luat-tre-em", **{"action-submit": "x"}
    )
    assert answer.status_code == 302, author.errors
    assert article().workflow_in_progress


def decide(person: Staff, deed: str = "approve") -> int:
    """Post a decision as the page of the review does; returns the status."""
    state = article().current_workflow_task_state
    answer = person.client.post(url("workflow_action", deed, state.pk), {"comment": ""})
    return int(answer.status_code)


def text() -> str:
    """Return what the bot would get."""
    return str(article().body)


def test_that_a_second_person_publishes(staff: Hire) -> None:
    author, reviewer = staff("lan", "editor"), staff("minh", "reviewer")
    old, dirty = text(), Publishing.objects.get().dirty
    submit(author)
    assert text() == old
    assert Publishing.objects.get().dirty == dirty
    assert decide(reviewer) == 302
    assert text() == NEW
    assert Publishing.objects.get().dirty == dirty + 1
    deeds = set(ModelLogEntry.objects.values_list("action", flat=True))
    assert {
        "wagtail.edit",
        "wagtail.workflow.start",
        "wagtail.workflow.approve",
    } <= deeds
    assert "wagtail.publish" in deeds


def test_that_a_reviewer_approves_from_the_form_itself(staff: Hire) -> None:
    """Wagtail saves a new revision of the reviewer's there; we must not."""
    submit(staff("lan", "editor"))
    reviewer = staff("minh", "reviewer")
    before = article().latest_revision_id
    deed = {"action-workflow-action": "x", "workflow-action-name": "approve"}
    assert reviewer.send(url("edit"), **deed).status_code == 302
    assert text() == NEW
    assert article().latest_revision_id == before


def test_that_a_change_within_an_approval_is_no_approval(staff: Hire) -> None:
    submit(staff("lan", "editor"))
    reviewer, old = staff("minh", "reviewer"), text()
    deed = {"action-workflow-action": "x", "workflow-action-name": "approve"}
    answer = reviewer.send(url("edit"), body="Khác hẳn.", **deed)
    assert answer.status_code == 200
    assert text() == old


@pytest.mark.parametrize("role", ["reviewer", "superuser"])
def test_that_nobody_approves_the_own_text(staff: Hire, role: str) -> None:
    author, old = staff("lan", role), text()
    submit(author)
    assert decide(author) in (302, 403)
    deed = {"action-workflow-action": "x", "workflow-action-name": "approve"}
    author.client.post(url("edit"), {"body": "", **deed})
    assert text() == old
    assert article().workflow_in_progress


def test_that_an_editor_cannot_forge_an_approval(staff: Hire) -> None:
    author, other, old = staff("lan", "editor"), staff("hoa", "editor"), text()
    submit(author)
    for person in (author, other):
        assert decide(person) in (302, 403)
    assert text() == old
    assert article().workflow_in_progress


@pytest.mark.parametrize("role", ["editor", "reviewer", "admin", "superuser"])
def test_that_nobody_publishes_directly(staff: Hire, role: str) -> None:
    person, old = staff("lan", role), text()
    page = person.open(url("edit"))
    assert not page.xpath("//*[@name='action-publish']")
    person.send(url("edit"), body=NEW, topic="luat-tre-em", **{"action-publish": "x"})
    assert text() == old
    assert article().get_latest_revision_as_object().body == NEW  # a draft


def test_that_what_is_published_is_what_was_submitted(staff: Hire) -> None:
    """A reviewer's edit starts the review again; he is an author now."""
    submit(staff("lan", "editor"))
    minh, third, old = staff("minh", "reviewer"), staff("tam", "reviewer"), text()
    answer = minh.send(url("edit"), body="Minh sửa lại.", topic="luat-tre-em")
    assert answer.status_code == 302, minh.errors
    assert decide(minh) in (302, 403)
    assert text() == old
    assert decide(third) == 302
    assert text() == "Minh sửa lại."


def test_that_a_revision_saved_beside_the_form_blocks_the_approval(staff: Hire) -> None:
    lan, minh = staff("lan", "editor"), staff("minh", "reviewer")
    submit(lan)
    draft = article().get_latest_revision_as_object()
    draft.body = "Lén sửa."
    draft.save_revision(user=lan.user)
    old = text()
    assert decide(minh) in (302, 403)
    assert text() == old


def test_that_a_rejection_returns_with_its_comment(staff: Hire) -> None:
    lan, minh = staff("lan", "editor"), staff("minh", "reviewer")
    submit(lan)
    state = article().current_workflow_task_state
    minh.client.post(
        url("workflow_action", "reject", state.pk), {"comment": "Thiếu số."}
    )
    state.refresh_from_db()
    assert state.comment == "Thiếu số."
    assert "bị trả lại" in lan.open("/").text_content()


def test_that_compare_revert_and_history_work(staff: Hire) -> None:
    first = article().latest_revision_id
    lan, minh = staff("lan", "editor"), staff("minh", "reviewer")
    submit(lan)
    decide(minh)
    second = article().latest_revision_id
    page = lan.open(url("revisions_compare", first, second))
    assert page.xpath("//*[contains(@class, 'addition')]")
    assert lan.open(url("history")) is not None
    lan.send(
        url("revisions_revert", first), topic="luat-tre-em", **{"action-submit": "x"}
    )
    assert decide(minh) == 302
    assert text().startswith("Trẻ em là người dưới 16 tuổi.")


def test_that_a_locked_article_is_changed_by_nobody_else(staff: Hire) -> None:
    minh, lan, old = staff("minh", "reviewer"), staff("lan", "editor"), article()
    assert minh.client.post(url("lock")).status_code == 302
    values = {"title": "Đổi", "topic": "luat-tre-em"}
    lan.client.post(url("edit"), values)
    assert article().latest_revision_id == old.latest_revision_id
