"""Words that staff read and that are not part of a page: from words.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("words.yml")
_TOPICS = Path(__file__).parents[2] / "bot" / "gateway" / "topics.yml"


@cache
def words() -> dict[str, Any]:
    """Return the words by key."""
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def choices(name: str) -> list[tuple[str, str]]:
    """Return the choices of a field: what is stored, what staff see."""
    return list(words()["choices"][name].items())


def topics() -> list[tuple[str, str]]:
    """Return the topics as the public page names them."""
    return list(yaml.safe_load(_TOPICS.read_text(encoding="utf-8")).items())
