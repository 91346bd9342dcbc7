"""The bot goes on: while a publication happens, after kill -9, without the console."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings

from knowledge.console.models import Article
from knowledge.publish import build_snapshot
from knowledge.snapshot import SnapshotReader, current_name, load_snapshot
from tests.console.staff import Staff
from tests.console.test_review import NEW, decide, submit
from tests.knowledge.folder import make_folder
from tests.servers import ROOT, free_port, wait_until

Hire = Callable[[str, str], Staff]
ARTICLE = "tuoi-tre-em"
OLD, FRESH = "người dưới 16", "người chưa đủ 16"
PER_SECOND = 10
# Each step of a build; `_sync` is called for each file, so 3 is half-way.
STEPS = [
    ("knowledge.publish:_write_content", "after"),
    ("knowledge.publish:_index", "after"),
    ("knowledge.publish:gate_faults", "before"),
    ("knowledge.publish:_manifest", "after"),
    ("knowledge.durable:_sync", "3"),
    ("knowledge.publish:replace_line", "before"),
    ("knowledge.publish:replace_line", "after"),
    ("knowledge.publish:prune", "before"),
]
WORK_STEPS = [
    ("knowledge.console.files:write", "after"),
    ("pathlib:Path.symlink_to", "after"),
    ("knowledge.console.worker:Builder.order", "before"),
    ("knowledge.console.worker:Builder.order", "after"),
]


@pytest.fixture(autouse=True)
def _lexical(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOWLEDGE_ENCODER", "none")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def change(root: Path) -> None:
    """Change a sentence of the article."""
    (path,) = (root / "articles").rglob(f"{ARTICLE}.md")
    path.write_text(path.read_text().replace(OLD, FRESH))


def dying(*words: str, **environ: str) -> int:
    """Run a process that kills itself; returns its exit status."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.console.dying", *words],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        check=False,
    )
    return done.returncode


def served(out: Path) -> str:
    """Return the text of the snapshot that is served, every byte of it verified."""
    return load_snapshot(out / current_name(out)).articles[ARTICLE].body


@pytest.fixture(scope="module")
def first_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge folder with its snapshot, to be copied."""
    home = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KNOWLEDGE_ENCODER", "none")
        build_snapshot(make_folder(home / "knowledge"), home / "snapshots")
    return home


@pytest.mark.parametrize(("step", "when"), STEPS)
def test_that_a_killed_build_leaves_the_old_or_the_new(
    first_build: Path, tmp_path: Path, step: str, when: str
) -> None:
    home = shutil.copytree(first_build, tmp_path / "home")
    root, out = home / "knowledge", home / "snapshots"
    reader = SnapshotReader(out, background=False)
    assert OLD in reader.current().articles[ARTICLE].body
    change(root)
    assert dying("build", step, when, str(root), str(out)) == -signal.SIGKILL
    assert OLD in served(out) or FRESH in served(out)
    assert reader.refresh().articles[ARTICLE].body == served(out)
    assert reader.error == ""
    build_snapshot(root, out)  # the lock of the dead is gone
    assert FRESH in served(out)
    assert not list(out.glob(".building-*"))


@pytest.fixture
def home(staff: Hire, database: Path, seed: Path, tmp_path: Path) -> Path:
    """A console's home of its own, with an approved text that is not published yet."""
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        pytest.skip("the files of SQLite")
    submit(staff("lan", "editor"))
    decide(staff("minh", "reviewer"))
    copy_database(database, tmp_path / "home" / "console" / "console.db")
    return tmp_path / "home"


