"""The widget's files and a scripted web API, on a real local server.

Everything that a page asks for is kept in `requests`. `plant` puts a fault into a
file, so that a test can show that its check finds it.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, Template
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.reply import Reply
from tests.servers import ROOT

WIDGET = ROOT / "bot" / "widget"
HERE = Path(__file__).parent
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
PAGES = {"/": "home.html", "/thoat": "exit.html", "/widget/v1/frame": "frame.html"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {ancestors}; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)


@cache
def script() -> dict[str, Any]:
    """Return the scripted replies, their numbers written out."""
    content: dict[str, Any] = json.loads((HERE / "replies.json").read_text("utf8"))
    lines = {line["number"]: line for line in content["lines"]}

    def whole(reply: dict[str, Any]) -> dict[str, Any]:
        numbers = [lines.get(str(n), n) for n in reply.get("numbers", [])]
        return Reply.from_json({**reply, "numbers": numbers}).to_json()

    content["greeting"] = whole(content["greeting"])
    content["errors"] = {k: whole(r) for k, r in content["errors"].items()}
    for turn in content["turns"].values():
        turn["replies"] = [whole(reply) for reply in turn["replies"]]
    return content


@cache
def template(text: str) -> Template:
    return Environment(autoescape=True).from_string(text)


@dataclass
class Act:
    """How the API treats one message; the default answers at once.

    `status`: refuse with it. `cut`: close after so many replies, without "done".
    `gap`: seconds before each line. `raw`: a line that is sent after the replies.
    """

    status: int = 200
    cut: int | None = None
    gap: float = 0.0
    raw: str = ""


@dataclass
class Site:
    """The server's script, what it received, and the faults planted in its files."""

    port: int
    acts: deque[Act] = field(default_factory=deque)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    turns: list[dict[str, str]] = field(default_factory=list)
    sessions: int = 0
    ended: list[str] = field(default_factory=list)
    policy: str = POLICY
    cache: str = "no-store"
    faults: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _done: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        """Return the same server under another origin, for pages that embed us."""
        return f"http://localhost:{self.port}"

    def reset(self) -> None:
        vars(self).update(vars(Site(self.port)))

    def plant(self, file: str, right: str, wrong: str) -> None:
        """Serve a file with a fault in it; the right text has to be there."""
        assert right in (WIDGET / file).read_text("utf8"), f"{file}: {right}"
        self.faults.setdefault(file, []).append((right, wrong))

    def messages(self) -> list[dict[str, Any]]:
        """Return the bodies of all messages, repeated ones included."""
        return [json.loads(b) for _, p, b in self.requests if p.endswith("/message")]

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                *(Route(path, self._page) for path in PAGES),
                Route("/widget/v1/{name}", self._file),
                Route("/host/{name}", self._host_page),
                Route("/webhooks/web/{name}", self._api, methods=["POST"]),
            ]
        )

    def _read(self, name: str) -> str:
        text = (WIDGET / name).read_text("utf8")
        for right, wrong in self.faults.get(name, []):
            text = text.replace(right, wrong)
        return text

    async def _page(self, request: Request) -> Response:
        self._note(request)
        html = template(self._read(PAGES[request.url.path])).render(
            lines=script()["lines"],
            site=request.query_params.get("site", ""),
            exit_url="/thoat",
        )
        return self._secured(HTMLResponse(html))

    async def _file(self, request: Request) -> Response:
        self._note(request)
        name = Path(request.path_params["name"])
        if name.suffix not in TYPES or not (WIDGET / name).is_file():
            return Response(status_code=404)
        return self._secured(
            Response(self._read(name.name), media_type=TYPES[name.suffix])
        )

    async def _host_page(self, request: Request) -> Response:
        self._note(request)
        html = (HERE / "pages" / f"{request.path_params['name']}.html").read_text(
            "utf8"
        )
        response = HTMLResponse(html.replace("{{ url }}", self.url))
        response.headers["Cache-Control"] = self.cache
        return response

    def _secured(self, response: Response) -> Response:
        ancestors = f"'self' {self.host}"
        response.headers.update(
            {
                "Content-Security-Policy": self.policy.format(ancestors=ancestors),
                "Referrer-Policy": "no-referrer",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": self.cache,
            }
        )
        return response

    def _note(self, request: Request, body: str = "") -> None:
        address = request.url.path + (f"?{q}" if (q := request.url.query) else "")
        self.requests.append((request.method, address, body))

    async def _api(self, request: Request) -> Response:
        body = (await request.body()).decode()
        self._note(request, body)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        match request.path_params["name"]:
            case "session":
                return self._session()
            case "message" if token in self.ended or not token:
                return JSONResponse({"replies": []}, 401)
            case "message":
                return self._message(json.loads(body))
            case "forget":
                self.ended.append(token)
                clear = {"Clear-Site-Data": '"cache", "storage"'}
                return Response(status_code=204, headers=clear)
        return Response(status_code=204)

    def _session(self) -> Response:
        self.sessions += 1
        return JSONResponse(
            {
                "token": f"token-{self.sessions}",
                "expires_in": 3600,
                "greeting": [script()["greeting"]],
                "hotlines": script()["lines"],
            }
        )

    def _message(self, message: dict[str, str]) -> Response:
        act = self.acts.popleft() if self.acts else Act()
        if act.status != 200:
            reply = script()["errors"].get(str(act.status))
            return JSONResponse({"replies": [reply] if reply else []}, act.status)
        replies = self._done.get(message["client_id"])
        if replies is None:
            self.turns.append(message)
            replies = self._done[message["client_id"]] = answer_to(message)
        return StreamingResponse(
            stream(replies, act), media_type="application/x-ndjson"
        )


def answer_to(message: dict[str, str]) -> list[dict[str, Any]]:
    """Return the scripted replies to a text or a choice; else a small echo."""
    said = message.get("text") or message.get("choice")
    turns = script()["turns"]
    for turn in turns.values():
        if turn["say"] == said:
            replies: list[dict[str, Any]] = turn["replies"]
            return replies
    return [Reply(kind="answer", text=f"({said})").to_json()]


async def stream(replies: list[dict[str, Any]], act: Act) -> AsyncIterator[bytes]:
    yield line({"type": "ping"})
    yield line({"type": "tomorrow", "text": "of a later version"})
    for number, reply in enumerate(replies[: act.cut], start=1):
        yield line({"type": "reply", "id": f"m{number}", **reply})
        await asyncio.sleep(act.gap)
    if act.raw:
        yield act.raw.encode()
    if act.cut is None and not act.raw:
        yield line({"type": "done"})


def line(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode() + b"\n"
