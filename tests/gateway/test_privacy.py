"""What is kept of a person, and that nothing is after /xoa."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.gateway import lanes
from bot.gateway.inbox import expire, finish, put
from bot.gateway.message import Message
from tests.gateway.house import WITHOUT_ZALO, House
from tests.gateway.test_telegram import QUESTION
from tests.servers import wait_until

WORD = "Xoài Tượng Mười Hai"
CHAT, USER = 7_123_456_789, "7000000000000000777"
Build = Callable[..., House]


def found(folder: Path, *needles: str) -> list[tuple[str, str]]:
    """Search all files, bytes and escapes, for what must not be there."""
    hits = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        for needle in needles:
            escaped = needle.encode("ascii", "backslashreplace")
            if needle.encode() in content or escaped in content:
                hits.append((path.name, needle))
    return hits


def test_that_forgetting_leaves_nothing_of_a_person(
    build: Build, tmp_path: Path
) -> None:
    """T20, T21, Z18: the whole database, its log and the gateway's output."""
    house = build()
    house.start_platforms()
    house.authorize_zalo()
    house.spawn_gateway(tmp_path / "output.log")
    house.wait_for_state("telegram", "ok")
    house.dialogue.seconds = 1.0
    house.telegram.say(CHAT, f"{WORD} có những quyền gì")
    house.zalo.emit(house.zalo.text_event(USER, f"{WORD} đánh em chảy máu"))
    wait_until(lambda: house.rows("telegram", CHAT) > 0, 60)
    # While the turn runs the words are stored, but sealed.
    assert found(tmp_path, WORD, str(CHAT), USER) == []
    house.dialogue.seconds = 0
    house.heard(CHAT)
    house.told(USER)
    house.telegram.say(CHAT, "/xoa")
    house.zalo.emit(house.zalo.text_event(USER, "/xoa"))
    wait_until(lambda: house.rows("telegram", CHAT) == 0, 60)
    wait_until(lambda: house.rows("zalo", USER) == 0, 60)
    assert "xóa" in house.telegram.texts(CHAT)[-1]
    assert len(house.telegram.texts(CHAT)) == 1  # earlier ones were deleted there
    store = house.store()
    pseudonyms = [store.pseudonym("telegram", str(CHAT)), store.pseudonym("zalo", USER)]
    store.close()
    assert house.process is not None
    house.process.terminate()
    house.process.wait(10)
    secrets = [
        str(house.given[name])
        for name in ("telegram_bot_token", "zalo_app_secret", "zalo_oa_secret_key")
    ]
    tokens = [*house.zalo._access, *house.zalo._refresh]
    needles = [WORD, str(CHAT), USER, *pseudonyms, *secrets, *tokens]
    assert found(tmp_path, *needles) == []
    assert (tmp_path / "output.log").stat().st_size > 0


def test_that_a_message_after_forgetting_begins_anew(build: Build) -> None:
    house = build(**WITHOUT_ZALO)
    house.start_platforms()
    house.start_gateway()
    house.wait_for_state("telegram", "ok")
    house.telegram.say(CHAT, "em bị thầy sờ người")
    house.heard(CHAT, 2)
    house.telegram.say(CHAT, "/xoa")
    house.telegram.say(CHAT, QUESTION)
    wait_until(lambda: any(QUESTION in t for t in house.telegram.texts(CHAT)), 60)
    answer = house.telegram.texts(CHAT)[-1]
    assert answer == f"Đã nghe: {QUESTION}"  # no footer: the danger is forgotten


def test_that_state_outlives_a_restart(build: Build) -> None:
    """After a danger every reply carries 111, also of the next process."""
    house = build(**WITHOUT_ZALO)
    house.start_platforms()
    house.start_gateway()
    house.telegram.say(CHAT, "em bị thầy sờ người")
    house.heard(CHAT, 2)
    house.stop_gateway()
    house.start_gateway()
    house.telegram.say(CHAT, QUESTION)
    assert "111" in house.heard(CHAT, 3)[-1]


@pytest.mark.parametrize("hours", [25, 49])
def test_that_silent_conversations_expire(build: Build, hours: int) -> None:
    house = build()
    store = house.store()
    message = Message("telegram", "1", store.pseudonym("telegram", "5"), text=WORD)
    store.do(lambda db: put(db, store, message, {"chat": 5}))
    store.do(lambda db: finish(db, store, message, {}))
    sender = store.do(lambda db: lanes.claim(db, store, "one", "telegram", 1, []))[0]
    store.do(lambda db: lanes.release(db, "one", sender))
    store._offset += hours * 3600
    store.do(lambda db: expire(db, store))
    assert house.rows("telegram", 5) == (1 if hours == 25 else 0)
    store.close()
