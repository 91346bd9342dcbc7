"""The worker: live rows -> a folder -> a snapshot, and what staff read about it.

The export lies in `DATA_DIR/console/knowledge`: the bot starts from it while the
console is down. Everything is done again after a crash, because what is due stands
in the database until a build has ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import httpx
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from wagtail.models import WorkflowState

from knowledge.console import files, models, questions
from knowledge.console.handover import Handover
from knowledge.console.words import words

LOOK_SECONDS = 0.3
CHORE_SECONDS = 10
HOUR = 3600  # seconds; old questions and web addresses are looked at so often
SERVED_SECONDS = 30  # so long is waited for the bot to take a snapshot
IDLE_SECONDS = 600  # then the builder gives its memory back
UNCHANGED = "up to date"
_REFUSED = "not published: "


class Builder:
    """The process that builds; it is started when needed and kept warm."""

    def __init__(self, snapshots: Path) -> None:
        self._snapshots = snapshots
        self._process: subprocess.Popen[str] | None = None
        self._used = 0.0

    def warm(self) -> None:
        """Start the process, which loads what a build needs before any order."""
        self._used = time.monotonic()
        with contextlib.suppress(OSError):
            self._pipes()

    def rest(self) -> None:
        """End the process if it has had nothing to do for long."""
        if time.monotonic() - self._used > IDLE_SECONDS:
            self.stop()

    def order(self, **order: str) -> dict[str, Any]:
        """Return its answer; a process that died is a fault, not an exception."""
        try:
            told, answers = self._pipes()
            told.write(json.dumps(order) + "\n")
            told.flush()
            self._used = time.monotonic()
            return dict(json.loads(answers.readline()))
        except (OSError, ValueError) as error:
            self.stop()
            return {"fault": f"the build was cut off ({error})"}

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "knowledge.console.builder"),
                    str(self._snapshots),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=settings.ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": _path()},
            )
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipe")
        return process.stdin, process.stdout


class Worker:
    """Looks three times a second for what is to be done."""

    def __init__(self, snapshots: Path, export: Path) -> None:
        self.snapshots = snapshots
        self.export = export
        self.builder = Builder(snapshots)
        self._chores = -float(CHORE_SECONDS)
        self._handover = Handover(settings.HANDOVER)
        self._links: subprocess.Popen[bytes] | None = None
        self._hour = time.monotonic()

    def run(self) -> None:
        """Work until stopped."""
        while True:
            self.step()
            time.sleep(LOOK_SECONDS)

    def step(self) -> None:
        """Do the chores, go back if asked to, build what changed."""
        if time.monotonic() - self._chores > CHORE_SECONDS:
            self._chores = time.monotonic()
            self._do_chores()
        state, _made = models.Publishing.objects.get_or_create(pk=1)
        if state.switch_to:
            self._go_back(state)
        elif state.dirty != state.built and not state.rolled_back:
            self._build()

    def _do_chores(self) -> None:
        call_command("publish_scheduled", verbosity=0)
        models.Publishing.objects.update(alive_at=timezone.now())
        # Who approves should not wait for the builder to start.
        if _reviews_wait():
            self.builder.warm()
        else:
            self.builder.rest()
        self._handover.take()
        if time.monotonic() - self._hour > HOUR:
            self._hour = time.monotonic()
            questions.expire()
            if settings.CHECK_LINKS:
                self._check_links()

    def _check_links(self) -> None:
        """Start the check in a process of its own; nothing waits for other hosts."""
        if self._links is None or self._links.poll() is not None:
            command = [sys.executable, "-m", "knowledge.console", "console_check_links"]
            self._links = subprocess.Popen(command, cwd=settings.ROOT)

    def _build(self) -> None:
        began, laps = timezone.now(), Laps()
        state = self._write_export()
        laps.note("export")
        done = self.builder.order(root=str(self.export), out=str(self.snapshots))
        laps.note("build")
        log = models.SnapshotLog(began_at=began)
        if "fault" in done:
            log.action, log.faults = "refused", list(told(done["fault"]))
        else:
            log.action, log.name = "built", done["name"]
            log.articles = done["articles"]
            self._marker.unlink(missing_ok=True)
        if done.get("action") != UNCHANGED:
            log.save()
        models.Publishing.objects.filter(pk=1).update(built=state.dirty)
        if log.name:
            self._clear_dirty(state)
        if log.pk and log.name:
            self._wait_until_served(log, state.dirty_at)
            laps.note("served")
            waited = (began - (state.dirty_at or began)).total_seconds()
            print(f"{log.name}: seen {waited:.1f} s, {laps}", flush=True)

    def _write_export(self) -> models.Publishing:
        """Write live rows as one transaction sees them; return the state they had."""
        fresh = Path(tempfile.mkdtemp(prefix=".export-", dir=self.export.parent))
        with transaction.atomic():
            state = models.Publishing.objects.select_for_update().get(pk=1)
            files.write(fresh, files.live_files(settings.KNOWLEDGE_SEED))
        # One step for a bot that starts just now: the link is there, old or new.
        link = fresh.with_name(f"{fresh.name}-link")
        link.symlink_to(fresh.name)
        link.replace(self.export)
        for older in self.export.parent.glob(".export-*"):
            if older != fresh:
                shutil.rmtree(older, ignore_errors=True)
        return state

    def _go_back(self, state: models.Publishing) -> None:
        log = models.SnapshotLog(began_at=timezone.now(), by=state.switch_by)
        done = self.builder.order(name=state.switch_to, out=str(self.snapshots))
        if "fault" in done:
            log.action, log.faults = "refused", list(told(done["fault"]))
        else:
            log.action, log.name = "switched", done["name"]
            log.articles = done["articles"]
            self._marker.touch()
        log.save()
        models.Publishing.objects.filter(pk=1).update(
            switch_to="", switch_by="", rolled_back=log.action == "switched"
        )
        if log.name:
            self._wait_until_served(log, log.began_at)

    def _clear_dirty(self, state: models.Publishing) -> None:
        rows = models.Publishing.objects.filter(pk=1, dirty=state.dirty)
        rows.update(dirty_at=None)

    def _wait_until_served(
        self, log: models.SnapshotLog, since: datetime | None
    ) -> None:
        """Note when the bot answers with a snapshot; a bot that is down is let be."""
        end = time.monotonic() + SERVED_SECONDS
        while time.monotonic() < end:
            served = served_name()
            if served is None:
                return
            if served == log.name:
                waited = timezone.now() - (since or log.began_at)
                log.seconds = waited.total_seconds()
                log.save(update_fields=["seconds"])
                return
            time.sleep(0.3)

    @property
    def _marker(self) -> Path:
        """Says to a starting bot that an older snapshot is served on purpose."""
        return self.export.with_name("rolled_back")


class Laps:
    """How long each step took, for the log."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._told: list[str] = []

    def note(self, name: str) -> None:
        """End a step."""
        now = time.monotonic()
        self._told.append(f"{name} {now - self._since:.1f} s")
        self._since = now

    def __str__(self) -> str:
        return ", ".join(self._told)


def served_name() -> str | None:
    """Return the snapshot that the bot answers from; None if it does not say."""
    try:
        health = httpx.get(f"{settings.ACTIONS_URL}/ready", timeout=2).json()
    except (httpx.HTTPError, ValueError):
        return None
    name: str | None = health.get("snapshot") or None
    return name


def told(fault: str) -> Iterator[dict[str, str]]:
    """Yield what staff read of a refusal: {"text", "article"} each."""
    reasons = fault.removeprefix(_REFUSED)
    for part in [fault] if reasons == fault else reasons.split("; "):
        yield _told_one(part)


def _told_one(part: str) -> dict[str, str]:
    for rule in words()["faults"]:
        if match := re.search(rule["pattern"], part):
            found = match.groupdict()
            name = found.get("article") or ""
            row = models.Article.objects.filter(uid=name).first()
            title = row.title if row else name
            text = rule["text"].format(title=title, what=found.get("what", ""))
            return {"text": text, "article": str(row.pk) if row else ""}
    return {"text": part, "article": ""}


def _reviews_wait() -> bool:
    waiting = WorkflowState.objects.filter(status=WorkflowState.STATUS_IN_PROGRESS)
    return bool(waiting.exists())


def _path() -> str:
    return str(settings.ROOT)
