"""Reading snapshots: verified first, switched in one step, never from good to bad."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge import snapshot as snapshot_module
from knowledge.snapshot import CURRENT, SnapshotError, SnapshotReader, verify
from tests.knowledge.standin import TOOLS, publish
from tests.servers import ROOT, wait_until


def reader_of(out: Path, **options: bool) -> SnapshotReader:
    return SnapshotReader(out, indexing=TOOLS, **options)


@pytest.fixture
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every call of a reader look at CURRENT."""
    monkeypatch.setattr(snapshot_module, "POLL_SECONDS", 0.0)


def cut_last_byte(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip_a_byte(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))


def remove(path: Path) -> None:
    path.unlink()


def add_beside(path: Path) -> None:
    path.with_suffix(".more").write_bytes(b"x")


NAMES = ["articles.jsonl", "directory.csv", "index/deep/vectors.bin", "manifest.json"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", [cut_last_byte, flip_a_byte, remove, add_beside])
@pytest.mark.usefixtures("no_wait")
def test_that_a_damaged_snapshot_is_refused_and_the_old_one_serves_on(
    name: str, damage: Callable[[Path], None], root: Path, out: Path, tmp_path: Path
) -> None:
    first = publish(root, out)
    reader = reader_of(out, background=False)
    assert reader.current().name == first.name
    second = publish(root, tmp_path / "elsewhere", 1)
    shutil.copytree(second, out / second.name)
    damage(out / second.name / name)
    (out / CURRENT).write_text(second.name, encoding="ascii")
    assert reader.current().name == first.name
    assert second.name in reader.error
    assert reader.current().directory.phone("vn-111")
    with pytest.raises(SnapshotError, match="is refused"):
        verify(out / second.name)


@pytest.mark.usefixtures("no_wait")
def test_that_a_half_written_snapshot_is_refused_then_taken_when_whole(
    root: Path, out: Path, tmp_path: Path
) -> None:
    first = publish(root, out)
    reader = reader_of(out, background=False)
    reader.current()
    second = publish(root, tmp_path / "elsewhere", 1)
    half = out / second.name
    half.mkdir()
    shutil.copyfile(second / "articles.jsonl", half / "articles.jsonl")
    (out / CURRENT).write_text(second.name, encoding="ascii")
    assert reader.current().name == first.name
    assert "manifest.json" in reader.error
    shutil.copytree(second, half, dirs_exist_ok=True)
    assert reader.refresh().name == second.name
    assert reader.error == ""


@pytest.mark.parametrize("text", ["", "nonsense", "../../etc", "\x00\xff", "0" * 16])
@pytest.mark.usefixtures("no_wait")
def test_that_a_broken_pointer_changes_nothing(
    text: str, root: Path, out: Path
) -> None:
    first = publish(root, out)
    reader = reader_of(out, background=False)
    reader.current()
    (out / CURRENT).write_text(text, encoding="latin-1")
    assert reader.current().name == first.name
    assert reader.error
    (out / CURRENT).write_text(first.name + "\n", encoding="ascii")
    assert reader.current().name == first.name
    assert reader.error == ""


def test_that_an_index_that_cannot_be_loaded_is_refused(root: Path, out: Path) -> None:
    def fail(_: Path) -> None:
        raise MemoryError

    publish(root, out)
    reader = SnapshotReader(out, indexing=replace(TOOLS, load=fail))
    with pytest.raises(SnapshotError):
        reader.current()
    assert reader_of(out, with_index=False).current().index is None


def test_that_a_reader_without_any_snapshot_says_what_to_do(out: Path) -> None:
    with pytest.raises(SnapshotError, match="python -m knowledge build"):
        reader_of(out).current()


def test_that_a_reader_without_a_snapshot_does_not_try_at_every_call(
    root: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway asks at every message; a broken file must not slow it down."""
    reader, now = reader_of(out), time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with pytest.raises(SnapshotError):
        reader.current()
    built = publish(root, out)
    with pytest.raises(SnapshotError, match="python -m knowledge build"):
        reader.current()
    monkeypatch.setattr(time, "monotonic", lambda: now + 2.1)
    assert reader.current().name == built.name
    assert reader.error == ""


def test_that_a_reader_looks_at_most_every_two_seconds(
    root: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(root, out)
    reader = reader_of(out, background=False)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    reader.current()
    reader.current()
    second = publish(root, out, 1)
    assert reader.current().name == first.name
    monkeypatch.setattr(time, "monotonic", lambda: now + 2.1)
    assert reader.current().name == second.name


def test_that_a_held_snapshot_is_not_changed_by_a_switch(root: Path, out: Path) -> None:
    """A request that began with the old snapshot ends with it."""
    publish(root, out)
    reader = reader_of(out)
    held = reader.current()
    publish(root, out, 1)
    assert reader.refresh().name != held.name
    assert set(held.articles) == {"tuoi-tre-em"}


@pytest.mark.usefixtures("no_wait")
def test_that_polling_readers_never_see_a_torn_snapshot(root: Path, out: Path) -> None:
    """Twelve publications under four readers: each reads one whole state."""
    publish(root, out, 1)
    reader, stop = reader_of(out), threading.Event()
    seen: set[str] = set()
    faults: list[str] = []

    def read() -> None:
        while not stop.is_set():
            snapshot = reader.current()
            seen.add(snapshot.name)
            title = snapshot.articles["khac"].title
            number = next(w for w in title.split() if w.isdigit())
            if number not in snapshot.index["khac"]:
                faults.append(title)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(2, 14):
            last = publish(root, out, number)
            wait_until(lambda name=last.name: reader.current().name == name, 20)  # type: ignore[misc]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert faults == []
    assert len(seen) == 13
    assert reader.error == ""


def test_that_reading_without_the_index_imports_no_model(root: Path, out: Path) -> None:
    """Importing torch takes seconds; the gateway must be ready in five."""
    publish(root, out)
    code = (
        "import sys; from pathlib import Path; "
        "from knowledge.snapshot import SnapshotReader; "
        f"reader = SnapshotReader(Path({str(out)!r}), with_index=False); "
        "assert reader.current().directory.line('vn-111'); "
        "print('torch' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["False", "False"]
