"""The two bots as a user reaches them, and what is said to each."""

from __future__ import annotations

import csv
import json
import time
import uuid
from dataclasses import dataclass
from itertools import filterfalse, islice
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.safety.assess import assess
from bot.safety.triage import Level
from tests.bench.load import Messages
from tests.servers import ROOT

# Kinds of a first reply that are right for what was written.
RIGHT = {
    "card": ("card",),
    "answer": ("answer", "suggest", "abstain", "ask", "smalltalk"),
    "smalltalk": ("smalltalk", "ask", "suggest"),
}
MOST = 400


@dataclass(frozen=True, slots=True)
class Product:
    """The gateway's web API, read as the page reads it: line by line."""

    address: str

    async def open(self, http: httpx.AsyncClient) -> str:
        """Return the token of a new session."""
        answer = await http.post("/webhooks/web/session", json={"site": "bench"})
        answer.raise_for_status()
        return str(answer.json()["token"])

    async def say(
        self, http: httpx.AsyncClient, conversation: str, kind: str, text: str
    ) -> tuple[float, str]:
        """Say a text; a wrong kind of first reply is a fault."""
        headers = {"Authorization": f"Bearer {conversation}"}
        body = {"text": text, "client_id": uuid.uuid4().hex}
        first, lines = 0.0, list[dict[str, Any]]()
        async with http.stream(
            "POST", "/webhooks/web/message", json=body, headers=headers
        ) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                first = first or time.perf_counter()
                lines.append(json.loads(line))
        if lines[-1]["type"] != "done":
            return first, "cut"
        said = lines[0].get("kind", "nothing")
        return first, "" if said in RIGHT[kind] else f"{said} for {kind}"


@dataclass(frozen=True, slots=True)
class Bare:
    """Rasa's own REST channel."""

    address: str

    async def open(self, http: httpx.AsyncClient) -> str:
        """Return a new sender id."""
        return uuid.uuid4().hex

    async def say(
        self, http: httpx.AsyncClient, conversation: str, kind: str, text: str
    ) -> tuple[float, str]:
        """Say a text; no reply is a fault."""
        body = {"sender": conversation, "message": text}
        answer = await http.post("/webhooks/rest/webhook", json=body)
        answer.raise_for_status()
        return time.perf_counter(), "" if answer.json() else "nothing"


def messages() -> tuple[Messages, Messages]:
    """Return what is said to the product and to the bare bot, by kind.

    A report whose triage is no full card is left out here: quality is `make eval`'s.
    """
    path = Path(__file__).with_name("messages.yml")
    read: dict[str, Messages] = yaml.safe_load(path.read_text("utf8"))
    reports = _column(ROOT / "tests/utterances/dev.csv", "text")
    questions = _column(ROOT / "tests/data/questions_dev.csv", "question")
    product = {
        "card": [*islice(filter(_is_report, reports), MOST)],
        "answer": [*islice(filterfalse(_is_danger, questions), MOST)],
        **read["product"],
    }
    return product, read["bare"]


def _is_report(text: str) -> bool:
    triage = assess(text)
    return triage.level in (Level.P0, Level.P1) and not triage.soft


def _is_danger(text: str) -> bool:
    return assess(text).is_danger


def _column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]
