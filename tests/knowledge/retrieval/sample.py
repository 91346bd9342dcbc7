"""The data of these tests, and a tiny index made of their own articles."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.article import Article, CitationRef
from knowledge.documents import Document, load_documents
from tests.knowledge.folder import load_yaml as load_shared
from tests.knowledge.folder import write_article

HERE = Path(__file__).parent / "data"


def load(name: str) -> Any:
    """Return a YAML file of these tests."""
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def said(name: str) -> Any:
    """Return one entry of `words.yml`."""
    return load("words.yml")[name]


def asked(form: str) -> list[tuple[str, str]]:
    """Return (question, id of the right article) of one form of `questions.csv`."""
    with (HERE / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["question"], row["article"]) for row in rows if row["form"] == form]


@cache
def articles() -> tuple[Article, ...]:
    """Return the articles of `articles.yml`, by id."""
    made = [_article(values) for values in load("articles.yml")]
    return tuple(sorted(made, key=lambda article: article.id))


@cache
def documents() -> dict[str, Document]:
    """Return the real documents, which the articles cite."""
    return load_documents()


def write_articles(root: Path) -> None:
    """Write the articles as files of a knowledge folder."""
    for values in load("articles.yml"):
        texts = {key: values[key] for key in ("answer", "details")}
        meta = {k: v for k, v in values.items() if k not in texts}
        questions = meta["questions"]
        meta["questions"] = questions + [f"{q} {i}" for i, q in enumerate(questions)]
        write_article(root, values["id"], meta=meta, **texts)


def _article(values: dict[str, Any]) -> Article:
    meta = load_shared("article.yml")["meta"] | {"valid_to": None} | values
    citations = tuple(CitationRef(**c) for c in meta.pop("citations"))
    lists = {k: tuple(v) for k, v in meta.items() if isinstance(v, list)}
    return Article(**(meta | lists), citations=citations)
