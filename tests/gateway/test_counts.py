"""Counts for staff: right, without a word or a sender, and never in a turn's way."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.gateway.counts import Counts, keep_counts, list_counts
from bot.gateway.message import Message
from bot.reply import Reply
from tests.gateway.house import House
from tests.servers import Chat, free_port

DANGER = "em bị thầy sờ vào vùng kín"


def handed_over(folder: Path) -> dict[tuple[str, str, str], int]:
    """Return the counts that the console gets, by channel, kind and detail."""
    rows: list[dict[str, Any]] = json.loads(
        (folder / "handover/counts.json").read_text()
    )
    return {(r["channel"], r["kind"], r["detail"]): r["number"] for r in rows}


def test_that_each_turn_is_counted_once(
    build: Callable[..., House], tmp_path: Path
) -> None:
    house = build()
    house.start_platforms()
    house.start_gateway()
    chat = Chat(house.address)
    for kind in ("answer", "answer", "abstain", "suggest", "smalltalk"):
        article = "bai-a" if kind == "answer" else None
        house.dialogue.reply = Reply(kind=kind, text="…", article=article)
        chat.say("trẻ em có những quyền gì")
    chat.tap("article:bai-a")
    house.dialogue.reply = Reply(kind="answer", text="…", article="bai-a")
    chat.tap("article:bai-a")
    chat.say("trẻ em có những quyền gì")
    chat.tap("bad:bai-a")
    assert chat.say(DANGER)[0]["kind"] == "card"
    chat.tap("bad:bai-a")  # in danger nothing is rated
    house.stop_gateway()  # what was not written down yet is written now
    counted = handed_over(tmp_path)
    assert counted["web", "answer", "bai-a"] == 3
    assert counted["web", "opened", "bai-a"] == 1
    assert counted["web", "abstain", ""] == counted["web", "suggest", ""] == 1
    assert counted["web", "bad", "bai-a"] == 1
    assert [number for key, number in counted.items() if key[1] == "card"] == [1]
    written = (tmp_path / "handover/counts.json").read_text()
    for words in ("quyền", "sờ", "thầy", "web:"):
        assert words not in written


def test_that_a_card_comes_and_counts_wait_while_the_database_is_away(
    build: Callable[..., House], tmp_path: Path
) -> None:
    url = f"postgresql+psycopg://gateway@127.0.0.1:{free_port()}/postgres"
    house = build(database_url=url, telegram_bot_token="")
    house.start_platforms()
    house.start_gateway()
    assert Chat(house.address).say(DANGER)[0]["kind"] == "card"
    house.stop_gateway()
    assert not (tmp_path / "handover").exists()


def test_that_counts_add_up_over_several_writings(house: House) -> None:
    counts, store = Counts(), house.store()
    for _ in range(2):
        counts.add("telegram", "answer", "bai-b")
        taken = counts.take()
        counts.put_back(taken)  # as after a failure
        again = counts.take()
        store.do(partial(keep_counts, counts=again))
    (row,) = store.do(list_counts)
    store.close()
    assert (row["detail"], row["number"]) == ("bai-b", 2)


@pytest.mark.parametrize(
    ("kind", "soft", "told"),
    [("card", False, "bullying"), ("card", True, "soft"), ("smalltalk", False, "")],
)
def test_that_a_card_is_counted_by_its_class(kind: str, soft: bool, told: str) -> None:
    counts = Counts()
    reply = Reply(kind=kind, text="…", danger_class="bullying", soft=soft)
    message = Message("web", "m", "web:s", text="…")
    counts.add_turn(message, [reply, Reply(kind="smalltalk", text="…")])
    assert [key[3] for key in counts.take()] == ([told] if told else [])
