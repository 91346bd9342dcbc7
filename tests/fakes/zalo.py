"""A local Zalo: the Official Account's API, its tokens and its webhook.

By hand: `make fake-zalo`, then open the printed page and write to the account.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.fakes.faults import Faults, after

APP_ID, OA_ID = "1234567890123456789", "9000000000000000001"
APP_SECRET, OA_SECRET = "appSecretForTests", "oaSecretKeyForTests01"
PAGE = Path(__file__).with_name("zalo.html")
MAX_TEXT, MAX_BUTTONS, MAX_TITLE, MAX_PAYLOAD = 2000, 5, 100, 1000
RETRY_SECONDS = (30, 300, 900, 1800, 3600)
WINDOW_SECONDS = 7 * 86400


class FakeZalo:
    """One Official Account.

    Attributes:
        outbox: what people got, in order.
        renewals: how often a refresh token was used, also in vain.
        styles: shapes of buttons that are taken.
        statuses: what the webhook answered.
    """

    def __init__(self, lifetime: int = 90_000, scale: float = 0.001) -> None:
        self.outbox: list[dict[str, Any]] = []
        self.faults = Faults()
        self.lifetime, self.scale = lifetime, scale
        self.styles = {"text_buttons", "button_template", "list"}
        self.anonymous = "/v3.0/oa/message/cs"
        self.webhook = ""
        self.is_disabled = False
        self.statuses: list[int] = []
        self.renewals = 0
        self.requests: list[str] = []
        self._access: dict[str, float] = {}
        self._refresh: set[str] = set()
        self._codes: dict[str, str] = {}
        self._seen: dict[str, float] = {}
        self._clock = 0.0
        self._number = 0

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/v3.0/oa/message/cs", self._send, methods=["POST"]),
                Route("/v2.0/oa/message", self._send, methods=["POST"]),
                Route("/v3.0/oa/quota/message", self._quota, methods=["POST"]),
                Route("/v2.0/oa/getoa", self._account),
                Route("/v4/oa/permission", self._permission),
                Route("/v4/oa/access_token", self._token, methods=["POST"]),
                Route("/_fake/outbox", self._shown),
                Route("/_fake/emit", self._emit, methods=["POST"]),
                Route("/_fake/pair", self._give_pair, methods=["POST"]),
            ]
        )

    def now(self) -> float:
        return time.time() + self._clock

    def advance(self, seconds: float) -> None:
        self._clock += seconds

    def pair(self) -> dict[str, str]:
        """Return a new pair of tokens, as an authorisation gives."""
        access, refresh = secrets.token_hex(8), secrets.token_hex(8)
        self._access[access] = self.now() + self.lifetime
        self._refresh.add(refresh)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": str(self.lifetime),
        }

    def expire(self) -> None:
        """Let all access tokens run out."""
        self._access = dict.fromkeys(self._access, 0.0)

    def texts(self, user: str) -> list[str]:
        return [
            text_of(told)
            for told in self.outbox
            if user in (told["recipient"] or {}).values()
        ]

    # --- the API

    async def _send(self, request: Request) -> Response:
        told = await request.json()
        self.requests.append(request.url.path)
        fault = self.faults.take("message")
        if fault["kind"].isdigit():
            return Response(status_code=int(fault["kind"]))
        code = int(fault.get("code", 0)) or self._refusal(request, told)
        if code:
            return JSONResponse({"error": code, "message": f"error {code}"})
        self._number += 1
        number = f"zm-{self._number}"
        self.outbox.append({**told, "at": time.time(), "message_id": number})
        content = {
            "message_id": number,
            "quota": {"quota_type": "reply", "remain": "8", "total": "8"},
        }
        body = {"error": 0, "message": "Success", "data": content}
        return await after(fault, lambda: JSONResponse(body))

    def _refusal(self, request: Request, told: dict[str, Any]) -> int:
        code = self._token_error(request)
        if code:
            return code
        recipient, message = told.get("recipient") or {}, told.get("message") or {}
        if "anonymous_id" in recipient:
            if request.url.path != self.anonymous:
                return -240
        elif request.url.path.startswith("/v2"):
            return -240
        else:
            seen = self._seen.get(recipient.get("user_id", ""), self.now())
            if self.now() - seen > WINDOW_SECONDS:
                return -230
        if len(message.get("text", "")) > MAX_TEXT:
            return -210
        payload = message.get("attachment", {}).get("payload", {})
        if not text_of(told) and not payload:
            return -201
        return self._button_error(payload, "anonymous_id" in recipient)

    def _button_error(self, payload: dict[str, Any], is_anonymous: bool) -> int:
        if not payload:
            return 0
        kinds = {"button": "button_template", "list": "list", None: "text_buttons"}
        style = kinds.get(payload.get("template_type"))
        if style not in self.styles or is_anonymous:
            return -233
        buttons = payload.get("buttons", [])
        if not 0 < len(buttons) <= MAX_BUTTONS:
            return -201
        for button in buttons:
            inner = json.dumps(button["payload"])
            if len(button["title"]) > MAX_TITLE or len(inner) > MAX_PAYLOAD:
                return -201
        return 0

    def _token_error(self, request: Request) -> int:
        until = self._access.get(request.headers.get("access_token", ""))
        if until is None:
            return -216
        return -220 if until < self.now() else 0

    async def _quota(self, request: Request) -> Response:
        code = self._token_error(request)
        return JSONResponse({"error": code, "data": {"last_interaction": "now"}})

    async def _account(self, request: Request) -> Response:
        code = self._token_error(request)
        data = {"oaid": OA_ID, "name": "Quyền trẻ em", "is_verified": True}
        return JSONResponse({"error": code, "data": data if not code else None})

    # --- tokens

    async def _permission(self, request: Request) -> Response:
        told = request.query_params
        code = secrets.token_hex(8)
        self._codes[code] = told["code_challenge"]
        back = urlencode({"code": code, "oa_id": OA_ID, "state": told["state"]})
        return RedirectResponse(f"{told['redirect_uri']}?{back}")

    async def _token(self, request: Request) -> Response:
        told = dict(httpx.QueryParams((await request.body()).decode()))
        fault = self.faults.take("token")
        if request.headers.get("secret_key") != APP_SECRET or told["app_id"] != APP_ID:
            return JSONResponse({"error": -14001, "error_name": "Invalid secret key"})
        if told["grant_type"] == "refresh_token":
            self.renewals += 1
            if fault["kind"].isdigit():
                return Response(status_code=int(fault["kind"]))
            if told["refresh_token"] not in self._refresh:
                error = {"error": -14014, "error_name": "Invalid refresh token"}
                return JSONResponse(error)
            self._refresh.remove(told["refresh_token"])
        else:
            challenge = self._codes.pop(told["code"], "")
            if challenge != _challenge(told["code_verifier"]):
                return JSONResponse({"error": -14003, "error_name": "Invalid code"})
        body = self.pair()
        if fault["kind"] == "slow":
            await asyncio.sleep(float(fault["seconds"]))
        return await after(fault, lambda: JSONResponse(body))

    # --- the webhook

    def event(self, name: str, **fields: Any) -> dict[str, Any]:
        """Return an event with its constant fields."""
        stamp = fields.pop("timestamp", str(int(self.now() * 1000)))
        return {"app_id": APP_ID, "event_name": name, **fields, "timestamp": stamp}

    def text_event(self, user: str, text: str, number: str = "") -> dict[str, Any]:
        self._seen[user] = self.now()
        return self.event(
            "user_send_text",
            sender={"id": user},
            recipient={"id": OA_ID},
            user_id_by_app="8000000000000000001",
            message={"text": text, "msg_id": number or secrets.token_hex(8)},
        )

    def emit(
        self, event: dict[str, Any], *, retries: int = 5, compact: bool = True
    ) -> int:
        """Send an event as Zalo does, again and again until 200; returns the status."""
        separators = (",", ":") if compact else (", ", ": ")
        body = json.dumps(event, ensure_ascii=False, separators=separators).encode()
        stamp = str(event.get("timestamp", ""))
        headers = {"X-ZEvent-Signature": f"mac={signature(body, stamp)}"}
        for count in range(retries + 1):
            status = self._posted(body, {**headers, "num_retry": str(count)})
            self.statuses.append(status)
            if status == 200:
                return status
            if count < retries:
                time.sleep(RETRY_SECONDS[count] * self.scale)
        self.is_disabled = True
        return status

    def _posted(self, body: bytes, headers: dict[str, str]) -> int:
        try:
            answer = httpx.post(
                self.webhook, content=body, headers=headers, timeout=2, trust_env=False
            )
        except httpx.HTTPError:
            return 0
        return answer.status_code

    # --- by hand

    async def _page(self, _request: Request) -> Response:
        return HTMLResponse(PAGE.read_text("utf8"))

    async def _shown(self, request: Request) -> Response:
        since = int(request.query_params.get("since", 0))
        return JSONResponse(self.outbox[since:])

    async def _emit(self, request: Request) -> Response:
        told = await request.json()
        event = self.text_event(told.get("user", "7000000000000000001"), told["text"])
        status = await asyncio.to_thread(self.emit, event)
        return JSONResponse({"status": status})

    async def _give_pair(self, _request: Request) -> Response:
        return JSONResponse(self.pair())


def signature(body: bytes, stamp: str, app: str = APP_ID, key: str = OA_SECRET) -> str:
    """Return the signature that the specification asks for."""
    return hashlib.sha256(
        app.encode() + body + stamp.encode() + key.encode()
    ).hexdigest()


def text_of(told: dict[str, Any]) -> str:
    """Return the text of a message, wherever its style puts it."""
    message = told.get("message") or {}
    payload = message.get("attachment", {}).get("payload", {})
    elements = payload.get("elements") or [{}]
    inside = f"{elements[0].get('title', '')}\n{elements[0].get('subtitle', '')}"
    return str(message.get("text") or payload.get("text") or inside.strip())


def buttons_of(told: dict[str, Any]) -> list[dict[str, Any]]:
    payload = told["message"].get("attachment", {}).get("payload", {})
    return list(payload.get("buttons", []))


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
