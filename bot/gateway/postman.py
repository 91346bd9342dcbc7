"""Sending what the outbox holds, with each platform's own rules."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from bot.gateway import outbox
from bot.gateway.channels.base import (
    Channel,
    GoneError,
    LaterError,
    RefusedError,
    SendError,
)
from bot.gateway.outbox import Delivery
from bot.gateway.store import Store

log = structlog.get_logger()

# The waits between tries, as times of the first.
BACK_OFF = (1.0, 3.0, 9.0, 27.0, 60.0, 120.0, 300.0)
# A part that may have arrived is sent again at most so often.
UNCERTAIN_TRIES = 3
REMEMBERED = 10_000


@dataclass
class Postman:
    """Sends the parts of a conversation in their order."""

    store: Store
    owner: str
    channels: Mapping[str, Channel]
    first_wait: float  # seconds
    _sent_at: dict[str, float] = field(default_factory=dict)
    # What the database, being away, could not be told yet.
    _ends: dict[int, tuple[str, str]] = field(default_factory=dict)

    async def send(self, sender: str) -> None:
        """Send what is due to a person, in order, until one has to wait.

        Raises:
            GoneError: the person has left.
            LaneLostError: another process has taken the conversation over.
            StoreError: the database does not answer.
        """
        while True:
            delivery = await self.store.run(
                lambda db: outbox.begin_send(db, self.store, self.owner, sender)
            )
            if not isinstance(delivery, Delivery):
                return
            channel = self.channels[sender.partition(":")[0]]
            if not delivery.is_first:
                passed = time.monotonic() - self._sent_at.get(sender, 0.0)
                await asyncio.sleep(max(0.0, channel.gap_seconds - passed))
            if not await self._deliver(channel, delivery):
                return
            self._sent_at[sender] = time.monotonic()
            if len(self._sent_at) > REMEMBERED:
                self._sent_at.clear()

    async def _deliver(self, channel: Channel, delivery: Delivery) -> bool:
        """Send one part and note the end of it; False if it has to wait."""
        number = delivery.id
        if number not in self._ends:
            end = await self._end_of(channel, delivery)
            if end is None:
                return False
            self._ends[number] = end
        state, note = self._ends[number]
        await self.store.run(
            lambda db: outbox.settle(db, self.store, number, state, note)
        )
        del self._ends[number]
        return True

    async def _end_of(
        self, channel: Channel, delivery: Delivery
    ) -> tuple[str, str] | None:
        """Send; returns (state, note), None if it has to wait."""
        state = "dead"
        try:
            if delivery.address is None:
                raise RefusedError("no address")
            return "sent", await channel.deliver(delivery.address, delivery.part)
        except LaterError as error:
            note = str(error)
            if await self._postpone(channel, delivery, error):
                return None
        except GoneError:
            raise
        except RefusedError as error:
            state, note = "dropped", str(error)
        except SendError as error:
            note = str(error)
        except Exception as error:  # a fault of ours: it may have been sent
            note = type(error).__name__
            late = LaterError(note, uncertain=True)
            if await self._postpone(channel, delivery, late):
                return None
        log.error("send.failed", channel=channel.name, state=state, reason=note)
        return state, note

    async def _postpone(
        self, channel: Channel, delivery: Delivery, error: LaterError
    ) -> bool:
        """Plan the next try; False when there have been enough."""
        uncertain = delivery.uncertain + error.uncertain
        age = self.store.now() - delivery.made_at
        if uncertain >= UNCERTAIN_TRIES or age > channel.patience_seconds:
            return False
        # Those that may have arrived are not repeated soon.
        step = delivery.attempts - 1 + 2 * uncertain
        times = BACK_OFF[min(step, len(BACK_OFF) - 1)]
        wait = max(error.after, self.first_wait * times)
        due_at = self.store.now() + wait
        log.warning("send.later", channel=channel.name, reason=str(error))
        await self.store.run(
            lambda db: outbox.postpone(
                db, delivery.id, due_at, str(error), uncertain=error.uncertain
            )
        )
        return True
