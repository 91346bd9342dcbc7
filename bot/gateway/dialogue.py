"""The gateway's side of the dialogue: Rasa on the loopback address."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpcore

from bot.reply import Button, Reply
from bot.safety.place import find_place

CONNECTIONS = 8
ALIVE_SECONDS = 2.0
HEADERS = [(b"Content-Type", b"application/json")]
FAILURES = (
    TimeoutError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
)

# What a button may say to the dialogue: intent, and the entity of its value.
CHOICES = {
    "article": ("choose_article", "article"),
    "place": ("inform_place", "place"),
    "more": ("more_detail", "article"),
    "source": ("show_source", "article"),
    "related": ("ask_related", "article"),
    "bad": ("reject_article", "article"),
    "skip": ("skip", ""),
    "help": ("ask_help", ""),
    "numbers": ("repeat_number", ""),
    "examples": ("ask_examples", ""),
    "no_voice": ("cannot_call", ""),
}


class DialogueError(Exception):
    """The dialogue gave no usable answer; the gateway answers by itself."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the dialogue answers.

    `choice` is the button that the words stand for ("em ổn rồi" is `safe`); the
    gateway knows what was asked, and may answer as if it was tapped.
    """

    replies: tuple[Reply, ...]
    choice: str = ""


class Dialogue:
    """One HTTP client of the dialogue process.

    It is the core of httpx alone: every message comes this way, and cookies, redirects
    and proxies, which the loopback never has, cost more than the message itself.
    """

    def __init__(self, url: str, timeout: float) -> None:
        self._url, self._timeout = url, timeout
        # Rasa works on one turn at a time, and the pool looks through all connections
        # and all who wait at every message: few of the first, none of the second.
        self._http = httpcore.AsyncConnectionPool(max_connections=CONNECTIONS)
        self._free = asyncio.Semaphore(CONNECTIONS)
        # Whether it is alive is asked beside a queue of turns, not behind it.
        self._health = httpcore.AsyncConnectionPool(max_connections=1)

    async def say(self, sender: str, text: str) -> Said:
        """Ask with a person's words (redacted).

        Raises:
            DialogueError: no answer in time, none at all, or not of the contract.
        """
        said = await self._post({"sender": sender, "text": text})
        if not said.replies:
            raise DialogueError("no replies")
        return said

    async def tell(
        self, sender: str, intent: str, **entities: str
    ) -> tuple[Reply, ...]:
        """Tell a structured intent: a tapped button, or the class of a danger.

        There may be nothing to say to it.

        Raises:
            DialogueError: no answer in time, or not of the contract.
        """
        entities = {name: value for name, value in entities.items() if value}
        body = {"sender": sender, "intent": intent, "entities": entities}
        return (await self._post(body)).replies

    async def is_alive(self) -> bool:
        """Tell whether Rasa answers and has loaded its model."""
        try:
            async with asyncio.timeout(ALIVE_SECONDS):
                url = f"{self._url}/webhooks/gateway/"
                answer = await self._health.request("GET", url)
        except FAILURES:
            return False
        return answer.status == 200

    async def close(self) -> None:
        await self._http.aclose()
        await self._health.aclose()

    async def _post(self, body: dict[str, Any]) -> Said:
        url, content = f"{self._url}/webhooks/gateway/turn", json.dumps(body).encode()
        try:
            async with asyncio.timeout(self._timeout), self._free:
                answer = await self._http.request(
                    "POST", url, headers=HEADERS, content=content
                )
            if answer.status != 200:
                raise DialogueError(f"status {answer.status}")
            return said_of(json.loads(answer.content))
        except (*FAILURES, ValueError, TypeError, AttributeError) as error:
            raise DialogueError(type(error).__name__) from error


def choice_of(button: str) -> tuple[str, dict[str, str]] | None:
    """Read a button id such as `article:quyen-song`; None if it is not ours.

    A place is given back by its present name, whatever spelling the button has.
    """
    name, _, value = button.partition(":")
    if name not in CHOICES:
        return None
    intent, entity = CHOICES[name]
    if entity == "place":
        value = find_place(value).province or ""
        if not value:
            return None
    return intent, ({entity: value} if entity and value else {})


def said_of(messages: list[dict[str, Any]]) -> Said:
    """Read all messages of one turn of Rasa.

    Raises:
        ValueError: one of them is not of the contract.
    """
    choices = [
        m["custom"]["choice"] for m in messages if "choice" in m.get("custom", ())
    ]
    replies = [reply_of(m) for m in messages if "choice" not in m.get("custom", ())]
    return Said(tuple(replies), str(choices[0]) if choices else "")


def reply_of(message: dict[str, Any]) -> Reply:
    """Read one message of Rasa: an action's `custom` reply, or a response.

    Raises:
        ValueError: it is neither.
    """
    if "custom" in message:
        return Reply.from_json(message["custom"])
    if not message.get("text"):
        raise ValueError("a message of the dialogue has no text")
    buttons = tuple(
        Button(id=str(b["payload"]).lstrip("/"), title=str(b["title"]))
        for b in message.get("buttons") or ()
    )
    return Reply(kind="smalltalk", text=str(message["text"]), buttons=buttons)
