"""What dies, when, and what people get: nothing lost, nothing twice but the window."""

from __future__ import annotations

import contextlib
import fcntl
import resource
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.gateway import lanes
from bot.gateway.channels.telegram_setup import WEBHOOK
from bot.gateway.inbox import put
from bot.gateway.message import Message
from bot.gateway.outbox import retry_dead
from bot.gateway.postman import UNCERTAIN_TRIES
from bot.gateway.store import Store, StoreError
from bot.gateway.tables import CONVERSATION, OUTGOING
from tests.gateway.house import HOOK_SECRET, HOOKED, WITHOUT_ZALO, House
from tests.gateway.test_telegram import DANGER, HEADER, QUESTION, update_of
from tests.servers import wait_until

Build = Callable[..., House]


def kill_at(house: House, station: str) -> threading.Event:
    """Kill -9 the gateway once, when it reaches a station."""
    reached = threading.Event()

    def kill(method: str = "") -> str:
        if method in ("", "sendMessage") and not reached.is_set():
            reached.set()
            house.kill_gateway()
            return "drop"
        return ""

    nothing = str  # a call that changes nothing
    house.dialogue.on_turn = kill if station == "turn" else bool
    house.telegram.on_arrival = kill if station == "arrival" else nothing
    house.telegram.on_done = kill if station == "done" else nothing
    return reached


def test_that_a_killed_gateway_goes_on_where_it_was(
    build: Build, tmp_path: Path
) -> None:
    """T4, Z6. Between the platform's acceptance and our mark lies the only window.

    "turn": the card is sent, the dialogue is being asked; "arrival": the platform
    never got it; "done": it has it, and we did not hear so.
    """
    house = build(**WITHOUT_ZALO)
    house.start_platforms()
    house.spawn_gateway(tmp_path / "log")
    stations = [("turn", DANGER, 2), ("arrival", QUESTION, 1), ("done", QUESTION, 2)]
    for chat, (station, text, count) in enumerate(stations, 1):
        house.wait_for_state("telegram", "ok")
        reached = kill_at(house, station)
        house.telegram.say(chat, text)
        assert reached.wait(60)
        house.spawn_gateway(tmp_path / "log")
        house.heard(chat, count)
    house.telegram.say(9, QUESTION)
    house.heard(9)
    time.sleep(0.5)
    assert [len(house.telegram.texts(chat)) for chat in (1, 2, 3)] == [2, 1, 2]
    card, ask = house.telegram.texts(1)
    assert "\n111: " in card
    assert "report" in ask
    # Whatever may have come twice is counted.
    assert house.channel("telegram")["outbox"]["uncertain"] == 2


def hooked(build: Build, **settings: Any) -> House:
    house = build(**{**HOOKED, **WITHOUT_ZALO, **settings})
    house.start_platforms()
    return house


def give(house: House, update: dict[str, Any]) -> int:
    return house.post(WEBHOOK, json=update, headers={HEADER: HOOK_SECRET}).status_code


def test_that_order_and_number_of_deliveries_do_not_matter(build: Build) -> None:
    house = hooked(build)
    house.start_gateway()
    updates = [update_of(house, 5 + n % 3, f"câu {n}", 900 - n) for n in range(12)]
    for update_again in (*updates, *reversed(updates)):
        assert give(house, update_again) == 204
    wait_until(lambda: len(house.telegram.messages) >= 12, 60)
    time.sleep(0.5)
    assert len(house.telegram.messages) == 12
    assert len(set(house.dialogue.texts())) == 12


@pytest.mark.parametrize(
    "fault", [{"kind": "502", "times": 2}, {"kind": "500"}, {"kind": "429"}]
)
def test_that_a_platform_in_trouble_gets_it_later_and_once(
    build: Build, fault: dict[str, Any]
) -> None:
    house = hooked(build, retry_seconds=0.1)
    house.start_gateway()
    house.telegram.faults.plan("sendMessage", **fault)
    give(house, update_of(house, 6, QUESTION, 1))
    house.heard(6, 1)
    time.sleep(0.5)
    assert len(house.telegram.texts(6)) == 1


