"""Users who write to a bot: in a closed loop, or at a fixed rate whatever it does."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

# Three of five messages are questions, as in the logs of helplines' chats.
MIX = ("card", "answer", "answer", "answer", "smalltalk")
# Nobody writes more in one conversation here; a person may write 20 in five minutes.
MESSAGES_OF_ONE = 8
TIMEOUT = 30.0

Messages = dict[str, list[str]]


class Bot(Protocol):
    """A bot behind HTTP."""

    @property
    def address(self) -> str: ...

    async def open(self, http: httpx.AsyncClient) -> str:
        """Begin a conversation; returns what names it."""

    async def say(
        self, http: httpx.AsyncClient, conversation: str, kind: str, text: str
    ) -> tuple[float, str]:
        """Say a text; returns when the first reply stood, and a fault or ""."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One message: seconds until the first reply, and until the whole turn was there.

    Both count from the moment at which the message was due.
    """

    kind: str
    first: float
    whole: float
    fault: str = ""


async def closed_loop(
    bot: Bot, messages: Messages, kinds: Sequence[str], users: int, seconds: float
) -> list[Sample]:
    """Let users write again as soon as they are answered; returns all messages."""
    until = time.perf_counter() + seconds
    samples: list[Sample] = []

    async def user(http: httpx.AsyncClient, number: int) -> None:
        chance = random.Random(number)
        person = Person(bot, http, messages, chance)
        while time.perf_counter() < until:
            kind = chance.choice(kinds)
            samples.append(await person.write(kind, time.perf_counter()))

    async with _client(bot, users) as http:
        await asyncio.gather(*(user(http, number) for number in range(users)))
    return samples


async def open_loop(
    bot: Bot, messages: Messages, users: int, rate: float, seconds: float
) -> list[Sample]:
    """Let messages fall due at random, `rate` a second; a late start counts as waiting.

    Each is written by the user who has been free the longest.
    """
    due: asyncio.Queue[float] = asyncio.Queue()
    samples: list[Sample] = []

    async def user(http: httpx.AsyncClient, number: int) -> None:
        chance = random.Random(number)
        person = Person(bot, http, messages, chance)
        while (moment := await due.get()) > 0:
            samples.append(await person.write(chance.choice(MIX), moment))

    async with _client(bot, users) as http:
        people = [asyncio.create_task(user(http, number)) for number in range(users)]
        await _plan(due.put, rate, seconds)
        for _ in people:
            await due.put(0.0)
        await asyncio.gather(*people)
    return samples


async def _plan(
    put: Callable[[float], Awaitable[None]], rate: float, seconds: float
) -> None:
    chance = random.Random(111)
    moment = time.perf_counter()
    until = moment + seconds
    while (moment := moment + chance.expovariate(rate)) < until:
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        await put(moment)


class Person:
    """One user, who begins a new conversation now and again."""

    def __init__(
        self,
        bot: Bot,
        http: httpx.AsyncClient,
        messages: Messages,
        chance: random.Random,
    ) -> None:
        self._bot, self._http = bot, http
        self._messages, self._chance = messages, chance
        # At the start people are anywhere in their conversations.
        self._conversation, self._left = "", chance.randrange(1, MESSAGES_OF_ONE)

    async def write(self, kind: str, due: float) -> Sample:
        """Write a message of a kind that was due at a moment of `perf_counter`."""
        text = self._chance.choice(self._messages[kind])
        first = time.perf_counter()
        try:
            if not self._conversation or not self._left:
                began = time.perf_counter()
                is_next = bool(self._conversation)
                self._conversation = await self._bot.open(self._http)
                self._left = MESSAGES_OF_ONE if is_next else self._left
                due += time.perf_counter() - began  # the page did this before
            self._left -= 1
            conversation = self._conversation
            first, fault = await self._bot.say(self._http, conversation, kind, text)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            fault = type(error).__name__
        now = time.perf_counter()
        return Sample(kind, first - due, now - due, fault)


def _client(bot: Bot, users: int) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=users, max_keepalive_connections=users)
    return httpx.AsyncClient(
        base_url=bot.address, timeout=TIMEOUT, limits=limits, trust_env=False
    )


def quantiles(seconds: Sequence[float]) -> tuple[float, float, float]:
    """Return p50, p95 and p99 in milliseconds; at least one value is needed."""
    if len(seconds) == 1:
        return (seconds[0] * 1000,) * 3
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return cuts[49] * 1000, cuts[94] * 1000, cuts[98] * 1000
