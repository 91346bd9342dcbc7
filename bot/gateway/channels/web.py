"""The web channel: sessions, messages as a stream of JSON lines, the pages."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.gateway.body import BodyError, read_body
from bot.gateway.channels.web_sessions import Sessions
from bot.gateway.conversation import Conversation, Turn
from bot.gateway.gate import assess_safely
from bot.gateway.inbox import finish, memory_of, purge, put
from bot.gateway.message import Message
from bot.gateway.settings import Settings
from bot.gateway.store import Store, StoreError
from bot.gateway.texts import fixed_reply
from bot.gateway.turn import MAX_TEXT, Gateway, asks_to_forget, handle_turn, rate
from bot.reply import Reply
from bot.safety.triage import Level

log = structlog.get_logger()

CHANNEL = "web"
# A text of 10,000 characters still arrives, so that danger in it is seen.
MAX_BODY = 64 * 1024
MAX_ID = 64
PING_SECONDS = 10.0


@dataclass
class Web:
    """The web channel's own parts."""

    gateway: Gateway
    store: Store
    settings: Settings
    sessions: Sessions
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def routes(self) -> list[Route]:
        """Return the API of docs/design.md, section "Contracts"."""
        return [
            Route("/webhooks/web/", self.health, methods=["GET"]),
            Route("/webhooks/web/session", self.open_session, methods=["POST"]),
            Route("/webhooks/web/message", self.receive, methods=["POST"]),
            Route("/webhooks/web/feedback", self.feedback, methods=["POST"]),
            Route("/webhooks/web/forget", self.forget, methods=["POST"]),
        ]

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def open_session(self, request: Request) -> Response:
        if not self.sessions.may_open(request.client.host if request.client else ""):
            return self.refuse("too_many", 429)
        directory = self.gateway.directory()
        greeting = fixed_reply("greeting", directory)
        return JSONResponse(
            {
                "token": self.sessions.token(),
                "expires_in": self.settings.session_seconds,
                "greeting": [greeting.to_json()],
                "hotlines": greeting.to_json()["numbers"],
            },
            headers={"Cache-Control": "no-store"},
        )

    async def receive(self, request: Request) -> Response:
        sender = self.sessions.sender(request)
        if sender is None:
            return self.refuse("bad_token", 401)
        message = await self._read(request, sender)
        if isinstance(message, Response):
            return message
        talk = self.gateway.conversations.of(sender)
        if message.message_id in talk.turns:
            return self._answer(request, talk.turns[message.message_id])
        refusal = self._refusal(message, talk)
        if refusal:
            return refusal
        turn = talk.turns[message.message_id] = Turn()
        task = asyncio.create_task(self._run(message, turn))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return self._answer(request, turn)

    async def feedback(self, request: Request) -> Response:
        sender = self.sessions.sender(request)
        if sender is None:
            return self.refuse("bad_token", 401)
        body = await self._json(request)
        if not isinstance(body, dict) or body.get("value") not in (1, -1):
            return self.refuse("bad_field", 400)
        log.info("feedback.given", channel=CHANNEL, count=body["value"])
        tap = "good" if body["value"] > 0 else "bad"
        if isinstance(body.get("article"), str):
            tap = f"{tap}:{body['article']}"
        await rate(self.gateway, self.gateway.conversations.of(sender), CHANNEL, tap)
        return Response(status_code=204)

    async def forget(self, request: Request) -> Response:
        sender = self.sessions.sender(request)
        if sender is None:
            return self.refuse("bad_token", 401)
        self.gateway.conversations.forget(sender)
        try:
            await self.store.run(lambda db: purge(db, sender))
            await self.gateway.dialogue.tell(sender, "forget")
        except Exception as error:  # gone from memory; the rest expires by itself
            log.warning("forget.failed", error=type(error).__name__)
        return Response(
            status_code=204, headers={"Clear-Site-Data": '"cache", "storage"'}
        )

    def refuse(self, key: str, status: int) -> Response:
        """Return one clear sentence with 111 and a right status."""
        reply = fixed_reply(key, self.gateway.directory(), kind="error")
        return JSONResponse(
            {"replies": [reply.to_json()]},
            status_code=status,
            headers={"Cache-Control": "no-store"},
        )

    async def _run(self, message: Message, turn: Turn) -> None:
        started = time.monotonic()
        try:
            await self._record(message)
            async for reply in handle_turn(self.gateway, message):
                turn.add(reply)
                _log_reply(reply, started)
        except Exception as error:  # one broken turn never stays silent
            log.error("turn.failed", error=type(error).__name__)
            turn.add(fixed_reply("broken", self.gateway.directory(), kind="error"))
        finally:
            turn.finish()
        await self._finish(message)

    async def _record(self, message: Message) -> None:
        """Record the message; without its database the gateway answers on."""

        def record(db: Connection) -> Any:
            # The page keeps its text and sends it again, so none is stored here.
            put(db, self.store, message, None)
            return memory_of(db, self.store, message.sender)

        try:
            memory = await self.store.run(record)
        except StoreError as error:
            log.warning("store.failed", error=str(error))
        else:
            self.gateway.conversations.of(message.sender).restore_once(memory)

    async def _finish(self, message: Message) -> None:
        memory = self.gateway.conversations.of(message.sender).to_json()

        def record(db: Connection) -> None:
            finish(db, self.store, message, memory)
            if asks_to_forget(message):
                purge(db, message.sender)

        try:
            await self.store.run(record)
        except StoreError as error:
            log.warning("store.failed", error=str(error))

    def _answer(self, request: Request, turn: Turn) -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        if "application/json" in request.headers.get("accept", ""):
            return StreamingResponse(
                _one_object(turn), media_type="application/json", headers=headers
            )
        return StreamingResponse(
            _lines(turn), media_type="application/x-ndjson", headers=headers
        )

    async def _read(self, request: Request, sender: str) -> Message | Response:
        body = await self._json(request)
        if body is None:
            return self.refuse("not_json", 400)
        if body is _TOO_LONG:
            return self.refuse("too_long", 413)
        text, choice = body.get("text", ""), body.get("choice", "")
        client_id = body.get("client_id") or secrets.token_hex(8)
        if not (isinstance(text, str) and isinstance(choice, str)) or not (
            isinstance(client_id, str) and len(client_id) <= MAX_ID
        ):
            return self.refuse("bad_field", 400)
        text = clean(text)
        if not text and not choice:
            return self.refuse("empty", 400)
        return Message(
            channel=CHANNEL,
            message_id=f"{sender}:{client_id}",
            sender=sender,
            text="" if choice else text,
            choice=clean(choice)[:200],
        )

    def _refusal(self, message: Message, talk: Conversation) -> Response | None:
        """Refuse what is too long or too fast, but never a danger."""
        too_long = len(message.text) > MAX_TEXT
        too_fast = not talk.may_speak(self.settings.turns_per_five_minutes)
        if not (too_long or too_fast):
            return None
        if message.choice in ("need_help", "danger_now"):
            return None
        if message.text and _tells_of_danger(message.text):
            return None
        return (
            self.refuse("too_long", 413) if too_long else self.refuse("too_many", 429)
        )

    async def _json(self, request: Request) -> Any:
        """Return the body's object, None if it is none, _TOO_LONG past the limit."""
        try:
            body = json.loads(await read_body(request, MAX_BODY))
        except BodyError as error:
            return _TOO_LONG if error.status == 413 else None
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None


