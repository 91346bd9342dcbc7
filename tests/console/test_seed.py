"""Seed and export: staff always win, and what nobody touched stays byte for byte."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.article import parse_article
from knowledge.console import files
from knowledge.console.markdown import normalised
from knowledge.console.models import Article, DirectoryEntry, SeedProposal, Tombstone
from knowledge.console.seed import load_seed
from tests.console.staff import Staff
from tests.console.test_review import NEW, article, decide, submit, text
from tests.knowledge.folder import KNOWLEDGE

Hire = Callable[[str, str], Staff]
PLACE = "articles/luat/tuoi-tre-em.md"
ARTICLES = sorted((KNOWLEDGE / "articles").rglob("*.md"))


@pytest.fixture
def newer(seed: Path, tmp_path: Path) -> Path:
    """The seed with one sentence changed."""
    folder = shutil.copytree(seed, tmp_path / "newer")
    path = folder / PLACE
    path.write_text(path.read_text().replace("người dưới 16", "người chưa đủ 16"))
    return folder


def exported(seed: Path) -> dict[str, str]:
    """Return the files of an export."""
    return dict(files.live_files(seed))


def test_that_an_untouched_seed_comes_out_byte_for_byte(
    database: Path, seed: Path
) -> None:
    out = exported(seed)
    assert PLACE in out
    for name, content in out.items():
        assert content == (seed / name).read_text(encoding="utf-8"), name


def test_that_a_second_load_changes_nothing(database: Path, seed: Path) -> None:
    before = article().latest_revision_id
    assert set(load_seed(seed)) == {"same"}
    assert article().latest_revision_id == before


def test_that_a_newer_seed_updates_what_nobody_touched(
    database: Path, newer: Path
) -> None:
    assert load_seed(newer)["updated"] == 1
    assert "chưa đủ 16" in text()
    assert exported(newer)[PLACE] == (newer / PLACE).read_text()


@pytest.mark.parametrize("is_published", [True, False])
def test_that_a_newer_seed_never_overwrites_staff(
    staff: Hire, newer: Path, is_published: bool
) -> None:
    submit(staff("lan", "editor"))
    if is_published:
        decide(staff("minh", "reviewer"))
    before = text()
    assert load_seed(newer)["kept"] == 1
    assert text() == before
    assert article().get_latest_revision_as_object().body == NEW
    proposal = SeedProposal.objects.get()
    page = staff("quan", "admin").open(f"/de-xuat/{proposal.pk}/")
    assert "chưa đủ 16" in page.text_content()


def test_that_what_staff_deleted_stays_deleted(database: Path, newer: Path) -> None:
    article().delete()
    assert Tombstone.objects.get().key == "tuoi-tre-em"
    assert load_seed(newer)["deleted"] == 1
    assert not Article.objects.exists()


def test_that_what_staff_withdrew_stays_withdrawn(database: Path, newer: Path) -> None:
    article().unpublish()
    load_seed(newer)
    assert not article().live
    assert PLACE not in exported(newer)


def test_that_an_edited_article_is_a_file_that_the_bot_reads(
    staff: Hire, seed: Path, tmp_path: Path
) -> None:
    submit(staff("lan", "editor"))
    decide(staff("minh", "reviewer"))
    files.write(tmp_path, exported(seed).items())
    page = parse_article(tmp_path / "articles/luat-tre-em/tuoi-tre-em.md")
    assert page.body == NEW
    assert page.facts == ("B-01",)
    assert exported(seed) == exported(seed)


def test_that_a_number_of_the_seed_comes_out_as_it_went_in(database: Path) -> None:
    line = DirectoryEntry.objects.get(uid="vn-111")
    assert (line.number, line.tel) == ("111", "tel:111")


def test_that_every_text_survives_the_editor() -> None:
    """The editor keeps what the bot can show; no article says more."""
    changed = []
    for path in ARTICLES:
        body = parse_article(path).body
        if normalised(body) != body:
            changed.append(path.stem)
        assert normalised(normalised(body)) == normalised(body), path.stem
    assert changed == []
