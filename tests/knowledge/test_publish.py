"""Building: what a snapshot holds, what the gate refuses, what is kept."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.publish import KEPT, build_snapshot, kept_snapshots, prune, rollback
from knowledge.snapshot import (
    CURRENT,
    SnapshotError,
    current_name,
    files_of,
    load_snapshot,
    sha256,
)
from tests.knowledge.folder import TODAY, make_folder, write_article, write_other
from tests.knowledge.standin import TOOLS, publish, stand_in
from tests.knowledge.test_check import run


def test_that_a_build_is_a_folder_named_by_its_content(root: Path, out: Path) -> None:
    published = build_snapshot(root, out, TOOLS, TODAY)
    folder = out / published.name
    names = {str(path.relative_to(folder)) for path in files_of(folder)}
    assert published.action == "built"
    assert current_name(out) == published.name
    assert names == {
        "articles.jsonl",
        "documents.csv",
        "directory.csv",
        "provinces.csv",
        "index/words.json",
        "index/deep/vectors.bin",
        "manifest.json",
    }


def test_that_the_manifest_names_everything(root: Path, out: Path) -> None:
    folder = publish(root, out)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["schema"] == 1
    assert manifest["encoder"] == "stand-in"
    assert manifest["counts"]["articles"] == 1
    assert manifest["counts"]["provinces"] == 34
    for name, digest in manifest["files"].items():
        assert sha256(folder / name) == digest


def test_that_the_same_content_has_the_same_name_elsewhere(
    root: Path, out: Path, tmp_path: Path
) -> None:
    other = make_folder(tmp_path / "copy")
    assert publish(root, out).name == publish(other, tmp_path / "other").name


def test_that_unchanged_content_is_not_built_again(root: Path, out: Path) -> None:
    first = publish(root, out)
    born = (first / "manifest.json").stat().st_mtime_ns
    again = build_snapshot(root, out, TOOLS, TODAY)
    assert (again.name, again.action) == (first.name, "up to date")
    assert (first / "manifest.json").stat().st_mtime_ns == born


@pytest.mark.parametrize("change", ["article", "directory.csv", "recipe"])
def test_that_each_change_gives_a_new_snapshot(
    change: str, root: Path, out: Path
) -> None:
    first = publish(root, out)
    tools = TOOLS
    if change == "article":
        write_other(root, "khac", 1)
    elif change == "recipe":
        tools = stand_in("2")
    else:
        text = (root / change).read_text(encoding="utf-8")
        (root / change).write_text(text.replace("96 96 80", "96  96 80"), "utf-8")
    second = build_snapshot(root, out, tools, TODAY)
    assert second.action == "built"
    assert second.name != first.name


def test_that_a_snapshot_holds_what_was_published(root: Path, out: Path) -> None:
    snapshot = load_snapshot(publish(root, out), TOOLS)
    assert set(snapshot.articles) == {"tuoi-tre-em"}
    assert snapshot.directory.line("vn-111") is not None
    assert snapshot.documents["102/2016/QH13"].status == "in_force"
    assert len(snapshot.provinces) == 63
    assert "tuoi-tre-em" in snapshot.index


def test_that_articles_out_of_date_are_left_out_and_named(
    root: Path, out: Path
) -> None:
    """One answer that ended at midnight must not stop every other change."""
    path = write_other(root, "da-het", 1)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("review_by", "valid_to: 2026-11-20\nreview_by"))
    published = build_snapshot(root, out, TOOLS, TODAY)
    assert published.left_out == ("da-het",)
    assert set(load_snapshot(out / published.name, TOOLS).articles) == {"tuoi-tre-em"}


def uncited(root: Path) -> None:
    write_article(root, meta={"citations": []})


def unknown_document(root: Path) -> None:
    write_article(root, meta={"citations": [{"document": "1/1", "where": "1"}]})


def without_111(root: Path) -> None:
    text = (root / "directory.csv").read_text(encoding="utf-8")
    (root / "directory.csv").write_text(text.replace("vn-111,", "vn-x,", 1), "utf-8")


def low_111(root: Path) -> None:
    text = (root / "directory.csv").read_text(encoding="utf-8")
    (root / "directory.csv").write_text(text.replace(",high,", ",low,", 1), "utf-8")


def lost_question(root: Path) -> None:
    for number in range(3):
        write_other(root, f"a-{number}", number)
    row = "question,article\nzzz,tuoi-tre-em\n"
    (root / "golden.csv").write_text(row, encoding="utf-8")


def no_article(root: Path) -> None:
    shutil.rmtree(root / "articles")


def broken_article(root: Path) -> None:
    write_article(root).write_text("---\nid: [\n---\n", encoding="utf-8")


def broken_directory(root: Path) -> None:
    (root / "directory.csv").write_text("id\n", encoding="utf-8")


def no_provinces(root: Path) -> None:
    (root / "provinces.csv").unlink()


def broken_golden(root: Path) -> None:
    (root / "golden.csv").write_text("question,article\nx\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (uncited, "cites nothing"),
        (unknown_document, "cites the unknown '1/1'"),
        (without_111, "vn-111 is not in the directory"),
        (low_111, "vn-111 is not in the directory"),
        (lost_question, "no longer finds tuoi-tre-em"),
        (no_article, "no article"),
        (broken_article, "tuoi-tre-em.md line"),
        (broken_directory, "directory.csv row 1"),
        (no_provinces, "provinces.csv"),
        (broken_golden, "golden.csv row 2"),
    ],
)
def test_that_the_gate_keeps_bad_content_out(
    spoil: Callable[[Path], None], says: str, root: Path, out: Path
) -> None:
    good = publish(root, out)
    spoil(root)
    with pytest.raises(SnapshotError) as refusal:
        build_snapshot(root, out, TOOLS, TODAY)
    assert says in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1
    assert current_name(out) == good.name
    assert [p.name for p in out.iterdir() if p.is_dir()] == [good.name]
    assert load_snapshot(good, TOOLS)


def test_that_a_failing_index_ends_the_build_in_one_line(root: Path, out: Path) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no model")

    with pytest.raises(SnapshotError, match="the index cannot be built: no model"):
        build_snapshot(root, out, replace(TOOLS, build=fail), TODAY)
    assert not (out / CURRENT).exists()


def test_that_a_folder_that_cannot_be_written_is_named(root: Path) -> None:
    blocked = root / "directory.csv" / "snapshots"
    with pytest.raises(SnapshotError, match=r"directory\.csv.* cannot be used"):
        build_snapshot(root, blocked, TOOLS, TODAY)


def test_that_golden_rows_of_withdrawn_articles_do_not_block(
    root: Path, out: Path
) -> None:
    row = "question,article\nzzz,khong-con\n"
    (root / "golden.csv").write_text(row, encoding="utf-8")
    assert publish(root, out).exists()


def test_that_the_next_build_replaces_a_damaged_snapshot(root: Path, out: Path) -> None:
    folder = publish(root, out)
    (folder / "articles.jsonl").write_bytes(b"")
    again = build_snapshot(root, out, TOOLS, TODAY)
    assert (again.name, again.action) == (folder.name, "built")
    assert load_snapshot(folder, TOOLS)


def test_that_only_the_last_twenty_are_kept(root: Path, out: Path) -> None:
    names = [publish(root, out, number).name for number in range(1, KEPT + 4)]
    kept = [folder.name for folder in kept_snapshots(out)]
    assert kept == names[: -KEPT - 1 : -1]


def test_that_leftovers_of_a_killed_build_go(root: Path, out: Path) -> None:
    (out / ".building-dead").mkdir(parents=True)
    publish(root, out)
    assert not list(out.glob(".building-*"))


def test_that_rollback_goes_to_the_one_before(root: Path, out: Path) -> None:
    first, second, third = (publish(root, out, number) for number in (1, 2, 3))
    assert rollback(out, indexing=TOOLS).name == second.name
    assert rollback(out, indexing=TOOLS).name == first.name
    with pytest.raises(SnapshotError, match="no older snapshot"):
        rollback(out, indexing=TOOLS)
    assert rollback(out, third.name[:9], TOOLS).name == third.name
    assert current_name(out) == third.name


def test_that_a_build_after_rollback_reuses_what_is_kept(root: Path, out: Path) -> None:
    """Going back is instant; the next build brings the newest content again."""
    publish(root, out, 1)
    second = publish(root, out, 2)
    rollback(out, indexing=TOOLS)
    again = build_snapshot(root, out, TOOLS, TODAY)
    assert (again.name, again.action) == (second.name, "switched")
    assert current_name(out) == second.name


@pytest.mark.parametrize("name", ["ffff", "", None])
def test_that_rollback_to_nowhere_is_refused(
    name: str | None, root: Path, out: Path
) -> None:
    first = publish(root, out, 1)
    if name == "":
        publish(root, out, 2)
    served = current_name(out)
    with pytest.raises(SnapshotError):
        rollback(out, name, TOOLS)
    assert current_name(out) == served
    assert first.exists()


def test_that_rollback_to_a_damaged_snapshot_is_refused(root: Path, out: Path) -> None:
    first, second = publish(root, out, 1), publish(root, out, 2)
    (first / "directory.csv").write_bytes(b"")
    with pytest.raises(SnapshotError, match=r"directory\.csv was changed"):
        rollback(out, indexing=TOOLS)
    assert current_name(out) == second.name


def test_that_the_served_snapshot_is_never_pruned(root: Path, out: Path) -> None:
    first = publish(root, out)
    for number in range(KEPT + 2):
        (out / f"{number:016x}").mkdir()
    prune(out)
    assert first in kept_snapshots(out)
    assert len(kept_snapshots(out)) == KEPT + 1


def test_that_two_builds_at_once_do_not_disturb_each_other(
    root: Path, out: Path, tmp_path: Path
) -> None:
    other = make_folder(tmp_path / "other")
    write_other(other, "khac", 7)
    threads = [
        threading.Thread(target=build_snapshot, args=(folder, out, TOOLS, TODAY))
        for folder in (root, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept_snapshots(out)) == 2
    for folder in kept_snapshots(out):
        assert load_snapshot(folder, TOOLS)


def test_that_the_commands_say_what_went_wrong_in_one_line(out: Path) -> None:
    done = run("rollback", "--out", out)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
