"""Zalo Official Account: a signed webhook in, the consultation API out."""

from __future__ import annotations

import asyncio
import contextlib
import json
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import structlog
from aiolimiter import AsyncLimiter
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.gateway.body import BodyError, read_body
from bot.gateway.channels.base import LaterError
from bot.gateway.channels.zalo_events import (
    CHANNEL,
    Account,
    is_authentic,
    read_event,
)
from bot.gateway.channels.zalo_send import (
    BAD_FIELD,
    BUSY,
    BUTTONS_REFUSED,
    SENDING_FAILED,
    SHUT_DOWN,
    STOPPED,
    TOKEN_GONE,
    body_of,
    has_buttons,
    send_error,
    with_numbers,
)
from bot.gateway.channels.zalo_tokens import (
    AUTHORIZED,
    TokenError,
    Tokens,
    end_authorization,
)
from bot.gateway.chats import Chats
from bot.gateway.render import Part, Style
from bot.gateway.settings import Settings
from bot.gateway.store import StoreError
from bot.gateway.texts import texts

log = structlog.get_logger()

WEBHOOK = "/webhooks/zalo/webhook"
MAX_BODY = 64 * 1024
ENDPOINTS = {"v3cs": "/v3.0/oa/message/cs", "v2message": "/v2.0/oa/message"}
WATCH_SECONDS = 5.0
REQUESTS_A_SECOND = 8
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
LOST = "needs_authorization"