@pytest.mark.parametrize("kind", ["cut", "hang"])
def test_that_a_connection_lost_after_a_send_is_counted_and_ends(
    build: Build, kind: str
) -> None:
    """The platforms have the message and we hear nothing: sent again, and counted.

    After three such tries nobody knows whether it came; then an operator looks.
    """
    house = build(send_timeout=0.3, retry_seconds=0.02, **HOOKED)
    house.start_platforms()
    house.authorize_zalo()
    house.start_gateway()
    house.telegram.faults.plan("sendMessage", kind, seconds=1)
    house.zalo.faults.plan("message", kind, times=9, seconds=1)
    give(house, update_of(house, 20, QUESTION, 1))
    house.zalo.emit(house.zalo.text_event("c1", QUESTION))
    assert len(house.heard(20, 2)) == 2  # the first arrived, and the second
    wait_until(lambda: house.channel("zalo")["outbox"]["dead"] == 1, 60)
    assert len(house.zalo.texts("c1")) == UNCERTAIN_TRIES
    wait_until(lambda: house.channel("telegram")["queue"] == 0, 60)
    assert house.channel("telegram")["outbox"]["uncertain"] == 1
    # Others are served meanwhile and afterwards.
    house.zalo.faults.clear()
    house.zalo.emit(house.zalo.text_event("c2", DANGER))
    assert "\n111: " in house.told("c2")[0]


def test_that_a_connection_cut_before_a_send_makes_no_copy(build: Build) -> None:
    house = hooked(build, retry_seconds=0.02)
    house.start_gateway()

    def drop(method: str) -> str:
        is_first = len(house.telegram.called("sendMessage")) == 1
        return "drop" if method == "sendMessage" and is_first else ""

    house.telegram.on_arrival = drop
    give(house, update_of(house, 21, DANGER, 1))
    assert "\n111: " in house.heard(21, 2)[0]
    assert len(house.telegram.called("sendMessage")) == len(house.heard(21)) + 1


def test_that_a_locked_database_is_told_and_answered_after(
    build: Build, tmp_path: Path
) -> None:
    house = hooked(build, database_patience=0.2)
    house.start_gateway()
    assert give(house, update_of(house, 7, QUESTION, 1)) == 204
    house.heard(7)
    with contextlib.closing(sqlite3.connect(tmp_path / "gateway.db")) as other:
        other.execute("begin immediate")
        assert give(house, update_of(house, 7, "câu hai", 2)) == 503
        assert give(house, update_of(house, 8, DANGER, 3)) == 503
        # Danger does not wait for the database.
        assert "\n111: " in house.heard(8)[0]
        other.execute("rollback")
    assert give(house, update_of(house, 7, "câu hai", 2)) == 204
    assert give(house, update_of(house, 8, DANGER, 3)) == 204
    house.heard(7, 2)
    time.sleep(0.5)
    assert len(house.telegram.texts(7)) == 2
    cards = [text for text in house.telegram.texts(8) if "\n111: " in text]
    assert len(cards) == 1


def test_that_a_send_is_not_repeated_where_only_its_mark_failed(
    build: Build, tmp_path: Path
) -> None:
    """The platform has it, the database is away: this process knows."""
    house = hooked(build, database_patience=0.2)
    house.start_gateway()
    with contextlib.closing(
        sqlite3.connect(tmp_path / "gateway.db", check_same_thread=False)
    ) as other:
        house.telegram.on_done = lambda method: _lock(other, method)
        assert give(house, update_of(house, 14, QUESTION, 1)) == 204
        house.heard(14)
        time.sleep(1)  # longer than the gateway waits for the lock
        other.execute("rollback")
        wait_until(lambda: house.channel("telegram")["queue"] == 0, 60)
    time.sleep(1.5)
    assert len(house.telegram.texts(14)) == 1


def _lock(other: sqlite3.Connection, method: str) -> None:
    if method == "sendMessage" and not other.in_transaction:
        other.execute("begin immediate")