def _tells_of_danger(text: str) -> bool:
    triage = assess_safely(text)
    return triage.is_danger and triage.level is not Level.PX


_TOO_LONG: dict[str, Any] = {}


def clean(text: str) -> str:
    """Return NFC text without control characters and surrounding space."""
    kept = "".join(
        letter
        for letter in text
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs")
    )
    return unicodedata.normalize("NFC", kept).strip()


async def _lines(turn: Turn) -> AsyncIterator[bytes]:
    number = 0
    async for reply in turn.follow(PING_SECONDS):
        if reply is None:
            yield _line({"type": "ping"})
            continue
        number += 1
        yield _line({"type": "reply", "id": f"m{number}", **reply.to_json()})
    yield _line({"type": "done"})


async def _one_object(turn: Turn) -> AsyncIterator[bytes]:
    async for _reply in turn.follow(PING_SECONDS):
        pass
    replies = [reply.to_json() for reply in turn.replies]
    yield json.dumps({"replies": replies}, ensure_ascii=False).encode()


def _line(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode() + b"\n"


def _log_reply(reply: Reply, started: float) -> None:
    log.info(
        "turn.answered",
        channel=CHANNEL,
        kind=reply.kind,
        level=reply.level,
        danger=reply.danger_class,
        soft=reply.soft,
        ms=round((time.monotonic() - started) * 1000),
    )
