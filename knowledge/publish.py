"""Building a snapshot: beside the served one, through a gate, then one switch."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.article import ArticleError, load_articles
from knowledge.documents import load_documents
from knowledge.durable import locked, place, replace_line
from knowledge.gate import gate_faults
from knowledge.indexing import Indexing, shipped_indexing
from knowledge.lint.tables import load_golden
from knowledge.snapshot import (
    ARTICLES,
    CURRENT,
    INDEX,
    MANIFEST,
    NAME_LENGTH,
    SCHEMA,
    TABLES,
    Snapshot,
    SnapshotError,
    current_name,
    files_of,
    load_snapshot,
    read_articles,
    read_content,
    sha256,
    snapshot_name,
    verify,
)
from knowledge.table import TableError

KEPT = 20
SEED = Path(__file__).parent
GOLDEN = "golden.csv"
_UNFINISHED = ".building-"


@dataclass(frozen=True, slots=True)
class Published:
    """What a build or a rollback did: `built`, `up to date` or `switched`."""

    name: str
    action: str
    articles: int
    left_out: tuple[str, ...] = ()  # ids of articles that do not hold today

    @property
    def text(self) -> str:
        """One line for people."""
        out = f"; left out as not valid today: {', '.join(self.left_out)}"
        tail = out if self.left_out else ""
        return f"snapshot {self.name}: {self.action}, {self.articles} articles{tail}"


def build_snapshot(
    root: Path,
    out: Path,
    indexing: Indexing | None = None,
    today: date | None = None,
) -> Published:
    """Build, check and serve a snapshot of a knowledge folder.

    Nothing is built if the content, the model and the code are those of a kept
    snapshot. Articles that do not hold today are left out and named.

    Args:
        root: a folder with articles/ and the three tables; the golden questions are
            its golden.csv, else the shipped ones.
        out: the folder of all snapshots.
    Raises:
        SnapshotError: the content is wrong or the gate refuses it; what was
            served before is still served.
    """
    tools, day = indexing or shipped_indexing(), today or date.today()
    with _writing(out):
        fresh = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=out))
        try:
            left_out = _write_content(root, fresh, day)
            questions = _golden(root)
            inputs = _inputs(fresh, questions, tools)
            if kept := _kept_with(out, inputs):
                return _switch_back(out, kept, tools, left_out)
            published = _finish(fresh, out, questions, inputs, tools, day)
        except (ArticleError, TableError) as error:
            raise SnapshotError(str(error)) from None
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        prune(out)
    return Published(published.name, "built", _count(published), left_out)


def rollback(
    out: Path, name: str | None = None, indexing: Indexing | None = None
) -> Published:
    """Serve an older snapshot: the one named, or the one before the current.

    Raises:
        SnapshotError: there is none, the name is not of exactly one, or it is broken.
    """
    with _writing(out):
        target = _target(out, name)
        load_snapshot(target, indexing)
        replace_line(out / CURRENT, target.name)
        return Published(target.name, "switched", _count(target))


def kept_snapshots(out: Path) -> list[Path]:
    """Return the finished snapshots, the newest first; they are not verified."""
    folders = (p for p in out.iterdir() if _is_name(p.name) and p.is_dir())
    return sorted(folders, key=lambda p: (p.stat().st_mtime_ns, p.name), reverse=True)


def prune(out: Path) -> None:
    """Remove all but the last 20 snapshots and the current one, and leftovers."""
    served = _served(out)
    for folder in kept_snapshots(out)[KEPT:]:
        if folder.name != served:
            shutil.rmtree(folder, ignore_errors=True)
    for folder in out.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _write_content(root: Path, folder: Path, day: date) -> tuple[str, ...]:
    articles = load_articles(root / "articles")
    lines = (
        json.dumps(article.to_json(), ensure_ascii=False, sort_keys=True) + "\n"
        for article in articles
        if article.is_valid(day)
    )
    (folder / ARTICLES).write_text("".join(lines), encoding="utf-8")
    for name in TABLES:
        try:
            shutil.copyfile(root / name, folder / name)
        except OSError as error:
            raise SnapshotError(f"{root / name}: {error.strerror}") from None
    return tuple(article.id for article in articles if not article.is_valid(day))


def _golden(root: Path) -> Path:
    own = root / GOLDEN
    return own if own.exists() else SEED / GOLDEN


def _inputs(folder: Path, golden: Path, tools: Indexing) -> str:
    """Return a digest of everything that a build depends on."""
    digest = hashlib.sha256(f"{SCHEMA} {tools.recipe()}".encode())
    for path in (*(folder / name for name in (ARTICLES, *TABLES)), golden):
        digest.update(f"{path.name} {sha256(path)}".encode())
    return digest.hexdigest()


def _kept_with(out: Path, inputs: str) -> Path | None:
    for folder in kept_snapshots(out):
        try:
            manifest = json.loads((folder / MANIFEST).read_bytes())
            if manifest["inputs"] == inputs and verify(folder):
                return folder
        except (SnapshotError, OSError, KeyError, TypeError, ValueError):
            continue
    return None


def _switch_back(
    out: Path, kept: Path, tools: Indexing, left_out: tuple[str, ...]
) -> Published:
    if _served(out) == kept.name:
        return Published(kept.name, "up to date", _count(kept), left_out)
    load_snapshot(kept, tools)
    replace_line(out / CURRENT, kept.name)
    return Published(kept.name, "switched", _count(kept), left_out)


def _finish(
    fresh: Path, out: Path, golden: Path, inputs: str, tools: Indexing, day: date
) -> Path:
    """Index, gate, name and publish the content of a folder; returns its place."""
    recipe = tools.recipe()
    info, snapshot = _index(fresh, tools, _previous(out, recipe))
    if faults := gate_faults(snapshot, load_golden(golden), tools, day):
        raise SnapshotError(f"not published: {'; '.join(faults)}")
    counts = {
        "articles": len(snapshot.articles),
        "documents": len(snapshot.documents),
        "lines": len(snapshot.directory.every()),
        "provinces": len({p.new_name for p in snapshot.provinces}),
    }
    raw = _manifest(fresh, {"inputs": inputs, "recipe": recipe}, counts, info)
    final = out / snapshot_name(raw)
    place(fresh, final)
    replace_line(out / CURRENT, final.name)
    return final


def _previous(out: Path, recipe: str) -> Path | None:
    """Return the index that is served if it is whole and of the same recipe."""
    try:
        folder = out / current_name(out)
        same = verify(folder).get("recipe") == recipe
    except (SnapshotError, OSError, KeyError, TypeError, ValueError):
        return None
    return folder / INDEX if same else None


def _index(
    fresh: Path, tools: Indexing, previous: Path | None
) -> tuple[dict[str, Any], Snapshot]:
    articles = read_articles(fresh / ARTICLES)
    documents = load_documents(fresh / "documents.csv")
    (fresh / INDEX).mkdir()
    try:
        info = asdict(tools.build(articles, documents, fresh / INDEX, previous))
        return info, read_content(fresh, {}, tools)
    except (ArticleError, TableError):
        raise
    except Exception as error:  # of any library below: the build ends, in one line
        what = f"the index cannot be built: {error or type(error).__name__}"
        raise SnapshotError(what) from error


def _manifest(
    folder: Path,
    inputs: dict[str, str],
    counts: dict[str, int],
    info: dict[str, Any],
) -> bytes:
    """Write the manifest of a folder, last of its files; return its bytes."""
    files = {str(p.relative_to(folder)): sha256(p) for p in files_of(folder)}
    values = {
        "schema": SCHEMA,
        **inputs,
        "encoder": info.get("encoder", ""),
        "counts": counts,
        "index": info,
        "files": files,
    }
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, indent=1, default=str)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return (folder / MANIFEST).read_bytes()


def _target(out: Path, name: str | None) -> Path:
    folders = kept_snapshots(out)
    if name is None:
        served = _served(out)
        names = [folder.name for folder in folders]
        older = folders[names.index(served) + 1 :] if served in names else folders
        if not older:
            raise SnapshotError("there is no older snapshot to go back to")
        return older[0]
    matching = [folder for folder in folders if folder.name.startswith(name)]
    if len(matching) != 1:
        kept = ", ".join(folder.name for folder in folders) or "none"
        what = f"{len(matching)} snapshots begin with {name!r}; kept are: {kept}"
        raise SnapshotError(what)
    return matching[0]


def _served(out: Path) -> str:
    try:
        return current_name(out)
    except SnapshotError:
        return ""


def _count(folder: Path) -> int:
    return int(json.loads((folder / MANIFEST).read_bytes())["counts"]["articles"])


def _is_name(name: str) -> bool:
    return len(name) == NAME_LENGTH and all(c in "0123456789abcdef" for c in name)


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        with locked(out):
            yield
    except OSError as error:
        what = f"{error.filename or out} cannot be used ({error.strerror})"
        raise SnapshotError(what) from error
