"""Built files of the widget and how they are sent: hashes, caches, gzip, policy."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

WIDGET = Path(__file__).resolve().parents[1] / "widget"
BUILT = WIDGET / "built"
KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html",
    ".xml": "application/xml",
    ".txt": "text/plain",
}
SECONDS_A_YEAR = 31_536_000
FOREVER = f"public, max-age={SECONDS_A_YEAR}, immutable"
# What may change at any time is asked for again, and mostly answered by 304.
ASK_AGAIN = "no-cache"
# The loader: a page of a host asks once an hour, and a change needs an hour.
AN_HOUR = "public, max-age=3600"
NEVER = "no-store"
WORTH_GZIP = 400  # bytes

Endpoint = Callable[[Request], Awaitable[Response]]


def policy(
    ancestors: str, styles: Iterable[str] = (), scripts: Iterable[str] = ()
) -> str:
    """Return the Content-Security-Policy of a page of ours.

    Args:
        ancestors: sources that may frame it.
        styles, scripts: the texts of its `<style>` and `<script>` elements.
    """
    return (
        f"default-src 'none'; script-src {_allowed(scripts)}; connect-src 'self'; "
        f"style-src {_allowed(styles)}; img-src 'self' data:; base-uri 'none'; "
        f"form-action 'self'; frame-ancestors {ancestors}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _allowed(texts: Iterable[str]) -> str:
    """Return the sources for our own files and for exactly these texts."""
    digests = (hashlib.sha256(text.encode()).digest() for text in texts if text)
    hashes = (f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)
    return " ".join(["'self'", *hashes])


def respond(
    request: Request,
    content: str | bytes,
    suffix: str,
    cache: str,
    *,
    status: int = 200,
    own_policy: str = "",
) -> Response:
    """Return content with its headers; 304 where the browser has it already."""
    body = content.encode() if isinstance(content, str) else content
    headers = {
        "Cache-Control": cache,
        "Content-Security-Policy": own_policy or policy("'self'"),
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if cache != NEVER and status == 200:
        headers["ETag"] = f'W/"{digest_of(body)}"'
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    if len(body) > WORTH_GZIP and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status, headers, media_type=KINDS[suffix])


def digest_of(content: bytes) -> str:
    """Return a short digest that names a version of some content."""
    return hashlib.sha256(content).hexdigest()[:12]


class Assets:
    """The built files; a change of one byte changes its address."""

    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}
        self._contents: dict[str, bytes] = {}
        for path in (*sorted(BUILT.iterdir()), WIDGET / "icon.svg"):
            content = path.read_bytes()
            name = f"{path.stem}.{digest_of(content)}{path.suffix}"
            self._addresses[path.name] = f"/widget/v1/{name}"
            self._contents[path.name] = content

    def address(self, name: str) -> str:
        """Return the address of the version of a file that is served now.

        Raises:
            KeyError: there is no such file.
        """
        return self._addresses[name]

    def text(self, name: str) -> str:
        """Return the text of a built file."""
        return self._contents[name].decode()

    def routes(self) -> list[Route]:
        """Return a route for every file but the loader, which has a fixed address."""
        return [
            Route(address, self._endpoint(name))
            for name, address in self._addresses.items()
            if name != "loader.js"
        ]

    def _endpoint(self, name: str) -> Endpoint:
        content, suffix = self._contents[name], Path(name).suffix

        async def answer(request: Request) -> Response:
            return respond(request, content, suffix, FOREVER)

        return answer
