"""The widget's files and a scripted web API, on a real local server.

Everything that a page asks for is kept in `requests`. `plant` puts a fault into a
file, so that a test can show that its check finds it.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.gateway.assets import KINDS, Assets, Endpoint
from bot.gateway.pages import Pages
from bot.gateway.settings import Settings
from bot.gateway.sites import load_sites
from bot.reply import Reply
from knowledge.directory import Directory
from tests.servers import ROOT

WIDGET = ROOT / "bot" / "widget"
HERE = Path(__file__).parent
DEMO = ROOT / "docs" / "embedding"
ASSETS = Assets()
GATEWAY = "http://127.0.0.1:8000"  # where the pages of the docs expect the chat


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


@dataclass
class Act:
    """How the API treats one message; the default answers at once.

    `status`: refuse with it. `cut`: close after so many replies, without "done".
    `gap`: seconds after each line. `raw`: a line that is sent after the replies.
    `drop`: break the connection there, as a network does.
    """

    status: int = 200
    cut: int | None = None
    gap: float = 0.0
    raw: str = ""
    drop: bool = False


@dataclass
class Site:
    """The server's script, what it received, and the faults planted in its files."""

    port: int
    acts: deque[Act] = field(default_factory=deque)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    turns: list[dict[str, str]] = field(default_factory=list)
    sessions: int = 0
    ended: list[str] = field(default_factory=list)
    aborted: int = 0
    policy: str = ""  # instead of the pages' own
    cache: str = ""
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
        """Serve a file with a fault in it; the right text has to be there.

        Scripts and sheets are then served as they are written, not as built; of a
        page the fault is put into what the gateway makes.
        """
        if not file.endswith(".html"):
            assert right in (WIDGET / file).read_text("utf8"), f"{file}: {right}"
        self.faults.setdefault(file, []).append((right, wrong))

    def address(self, name: str) -> str:
        """Return where the pages find a file."""
        return f"/source/{name}" if self.faults else ASSETS.address(name)

    def text(self, name: str) -> str:
        """Return a built file; a page with a fault asks for its sources instead."""
        return "" if self.faults else ASSETS.text(name)

    def messages(self) -> list[dict[str, Any]]:
        """Return the bodies of all messages, repeated ones included."""
        return [json.loads(b) for _, p, b in self.requests if p.endswith("/message")]

    def app(self) -> Starlette:
        """Return the gateway's own pages, with a scripted web API behind them."""
        settings = Settings(sites_file=self.sites_file())
        directory = Directory.load()
        sites = load_sites(settings.sites_file, directory)
        pages = Pages(settings, lambda: directory, sites, self)
        return Starlette(
            routes=[
                *(Route(r.path, self._ours(r.endpoint)) for r in pages.routes()),
                Route("/source/{name}", self._source),
                Route("/host/{name}", self._host_page),
                Route("/webhooks/web/{name}", self._api, methods=["POST"]),
            ]
        )

    def sites_file(self) -> Path:
        """Write the shipped sites, and a test's own, for the port of this server."""
        content = (ROOT / "bot/gateway/sites.yml").read_text("utf8")
        content += "  test: {name: Test, origins: [http://localhost:8010]}\n"
        path = Path(tempfile.mkdtemp()) / "sites.yml"
        path.write_text(content.replace(":8010", f":{self.port}"), "utf8")
        return path

    def _ours(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            self._note(request)
            kept = [h for h in request.scope["headers"] if h[0] != b"accept-encoding"]
            request.scope["headers"] = kept  # faults are put into plain text
            response = await endpoint(request)
            body = bytes(response.body).decode()
            html = response.media_type == "text/html"
            faults = [f for n, f in self.faults.items() if html and n.endswith(".html")]
            for right, wrong in [pair for pairs in faults for pair in pairs]:
                body = body.replace(right, wrong)
            headers = {
                name: value
                for name, value in response.headers.items()
                if name != "content-length"
            }
            if self.policy:
                headers["content-security-policy"] = self.policy
            if self.cache:
                headers["cache-control"] = self.cache
            return Response(body, response.status_code, headers)

        return answer

    async def _source(self, request: Request) -> Response:
        """Serve a source file, with the faults planted into it."""
        self._note(request)
        name = request.path_params["name"]
        text = (WIDGET / name).read_text("utf8")
        for right, wrong in self.faults.get(name, []):
            text = text.replace(right, wrong)
        return Response(text, media_type=KINDS[Path(name).suffix])

    async def _host_page(self, request: Request) -> Response:
        """Show a page that embeds the chat: a test's own, or one of the docs."""
        self._note(request)
        name = f"{request.path_params['name']}.html"
        path = HERE / "pages" / name
        html = (path if path.is_file() else DEMO / name).read_text("utf8")
        html = html.replace("{{ url }}", self.url).replace(GATEWAY, self.url)
        return HTMLResponse(html, headers={"Cache-Control": self.cache or "no-store"})

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
            self._stream(replies, act), media_type="application/x-ndjson"
        )

    async def _stream(
        self, replies: list[dict[str, Any]], act: Act
    ) -> AsyncIterator[bytes]:
        yield line({"type": "ping"})
        yield line({"type": "tomorrow", "text": "of a later version"})
        try:
            for number, reply in enumerate(replies[: act.cut], start=1):
                yield line({"type": "reply", "id": f"m{number}", **reply})
                await asyncio.sleep(act.gap)
        except asyncio.CancelledError:
            self.aborted += 1  # the visitor went away, or pressed "stop"
            raise
        if act.drop:
            raise ConnectionResetError
        if act.raw:
            yield act.raw.encode()
        if act.cut is None and not act.raw:
            yield line({"type": "done"})


def answer_to(message: dict[str, str]) -> list[dict[str, Any]]:
    """Return the scripted replies to a text or a choice; else a small echo."""
    said = message.get("text") or message.get("choice")
    turns = script()["turns"]
    for turn in turns.values():
        if turn["say"] == said:
            replies: list[dict[str, Any]] = turn["replies"]
            return replies
    return [Reply(kind="answer", text=f"({said})").to_json()]


def line(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode() + b"\n"