class Zalo:
    """The Zalo channel of this process."""

    name = CHANNEL
    style = Style(limit=1900, buttons=5, numbered=True)
    # Few messages are free: the card and the question after it go as one.
    gather_seconds = 1.5
    quiet_seconds = 4.0
    gap_seconds = 0.3

    def __init__(self, settings: Settings, chats: Chats) -> None:
        self._settings = settings
        self._chats = chats
        self._store = chats.store
        self._account = Account(
            settings.zalo_app_id,
            settings.zalo_oa_id,
            settings.zalo_oa_secret_key.get_secret_value(),
        )
        self._tokens = Tokens(settings, chats.store)
        self._http = httpx.AsyncClient(
            base_url=settings.zalo_api_base, timeout=settings.send_timeout
        )
        self._limiter = AsyncLimiter(REQUESTS_A_SECOND, 1)
        self._style: str = settings.zalo_button_style
        self._anonymous: str = settings.zalo_anon_endpoint
        self._busy_tries = 0
        self.state = "starting"

    @property
    def details(self) -> dict[str, Any]:
        return self._tokens.details

    @property
    def patience_seconds(self) -> float:
        # Without a token nobody is told stale things.
        return 900.0 if self.state == LOST else 6 * 3600.0

    def routes(self) -> list[BaseRoute]:
        code = self._settings.zalo_site_verification
        return [
            Route(WEBHOOK, self.webhook, methods=["POST"]),
            Route(WEBHOOK, self.show, methods=["GET"]),
            Route(AUTHORIZED, self.authorized, methods=["GET"]),
            *([Route(f"/zalo_verifier{code}.html", self.verify)] if code else []),
        ]

    async def run(self) -> None:
        """Keep the tokens fresh; never ends by itself."""
        if self._settings.zalo_signature_mode == "log":
            log.error("zalo.signatures_are_not_enforced", channel=CHANNEL)
        while True:
            try:
                await self._tokens.access()
            except LaterError:
                pass  # said by `is_lost`
            except Exception as error:  # the next round may go better
                log.error("zalo.failed", channel=CHANNEL, error=type(error).__name__)
            if self._tokens.is_lost:
                self.state = LOST
            elif self.state in ("starting", LOST):
                self.state = "ok"
            await asyncio.sleep(WATCH_SECONDS)

    async def webhook(self, request: Request) -> Response:
        """Check, store, say so; all else comes later."""
        try:
            body = await read_body(request, MAX_BODY)
            told = json.loads(body)
        except BodyError as error:
            return Response(status_code=error.status)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        if not isinstance(told, dict):
            return Response(status_code=400)
        if not told and "x-zevent-signature" not in request.headers:
            return Response(status_code=200)  # the console tries the address
        if not is_authentic(body, told, request.headers, self._account):
            log.warning("zalo.not_authentic", channel=CHANNEL)
            if self._settings.zalo_signature_mode == "enforce":
                return Response(status_code=401)
        try:
            await self._receive(body, told)
        except StoreError:
            return Response(status_code=503)  # Zalo sends it again
        return Response(status_code=200)

    async def show(self, _request: Request) -> Response:
        return PlainTextResponse(texts()["zalo_page"])

    async def verify(self, _request: Request) -> Response:
        """Show that the domain is ours."""
        code = self._settings.zalo_site_verification
        name = "zalo-platform-site-verification"
        return HTMLResponse(
            f'<!doctype html><html><head><meta name="{name}" content="{code}">'
            "</head><body></body></html>"
        )

    async def authorized(self, request: Request) -> Response:
        """Take the code with which Zalo sends an administrator back."""
        told = request.query_params
        try:
            await asyncio.to_thread(
                end_authorization,
                self._settings,
                self._store,
                *(told.get(name, "") for name in ("code", "state", "oa_id")),
            )
        except TokenError as error:
            log.error("zalo.authorization_failed", channel=CHANNEL, reason=str(error))
            return PlainTextResponse(f"Not authorised: {error}", status_code=400)
        except StoreError:
            return PlainTextResponse("The database is down.", status_code=503)
        await self._tokens.look()
        self.state = "ok"
        return PlainTextResponse("Authorised. You can close this page.")

    async def deliver(self, address: Any, part: Part) -> str:
        body = body_of(address, part, self._style, self._settings.zalo_phone_buttons)
        code, number = await self._post(address, body)
        if code in BUTTONS_REFUSED and has_buttons(body):
            log.error("zalo.buttons_refused", channel=CHANNEL, reason=str(code))
            self._style = "numbered"
            body["message"] = {"text": with_numbers(part)}
            code, number = await self._post(address, body)
        if code == SENDING_FAILED:
            await asyncio.sleep(2)
            code, number = await self._post(address, body)
        self._busy_tries = self._busy_tries + 1 if code == BUSY else 0
        if code == 0:
            self.state = "ok"
            return number
        if code in STOPPED:
            self.state = f"stopped {code}"
            log.error("zalo.stopped", channel=CHANNEL, reason=str(code))
        raise send_error(code, self._busy_tries - 1)

    def typing(self, _address: Any) -> AbstractAsyncContextManager[None]:
        return contextlib.nullcontext()  # Zalo shows no such thing

    async def unsend(self, address: Any, platform_ids: list[str]) -> None:
        """Zalo keeps what was sent; the reply to /xoa says so."""

    async def close(self) -> None:
        await self._http.aclose()

    async def _receive(self, body: bytes, told: dict[str, Any]) -> None:
        now = self._store.now()
        pseudonym = self._store.pseudonym
        received = read_event(body, told, self._account, pseudonym, now)
        if received is not None:
            await self._chats.receive(received.message, received.address)
            self._chats.wake()

    async def _post(self, address: Any, body: Any) -> tuple[int, str]:
        """Send; a token that has run out is renewed once, a closed address left.

        Returns:
            (error code, id of the message); 0 is success.
        """
        is_anonymous = "anonymous_id" in address
        endpoint = self._anonymous if is_anonymous else "v3cs"
        token = await self._tokens.access()
        code, number = await self._call(endpoint, body, token)
        if code in TOKEN_GONE:
            token = await self._tokens.access(refused=token)
            code, number = await self._call(endpoint, body, token)
        if code == SHUT_DOWN and is_anonymous:
            self._anonymous = next(name for name in ENDPOINTS if name != endpoint)
            code, number = await self._call(self._anonymous, body, token)
        return code, number

    async def _call(self, endpoint: str, body: Any, token: str) -> tuple[int, str]:
        try:
            async with self._limiter:
                answer = await self._http.post(
                    ENDPOINTS[endpoint], json=body, headers={"access_token": token}
                )
        except httpx.HTTPError as error:
            unsure = not isinstance(error, NEVER_SENT)
            raise LaterError(type(error).__name__, uncertain=unsure) from error
        if answer.status_code == 404:
            return SHUT_DOWN, ""
        if answer.status_code == 429 or answer.status_code >= 500:
            raise LaterError(str(answer.status_code))
        try:
            told = answer.json()
            code, content = int(told["error"]), told.get("data") or {}
        except (ValueError, TypeError, KeyError, AttributeError):
            raise LaterError("unread answer", uncertain=True) from None
        if code == BAD_FIELD and "token" in str(told.get("message", "")).lower():
            return TOKEN_GONE[0], ""
        _note_quota(content)
        return code, str(content.get("message_id", ""))


def _note_quota(content: Any) -> None:
    """A charged message is an alert: we only answer, which is free."""
    quota = content.get("quota") or {}
    if quota.get("quota_type") in ("purchase_quota", "reward_quota"):
        log.error("zalo.charged", channel=CHANNEL, reason=str(quota["quota_type"]))
