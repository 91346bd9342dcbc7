"""The gateway as a web application: routes, health, start and end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.gateway.channels.web import Web
from bot.gateway.conversation import Conversations
from bot.gateway.dialogue import Dialogue
from bot.gateway.gate import assess_safely
from bot.gateway.inbox import Inbox, InboxError
from bot.gateway.lines import Lines
from bot.gateway.pages import Pages
from bot.gateway.settings import Settings
from bot.gateway.turn import Gateway

log = structlog.get_logger()

RETENTION = timedelta(hours=24)
TIDY_SECONDS = 600


def create_app(settings: Settings) -> Starlette:
    """Return the application; nothing that it needs must be up yet.

    Raises:
        SettingsError: the secret is weak, or cannot be kept.
    """
    secret = settings.secret()
    lines = Lines(settings.data_dir / "snapshots")
    dialogue = Dialogue(settings.dialogue_url, settings.dialogue_timeout)
    gateway = Gateway(dialogue, Conversations(), lines.current)
    inbox = Inbox(settings.data_dir / "gateway.db")
    web = Web(gateway, inbox, settings, secret)
    health = Health(settings, gateway, inbox)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        assess_safely("")  # loads the signals before the first person waits
        tidy = asyncio.create_task(_tidy(gateway, inbox))
        log.info("gateway.ready")
        yield
        tidy.cancel()
        await dialogue.close()
        await health.close()
        inbox.close()

    async def fail(_request: Request, error: Exception) -> Response:
        log.error("request.failed", error=type(error).__name__)
        return web.refuse("broken", 500)

    return Starlette(
        routes=[
            *web.routes(),
            *Pages(settings, gateway).routes(),
            Route("/health", health.answer),
        ],
        lifespan=lifespan,
        exception_handlers={Exception: fail},
    )


class Health:
    """What works right now, as JSON."""

    def __init__(self, settings: Settings, gateway: Gateway, inbox: Inbox) -> None:
        self._gateway = gateway
        self._inbox = inbox
        self._http = httpx.AsyncClient(
            base_url=settings.actions_url, timeout=2, trust_env=False
        )

    async def answer(self, _request: Request) -> Response:
        dialogue, actions, inbox = await asyncio.gather(
            self._gateway.dialogue.is_alive(),
            self._actions(),
            asyncio.to_thread(self._inbox.is_alive),
        )
        parts = {
            "gateway": "ok",
            "dialogue": "ok" if dialogue else "down",
            "actions": actions["state"],
            "knowledge": actions["knowledge"],
            "inbox": "ok" if inbox else "down",
        }
        whole = all(state == "ok" for state in parts.values())
        return JSONResponse(
            {
                "status": "ok" if whole else "degraded",
                "parts": parts,
                "snapshot": actions["snapshot"],
            },
            headers={"Cache-Control": "no-store"},
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def _actions(self) -> dict[str, Any]:
        down = {"state": "down", "knowledge": "down", "snapshot": ""}
        try:
            answer = await self._http.get("/ready")
            body = answer.json()
            return {**down, "state": "ok", **body}
        except (httpx.HTTPError, ValueError, TypeError):
            return down


async def _tidy(gateway: Gateway, inbox: Inbox) -> None:
    """Forget conversations that have been silent for a day."""
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        gateway.conversations.expire(RETENTION.total_seconds())
        with contextlib.suppress(InboxError):
            await asyncio.to_thread(inbox.forget_before, datetime.now(UTC) - RETENTION)
