"""The gateway's side of the dialogue: Rasa on the loopback address."""

from __future__ import annotations

import json
from typing import Any

import httpx

from bot.reply import Button, Reply

# What a button may say to the dialogue: intent, and the entity of its value.
CHOICES = {
    "article": ("choose_article", "article"),
    "place": ("inform_place", "place"),
    "more": ("more_detail", "article"),
    "source": ("show_source", "article"),
    "skip": ("skip", ""),
    "in_danger": ("confirm_danger", ""),
    "not_in_danger": ("deny_danger", ""),
    "help": ("ask_help", ""),
    "numbers": ("repeat_number", ""),
    "examples": ("ask_examples", ""),
}


class DialogueError(Exception):
    """The dialogue gave no usable answer; the gateway answers by itself."""


class Dialogue:
    """One HTTP client of the dialogue process."""

    def __init__(self, url: str, timeout: float) -> None:
        # The network is the loopback: a proxy of the environment is not asked.
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout, trust_env=False)

    async def say(self, sender: str, text: str) -> list[Reply]:
        """Ask with a person's words (redacted).

        Raises:
            DialogueError: no answer in time, none at all, or not of the contract.
        """
        return await self._post({"sender": sender, "text": text})

    async def tell(self, sender: str, intent: str, **entities: str) -> list[Reply]:
        """Tell a structured intent: a tapped button, or the class of a danger.

        Raises:
            DialogueError: as `say`.
        """
        entities = {name: value for name, value in entities.items() if value}
        return await self._post(
            {"sender": sender, "intent": intent, "entities": entities}
        )

    async def is_alive(self) -> bool:
        """Tell whether Rasa answers and has loaded its model."""
        try:
            answer = await self._http.get("/webhooks/gateway/", timeout=2)
            return answer.status_code == 200
        except httpx.HTTPError:
            return False

    async def close(self) -> None:
        await self._http.aclose()

    async def _post(self, body: dict[str, Any]) -> list[Reply]:
        try:
            answer = await self._http.post("/webhooks/gateway/turn", json=body)
            answer.raise_for_status()
            replies = [reply_of(message) for message in answer.json()]
        except (httpx.HTTPError, json.JSONDecodeError, ValueError, TypeError) as error:
            raise DialogueError(type(error).__name__) from error
        if not replies:
            raise DialogueError("no replies")
        return replies


def choice_of(button: str) -> tuple[str, dict[str, str]] | None:
    """Read a button id such as `article:quyen-song`; None if it is not ours."""
    name, _, value = button.partition(":")
    if name not in CHOICES:
        return None
    intent, entity = CHOICES[name]
    return intent, ({entity: value} if entity and value else {})


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
