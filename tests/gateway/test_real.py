"""The whole product, Telegram at its door, while its own processes are killed."""

from __future__ import annotations

import contextlib
import random
import shutil
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from bot.gateway.texts import texts
from tests.gateway.house import WITHOUT_ZALO, House
from tests.gateway.test_large import DANGERS, is_drained, judge, report
from tests.servers import ROOT, Stack, serve, start_stack, stop_stack, wait_until

pytestmark = pytest.mark.large

MESSAGES, CHATS, PAUSE = 60, 15, 1.0
PARTS = ("-m bot.gateway", "rasa run", "-m actions")
QUESTIONS = (
    "trẻ em có những quyền gì",
    "trẻ em bao nhiêu tuổi được đi làm",
    "ai có trách nhiệm bảo vệ trẻ em",
    "cảm ơn bạn",
)


def test_that_the_whole_product_survives_random_kills(tmp_path: Path) -> None:
    """Gateway, dialogue and actions die in turn; nobody's message is lost."""
    chance = random.Random(113)
    house = House(tmp_path, **WITHOUT_ZALO, turns_per_five_minutes=100_000)
    with contextlib.ExitStack() as open_parts:
        telegram = house.telegram
        open_parts.enter_context(serve(telegram.app(), house.telegram_port))
        stack = start(house, tmp_path)
        open_parts.callback(stop_stack, stack)
        stack.wait_until_ready(600)
        people = threading.Thread(target=write, args=(house, chance))
        people.start()
        kills = kill_parts(stack, chance, people)
        stack.wait_until_ready(600)
        wait_until(lambda: is_drained(house), 300)
        report(f"real dialogue and actions, killed: {dict(kills)}")
        judge(house, MESSAGES, f"the whole product, SQLite: kills {kills.total()}")
        dangers = range(100, 100 + CHATS, 5)
        assert all(has_card(house, chat) for chat in dangers)
        telegram.say(999, QUESTIONS[0])
        assert "102/2016/QH13" in house.heard(999)[0]
        unanswered = sum(
            texts()["no_dialogue"][:40] in m["text"] for m in telegram.messages
        )
        report(f"questions told to ask again meanwhile: {unanswered}")


def start(house: House, folder: Path) -> Stack:
    """Start the product with the model and the snapshot of other tests."""
    for name in ("models", "snapshots"):
        if (ROOT / "var/test" / name).exists():
            shutil.copytree(ROOT / "var/test" / name, folder / name)
    own = ("gateway_port", "dialogue_port", "actions_port", "data_dir", "public_url")
    given = {n.upper(): str(v) for n, v in house.given.items() if n not in own}
    stack = start_stack(folder, folder / "output.txt", **given)
    house.address = stack.address
    return stack


def write(house: House, chance: random.Random) -> None:
    for number in range(MESSAGES):
        chat = 100 + number % CHATS
        is_danger = number % 5 == 0
        words = chance.choice(DANGERS if is_danger else QUESTIONS)
        house.telegram.say(chat, words)
        time.sleep(chance.uniform(0.5, 1.5) * PAUSE)


def kill_parts(
    stack: Stack, chance: random.Random, people: threading.Thread
) -> Counter[str]:
    """Kill -9 one part after another until the last message is written."""
    kills: Counter[str] = Counter()
    while people.is_alive() or len(kills) < len(PARTS):
        time.sleep(chance.uniform(3, 9))
        part = PARTS[kills.total() % len(PARTS)]
        with contextlib.suppress(LookupError):  # it is still starting
            stack.kill(part)
        kills[part] += 1
    return kills


def has_card(house: House, chat: int) -> bool:
    return any("\n111: " in text for text in house.telegram.texts(chat))
