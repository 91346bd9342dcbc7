"""How long people wait, and whether a long conversation stays fast."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence

from tests.conversations.replay import Conversation, replay
from tests.servers import Chat

TURNS, PART = 300, 30
CARDS = 50
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

DANGER = "bố em đánh em chảy máu"


def tell_times(address: str, conversations: Sequence[Conversation]) -> None:
    """Print the wait of one client: whole turns, first cards, turn 300 against 1."""
    turns = [
        turn.seconds for talk in conversations for turn in replay(talk, Chat(address))
    ]
    _tell("turns", turns)
    _tell("until the card", [_wait_for_card(Chat(address)) for _ in range(CARDS)])
    growth = [_wait(chat, text) for chat, text in _day(address)]
    first, last = growth[:PART], growth[-PART:]
    ratio = statistics.median(last) / statistics.median(first)
    _tell(f"first {PART} of {TURNS}", first)
    _tell(f"last {PART} of {TURNS}", last)
    print(f"last/first median {ratio:.2f}")


def _wait_for_card(chat: Chat) -> float:
    """Return the seconds until the first line of the stream, which is the card."""
    headers = {"Authorization": f"Bearer {chat.session['token']}"}
    body = {"text": DANGER, "client_id": "d1"}
    began = time.monotonic()
    with chat.http.stream(
        "POST", "/webhooks/web/message", json=body, headers=headers
    ) as answer:
        line = next(answer.iter_lines())
        seconds = time.monotonic() - began
        if json.loads(line)["kind"] != "card":
            raise ValueError(f"no card first: {line[:80]}")
        return seconds


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
