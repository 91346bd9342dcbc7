"""A small index in place of the real one: shared words, no model, no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.article import Article
from knowledge.documents import Document
from knowledge.indexing import Indexing
from knowledge.publish import build_snapshot
from tests.knowledge.folder import TODAY, write_other

Words = dict[str, list[str]]


@dataclass(frozen=True)
class Info:
    """What the stand-in says of itself in the manifest."""

    encoder: str
    articles: int


def build(
    articles: Sequence[Article],
    documents: Mapping[str, Document],
    folder: Path,
    previous: Path | None,
) -> Info:
    """Write the words of the questions of each article."""
    words = {a.id: " ".join(a.questions).lower().split() for a in articles}
    (folder / "words.json").write_text(json.dumps(words), encoding="utf-8")
    (folder / "deep").mkdir()
    (folder / "deep" / "vectors.bin").write_bytes(bytes(2048))
    return Info("stand-in", len(articles))


def load(folder: Path) -> Words:
    """Read what `build` wrote."""
    words: Words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    return words


def find(index: Words, question: str, k: int) -> list[str]:
    """Return the articles with most words of the question."""
    asked = set(question.lower().split())
    return sorted(index, key=lambda a: -len(asked & set(index[a])))[:k]


def stand_in(recipe: str = "1") -> Indexing:
    """Return the stand-in; another `recipe` means another code or model."""
    return Indexing(build, load, find, lambda: recipe)


TOOLS = stand_in()


def publish(root: Path, out: Path, number: int = 0) -> Path:
    """Build, with an article more that is different for each number."""
    if number:
        write_other(root, "khac", number)
    return out / build_snapshot(root, out, TOOLS, TODAY).name
