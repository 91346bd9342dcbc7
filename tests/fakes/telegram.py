"""A local Telegram: the Bot API as far as the gateway uses it.

By hand: `make fake-telegram`, then open the printed page and write to the bot.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot.gateway.split import units
from tests.fakes.faults import CutResponse, Faults, after
from tests.fakes.markup import ApiError, check_keyboard, plain

TOKEN = "123456:fakefakefakefakefakefakefakefakefake"
NAME = "quyen_tre_em_bot"
PAGE = Path(__file__).with_name("telegram.html")
MAX_TEXT = 4096
WEBHOOK_TRIES = 5


class FakeTelegram:
    """One bot, its chats and its updates.

    Attributes:
        calls: (method, parameters) in the order of arrival.
        messages: what people see, deleted ones out.
    """

    def __init__(self, retry_seconds: float = 0.05) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.messages: list[dict[str, Any]] = []
        self.faults = Faults()
        self.blocked: set[int] = set()
        self.unknown: set[int] = set()
        self.webhook: dict[str, Any] = {}
        self.commands: list[Any] = []
        self.deliveries: list[int] = []
        # Called with the method: when a call arrives ("drop" loses it), and when done.
        self.on_arrival: Callable[[str], object] = str
        self.on_done: Callable[[str], object] = str
        self._updates: list[dict[str, Any]] = []
        self._number, self._update_number, self._poll = 100, 1000, 0
        self._retry_seconds = retry_seconds
        self._tasks: set[asyncio.Task[None]] = set()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/_push", self._push, methods=["POST"]),
                Route("/_fault", self._fault, methods=["POST"]),
                Route("/_messages", self._shown),
            ]
        )

    def push(self, update: dict[str, Any], number: int | None = None) -> int:
        """Add an update; its number is assigned unless a copy is wanted."""
        if number is None:
            self._update_number += 1
            number = self._update_number
        self._updates.append({**update, "update_id": number})
        return number

    def say(self, chat: int, text: str, **more: Any) -> int:
        """A person writes in a private chat."""
        return self.push({"message": self.message(chat, text=text, **more)})

    def message(self, chat: int, **content: Any) -> dict[str, Any]:
        self._number += 1
        return {
            "message_id": self._number,
            "date": content.pop("date", int(time.time())),
            "chat": {"id": chat, "type": "private"},
            "from": {"id": chat, "is_bot": False, "first_name": "Ẩn danh"},
            **content,
        }

    def tap(self, chat: int, data: str, number: int = 77, query: str = "") -> int:
        """A person taps a button of message `number`."""
        self._number += 1
        shown = {"message_id": number, "date": 1, "chat": {"id": chat}}
        shown["chat"] = {"id": chat, "type": "private"}
        return self.push(
            {
                "callback_query": {
                    "id": query or str(self._number),
                    "from": {"id": chat, "is_bot": False, "first_name": "Ẩn danh"},
                    "chat_instance": "1",
                    "data": data,
                    "message": shown,
                }
            }
        )

    def is_empty(self) -> bool:
        """Tell whether every update was fetched and confirmed."""
        return not self._updates

    def texts(self, chat: int) -> list[str]:
        return [m["text"] for m in self.messages if m["chat"]["id"] == chat]

    def called(self, method: str) -> list[dict[str, Any]]:
        return [told for name, told in self.calls if name == method]

    # --- the Bot API

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        told = await _parameters(request)
        if request.path_params["token"] != TOKEN:
            self.calls.append((method, dict(told)))
            return _failed(ApiError(401, "Unauthorized"))
        if method != "getUpdates":
            self.calls.append((method, dict(told)))
        fault = self.faults.take(method)
        if self.on_arrival(method) == "drop":
            return CutResponse()
        try:
            _fail_before(fault)
            told["is_gone"] = request.is_disconnected
            handler = getattr(self, f"_do_{method}", None)
            result = await handler(told) if handler else True
        except ApiError as error:
            return _failed(error)
        self.on_done(method)
        return await after(fault, lambda: JSONResponse({"ok": True, "result": result}))

    async def _do_getMe(self, _told: dict[str, Any]) -> Any:  # noqa: N802
        return {"id": 123456, "is_bot": True, "first_name": "Bot", "username": NAME}

    async def _do_getUpdates(self, told: dict[str, Any]) -> Any:  # noqa: N802
        if self.webhook.get("url"):
            raise ApiError(409, "Conflict: can't use getUpdates while webhook is set")
        self._poll += 1
        mine, until = self._poll, time.monotonic() + float(told.get("timeout", 0))
        offset = int(told.get("offset", 0))
        self._updates = [u for u in self._updates if u["update_id"] >= offset]
        while not self._updates and time.monotonic() < until:
            await asyncio.sleep(0.01)
            if await told["is_gone"]():
                return []
            if self._poll != mine:
                raise ApiError(409, "Conflict: terminated by other getUpdates request")
        return self._updates[:100]

    async def _do_sendMessage(self, told: dict[str, Any]) -> Any:  # noqa: N802
        chat = int(told["chat_id"])
        if chat in self.unknown:
            raise ApiError(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        text = told["text"]
        if told.get("parse_mode") == "HTML":
            text = plain(text)
        if not text.strip():
            raise ApiError(400, "Bad Request: message text is empty")
        if units(text) > MAX_TEXT:
            raise ApiError(400, "Bad Request: message is too long")
        check_keyboard(told.get("reply_markup"))
        self._number += 1
        message = {
            "message_id": self._number,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private"},
            "text": text,
            "reply_markup": told.get("reply_markup"),
        }
        self.messages.append({**message, "raw": told["text"], "at": time.time()})
        return {k: v for k, v in message.items() if v is not None}

    async def _do_editMessageReplyMarkup(self, told: dict[str, Any]) -> Any:  # noqa: N802
        for message in self.messages:
            if message["message_id"] == int(told["message_id"]):
                message["reply_markup"] = None
        return True

    async def _do_deleteMessages(self, told: dict[str, Any]) -> Any:  # noqa: N802
        gone = set(told["message_ids"])
        self.messages = [m for m in self.messages if m["message_id"] not in gone]
        return True

    async def _do_setWebhook(self, told: dict[str, Any]) -> Any:  # noqa: N802
        self.webhook = told
        if told.get("url"):
            task = asyncio.create_task(self._deliver())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return True

    async def _do_deleteWebhook(self, told: dict[str, Any]) -> Any:  # noqa: N802
        if told.get("drop_pending_updates"):
            self._updates.clear()
        self.webhook = {}
        return True

    async def _do_getWebhookInfo(self, _told: dict[str, Any]) -> Any:  # noqa: N802
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
        }

    async def _do_getMyCommands(self, _told: dict[str, Any]) -> Any:  # noqa: N802
        return self.commands

    async def _do_setMyCommands(self, told: dict[str, Any]) -> Any:  # noqa: N802
        self.commands = told["commands"]
        return True

    async def _deliver(self) -> None:
        """Send updates to the webhook; what is not taken comes again."""
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            while self.webhook.get("url"):
                if not self._updates:
                    await asyncio.sleep(0.01)
                    continue
                update = self._updates.pop(0)
                for _ in range(WEBHOOK_TRIES):
                    if await self._taken(http, update):
                        break
                    await asyncio.sleep(self._retry_seconds)

    async def _taken(self, http: httpx.AsyncClient, update: dict[str, Any]) -> bool:
        secret = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
        try:
            answer = await http.post(self.webhook["url"], json=update, headers=secret)
        except httpx.HTTPError:
            return False
        self.deliveries.append(answer.status_code)
        return answer.is_success

    # --- by hand, and for tests in another process

    async def _page(self, _request: Request) -> Response:
        return HTMLResponse(PAGE.read_text("utf8"))

    async def _push(self, request: Request) -> Response:
        told = await request.json()
        chat = int(told.get("chat", 1))
        if "data" in told:
            number = self.tap(chat, told["data"], int(told["message"]))
        elif "update" in told:
            number = self.push(told["update"], told.get("number"))
        else:
            number = self.say(chat, told["text"])
        return JSONResponse({"update_id": number})

    async def _fault(self, request: Request) -> Response:
        self.faults.plan(**await request.json())
        return Response(status_code=204)

    async def _shown(self, request: Request) -> Response:
        since = int(request.query_params.get("since", 0))
        return JSONResponse([m for m in self.messages if m["message_id"] > since])


async def _parameters(request: Request) -> dict[str, Any]:
    """Return the parameters of a form or of JSON; nested values are JSON in forms."""
    body = await request.body()
    if "json" in request.headers.get("content-type", ""):
        return dict(json.loads(body or b"{}"))
    told: dict[str, Any] = dict(request.query_params)
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        is_nested = value[:1] in ("{", "[") or value in ("true", "false")
        told[name] = json.loads(value) if is_nested and name != "text" else value
    return told


def _fail_before(fault: dict[str, Any]) -> None:
    kind = fault["kind"]
    if kind == "429":
        wait = int(fault.get("retry_after", 1))
        raise ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
    if kind == "parse":
        raise ApiError(400, "Bad Request: can't parse entities: unexpected end tag")
    if kind.isdigit():
        raise ApiError(int(kind), {"409": "Conflict: other"}.get(kind, "Bad Gateway"))


def _failed(error: ApiError) -> Response:
    body = {
        "ok": False,
        "error_code": error.status,
        "description": error.description,
        **({"parameters": error.parameters} if error.parameters else {}),
    }
    return JSONResponse(body, status_code=error.status)