def copy_database(source: Path, target: Path) -> None:
    """Copy a database while it is used, as docs/console.md says."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(source) as one, sqlite3.connect(target) as two:
        one.backup(two)
    one.close()
    two.close()


def environ_of(home: Path, seed: Path) -> dict[str, str]:
    """Return what a process of this home is told."""
    names = {"DATA_DIR": str(home), "CONSOLE_SEED": str(seed)}
    port = str(free_port())  # no bot answers there
    return {**names, "CONSOLE_DATABASE_URL": "", "ACTIONS_PORT": port}


@pytest.mark.parametrize(("step", "when"), WORK_STEPS)
def test_that_a_killed_worker_publishes_when_it_is_back(
    home: Path, seed: Path, step: str, when: str
) -> None:
    environ = environ_of(home, seed)
    assert dying("work", step, when, **environ) == -signal.SIGKILL
    out = home / "snapshots"
    if (out / "CURRENT").exists():
        assert served(out) == NEW
    export = home / "console" / "knowledge"
    assert not export.exists() or list(export.rglob(f"{ARTICLE}.md"))
    assert dying("work", "builtins:breakpoint", "before", **environ) == 0
    assert served(out) == NEW


def test_that_a_backup_brings_back_what_staff_wrote(
    home: Path, seed: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    copy_database(home / "console/console.db", backup)
    shutil.rmtree(home / "console")
    (home / "console").mkdir()
    shutil.copyfile(backup, home / "console/console.db")
    environ = {**os.environ, **environ_of(home, seed)}
    for words in (["console_prepare"], ["console_export", str(tmp_path / "out")]):
        subprocess.run(
            [sys.executable, "-m", "knowledge.console", *words],
            cwd=ROOT,
            env=environ,
            check=True,
            capture_output=True,
        )
    (path,) = (tmp_path / "out").rglob(f"{ARTICLE}.md")
    assert NEW in path.read_text()
    assert Article.objects.filter(uid=ARTICLE).exists()  # ours was not touched


class Bot:
    """The real action server on snapshots of its own."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        environ = {"DATA_DIR": str(home), "ACTIONS_PORT": str(self.port)}
        with (home / "actions.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "actions"],
                cwd=ROOT,
                env={**os.environ, **environ},
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: OLD in self.ask() or FRESH in self.ask(), 120)

    def ask(self) -> str:
        """Return what it answers, "" if it does not."""
        entities = [{"entity": "article", "value": ARTICLE}]
        latest = {"text": "", "entities": entities, "intent": {"name": "x"}}
        tracker: dict[str, Any] = {"sender_id": "m", "slots": {}, "events": []}
        order = {
            "next_action": "action_answer_question",
            "sender_id": "m",
            "tracker": {**tracker, "latest_message": latest, "paused": False},
            "domain": {},
        }
        address = f"http://127.0.0.1:{self.port}/webhook"
        try:
            answer = httpx.post(address, json=order, timeout=10, trust_env=False)
            return str(answer.json()["responses"][0]["custom"]["text"])
        except (httpx.HTTPError, ValueError, LookupError):
            return ""

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def bots(tmp_path: Path) -> Iterator[Callable[[Path], Bot]]:
    """Makes action servers that end with the test."""
    started: list[Bot] = []

    def start(home: Path) -> Bot:
        started.append(Bot(home))
        return started[-1]

    yield start
    for bot in started:
        bot.stop()


def test_that_ten_messages_a_second_go_on_while_a_text_is_published(
    first_build: Path, tmp_path: Path, bots: Callable[[Path], Bot]
) -> None:
    """Every answer is whole, and after the first new one there is no old one."""
    home = shutil.copytree(first_build, tmp_path / "home")
    root, bot = home / "knowledge", bots(home)
    heard: list[tuple[float, str]] = []
    threads: list[threading.Thread] = []

    def ask() -> None:
        heard.append((time.monotonic(), bot.ask()))

    change(root)
    command = [sys.executable, "-m", "knowledge", "build", "--root", str(root)]
    environ = {**os.environ, "DATA_DIR": str(home)}
    build = subprocess.Popen(command, cwd=ROOT, env=environ)
    end, began = None, time.monotonic()
    while (end is None or time.monotonic() < end) and time.monotonic() < began + 120:
        threads.append(threading.Thread(target=ask))
        threads[-1].start()
        time.sleep(1 / PER_SECOND)
        if end is None and build.poll() is not None:
            end = time.monotonic() + 5
    for thread in threads:
        thread.join()
    assert build.returncode == 0
    texts = [text for _moment, text in sorted(heard)]
    assert len(texts) > 5 * PER_SECOND
    assert all(OLD in text or FRESH in text for text in texts)
    assert OLD in texts[0]
    first = next(n for n, text in enumerate(texts) if FRESH in text)
    # Answers that were under way at the switch may still be old.
    assert all(FRESH in text for text in texts[first + PER_SECOND :])


def test_that_the_bot_answers_without_the_console_and_its_database(
    tmp_path: Path, bots: Callable[[Path], Bot]
) -> None:
    """Staff's last export is what it starts from; the database may be gone."""
    export = make_folder(tmp_path / "console" / "knowledge")
    change(export)
    command = [sys.executable, "-m", "knowledge", "build"]
    environ = {**os.environ, "DATA_DIR": str(tmp_path)}
    subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True)
    bot = bots(tmp_path)
    assert FRESH in bot.ask()
    shutil.rmtree(tmp_path / "console")
    assert FRESH in bot.ask()


def test_that_a_build_by_hand_keeps_what_staff_decided(tmp_path: Path) -> None:
    make_folder(tmp_path / "console" / "knowledge")
    command = [sys.executable, "-m", "knowledge", "build"]
    environ = {**os.environ, "DATA_DIR": str(tmp_path)}

    def build(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *more],
            cwd=ROOT,
            env=environ,
            check=False,
            capture_output=True,
            text=True,
        )

    assert "1 articles" in build().stdout  # the console's, not the seed's hundreds
    (tmp_path / "console" / "rolled_back").touch()
    refused = build()
    assert refused.returncode == 1
    assert "Staff have gone back" in refused.stderr
    root = str(tmp_path / "console" / "knowledge")
    assert build("--root", root).returncode == 0
