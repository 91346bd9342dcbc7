"""What is kept of a conversation: words in memory only, codes also in the store."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.reply import Reply
from bot.safety.triage import DangerClass, Level, Speaker, Triage

# A finished turn is sent again for the same message id, for two minutes.
REPLAY_SECONDS = 120
# How long "I only ask for information" can still return to the question.
PENDING_SECONDS = 900
# So many answers can still be rated.
ANSWERS_KEPT = 10
LONGEST_QUESTION = 200  # characters


class Turn:
    """One message's replies as they come; several readers may follow it."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.finished_at: float | None = None
        self._changed = asyncio.Event()

    def add(self, reply: Reply) -> None:
        self.replies.append(reply)
        self._wake()

    def finish(self) -> None:
        self.finished_at = time.monotonic()
        self._wake()

    async def follow(self, ping_seconds: float) -> AsyncIterator[Reply | None]:
        """Yield each reply, and None when nothing came for a while."""
        sent = 0
        while True:
            changed = self._changed
            while sent < len(self.replies):
                yield self.replies[sent]
                sent += 1
            if self.finished_at is not None:
                return
            try:
                await asyncio.wait_for(changed.wait(), ping_seconds)
            except TimeoutError:
                yield None

    def _wake(self) -> None:
        before, self._changed = self._changed, asyncio.Event()
        before.set()


@dataclass
class Conversation:
    """The state of one person's conversation."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    touched: float = field(default_factory=time.monotonic)
    # The last danger, for the footer and for "I need help".
    triage: Triage | None = None
    in_danger: bool = False
    failures: int = 0
    # What the last turn asked: "danger_now", "help", "place", or nothing.
    asked: str = ""
    # The word to call the person by, "" while nothing tells.
    address: str = ""
    # Article -> redacted question, for a feedback; in memory only, never of a danger.
    answered: dict[str, str] = field(default_factory=dict)
    # A danger was seen at any time: nothing of this conversation is kept for staff.
    had_danger: bool = False
    # (channel, article or "", redacted question) that staff may read once it is over.
    open_questions: list[tuple[str, str, str]] = field(default_factory=list)
    times: deque[float] = field(default_factory=deque)
    turns: dict[str, Turn] = field(default_factory=dict)
    # The last choices offered, as (id, title), where a chat shows no buttons.
    menu: list[list[str]] = field(default_factory=list)
    # Moments (seconds since 1970) of what is said or done once in a while.
    moments: dict[str, float] = field(default_factory=dict)
    _is_restored: bool = False
    _question: tuple[str, float] = ("", 0.0)

    def to_json(self) -> dict[str, Any]:
        """Return what outlives a restart: codes and moments, never words."""
        return {
            "triage": asdict(self.triage) if self.triage else None,
            "in_danger": self.in_danger,
            "had_danger": self.had_danger,
            "failures": self.failures,
            "asked": self.asked,
            "address": self.address,
            "menu": self.menu,
            "moments": self.moments,
        }

    def restore(self, kept: Any) -> None:
        """Take over what `to_json` wrote, if anything was."""
        self._is_restored = True
        if not kept:
            return
        self.triage = _triage(kept["triage"])
        self.in_danger, self.failures = kept["in_danger"], kept["failures"]
        self.asked, self.address = kept.get("asked", ""), kept.get("address", "")
        if kept.get("had_danger"):
            self.mark_danger()
        self.menu, self.moments = kept["menu"], kept["moments"]

    def restore_once(self, kept: Any) -> None:
        """Take it over unless this process already knows the conversation."""
        if not self._is_restored:
            self.restore(kept)

    def mark_danger(self) -> None:
        """Keep no question for staff from now on, and drop those that wait."""
        self.had_danger = True
        self.open_questions.clear()

    def keep_open(self, channel: str, article: str, question: str) -> None:
        """Remember a question that was not answered, or badly by an article.

        A long one tells a story rather than asks; it is not kept.
        """
        if not self.had_danger and 0 < len(question) <= LONGEST_QUESTION:
            self.open_questions.append((channel, article, question))

    def keep_question(self, text: str) -> None:
        self._question = (text, time.monotonic())

    def has_question(self) -> bool:
        """Tell whether a card interrupted a question that is not answered yet."""
        return bool(self._question[0])

    def take_question(self) -> str:
        """Return the question that a card interrupted, once; "" if too old."""
        text, since = self._question
        self._question = ("", 0.0)
        return text if time.monotonic() - since < PENDING_SECONDS else ""

    def keep_answer(self, article: str, question: str) -> None:
        """Remember what an article was shown for; the oldest goes first."""
        self.answered.pop(article, None)
        self.answered[article] = question
        if len(self.answered) > ANSWERS_KEPT:
            del self.answered[next(iter(self.answered))]

    def may_speak(self, limit: int, seconds: float = 300) -> bool:
        """Count a turn; False when there were `limit` in the last `seconds`."""
        now = time.monotonic()
        while self.times and now - self.times[0] > seconds:
            self.times.popleft()
        if len(self.times) >= limit:
            return False
        self.times.append(now)
        return True

    def drop_old_turns(self) -> None:
        now = time.monotonic()
        for key, turn in list(self.turns.items()):
            if turn.finished_at is not None and now - turn.finished_at > REPLAY_SECONDS:
                del self.turns[key]


class Conversations:
    """All conversations of this process, by sender."""

    def __init__(self) -> None:
        self._by_sender: dict[str, Conversation] = {}

    def of(self, sender: str) -> Conversation:
        talk = self._by_sender.setdefault(sender, Conversation())
        talk.touched = time.monotonic()
        talk.drop_old_turns()
        return talk

    def forget(self, sender: str) -> None:
        self._by_sender.pop(sender, None)

    def expire(self, seconds: float) -> None:
        """Drop conversations without a message for so long."""
        limit = time.monotonic() - seconds
        for sender in [s for s, t in self._items() if t.touched < limit]:
            del self._by_sender[sender]
        for _, talk in self._items():
            talk.drop_old_turns()

    def with_questions(self, seconds: float) -> list[tuple[str, Conversation]]:
        """Return those with open questions and without a message for so long."""
        limit = time.monotonic() - seconds
        return [
            (sender, talk)
            for sender, talk in self._items()
            if talk.open_questions and talk.touched < limit
        ]

    def _items(self) -> Iterator[tuple[str, Conversation]]:
        yield from list(self._by_sender.items())

    def __len__(self) -> int:
        return len(self._by_sender)


def _triage(kept: dict[str, Any] | None) -> Triage | None:
    if kept is None:
        return None
    danger_class = kept["danger_class"]
    return Triage(
        **{
            **kept,
            "level": Level(kept["level"]),
            "danger_class": DangerClass(danger_class) if danger_class else None,
            "speaker": Speaker(kept["speaker"]),
            "matched": tuple(kept["matched"]),
        }
    )
