"""A dialogue that answers at once, late or never, so that turns can be timed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.reply import Reply


class FakeDialogue:
    """Answers every text with `reply`, or with the text itself.

    Attributes:
        heard: (sender, text or intent) in their order.
    """

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.reply: Reply | None = None
        self.seconds = 0.0
        self.is_dead = False  # answers nothing of sense
        self.on_turn: Callable[[], object] = bool

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/webhooks/gateway/", self._health),
                Route("/webhooks/gateway/turn", self._turn, methods=["POST"]),
            ]
        )

    def texts(self) -> list[str]:
        return [told for _, told in self.heard]

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _turn(self, request: Request) -> Response:
        body: dict[str, Any] = await request.json()
        told = body.get("text") or body["intent"]
        self.heard.append((body["sender"], told))
        self.on_turn()
        if self.is_dead:
            return Response(status_code=500)
        if self.seconds:
            await asyncio.sleep(self.seconds)
        reply = self.reply or Reply(kind="answer", text=f"Đã nghe: {told}")
        return JSONResponse([{"custom": reply.to_json()}])
