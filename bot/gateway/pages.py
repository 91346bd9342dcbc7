"""The pages of the gateway: home, chat frame, loader, the neutral exit."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.gateway.lines import CHILD_LINE
from bot.gateway.settings import Settings
from bot.gateway.turn import Gateway

WIDGET = Path(__file__).resolve().parents[1] / "widget"
KINDS = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {ancestors}; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)

Endpoint = Callable[[Request], Awaitable[Response]]


class Pages:
    """Pages and files that hold no state and set no cookie."""

    def __init__(self, settings: Settings, gateway: Gateway) -> None:
        self._settings = settings
        self._gateway = gateway
        self._templates = Environment(
            loader=FileSystemLoader(WIDGET), autoescape=select_autoescape()
        )

    def routes(self) -> list[Route]:
        return [
            Route("/", self._page("home.html")),
            Route("/thoat", self._page("exit.html")),
            Route("/widget/v1/frame", self._page("frame.html")),
            *(
                Route(f"/widget/v1/{path.name}", self._file(path))
                for path in sorted(WIDGET.iterdir())
                if path.suffix in KINDS
            ),
        ]

    def _page(self, name: str) -> Endpoint:
        async def answer(request: Request) -> Response:
            html = self._templates.get_template(name).render(
                lines=self._lines(),
                site=request.query_params.get("site", "")[:40],
                exit_url=self._settings.exit_url,
            )
            return self._secured(Response(html, media_type="text/html"), "no-store")

        return answer

    def _file(self, path: Path) -> Endpoint:
        content = path.read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'

        async def answer(request: Request) -> Response:
            if request.headers.get("if-none-match") == tag:
                return Response(status_code=304, headers={"ETag": tag})
            kind = KINDS[path.suffix]
            response = Response(content, media_type=kind, headers={"ETag": tag})
            return self._secured(response, "no-cache")

        return answer

    def _lines(self) -> list[dict[str, str]]:
        directory = self._gateway.directory()
        shown = [directory.phone(line) for line in (CHILD_LINE, "vn-113", "vn-115")]
        return [asdict(phone) for phone in shown if phone]

    def _secured(self, response: Response, cache: str) -> Response:
        response.headers.update(
            {
                "Content-Security-Policy": POLICY.format(
                    ancestors=self._settings.frame_ancestors
                ),
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
                "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
                "Cache-Control": cache,
            }
        )
        return response
