"""What a chat channel is to the rest of the gateway."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from starlette.routing import BaseRoute

from bot.gateway.render import Part, Style


class SendError(Exception):
    """A part was not accepted; the class says what is to be done."""


class GoneError(SendError):
    """The person has blocked us or left: delete everything."""


class RefusedError(SendError):
    """Never to be accepted and nobody can do anything: drop and count."""


class RejectedError(SendError):
    """Not accepted; an operator should look: dead letter."""


class LaterError(SendError):
    """Try again.

    Attributes:
        after: seconds to wait at least, 0 for the usual back-off.
        uncertain: the part may have arrived nevertheless.
    """

    def __init__(
        self,
        reason: str,
        after: float = 0.0,
        *,
        uncertain: bool = False,
    ) -> None:
        super().__init__(reason)
        self.after = after
        self.uncertain = uncertain


class Channel(Protocol):
    """A chat platform: verify and parse what comes, render and send what goes."""

    name: str
    style: Style
    # How long replies of one turn are gathered into one message.
    gather_seconds: float
    # After so long without a reply a sentence asks for patience; 0 where the platform
    # shows that one is being written.
    quiet_seconds: float
    # Pause between the parts of one reply.
    gap_seconds: float

    @property
    def patience_seconds(self) -> float:
        """Return how long a part is tried before an operator has to look."""

    @property
    def state(self) -> str:
        """Return "ok", or in one word what is wrong."""

    @property
    def details(self) -> dict[str, Any]:
        """Return what else an operator should see; no secret, no id."""

    def routes(self) -> list[BaseRoute]:
        """Return the channel's addresses."""

    async def run(self) -> None:
        """Start in the background and recover by itself, until cancelled."""

    async def deliver(self, address: Any, part: Part) -> str:
        """Send one part; returns the platform's id of it.

        Raises:
            SendError: it was not accepted.
        """

    def typing(self, address: Any) -> AbstractAsyncContextManager[None]:
        """Show that a reply is being written, where the platform can."""

    async def unsend(self, address: Any, platform_ids: list[str]) -> None:
        """Delete our own messages at the platform, where it can."""

    async def close(self) -> None:
        """Let go of all connections."""
