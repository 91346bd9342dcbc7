"""The pair of tokens of Zalo, and its renewal.

A refresh token works once. It is used by one process at a time, which holds a lease,
and by a process of its own, so that the death of a gateway never loses the answer:
what remains is a power cut between Zalo's answer and one durable write.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import secrets
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import structlog

from bot.gateway import lanes
from bot.gateway.channels.base import LaterError
from bot.gateway.inbox import keep, kept
from bot.gateway.settings import ROOT, Settings
from bot.gateway.store import Store, StoreError

log = structlog.get_logger()

ROW, BEGUN, LEASE = "zalo_token", "zalo_authorization", "zalo_token"
LEASE_SECONDS, CALL_SECONDS, WAIT_SECONDS = 60.0, 20.0, 45.0
PAUSE_SECONDS = 60.0
BEGUN_SECONDS = 600.0
USUAL_LIFETIME = 3000.0
TOKEN_PATH, PERMISSION_PATH = "/v4/oa/access_token", "/v4/oa/permission"
AUTHORIZED = "/webhooks/zalo/authorized"


class TokenError(Exception):
    """Zalo gave no new pair; the message says why, without any token."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and the refresh token that renews it, once.

    `generation` counts the pairs; moments are seconds since 1970.
    """

    access: str = ""
    refresh: str = ""
    expires_at: float = 0.0
    lifetime: float = USUAL_LIFETIME
    renewed_at: float = 0.0
    generation: int = 0
    failed_at: float = 0.0
    error: str = ""

    def is_old(self, now: float) -> bool:
        """Tell whether it should be renewed: a fifth, or ten minutes, are left."""
        early = min(max(self.lifetime / 5, 600.0), self.lifetime / 2)
        return self.expires_at - now < early


def read_pair(store: Store) -> Pair:
    """Return the stored pair, an empty one if there is none.

    Raises:
        StoreError: the database does not answer.
    """
    return Pair(**(store.do(lambda db: kept(db, store, ROW)) or {}))


class Tokens:
    """What the channel asks for a token."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._pair = Pair()
        self._lock = asyncio.Lock()

    async def access(self, refused: str = "") -> str:
        """Return an access token; `refused` is one that Zalo did not take.

        Raises:
            LaterError: there is none now.
        """
        async with self._lock:
            if self._is_spent(refused):
                await self._read()  # another process may have renewed it
            if self._pair.refresh and self._is_spent(refused):
                await self._renew()
            if not self._pair.access or self._pair.access == refused:
                raise LaterError("no token", after=5.0)
            return self._pair.access

    @property
    def details(self) -> dict[str, Any]:
        """Return what an operator should see: times and the last error."""
        return described(self._pair, self._store.now())

    async def look(self) -> None:
        """Read what another process, or an authorisation, has stored."""
        async with self._lock:
            await self._read()

    @property
    def is_lost(self) -> bool:
        """True when a person has to authorise again."""
        return not self._pair.refresh or bool(self._pair.error)

    def _is_spent(self, refused: str) -> bool:
        pair = self._pair
        return pair.access in ("", refused) or pair.is_old(self._store.now())

    async def _read(self) -> None:
        try:
            told = await self._store.run(lambda db: kept(db, self._store, ROW))
            self._pair = Pair(**(told or {}))
        except StoreError as error:
            log.warning("store.failed", error=str(error))

    async def _renew(self) -> None:
        if self._store.now() - self._pair.failed_at < PAUSE_SECONDS:
            return
        renewal = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.gateway.channels.zalo_renew"),
            str(self._pair.generation),
            cwd=ROOT,
            env={**os.environ, **self._settings.environ()},
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # it outlives us
        )
        try:
            await asyncio.wait_for(renewal.wait(), LEASE_SECONDS)
        except TimeoutError:
            log.error("zalo.renewal_slow", channel="zalo")
        await self._read()


def renew(settings: Settings, store: Store, generation: int) -> None:
    """Renew the pair of this generation, unless somebody has done so.

    Raises:
        StoreError: the database does not answer.
    """
    owner, until = secrets.token_hex(8), time.monotonic() + WAIT_SECONDS
    while not store.do(
        lambda db: lanes.take_lease(db, store, LEASE, owner, LEASE_SECONDS)
    ):
        if time.monotonic() > until or read_pair(store).generation != generation:
            return
        time.sleep(0.1)
    try:
        pair = read_pair(store)
        rested = store.now() - pair.failed_at > PAUSE_SECONDS
        if pair.generation == generation and rested:
            _exchange_refresh(settings, store, pair)
    finally:
        store.do(lambda db: lanes.give_lease(db, LEASE, owner))


