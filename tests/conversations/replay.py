"""Conversations as data: read them, replay them against a running stack, tell faults.

A file is a list of conversations; docs/dialogue.md describes the format.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.conversations.checks import EXPECTATIONS, faults_of, faults_of_any
from tests.servers import Chat

FOLDER = Path(__file__).parent
_STEP = {"say", "tap", "replies", "expect", "silent_about"}


class ConversationError(ValueError):
    """A file is not as it should be; the message names file, conversation and key."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a person does, and what is expected of the replies.

    `expected` holds one mapping a reply where `is_whole`, else one for the last reply.
    """

    does: str
    value: str
    expected: tuple[dict[str, Any], ...]
    is_whole: bool
    silent_about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Steps of one person, in order."""

    file: str
    name: str
    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        return f"{self.file}: {self.name}"


@dataclass(slots=True)
class Turn:
    """One step as it was answered; `seconds` is what the person waited."""

    step: Step
    replies: list[dict[str, Any]]
    seconds: float
    faults: list[str] = field(default_factory=list)


def load(paths: list[Path] | None = None) -> list[Conversation]:
    """Return the conversations of the files, of all files by default.

    Raises:
        ConversationError: a key is unknown, or a name comes twice.
    """
    found: dict[str, Conversation] = {}
    for path in paths or sorted(FOLDER.glob("*.yml")):
        for body in yaml.safe_load(path.read_text("utf8")):
            talk = _conversation(path, body)
            if talk.id in found:
                raise ConversationError(f"{talk.id} comes twice; rename one.")
            found[talk.id] = talk
    return list(found.values())


def replay(conversation: Conversation, chat: Chat) -> Iterator[Turn]:
    """Do the steps, one after another, and compare each answer."""
    for step in conversation.steps:
        began = time.monotonic()
        act = chat.say if step.does == "say" else chat.tap
        turn = Turn(step, act(step.value), time.monotonic() - began)
        turn.faults = _compare(turn)
        yield turn


def _compare(turn: Turn) -> list[str]:
    step, replies = turn.step, turn.replies
    if not replies:
        return ["no reply"]
    faults = [fault for reply in replies for fault in faults_of_any(reply)]
    said = " ".join(reply["text"] for reply in replies).casefold()
    faults += [f"says {w!r}" for w in step.silent_about if w.casefold() in said]
    if step.is_whole and len(step.expected) != len(replies):
        kinds = ", ".join(reply["kind"] for reply in replies)
        return [*faults, f"{len(replies)} replies ({kinds}), not {len(step.expected)}"]
    compared = replies if step.is_whole else replies[-1:]
    for reply, expected in zip(compared, step.expected, strict=False):
        faults += faults_of(reply, expected)
    return faults


def _conversation(path: Path, body: dict[str, Any]) -> Conversation:
    name = body.get("name", "")
    if set(body) != {"name", "steps"}:
        raise ConversationError(f"{path.name}: {name!r} needs `name` and `steps`.")
    steps = tuple(_step(f"{path.name}: {name!r}", step) for step in body["steps"])
    return Conversation(path.stem, name, steps)


def _step(where: str, body: dict[str, Any]) -> Step:
    does = next((key for key in ("say", "tap") if key in body), "")
    expected = body.get("replies") or [body.get("expect", {})]
    unknown = (set(body) - _STEP) | {k for e in expected for k in set(e) - EXPECTATIONS}
    if not does or unknown or len({"replies", "expect"} & set(body)) == 2:
        raise ConversationError(
            f"{where}: a step has `say` or `tap`, and `expect` (the last reply) or "
            f"`replies` (each); unknown here: {sorted(unknown)}."
        )
    return Step(
        does,
        str(body[does]),
        tuple(expected),
        "replies" in body,
        tuple(map(str, body.get("silent_about", ()))),
    )