def test_that_a_full_disk_stops_no_card_and_loses_nothing(
    build: Build, tmp_path: Path
) -> None:
    house = hooked(build)
    house.spawn_gateway(tmp_path / "log")
    assert give(house, update_of(house, 9, QUESTION, 1)) == 204
    house.heard(9)
    assert house.process is not None
    before = resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    assert give(house, update_of(house, 9, "câu hai", 2)) == 503
    assert give(house, update_of(house, 10, DANGER, 3)) == 503
    assert "\n111: " in house.heard(10)[0]
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, before)
    for number, chat, text in ((2, 9, "câu hai"), (3, 10, DANGER)):
        again = update_of(house, chat, text, number)
        wait_until(lambda told=again: give(house, told) == 204, 60)  # type: ignore[misc]
    house.heard(9, 2)
    time.sleep(0.5)
    assert len(house.telegram.texts(9)) == 2
    assert sum("\n111: " in text for text in house.telegram.texts(10)) == 1


def claimed(store: Store, owner: str) -> list[str]:
    return store.do(lambda db: lanes.claim(db, store, owner, "telegram", 5, []))


def test_that_a_clock_that_jumps_back_keeps_no_message_waiting(build: Build) -> None:
    """Leases and planned sends of a future that will not come are not believed."""
    house = build()
    store = house.store()
    sender = store.pseudonym("telegram", "11")
    message = Message("telegram", "1", sender, text=QUESTION)
    store.do(lambda db: put(db, store, message, {"chat": 11}))
    assert claimed(store, "one") == [sender]
    assert claimed(store, "two") == []
    store._offset -= 7200  # the machine starts again two hours earlier
    assert claimed(store, "two") == [sender]
    with pytest.raises(lanes.LaneLostError):
        store.do(lambda db: lanes.check_owner(db, store, "one", sender))
    store.do(lambda db: lanes.release(db, "two", sender))
    row = store.do(lambda db: db.execute(select(CONVERSATION)).one())
    assert row.due_at == 0
    later = update(CONVERSATION).values(due_at=store.now() + 7200)
    store.do(lambda db: db.execute(later))
    assert claimed(store, "two") == [sender]
    store.close()


def test_that_only_one_process_owns_a_conversation(build: Build) -> None:
    house = build()
    store = house.store()
    sender = store.pseudonym("telegram", "12")
    message = Message("telegram", "1", sender, text=QUESTION)
    store.do(lambda db: put(db, store, message, {"chat": 12}))
    claimed(store, "one")
    store._offset += store.lease_seconds + 1  # "one" sleeps too long
    assert claimed(store, "two") == [sender]
    store.do(lambda db: lanes.release(db, "one", sender))  # wakes up: changes nothing
    store.do(lambda db: lanes.check_owner(db, store, "two", sender))
    store.close()


def test_that_a_dead_letter_is_shown_and_can_be_sent_again(build: Build) -> None:
    house = hooked(build)
    house.start_gateway()
    house.telegram.faults.plan("sendMessage", "400")
    give(house, update_of(house, 13, DANGER, 1))
    wait_until(lambda: house.channel("telegram")["outbox"]["dead"] == 1, 60)
    line = house.command("dead-letters")
    assert '"is_danger": true' in line
    assert "BadRequest" in line
    assert "111" not in line
    store = house.store()
    assert store.do(retry_dead) == 1  # as `dead-letters --retry` does
    store.close()
    assert any("\n111: " in text for text in house.heard(13, 2))


def test_that_a_broken_database_is_one_error(build: Build, tmp_path: Path) -> None:
    (tmp_path / "gateway.db").write_bytes(b"this is no database" * 100)
    store = build().store()
    with pytest.raises(StoreError):
        store.do(lambda db: db.execute(select(OUTGOING)))
    store.close()


def test_that_a_second_gateway_on_one_file_is_refused(
    build: Build, tmp_path: Path
) -> None:
    house = hooked(build)
    with (tmp_path / "gateway.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(AssertionError, match="DATABASE_URL"):
            house.command("run")
