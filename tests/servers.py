"""Real local servers for the tests: free ports, uvicorn threads, the whole stack."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

ROOT = Path(__file__).resolve().parents[1]


# Below the ports that the system gives away by itself, and apart for each test process.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 4
_RANGE = range(20000 + 3000 * _WORKER, 23000 + 3000 * _WORKER)
_PORTS = itertools.islice(itertools.cycle(_RANGE), os.getpid() * 7 % 3000, None)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    for port in _PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError


@contextlib.contextmanager
def serve(app: Starlette, port: int) -> Iterator[str]:
    """Run an application in a thread; yields its address."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_level="critical",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, 15)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def wait_until(is_true: Callable[[], bool], seconds: float) -> None:
    """Wait for a condition.

    Raises:
        TimeoutError: it did not come true in time.
    """
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if is_true():
            return
        time.sleep(0.05)
    raise TimeoutError(f"not true within {seconds} s")


class Chat:
    """One person at the web API."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=30, trust_env=False)
        session = self.http.post("/webhooks/web/session", json={"site": "test"})
        session.raise_for_status()
        self.session: dict[str, Any] = session.json()
        self._count = 0

    def post(self, body: Any, **headers: str) -> httpx.Response:
        sent = {
            "Authorization": f"Bearer {self.session['token']}",
            "Accept": "application/json",
            **headers,
        }
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post("/webhooks/web/message", content=content, headers=sent)

    def say(self, text: str) -> list[dict[str, Any]]:
        """Send a text; returns the replies."""
        self._count += 1
        answer = self.post({"text": text, "client_id": f"t{self._count}"})
        assert answer.status_code == 200, answer.text
        replies: list[dict[str, Any]] = answer.json()["replies"]
        return replies

    def tap(self, choice: str) -> list[dict[str, Any]]:
        """Tap a button; returns the replies."""
        self._count += 1
        answer = self.post({"choice": choice, "client_id": f"t{self._count}"})
        assert answer.status_code == 200, answer.text
        replies: list[dict[str, Any]] = answer.json()["replies"]
        return replies


@dataclass
class Stack:
    """Gateway, dialogue and actions, started as `make run` starts them."""

    process: subprocess.Popen[bytes]
    address: str
    data_dir: Path
    output: Path

    def chat(self) -> Chat:
        return Chat(self.address)

    def parts(self) -> dict[str, str]:
        try:
            health = httpx.get(f"{self.address}/health", timeout=5, trust_env=False)
            parts: dict[str, str] = health.json()["parts"]
            return parts
        except (httpx.HTTPError, ValueError):
            return {"gateway": "down"}

    def wait_for(self, seconds: float = 240, **parts: str) -> None:
        """Wait until the parts have these states."""
        wait_until(lambda: parts.items() <= self.parts().items(), seconds)

    def wait_until_ready(self, seconds: float = 400) -> None:
        wait_until(lambda: set(self.parts().values()) == {"ok"}, seconds)

    def kill(self, command: str) -> None:
        """Kill -9 one child of ours whose command line contains the words."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in map(int, children.read_text().split()):
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
            if command.encode() in line:
                os.kill(pid, signal.SIGKILL)
                return
        raise LookupError(f"no child runs {command!r}")


def start_stack(data_dir: Path, output: Path, **environ: str) -> Stack:
    """Start `python -m bot.run` on free ports."""
    port = free_port()
    variables = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "GATEWAY_PORT": str(port),
        "DIALOGUE_PORT": str(free_port()),
        "ACTIONS_PORT": str(free_port()),
        "CONSOLE_PORT": str(free_port()),
        "TURNS_PER_FIVE_MINUTES": "1000",
        "OMP_NUM_THREADS": "1",
        **environ,
    }
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.run"],
            cwd=ROOT,
            env=variables,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Stack(process, f"http://127.0.0.1:{port}", data_dir, output)


def stop_stack(stack: Stack) -> int:
    """Stop it as Ctrl-C would; returns the exit status."""
    stack.process.send_signal(signal.SIGINT)
    return stack.process.wait(30)
