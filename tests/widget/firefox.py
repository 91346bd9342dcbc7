"""Debian's Firefox, driven by WebDriver BiDi; Playwright's own is another build."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websockets

FIREFOX = Path("/usr/bin/firefox-esr")
# No request of the browser's own, and every host but this machine is unreachable.
PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.provider.mozilla.updateURL": "",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1,localhost",
    "services.settings.server": "",
    "toolkit.telemetry.enabled": False,
}
PATIENCE = 10.0  # seconds
SHIFT = "\ue008"


class Firefox:
    """One window of a running Firefox; all calls wait for their answer."""

    def __init__(self, address: str) -> None:
        # A loop of its own: Playwright's may be running in the tests' thread.
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._socket = self._do(self._connect(address))
        self._ids = itertools.count(1)
        self.send("session.new", capabilities={})
        self.tab: str = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method: str, **params: Any) -> Any:
        return self._do(self._send(method, params))

    def _do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(40)

    async def _connect(self, address: str) -> Any:
        return await websockets.connect(f"{address}/session", max_size=None)  # type: ignore[attr-defined]

    async def _send(self, method: str, params: dict[str, Any]) -> Any:
        number = next(self._ids)
        await self._socket.send(
            json.dumps({"id": number, "method": method, "params": params})
        )
        while True:
            answer = json.loads(await asyncio.wait_for(self._socket.recv(), 30))
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def open(self, url: str) -> None:
        self.send(
            "browsingContext.navigate", context=self.tab, url=url, wait="complete"
        )

    def back(self) -> None:
        self.send("browsingContext.traverseHistory", context=self.tab, delta=-1)

    def frame(self) -> str:
        """Return the context of the page's frame."""
        tree = self.send("browsingContext.getTree", root=self.tab)["contexts"][0]
        return str(tree["children"][0]["context"])

    def run(self, expression: str, context: str = "") -> Any:
        """Return what an expression gives; a person has just acted, for the browser."""
        result = self.send(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then(v => JSON.stringify(v))",
            target={"context": context or self.tab},
            awaitPromise=True,
            userActivation=True,
        )
        assert result["type"] == "success", result
        value = result["result"].get("value")
        return json.loads(value) if value else None

    def wait(self, expression: str, context: str = "") -> None:
        """Wait until an expression is true.

        Raises:
            AssertionError: it did not become so in time.
        """
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            try:
                if self.run(expression, context):
                    return
            except AssertionError:
                pass  # the page is just changing
            time.sleep(0.05)
        raise AssertionError(f"not true in Firefox: {expression}")

    def press(self, *keys: str, context: str = "") -> None:
        """Press keys one after the other; "a+b" holds a while it presses b."""
        actions = []
        for key in keys:
            *held, last = key.split("+")
            downs = [{"type": "keyDown", "value": k} for k in (*held, last)]
            ups = [{"type": "keyUp", "value": k} for k in (last, *reversed(held))]
            actions += downs + ups
        self.send(
            "input.performActions",
            context=context or self.tab,
            actions=[{"type": "key", "id": "keyboard", "actions": actions}],
        )

    def click(self, selector: str, context: str = "") -> None:
        """Click with the mouse in the middle of an element."""
        x, y = self.run(
            f"(() => {{ const b = document.querySelector({selector!r})"
            ".getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()",
            context,
        )
        move = {"type": "pointerMove", "x": round(x), "y": round(y)}
        down = [
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self.send(
            "input.performActions",
            context=context or self.tab,
            actions=[{"type": "pointer", "id": "mouse", "actions": [move, *down]}],
        )


@contextmanager
def running_firefox() -> Iterator[Firefox]:
    """Start a Firefox with an empty profile, and end it."""
    with tempfile.TemporaryDirectory() as profile:
        lines = (
            f"user_pref({name!r}, {json.dumps(value)});".replace("'", '"')
            for name, value in PREFERENCES.items()
        )
        Path(profile, "user.js").write_text("\n".join(lines), "utf8")
        process = subprocess.Popen(
            [FIREFOX, "--headless", "--remote-debugging-port=0", "--profile", profile],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert process.stderr
            for line in process.stderr:
                if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                    yield Firefox(found[1])
                    return
            raise AssertionError("Firefox did not start")
        finally:
            process.terminate()
            process.wait(20)
