"""What works right now, as JSON; no secret, no id and no text in it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.gateway.chats import Chats
from bot.gateway.inbox import queue_state
from bot.gateway.outbox import count_states
from bot.gateway.settings import Settings
from bot.gateway.store import StoreError

OK = "ok"


class Health:
    """The state of every part, and of every channel."""

    def __init__(self, settings: Settings, chats: Chats) -> None:
        self._chats = chats
        self._http = httpx.AsyncClient(
            base_url=settings.actions_url, timeout=2, trust_env=False
        )

    def routes(self) -> list[Route]:
        return [
            Route("/health", self.answer),
            *(
                Route(f"/webhooks/{name}/", self._answer_of(name), methods=["GET"])
                for name in self._chats.channels
            ),
        ]

    async def answer(self, _request: Request) -> Response:
        dialogue, actions, inbox, channels = await asyncio.gather(
            self._chats.gateway.dialogue.is_alive(),
            self._actions(),
            self._chats.store.is_alive(),
            self._channels(),
        )
        parts = {
            "gateway": OK,
            "dialogue": OK if dialogue else "down",
            "actions": actions["state"],
            "knowledge": actions["knowledge"],
            "inbox": OK if inbox else "down",
        }
        states = [*parts.values(), *(c["state"] for c in channels.values())]
        return _json(
            {
                "status": OK if set(states) == {OK} else "degraded",
                "parts": parts,
                "channels": {"web": {"state": OK}, **channels},
                "snapshot": actions["snapshot"],
            }
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def _channels(self) -> dict[str, dict[str, Any]]:
        return {name: await self._channel(name) for name in self._chats.channels}

    async def _channel(self, name: str) -> dict[str, Any]:
        """Return the state, what waits, for how long, and the dead letters."""
        channel, store = self._chats.channels[name], self._chats.store
        told: dict[str, Any] = {"state": channel.state, **channel.details}
        try:
            count, oldest = await store.run(lambda db: queue_state(db, name))
            counts = await store.run(lambda db: count_states(db, name))
        except StoreError:
            return told
        age = round(store.now() - oldest) if oldest else 0
        return {**told, "queue": count, "oldest_seconds": age, "outbox": counts}

    def _answer_of(self, name: str) -> Any:
        async def answer(_request: Request) -> Response:
            return _json(await self._channel(name))

        return answer

    async def _actions(self) -> dict[str, Any]:
        down = {"state": "down", "knowledge": "down", "snapshot": ""}
        try:
            answer = await self._http.get("/ready")
            body = answer.json()
            return {**down, "state": OK, **body}
        except (httpx.HTTPError, ValueError, TypeError):
            return down


def _json(body: dict[str, Any]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})
