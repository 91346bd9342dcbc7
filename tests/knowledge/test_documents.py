"""Documents: every status has a reason, every successor exists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from knowledge.documents import (
    DOCUMENTS_FILE,
    STATUSES,
    Document,
    DocumentError,
    load_documents,
)

DOCUMENTS = load_documents()


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write the shipped documents with one text replaced."""

    def write(old: str, new: str) -> Path:
        text = DOCUMENTS_FILE.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "documents.csv"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("102/2016/QH13", "in_force"),
        ("59/2024/QH15", "in_force"),
        ("28-CT/TW", "guidance"),
        ("144/2021/N\u0110-CP", "superseded"),
        ("830/Q\u0110-TTg", "expired"),
        (
            "(s\u1ed1 ch\u01b0a bi\u1ebft) Lu\u1eadt H\u1ed9 t\u1ecbch 2026",
            "not_yet_in_force",
        ),
        ("277/2026/N\u0110-CP", "unverified"),
        ("66/2026/N\u0110-CP", "unverified"),
        ("130/2021/N\u0110-CP", "unverified"),
    ],
)
def test_that_statuses_say_what_was_seen(number: str, status: str) -> None:
    assert DOCUMENTS[number].status == status


def test_that_a_document_is_read_with_its_dates() -> None:
    law = DOCUMENTS["102/2016/QH13"]
    assert law.issued_on == date(2016, 4, 5)
    assert law.effective_on == date(2017, 6, 1)
    assert DOCUMENTS["28-CT/TW"].effective_on is None


def test_that_unchecked_scans_show_no_day_of_effect() -> None:
    """Their dates contradict each other; a wrong one would mislead people."""
    for number in ("66/2026", "188/2026", "174/2026", "283/2026"):
        assert DOCUMENTS[f"{number}/N\u0110-CP"].effective_on is None


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=lambda d: d.number)
def test_that_every_doubt_has_a_note_for_people(document: Document) -> None:
    assert document.status in STATUSES
    assert document.note or document.status in ("in_force", "guidance")
    assert len(document.short_title.split()) <= 16
    if document.note:
        assert document.note.endswith(".")


def test_that_short_titles_tell_documents_apart() -> None:
    titles = [document.short_title for document in DOCUMENTS.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("number,title", "no,title", "row 1: the columns are"),
        ("\n232-KH/TU,", "\n28-CT/TW,", "row 3: number '28-CT/TW' comes twice"),
        ("\n232-KH/TU,", "\n,", "row 3: number is empty"),
        (",in_force,", ",valid,", "status is 'valid'"),
        ("2016-04-05", "5/4/2016", "issued_on is '5/4/2016'"),
        ("2016-04-05,2017-06-01", "2016-04-05,2015-06-01", "before it was issued"),
        ("superseded,282/2025", "superseded,999/2025", "is no other document"),
        ("superseded,282/2025/N\u0110-CP", "superseded,", "without its successor"),
        (
            "https://vietjack.me/phap-luat/nghi-dinh-130-2021-nd-cp-3133.html,2026",
            "x,2026",
            "url is 'x'",
        ),
        (",2026-11-21\n", ",\n", "checked_on is empty"),
    ],
)
def test_that_a_wrong_row_is_refused_with_place_and_remedy(
    old: str, new: str, says: str, table: Callable[[str, str], Path]
) -> None:
    with pytest.raises(DocumentError) as refusal:
        load_documents(table(old, new))
    message = str(refusal.value)
    assert message.startswith("documents.csv row ")
    assert says in message
