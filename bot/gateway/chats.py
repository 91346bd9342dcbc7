"""The engine of the chat channels: inbox, one turn at a time a conversation, outbox.

Every step is stored before the next begins, so that any process may die at any moment:
what is not done is done again, what was handed out is not handed out twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog

from bot.gateway import inbox, lanes, outbox
from bot.gateway.channels.base import Channel, GoneError, SendError
from bot.gateway.conversation import Conversation
from bot.gateway.dialogue import DialogueError
from bot.gateway.inbox import MAX_ATTEMPTS, Task
from bot.gateway.lanes import LaneLostError
from bot.gateway.message import Message
from bot.gateway.policy import LEAVING, Policy, gather, is_urgent
from bot.gateway.postman import Postman
from bot.gateway.render import choices_of, render
from bot.gateway.settings import Settings
from bot.gateway.store import Store, StoreError
from bot.gateway.texts import fixed_reply
from bot.gateway.turn import Gateway, asks_to_forget
from bot.reply import Reply

log = structlog.get_logger()

CONCURRENCY = 8
# Without a hint from this process, so often the store is asked for work.
POLL_SECONDS = 1.0
REMEMBERED = 10_000


@dataclass
class Chats:
    """All chat channels of this process."""

    store: Store
    gateway: Gateway
    settings: Settings
    channels: dict[str, Channel] = field(default_factory=dict)
    owner: str = field(default_factory=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        self.postman = Postman(
            self.store, self.owner, self.channels, self.settings.retry_seconds
        )
        self.policy = Policy(self.gateway, self.settings, self.store)
        self._wake = asyncio.Event()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # Answered while the store was away (False: just now); they come again.
        self._answered: dict[tuple[str, str], bool] = {}

    async def receive(self, message: Message, address: Any) -> bool:
        """Store a message; False if it is known. Then it may be acknowledged.

        Raises:
            StoreError: it could not be stored and has to come again.
        """
        key = (message.channel, message.message_id)
        done = self._answered.get(key)
        if done is False:
            raise StoreError("being answered")
        try:
            return await self.store.run(
                lambda db: inbox.put(db, self.store, message, address, done=bool(done)),
                durable=True,
            )
        except StoreError:
            if is_urgent(message) and not done:
                self._answered[key] = False
                self.spawn(self._answer_without_store(message, address))
            raise

    def wake(self) -> None:
        """Tell that there is work."""
        self._wake.set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside, and keep hold of it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def run(self) -> None:
        """Serve conversations until cancelled, whatever fails."""
        if self.store.is_sqlite:
            with contextlib.suppress(StoreError):
                await self.store.run(lanes.free)
        renewed = time.monotonic()
        renew_seconds = self.store.lease_seconds / lanes.RENEWALS
        while True:
            try:
                if self._busy and time.monotonic() - renewed > renew_seconds:
                    await self.store.run(
                        lambda db: lanes.renew(db, self.store, self.owner)
                    )
                    renewed = time.monotonic()
                await self._claim()
            except StoreError as error:
                log.warning("store.failed", error=str(error))
            except Exception as error:  # the next round may go better
                log.error("chats.failed", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
            self._wake.clear()

    async def stop(self) -> None:
        """Let running turns end for a moment, then cancel what is left."""
        running = [*self._busy.values(), *self._tasks]
        if running:
            await asyncio.wait(running, timeout=1)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        with contextlib.suppress(StoreError):
            await self.store.run(lambda db: lanes.free(db, self.owner))

    async def _claim(self) -> None:
        """Take work, of each channel its share: one that hangs stops no other."""
        for channel in self.channels:
            busy = [sender for sender in self._busy if sender.startswith(f"{channel}:")]
            free = CONCURRENCY - len(busy)
            if free > 0:
                await self._claim_of(channel, free, busy)

    async def _claim_of(self, channel: str, free: int, busy: list[str]) -> None:
        senders = await self.store.run(
            lambda db: lanes.claim(db, self.store, self.owner, channel, free, busy)
        )
        for sender in senders:
            task = asyncio.create_task(self._serve(sender))
            self._busy[sender] = task
            task.add_done_callback(partial(self._end, sender))

    def _end(self, sender: str, _task: object) -> None:
        self._busy.pop(sender, None)
        self.wake()

    async def _serve(self, sender: str) -> None:
        """Do all that a conversation waits for, then give it back."""
        try:
            await self.postman.send(sender)
            while task := await self.store.run(
                lambda db: inbox.next_task(db, self.store, sender)
            ):
                await self._turn(task)
            await self._forget(sender)
        except GoneError:
            with contextlib.suppress(StoreError):
                await self._give_up(sender)
        except LaneLostError:
            log.warning("lane.lost")
        except StoreError as error:
            log.warning("store.failed", error=str(error))
            await asyncio.sleep(POLL_SECONDS)
        except Exception as error:  # nothing a message does stops the others
            log.error("lane.failed", error=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)
        with contextlib.suppress(StoreError):
            await self.store.run(lambda db: lanes.release(db, self.owner, sender))

    async def _turn(self, task: Task) -> None:
        """Answer one message: each reply is stored, then sent, then the next."""
        message, started = task.message, time.monotonic()
        channel = self.channels[message.channel]
        talk = self.gateway.conversations.of(message.sender)
        talk.restore(task.memory)
        if task.attempts > MAX_ATTEMPTS:
            message = self.policy.unread(message)
        is_gone = False
        try:
            async with channel.typing(task.address):
                await self._answer(message, talk, task, started)
        except GoneError:
            is_gone = True
        # A new one, where the turn itself forgot the old.
        talk = self.gateway.conversations.of(message.sender)
        forget, memory = asks_to_forget(message), talk.to_json()
        await self.store.run(
            lambda db: inbox.finish(db, self.store, message, memory, forget=forget)
        )
        if is_gone or message.event in LEAVING:
            await self._give_up(message.sender, keep_greeting=message.event == "left")

    async def _answer(
        self, message: Message, talk: Conversation, task: Task, started: float
    ) -> None:
        number = 0
        replies = self.policy.replies(message, talk, task)
        channel = self.channels[message.channel]
        async for group in gather(
            replies, channel.gather_seconds, channel.quiet_seconds
        ):
            if not group:
                await self._ask_for_patience(message)
                continue
            fresh = group[max(0, task.answered - number) :]
            number += len(group)
            self.policy.keep_menu(talk, choices_of(group, channel.style))
            if fresh:
                await self._store_replies(message, number, fresh)
                _log_replies(message, fresh, started)
                await self.postman.send(message.sender)

    async def _ask_for_patience(self, message: Message) -> None:
        """Say that the answer is on its way; as reply 0 it is stored only once."""
        wait = fixed_reply("wait", self.gateway.directory())
        await self._store_replies(message, 0, [wait])
        await self.postman.send(message.sender)

    async def _store_replies(
        self, message: Message, number: int, replies: list[Reply]
    ) -> None:
        parts = render(replies, self.channels[message.channel].style)
        parts = self.policy.finished(message, parts)
        await self.store.run(
            lambda db: outbox.add(db, self.store, self.owner, message, number, parts)
        )

    async def _give_up(self, sender: str, *, keep_greeting: bool = False) -> None:
        """The person is gone: nothing of the conversation is kept."""
        self.gateway.conversations.forget(sender)
        with contextlib.suppress(DialogueError):
            await self.gateway.dialogue.tell(sender, "forget")
        await self.store.run(
            lambda db: inbox.purge(db, sender, keep_greeting=keep_greeting)
        )

    async def _forget(self, sender: str) -> None:
        """Delete everything once the last reply to a deletion has gone."""
        if not await self.store.run(lambda db: lanes.wants_to_be_forgotten(db, sender)):
            return
        channel = self.channels[sender.partition(":")[0]]
        sent, address = await self.store.run(
            lambda db: outbox.sent_to(db, self.store, sender)
        )
        if sent and address is not None:
            await channel.unsend(address, sent)
        await self._give_up(sender)

    async def _answer_without_store(self, message: Message, address: Any) -> None:
        """A danger is answered even while the database is away."""
        channel = self.channels[message.channel]
        talk = self.gateway.conversations.of(message.sender)
        task = Task(message, address, None, 1, 0, 1)
        key, sent = (message.channel, message.message_id), False
        try:
            async for reply in self.policy.replies(message, talk, task):
                for part in render([reply], channel.style):
                    await channel.deliver(address, part)
                    sent = True
        except SendError as error:
            log.error("send.failed", channel=channel.name, reason=str(error))
        if sent:
            self._answered[key] = True
        else:  # when it comes again it is answered again
            self._answered.pop(key, None)
        while len(self._answered) > REMEMBERED:
            del self._answered[next(iter(self._answered))]


def _log_replies(message: Message, replies: list[Reply], started: float) -> None:
    for reply in replies:
        log.info(
            "turn.answered",
            channel=message.channel,
            kind=reply.kind,
            level=reply.level,
            danger=reply.danger_class,
            soft=reply.soft,
            ms=round((time.monotonic() - started) * 1000),
        )
