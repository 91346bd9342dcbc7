"""A small knowledge folder that tests change: real tables, one or more articles."""

from __future__ import annotations

import copy
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.snapshot import TABLES

HERE = Path(__file__).parent
KNOWLEDGE = HERE.parents[1] / "knowledge"
TODAY = date(2026, 11, 21)
Case = dict[str, Any]


def load_yaml(name: str) -> Any:
    """Return a data file of these tests."""
    return yaml.safe_load((HERE / "data" / name).read_text(encoding="utf-8"))


def make_folder(root: Path, *, golden: bool = True) -> Path:
    """Fill a folder with the real tables, one article and a golden question."""
    root.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        shutil.copyfile(KNOWLEDGE / name, root / name)
    path = write_article(root)
    if golden:
        question = load_yaml("article.yml")["meta"]["questions"][0]
        (root / "golden.csv").write_text(
            f"question,article\n{question},{path.stem}\n", encoding="utf-8"
        )
    return root


def write_article(root: Path, file: str = "tuoi-tre-em", **changes: Any) -> Path:
    """Write article.yml with some changes; `meta` is merged, not replaced."""
    values = copy.deepcopy(load_yaml("article.yml"))
    values["meta"] |= {"id": file, **changes.pop("meta", {})}
    values |= changes
    head = yaml.safe_dump(values["meta"], allow_unicode=True, sort_keys=False)
    path = root / "articles" / "luat" / f"{file}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"---\n{head}---\n{values['answer']}\n\n{values['details']}\n"
    path.write_text(text, encoding="utf-8")
    return path


def write_other(root: Path, file: str, number: int) -> Path:
    """Write an article that shares nothing with the first one."""
    questions = [f"Câu hỏi {number} kiểu {kind} là gì?" for kind in range(8)]
    meta = {"title": f"Bài số {number} có gì?", "questions": questions}
    text = " ".join(f"Chữ{number}x{word}" for word in range(12))
    return write_article(root, file, meta=meta, answer=f"{text}.", details="Hết bài.")
