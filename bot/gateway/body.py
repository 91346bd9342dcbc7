"""Reading a request's body with a limit on its length and on the time it takes."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

SECONDS = 10.0


class BodyError(Exception):
    """The body is not to be had; `status` says so to the sender."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def read_body(request: Request, limit: int) -> bytes:
    """Return the raw body.

    Raises:
        BodyError: longer than `limit` bytes (413), too slow (408), or cut off (400).
    """
    received = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                received += chunk
                if len(received) > limit:
                    raise BodyError(413)
    except TimeoutError:
        raise BodyError(408) from None
    except ClientDisconnect:
        raise BodyError(400) from None
    return bytes(received)
