"""The gateway's side of the dialogue: Rasa on the loopback address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from bot.reply import Button, Reply
from bot.safety.place import find_place

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
    """One HTTP client of the dialogue process."""

    def __init__(self, url: str, timeout: float) -> None:
        # The network is the loopback: a proxy of the environment is not asked.
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout, trust_env=False)

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
            answer = await self._http.get("/webhooks/gateway/", timeout=2)
            return answer.status_code == 200
        except httpx.HTTPError:
            return False

    async def close(self) -> None:
        await self._http.aclose()

    async def _post(self, body: dict[str, Any]) -> Said:
        try:
            answer = await self._http.post("/webhooks/gateway/turn", json=body)
            answer.raise_for_status()
            return said_of(answer.json())
        except (httpx.HTTPError, ValueError, TypeError, AttributeError) as error:
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