def _exchange_refresh(settings: Settings, store: Store, pair: Pair) -> None:
    asked = {"refresh_token": pair.refresh, "grant_type": "refresh_token"}
    try:
        keep_pair(store, _ask(settings, asked), pair.generation)
    except httpx.HTTPError as error:
        log.warning("zalo.renewal_failed", channel="zalo", error=type(error).__name__)
    except TokenError as error:
        log.error("zalo.authorization_needed", channel="zalo", reason=str(error))
        failed = {**asdict(pair), "failed_at": store.now(), "error": str(error)}
        store.do(lambda db: keep(db, store, ROW, failed), True)


def keep_pair(store: Store, told: dict[str, Any], generation: int) -> None:
    """Write a new pair durably, before anybody uses it."""
    now = store.now()
    lifetime = float(told.get("expires_in") or USUAL_LIFETIME)
    pair = Pair(
        access=str(told["access_token"]),
        refresh=str(told["refresh_token"]),
        expires_at=now + lifetime,
        lifetime=lifetime,
        renewed_at=now,
        generation=generation + 1,
    )
    store.do(lambda db: keep(db, store, ROW, asdict(pair)), True)


def begin_authorization(settings: Settings, store: Store) -> str:
    """Return the address that an administrator of the account opens once."""
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    begun = {"verifier": verifier, "state": state, "at": store.now()}
    store.do(lambda db: keep(db, store, BEGUN, begun))
    told = {
        "app_id": settings.zalo_app_id,
        "redirect_uri": settings.public_url.rstrip("/") + AUTHORIZED,
        "code_challenge": challenge_of(verifier),
        "state": state,
    }
    return f"{settings.zalo_oauth_base}{PERMISSION_PATH}?{urlencode(told)}"


def end_authorization(
    settings: Settings, store: Store, code: str, state: str, oa_id: str
) -> None:
    """Exchange the code that Zalo's redirect brought; it works once.

    Raises:
        TokenError: not begun here, too late, another account, or Zalo refused.
    """
    begun = store.do(lambda db: kept(db, store, BEGUN)) or {}
    known = begun.get("state", "")
    if not (code and known and secrets.compare_digest(known.encode(), state.encode())):
        raise TokenError("not begun here")
    store.do(lambda db: keep(db, store, BEGUN, {}))
    if store.now() - begun["at"] > BEGUN_SECONDS:
        raise TokenError("too late: begin again")
    if oa_id != settings.zalo_oa_id:
        raise TokenError("another Official Account than ZALO_OA_ID")
    asked = {
        "code": code,
        "grant_type": "authorization_code",
        "code_verifier": begun["verifier"],
    }
    try:
        told = _ask(settings, asked)
    except httpx.HTTPError as error:
        raise TokenError(type(error).__name__) from None
    keep_pair(store, told, read_pair(store).generation)


def challenge_of(verifier: str) -> str:
    """Return the PKCE challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def described(pair: Pair, now: float) -> dict[str, Any]:
    """Return times of a pair, never a token."""
    return {
        "token_expires_in": round(pair.expires_at - now) if pair.access else None,
        "refresh_age_days": round((now - pair.renewed_at) / 86400, 1)
        if pair.refresh
        else None,
        "renewals": pair.generation,
        "error": pair.error,
    }


def _ask(settings: Settings, asked: dict[str, str]) -> dict[str, Any]:
    """Ask for a pair.

    Raises:
        TokenError: Zalo refused.
        httpx.HTTPError: no answer, or none of sense.
    """
    answer = httpx.post(
        settings.zalo_oauth_base + TOKEN_PATH,
        data={**asked, "app_id": settings.zalo_app_id},
        headers={"secret_key": settings.zalo_app_secret.get_secret_value()},
        timeout=CALL_SECONDS,
    )
    if answer.status_code >= 500:
        answer.raise_for_status()
    try:
        told: dict[str, Any] = answer.json()
    except ValueError:
        raise TokenError("no JSON") from None
    if not told.get("access_token") or not told.get("refresh_token"):
        code = told.get("error")
        raise TokenError(f"{code} {told.get('message') or told.get('error_name')}"[:60])
    return told
