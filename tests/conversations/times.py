"""How long people wait, and whether a long conversation stays fast."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from tests.conversations.replay import Conversation, replay
from tests.servers import Chat

TURNS, PART = 300, 30
# What an officer asks through a long day: questions, small talk, a card, a place.
DAY = (
    *(
        "trẻ em có những quyền gì",
        "cho xin nguồn",
        "cảm ơn bạn",
        "gọi 111 mất tiền không",
    ),
    *("thế còn ở Hà Nội", "bố em đánh em", "em ổn rồi", "em ở Quảng Ninh", "bạn là ai"),
    "thủ đô nước Pháp là gì",
)


def tell_times(address: str, conversations: Sequence[Conversation]) -> None:
    """Print the wait of one client: all turns, cards alone, turn 300 against turn 1."""
    turns: list[float] = []
    cards: list[float] = []
    for talk in conversations:
        for turn in replay(talk, Chat(address)):
            only_card = [reply["kind"] for reply in turn.replies] == ["card"]
            (cards if only_card else turns).append(turn.seconds)
    _tell("turns", turns)
    _tell("cards alone", cards)
    growth = [_wait(chat, text) for chat, text in _day(address)]
    first, last = growth[:PART], growth[-PART:]
    ratio = statistics.median(last) / statistics.median(first)
    _tell(f"first {PART} of {TURNS}", first)
    _tell(f"last {PART} of {TURNS}", last)
    print(f"last/first median {ratio:.2f}")


def _day(address: str) -> list[tuple[Chat, str]]:
    chat = Chat(address)
    return [(chat, DAY[number % len(DAY)]) for number in range(TURNS)]


def _wait(chat: Chat, text: str) -> float:
    began = time.monotonic()
    chat.say(text)
    return time.monotonic() - began


def _tell(name: str, seconds: Sequence[float]) -> None:
    ordered = sorted(value * 1000 for value in seconds)
    if not ordered:
        return
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    print(
        f"{name:18} n {len(ordered):4}  median {statistics.median(ordered):6.1f} ms  "
        f"p95 {p95:6.1f} ms  max {ordered[-1]:6.1f} ms"
    )
