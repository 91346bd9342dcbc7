"""What is approved reaches the bot; what the gate refuses is told in plain words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from knowledge.console.models import Correction, DirectoryEntry, SnapshotLog
from knowledge.console.worker import Worker, told
from knowledge.snapshot import current_name, load_snapshot
from tests.console.staff import Staff
from tests.console.test_review import NEW, article, decide, submit
from tests.servers import ROOT

Hire = Callable[[str, str], Staff]


@pytest.fixture
def worker(
    database: Path, seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Worker]:
    """A worker with folders of its own; the index is the lexical one, for speed."""
    monkeypatch.setenv("KNOWLEDGE_ENCODER", "none")
    monkeypatch.setattr(settings, "SNAPSHOTS", tmp_path / "snapshots")
    monkeypatch.setattr(settings, "KNOWLEDGE_SEED", seed)
    (tmp_path / "console").mkdir()
    worker = Worker(tmp_path / "snapshots", tmp_path / "console/knowledge")
    yield worker
    worker.builder.stop()


def answered(worker: Worker, uid: str = "tuoi-tre-em") -> str:
    """Return the text that a reader of the snapshots has now."""
    folder = worker.snapshots / current_name(worker.snapshots)
    return load_snapshot(folder, with_index=False).articles[uid].body


def test_publish_refusal_and_the_way_back(staff: Hire, worker: Worker) -> None:
    """One long test: each build costs seconds."""
    worker.step()
    first = current_name(worker.snapshots)
    lan, minh = staff("lan", "editor"), staff("minh", "reviewer")
    submit(lan)
    worker.step()
    assert current_name(worker.snapshots) == first  # submitted is not approved
    decide(minh)
    worker.step()
    assert answered(worker) == NEW
    # Gone back by one click, and no restart undoes it.
    post = {"name": first}
    assert lan.client.post("/xuat-ban/quay-lai/", post).status_code == 302
    worker.step()
    assert answered(worker) == NEW  # an editor may not
    minh.client.post("/xuat-ban/quay-lai/", post)
    worker.step()
    assert current_name(worker.snapshots) == first
    assert (worker.export.parent / "rolled_back").exists()
    worker.step()
    assert current_name(worker.snapshots) == first
    # The next approval goes forward; without 111 the gate refuses it.
    DirectoryEntry.objects.get(uid="vn-111").unpublish()
    worker.step()
    assert current_name(worker.snapshots) == first
    page = minh.open("/xuat-ban/").text_content()
    assert "không bao giờ được thiếu số 111" in page
    assert "not in the directory" not in page


def test_that_a_corrected_number_is_there_at_once(staff: Hire, worker: Worker) -> None:
    line = DirectoryEntry.objects.filter(kind="local", live=True).first()
    assert line is not None
    form = {
        "number": "024.9999.8888",
        "tel": "tel:+842499998888",
        "source": "Gọi thử lúc 8 giờ",
        "reason": "Số cũ không còn người trực",
    }
    address = f"/danh-ba-so/{line.pk}/"
    editor = staff("lan", "editor").client.post(address, form)
    assert editor.status_code == 302
    assert not Correction.objects.exists()
    minh = staff("minh", "reviewer")
    assert minh.client.post(address, form | {"reason": ""}).status_code == 200
    assert minh.client.post(address, form | {"number": "113"}).status_code == 200
    assert not Correction.objects.exists()
    assert minh.client.post(address, form).status_code == 302
    made = Correction.objects.get()
    assert (made.by, made.reason) == ("minh", form["reason"])
    worker.step()
    folder = worker.snapshots / current_name(worker.snapshots)
    fresh = load_snapshot(folder, with_index=False).directory.line(line.uid)
    assert fresh is not None
    assert fresh.number == "024.9999.8888"


def test_that_a_scheduled_text_waits_for_its_hour(staff: Hire) -> None:
    lan, minh = staff("lan", "editor"), staff("minh", "reviewer")
    lan.send(
        f"/bai-viet/edit/{article().pk}/",
        body=NEW,
        topic="luat-tre-em",
        go_live_at="05/12/2030 08:00",
        **{"action-submit": "x"},
    )
    decide(minh)
    call_command("publish_scheduled", verbosity=0)
    assert article().body != NEW
    due = article().latest_revision
    assert due.approved_go_live_at is not None
    local = timezone.localtime(due.approved_go_live_at)
    assert (local.day, local.month, local.hour) == (5, 12, 8)
    due.approved_go_live_at = timezone.now()
    due.content["go_live_at"] = None
    due.save()
    call_command("publish_scheduled", verbosity=0)
    assert article().body == NEW


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("not published: tuoi-tre-em cites nothing", "chưa có căn cứ pháp lý"),
        (
            "not published: 'abc' no longer finds tuoi-tre-em",
            "không còn tìm thấy bài “Bao nhiêu tuổi",
        ),
        ("tuoi-tre-em.md line 3: audience 'x'. Use one of", "chưa đúng khuôn mẫu"),
        ("the index was built with encoder a; set it", "bộ tìm kiếm cũ"),
        ("something nobody foresaw", "người kỹ thuật"),
    ],
)
def test_that_each_fault_is_told_in_plain_words(
    database: Path, fault: str, words: str
) -> None:
    (one,) = told(fault)
    assert words in one["text"]


def test_that_the_console_never_loads_torch() -> None:
    code = (
        "import django, sys; django.setup();"
        "import knowledge.console.urls, knowledge.console.worker;"
        "assert not {'torch', 'sentence_transformers', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_that_a_refusal_is_kept(database: Path) -> None:
    SnapshotLog.objects.create(
        action="refused", faults=list(told("there is no article"))
    )
    (fault,) = SnapshotLog.objects.get().faults
    assert fault["article"] == ""
