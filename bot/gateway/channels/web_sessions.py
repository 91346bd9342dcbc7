"""Sessions of the web channel: signed tokens without a cookie or a row anywhere."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import defaultdict, deque

from starlette.requests import Request

from bot.gateway.settings import Settings

LOOPBACK = ("127.0.0.1", "::1")


class Sessions:
    """Makes and reads tokens, and counts how many an address opens."""

    def __init__(self, secret: bytes, settings: Settings) -> None:
        self._secret, self._settings = secret, settings
        self._opened: defaultdict[str, deque[float]] = defaultdict(deque)

    def token(self) -> str:
        """Return a new session's token; nothing is kept of it."""
        expires = int(time.time()) + self._settings.session_seconds
        claim = f"{secrets.token_hex(16)}.{expires}"
        return f"{claim}.{self._sign(claim)}"

    def sender(self, request: Request) -> str | None:
        """Return the pseudonym of a valid token's bearer."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claim, _, signature = token.rpartition(".")
        if scheme.lower() != "bearer" or not signature.isascii():
            return None
        if not hmac.compare_digest(signature, self._sign(claim)):
            return None
        session, _, expires = claim.partition(".")
        if int(expires) < time.time():
            return None
        return f"web-{self._sign('sender:' + session)[:32]}"

    def _sign(self, claim: str) -> str:
        return hmac.new(self._secret, claim.encode(), hashlib.sha256).hexdigest()

    def may_open(self, host: str) -> bool:
        """Count a session of an address; False when there were too many in an hour."""
        if host in LOOPBACK:
            return True
        prefix = ":".join(host.split(":")[:4]) if ":" in host else host
        key = hashlib.sha256(self._secret + prefix.encode()).hexdigest()
        opened, now = self._opened[key], time.monotonic()
        while opened and now - opened[0] > 3600:
            opened.popleft()
        if len(opened) >= self._settings.sessions_per_hour:
            return False
        opened.append(now)
        return True
