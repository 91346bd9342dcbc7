"""The bench can tell slow from fast, and wrong from right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.bench.bots import Bare, Product, messages
from tests.bench.load import (
    MESSAGES_OF_ONE,
    Bot,
    Sample,
    closed_loop,
    open_loop,
    quantiles,
)
from tests.bench.report import BARE, PRODUCT, Result, Round, markdown
from tests.servers import free_port, serve

SAID = {"card": ["a"], "answer": ["b"], "smalltalk": ["c"]}
SECONDS = 0.05


class SlowBot:
    """Works on one message at a time, `SECONDS` each, as one thread does."""

    def __init__(self) -> None:
        self.sessions: dict[str, int] = {}
        self.lock = asyncio.Lock()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/webhooks/web/session", self.open, methods=["POST"]),
                Route("/webhooks/web/message", self.say, methods=["POST"]),
                Route("/webhooks/rest/webhook", self.rest, methods=["POST"]),
            ]
        )

    async def open(self, _request: Request) -> Response:
        token = str(len(self.sessions))
        self.sessions[token] = 0
        return JSONResponse({"token": token})

    async def say(self, request: Request) -> Response:
        self.sessions[request.headers["authorization"].split()[1]] += 1
        return StreamingResponse(self.lines())

    async def lines(self) -> AsyncIterator[bytes]:
        yield b'{"type": "reply", "kind": "card"}\n'
        async with self.lock:
            await asyncio.sleep(SECONDS)
        yield b'{"type": "done"}\n'

    async def rest(self, _request: Request) -> Response:
        return JSONResponse([])


@pytest.fixture
def bot() -> Iterator[tuple[SlowBot, str]]:
    slow = SlowBot()
    with serve(slow.app(), free_port()) as address:
        yield slow, address


def test_that_a_closed_loop_tells_first_reply_from_whole_turn(
    bot: tuple[SlowBot, str],
) -> None:
    slow, address = bot
    samples = asyncio.run(closed_loop(Product(address), SAID, ["card"], 2, 1.5))
    assert not any(sample.fault for sample in samples)
    assert min(sample.whole for sample in samples) >= SECONDS
    assert quantiles([s.first for s in samples])[0] < SECONDS * 1000
    assert len(samples) <= 1.5 / SECONDS + 2
    # Nobody comes near the gateway's limit of one conversation.
    assert max(slow.sessions.values()) <= MESSAGES_OF_ONE
    assert len(slow.sessions) > 2


def test_that_an_open_loop_counts_the_wait_of_messages_that_start_late(
    bot: tuple[SlowBot, str],
) -> None:
    """Twice what the bot can do, so that the last waits for about a second."""
    rate = 2 / SECONDS
    samples = asyncio.run(open_loop(Product(bot[1]), SAID, 2, rate, 1.0))
    assert max(sample.whole for sample in samples) > 0.5


def test_that_a_wrong_or_missing_reply_is_a_fault(bot: tuple[SlowBot, str]) -> None:
    product, bare = Product(bot[1]), Bare(bot[1])
    for kind in ("answer", "smalltalk"):
        assert faults(product, kind) == {f"card for {kind}"}
    assert faults(bare, "card") == {"nothing"}
    assert faults(Bare(f"{bot[1]}/no"), "card") == {"HTTPStatusError"}


def faults(bot: Bot, kind: str) -> set[str]:
    return {s.fault for s in asyncio.run(closed_loop(bot, SAID, [kind], 1, 0.5))}


def test_that_a_missed_bar_is_told() -> None:
    fast = [Sample("card", 0.01, 0.02), Sample("card", 0.02, 0.03)]
    slow = [Sample("card", 0.3, 0.4), Sample("card", 0.3, 0.4, "cut")]
    result = Result("a machine", open_loop=fast)
    assert "100: met" in markdown(result)
    assert "Faults: none (of 2 messages)" in markdown(result)
    result.open_loop = slow
    assert "100: MISSED" in markdown(result)
    assert "Faults: cut: 1 (of 2 messages)" in markdown(result)


def test_that_ratios_compare_the_same_load() -> None:
    fast = [Sample("card", 0.01, 0.01)] * 20
    slow = [Sample("card", 0.04, 0.04)] * 10
    rounds = [
        Round(PRODUCT, 10, "card", 1.0, fast),
        Round(BARE, 50, "card", 1.0, slow),
        Round(BARE, 10, "card", 1.0, slow),
    ]
    told = markdown(Result("a machine", rounds))
    assert "| 0.25 | 0.25 | 20.0 | 10.0 | 2.0 | 0 |" in told


def test_that_everything_said_is_of_its_kind() -> None:
    product, bare = messages()
    assert set(product) == set(bare) == {"card", "answer", "smalltalk"}
    assert min(len(texts) for texts in product.values()) >= 5
