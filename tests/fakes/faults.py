"""Answers that go wrong on purpose: errors, hangs, connections cut after receipt."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class CutResponse(Response):
    """Promises a body and closes the connection before it is there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"1000")]
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@dataclass
class Faults:
    """What the next calls of a method get; kinds that the platform names itself too.

    `hang` and `cut` come after the call has been carried out.
    """

    planned: dict[str, deque[dict[str, Any]]] = field(default_factory=dict)

    def plan(self, method: str, kind: str, times: int = 1, **more: Any) -> None:
        """Let the next calls of a method fail."""
        line = self.planned.setdefault(method, deque())
        line.extend({"kind": kind, **more} for _ in range(times))

    def take(self, method: str) -> dict[str, Any]:
        line = self.planned.get(method)
        return line.popleft() if line else {"kind": ""}

    def clear(self) -> None:
        self.planned.clear()


async def after(fault: dict[str, Any], answer: Callable[[], Response]) -> Response:
    """Return the answer of a call that was carried out, or what a fault makes of it."""
    if fault["kind"] == "hang":
        await asyncio.sleep(float(fault.get("seconds", 30)))
    if fault["kind"] == "cut":
        return CutResponse()
    return answer()
