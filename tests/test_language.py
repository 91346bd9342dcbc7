"""Vietnamese that people read lives in data files, never in code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.servers import ROOT

MARKED = re.compile(
    "[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.I
)
FILES = sorted(
    path
    for folder in ("bot", "actions", "knowledge")
    for path in (ROOT / folder).rglob("*.py")
    if path.parent.name != "migrations"  # Django copies names of fields into them
)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_that_code_holds_no_vietnamese_literals(path: Path) -> None:
    """Docstrings and comments may quote a term; single letters are not text."""
    tree = ast.parse(path.read_text("utf8"))
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and node not in docstrings
        and isinstance(node.value, str)
        and " " in node.value
        and MARKED.search(node.value)
    ]
    assert found == []
