"""The gateway's own sentences, as replies that always carry 111."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.gateway.lines import CHILD_LINE
from bot.reply import Button, Reply
from knowledge.directory import Directory

TEXTS_FILE = Path(__file__).with_name("texts.yml")


@cache
def texts() -> dict[str, Any]:
    """Return every text by its key."""
    loaded: dict[str, Any] = yaml.safe_load(TEXTS_FILE.read_text("utf8"))
    return loaded


def fixed_reply(key: str, directory: Directory, kind: str = "smalltalk") -> Reply:
    """Return one fixed sentence with 111 beside it.

    Raises:
        KeyError: no text has this key.
    """
    buttons = tuple(Button(**button) for button in texts().get(f"{key}_buttons", ()))
    return with_child_line(
        Reply(kind=kind, text=texts()[key], buttons=buttons), directory
    )


def with_child_line(reply: Reply, directory: Directory) -> Reply:
    """Return the reply with 111 among its numbers."""
    line = directory.phone(CHILD_LINE)
    if line is None or line in reply.numbers:
        return reply
    return reply.with_numbers(line)
