"""Published snapshots: immutable folders that readers verify before they switch.

A folder is named by the SHA-256 of its manifest, which names the SHA-256 of every
file. The one-line file `CURRENT` says which folder is served. `publish.py` builds.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.article import Article
from knowledge.directory import Directory
from knowledge.documents import Document, load_documents
from knowledge.indexing import Indexing, shipped_indexing
from knowledge.provinces import Province, load_provinces
from knowledge.table import TableError

SCHEMA = 1
CURRENT = "CURRENT"
MANIFEST = "manifest.json"
ARTICLES = "articles.jsonl"
TABLES = ("documents.csv", "directory.csv", "provinces.csv")
INDEX = "index"
NAME_LENGTH = 16
POLL_SECONDS = 0.5
RETRY_SECONDS = 30.0  # before a refused folder is looked at again
REPOSITORY = Path(__file__).resolve().parents[1]


class SnapshotError(Exception):
    """A snapshot cannot be used; one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that answers a question, loaded and verified.

    `index` is what `knowledge.retrieval.index.load_index` gives, None if it was not
    asked for. `articles` are by id, `documents` by number.
    """

    name: str
    folder: Path
    manifest: dict[str, Any]
    articles: dict[str, Article]
    documents: dict[str, Document]
    directory: Directory
    provinces: tuple[Province, ...]
    index: Any = None


def snapshots_folder() -> Path:
    """Return where snapshots are: `snapshots` in `DATA_DIR`, by default `var`."""
    return Path(os.environ.get("DATA_DIR") or REPOSITORY / "var") / "snapshots"


def load_snapshot(
    folder: Path, indexing: Indexing | None = None, *, with_index: bool = True
) -> Snapshot:
    """Verify a folder and load it.

    Raises:
        SnapshotError: a file is missing, changed or superfluous, or cannot be read.
    """
    manifest = verify(folder)
    try:
        return read_content(folder, manifest, indexing, with_index=with_index)
    except (TableError, OSError, KeyError, TypeError, ValueError) as error:
        raise SnapshotError(_refused(folder, f"cannot be read: {error}")) from error


def read_content(
    folder: Path,
    manifest: dict[str, Any],
    indexing: Indexing | None = None,
    *,
    with_index: bool = True,
) -> Snapshot:
    """Load the files of a folder without verifying them; raises what they raise."""
    index = None
    if with_index:
        index = (indexing or shipped_indexing()).load(folder / INDEX)
    return Snapshot(
        name=folder.name,
        folder=folder,
        manifest=manifest,
        articles={article.id: article for article in read_articles(folder / ARTICLES)},
        documents=load_documents(folder / "documents.csv"),
        directory=Directory.load(folder / "directory.csv"),
        provinces=load_provinces(folder / "provinces.csv"),
        index=index,
    )


def read_articles(path: Path) -> tuple[Article, ...]:
    """Read `articles.jsonl`, one article a line."""
    with path.open(encoding="utf-8") as file:
        return tuple(Article.from_json(json.loads(line)) for line in file)


def verify(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder whose every byte is as it was built.

    Raises:
        SnapshotError: it is not; the message names the file.
    """
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        what = f"no {MANIFEST} ({error.strerror})"
        raise SnapshotError(_refused(folder, what)) from None
    if folder.name != snapshot_name(raw):
        raise SnapshotError(_refused(folder, f"{MANIFEST} was changed"))
    manifest: dict[str, Any] = json.loads(raw)
    if manifest.get("schema") != SCHEMA:
        what = f"schema {manifest.get('schema')} instead of {SCHEMA}"
        raise SnapshotError(_refused(folder, what))
    if fault := _first_fault(folder, manifest["files"]):
        raise SnapshotError(_refused(folder, fault))
    return manifest


def _first_fault(folder: Path, expected: dict[str, str]) -> str:
    found = {str(p.relative_to(folder)) for p in files_of(folder)} - {MANIFEST}
    for name in sorted(found - set(expected)):
        return f"{name} does not belong to it"
    for name, digest in sorted(expected.items()):
        if name not in found:
            return f"{name} is missing"
        if sha256(folder / name) != digest:
            return f"{name} was changed"
    return ""


def files_of(folder: Path) -> list[Path]:
    """Return all files below a folder, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def snapshot_name(manifest: bytes) -> str:
    """Return the folder name that belongs to a manifest."""
    return hashlib.sha256(manifest).hexdigest()[:NAME_LENGTH]


def current_name(folder: Path) -> str:
    """Return the name in `CURRENT`.

    Raises:
        SnapshotError: there is none, or it is no name of a snapshot.
    """
    try:
        name = (folder / CURRENT).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        what = f"{folder} has no readable {CURRENT}; run `python -m knowledge build`"
        raise SnapshotError(what) from None
    if len(name) != NAME_LENGTH or not name.isalnum():
        what = f"{folder / CURRENT} does not name a snapshot; run a build or rollback"
        raise SnapshotError(what)
    return name


class SnapshotReader:
    """Follows `CURRENT`; a bad snapshot never replaces a good one.

    Safe for several threads. With `background`, a newer snapshot is loaded in a
    thread while the old one answers.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        with_index: bool = True,
        background: bool = True,
        indexing: Indexing | None = None,
    ) -> None:
        self.folder = folder or snapshots_folder()
        self.error = ""  # why the newest snapshot is not served, empty if it is
        self._with_index = with_index
        self._background = background
        self._indexing = indexing
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()
        self._polled = -POLL_SECONDS
        self._refused = ("", 0.0)

    def current(self) -> Snapshot:
        """Return the newest good snapshot; looks at most twice a second.

        Raises:
            SnapshotError: there never was a good one.
        """
        snapshot = self._snapshot or self._first()
        if not self._is_due():
            return snapshot
        if self._waiting() == snapshot.name:
            self.error = ""
        elif self._background:
            threading.Thread(target=self._follow, daemon=True).start()
        else:
            self._follow()
        return self._snapshot or snapshot

    def refresh(self) -> Snapshot:
        """Look now, load what is new, and return what is served.

        Raises:
            SnapshotError: there never was a good one.
        """
        with self._lock:
            self._refused = ("", 0.0)
            self._switch()
        if self._snapshot is None:
            raise SnapshotError(self.error)
        return self._snapshot

    def _first(self) -> Snapshot:
        with self._lock:
            if self._snapshot is None and self._is_due():
                self._switch()
        if self._snapshot is None:
            raise SnapshotError(self.error)
        return self._snapshot

    def _is_due(self) -> bool:
        if time.monotonic() - self._polled < POLL_SECONDS:
            return False
        self._polled = time.monotonic()
        return True

    def _waiting(self) -> str:
        try:
            return current_name(self.folder)
        except SnapshotError as error:
            self.error = str(error)
            return ""

    def _follow(self) -> None:
        if not self._lock.acquire(blocking=False):
            return  # another thread is at it
        try:
            self._switch()
        finally:
            self._lock.release()

    def _switch(self) -> None:
        name = self._waiting()
        if not name or (self._snapshot and self._snapshot.name == name):
            return
        refused, since = self._refused
        if name == refused and time.monotonic() - since < RETRY_SECONDS:
            return
        try:
            fresh = load_snapshot(
                self.folder / name, self._indexing, with_index=self._with_index
            )
        except Exception as error:  # whatever is wrong with it, the old one serves on
            self.error = str(error) or type(error).__name__
            self._refused = (name, time.monotonic())
            return
        self._snapshot, self.error = fresh, ""


def _refused(folder: Path, what: str) -> str:
    return f"snapshot {folder.name} is refused: {what}; run a build or a rollback"
