"""What stands between a chat message and `handle_turn`: floods, delays, menus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from bot.gateway.conversation import Conversation
from bot.gateway.gate import assess_safely
from bot.gateway.inbox import FLOOD_SECONDS, Task
from bot.gateway.message import Message
from bot.gateway.render import Part
from bot.gateway.settings import Settings
from bot.gateway.store import Store
from bot.gateway.texts import fixed_reply, texts
from bot.gateway.turn import MAX_TEXT, Gateway, asks_to_forget, handle_turn
from bot.reply import Button, Reply
from bot.safety.triage import Level

log = structlog.get_logger()

# The choice of a button that means nothing any more.
STALE = "stale"
LATE_SECONDS = 6 * 3600.0
STICKER_SECONDS = 600.0
MENU_SECONDS = 600.0
HANDOVER_SECONDS = 1800.0
# The person has blocked us, or takes back the consent: nobody to answer.
LEAVING = ("left", "withdrawn")
URGENT_TAPS = ("need_help", "danger_now")


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of a chat around the one path."""

    gateway: Gateway
    settings: Settings
    store: Store

    async def replies(
        self, message: Message, talk: Conversation, task: Task
    ) -> AsyncIterator[Reply]:
        """Yield what a message is answered with; nothing where silence is due."""
        message = self._chosen(message, talk)
        refusal = self._refusal(message, talk, task)
        if refusal is not None:
            for reply in refusal:
                yield reply
            return
        prefix = self._prefix(message)
        try:
            async for reply in handle_turn(self.gateway, message):
                yield replace(reply, text=prefix + reply.text)
                prefix = ""
        except Exception as error:  # one broken turn never stays silent
            log.error("turn.failed", error=type(error).__name__)
            yield fixed_reply("broken", self.gateway.directory(), kind="error")

    def unread(self, message: Message) -> Message:
        """Return what stands for a message that stopped the process again and again."""
        urgent = is_urgent(message)
        return replace(
            message,
            text="",
            choice="need_help" if urgent else "",
            event="" if urgent else "unread",
        )

    def finished(self, message: Message, parts: list[Part]) -> list[Part]:
        """Return the parts with what the channel does after the last."""
        if message.event == "group":
            return [*parts[:-1], replace(parts[-1], then="leave")]
        return parts

    def _refusal(
        self, message: Message, talk: Conversation, task: Task
    ) -> list[Reply] | None:
        """Return the replies of a message that goes no further, None if it goes on."""
        now = self.store.now()
        if message.event in LEAVING:
            self.gateway.conversations.forget(message.sender)
            return []
        if message.event == "handover":
            talk.moments["handover"] = now
            return []
        if is_urgent(message) or asks_to_forget(message):
            return None
        if now - talk.moments.get("handover", 0) < HANDOVER_SECONDS:
            return []  # a human is answering
        if task.recent > self.settings.turns_per_five_minutes:
            return self._once(talk, "too_many", FLOOD_SECONDS)
        if message.event == "sticker":
            return self._once(talk, "event_sticker", STICKER_SECONDS)
        return None

    def _once(self, talk: Conversation, key: str, seconds: float) -> list[Reply]:
        now = self.store.now()
        if now - talk.moments.get(key, 0) < seconds:
            return []
        talk.moments[key] = now
        return [fixed_reply(key, self.gateway.directory())]

    def _prefix(self, message: Message) -> str:
        """Return what has to be said before the first reply."""
        told = []
        if 0 < message.sent_at < self.store.now() - LATE_SECONDS:
            told.append(texts()["late"])
        if len(message.text) > MAX_TEXT:
            told.append(texts()["cut_long"])
        return "".join(f"{text}\n\n" for text in told)

    def keep_menu(self, talk: Conversation, buttons: Sequence[Button]) -> None:
        """Remember the choices as they are shown, for an answer by number."""
        if buttons:
            talk.menu = [[button.id, button.title] for button in buttons]
            talk.moments["menu"] = self.store.now()

    def _chosen(self, message: Message, talk: Conversation) -> Message:
        """Read a number or a title as the choice that was offered just before."""
        if self.store.now() - talk.moments.get("menu", 0) > MENU_SECONDS:
            return message
        told = message.text.strip().rstrip(".").casefold()
        for number, (choice, title) in enumerate(talk.menu, 1):
            if told in (str(number), title.casefold()):
                return replace(message, text="", choice=choice)
        return message


def is_urgent(message: Message) -> bool:
    """Tell whether a message is a danger, which no limit ever stops."""
    if message.choice in URGENT_TAPS:
        return True
    if not message.text:
        return False
    triage = assess_safely(message.text)
    return triage.is_danger and triage.level is not Level.PX


async def gather(
    replies: AsyncIterator[Reply], seconds: float, quiet: float = 0.0
) -> AsyncIterator[list[Reply]]:
    """Yield replies in groups: what comes within some time belongs together.

    Args:
        quiet: after so long without any reply one empty group says so; 0: never.
    """
    if not seconds:
        async for reply in replies:
            yield [reply]
        return
    waiting: asyncio.Queue[Reply | None] = asyncio.Queue()
    started = asyncio.Event()

    async def pump() -> None:
        try:
            async for reply in replies:
                waiting.put_nowait(reply)
                started.set()
        finally:
            waiting.put_nowait(None)
            started.set()

    task = asyncio.create_task(pump())
    try:
        if quiet and not await _is_set_within(started, quiet):
            yield []
        ended = False
        while not ended and (first := await waiting.get()) is not None:
            group = [first]
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while (more := await waiting.get()) is not None:
                        group.append(more)
                    ended = True
            yield group
        await task
    finally:
        task.cancel()


async def _is_set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await event.wait()
    return False
