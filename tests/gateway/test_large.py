"""The large runs: a thousand messages through random kills, ten thousand bad bodies.

`make test-faults`; figures go to reports/faults.txt.
"""

from __future__ import annotations

import json
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.gateway.channels.telegram_setup import WEBHOOK
from bot.gateway.tables import INCOMING, OUTGOING
from tests.fakes.zalo import signature
from tests.gateway.house import HOOK_SECRET, HOOKED, WITHOUT_ZALO, House
from tests.gateway.test_telegram import HEADER, update_of
from tests.servers import ROOT, wait_until

Build = Callable[..., House]
pytestmark = pytest.mark.large

MESSAGES, CHATS, BODIES = 1000, 25, 10_000
SHARED, SHARED_KILLS = 500, 10
DANGERS = ("bố đánh em chảy máu", "em bị thầy sờ người", "my stepfather touches me")


def report(line: str) -> None:
    (ROOT / "reports").mkdir(exist_ok=True)
    with (ROOT / "reports/faults.txt").open("a") as file:
        file.write(f"{time.strftime('%Y-%m-%d %H:%M')}  {line}\n")
    print(line)


def test_that_a_thousand_messages_survive_random_kills(
    build: Build, tmp_path: Path
) -> None:
    """Gateway and dialogue die at random; Telegram answers 429, 500 and not at all."""
    chance = random.Random(111)
    house = build(**WITHOUT_ZALO, turns_per_five_minutes=100_000)
    house.start_platforms()
    house.spawn_gateway(tmp_path / "log")
    people = threading.Thread(target=write, args=(house, chance))
    people.start()
    kills = disturb(house, tmp_path / "log", chance, people)
    wait_until(lambda: is_drained(house), 300)
    judge(house, MESSAGES, f"SQLite, polling: kills {kills}")


def test_that_two_gateways_on_postgresql_survive_random_kills(
    build: Build, database: str, tmp_path: Path
) -> None:
    """Each update goes to either gateway, again until one has taken it."""
    chance = random.Random(112)
    settings = {**HOOKED, **WITHOUT_ZALO, "turns_per_five_minutes": 100_000}
    one = build(database_url=database, **settings)
    two = one.sibling()
    one.start_platforms()
    try:
        for house in (one, two):
            house.spawn_gateway(tmp_path / "log")
        people = threading.Thread(target=post_all, args=(one, two, chance))
        people.start()
        kills = 0
        while people.is_alive() or kills < SHARED_KILLS:
            time.sleep(chance.uniform(0.5, 3))
            house = chance.choice((one, two))
            house.kill_gateway()
            house.spawn_gateway(tmp_path / "log")
            kills += 1
        wait_until(lambda: is_drained(two), 300)
        judge(one, SHARED, f"PostgreSQL, two gateways, webhook: kills {kills}")
    finally:
        two.close()


def post_all(one: House, two: House, chance: random.Random) -> None:
    """Send as Telegram does: the next only when this one was taken."""
    with httpx.Client(timeout=10, trust_env=False) as http:
        for number in range(SHARED):
            words = f"trẻ em có những quyền gì, câu {number}"
            update = update_of(one, 100 + number % CHATS, words, number)
            while not _taken(http, chance.choice((one, two)), update):
                time.sleep(0.2)
            time.sleep(chance.uniform(0.02, 0.1))


def _taken(http: httpx.Client, house: House, update: dict[str, Any]) -> bool:
    try:
        answer = http.post(
            house.address + WEBHOOK, json=update, headers={HEADER: HOOK_SECRET}
        )
    except httpx.HTTPError:
        return False
    return answer.status_code == 204


def write(house: House, chance: random.Random) -> None:
    for number in range(MESSAGES):
        chat = 100 + number % CHATS
        words = f"trẻ em có những quyền gì, câu {number}"
        if number % 10 == 0:
            words = f"{chance.choice(DANGERS)} {number}"
        number_of_update = house.telegram.say(chat, words)
        if chance.random() < 0.05:  # a copy
            copy = {"message": house.telegram.message(chat, text=words)}
            house.telegram.push(copy, number_of_update)
        time.sleep(chance.uniform(0.05, 0.2))


def disturb(
    house: House, log: Path, chance: random.Random, people: threading.Thread
) -> int:
    """Kill and hinder until the last message is written; returns the kills."""
    kills = 0
    while people.is_alive() or kills < 20:
        time.sleep(chance.uniform(0.3, 3))
        house.kill_gateway()
        kills += 1
        kind = chance.choice(["429", "500", "502", "", ""])
        if kind:
            house.telegram.faults.plan("sendMessage", kind, times=2)
        house.dialogue.seconds = chance.choice([0.0, 0.0, 0.2, 7.0])
        house.dialogue.is_dead = chance.random() < 0.3
        house.spawn_gateway(log)
    house.dialogue.seconds, house.dialogue.is_dead = 0.0, False
    return kills


def is_drained(house: House) -> bool:
    told = house.channel("telegram")
    waiting = told.get("outbox", {}).get("waiting", 1)
    return told.get("queue", 1) == 0 and waiting == 0 and house.telegram.is_empty()


def judge(house: House, count: int, what: str) -> None:
    """Every message was answered; what came twice was counted as uncertain."""
    store = house.store()
    sent = store.do(lambda db: db.execute(select(OUTGOING)).all())
    taken = store.do(lambda db: db.execute(select(INCOMING)).all())
    store.close()
    assert len(taken) == count
    assert all(row.done_at and not row.body for row in taken)
    answered = {row.message_id for row in sent if row.state == "sent"}
    lost = count - len(answered)
    copies = len(house.telegram.messages) - sum(row.state == "sent" for row in sent)
    uncertain = sum(row.uncertain for row in sent)
    by_id = {str(m["message_id"]): m["at"] for m in house.telegram.messages}
    window = [
        row.settled_at - by_id[row.platform_id]
        for row in sent
        if row.platform_id in by_id and not row.uncertain
    ]
    states = Counter(row.state for row in sent)
    report(
        f"{what}, messages {count}, lost {lost}, second copies {copies}, "
        f"sends open at a kill {uncertain}, states {dict(states)}, window between "
        f"acceptance and mark: median {statistics.median(window) * 1000:.1f} ms, "
        f"p95 {statistics.quantiles(window, n=20)[-1] * 1000:.1f} ms"
    )
    assert lost == 0
    assert copies <= uncertain
    assert set(states) == {"sent"}


def bad_bodies(count: int) -> list[tuple[str, bytes, dict[str, str]]]:
    """Return forged, cut, mutated and mistyped bodies for both webhooks."""
    chance = random.Random(7)
    house_update = {"update_id": 1, "message": {"message_id": 1, "text": "chào"}}
    event = {"app_id": "1", "event_name": "user_send_text", "message": {"text": "x"}}
    made = []
    for number in range(count):
        path = chance.choice([WEBHOOK, "/webhooks/zalo/webhook"])
        told: Any = house_update if path == WEBHOOK else event
        body = json.dumps(told).encode()
        kind = chance.randrange(7)
        if kind == 0:
            body = body[: chance.randrange(len(body))]
        elif kind == 1:
            place = chance.randrange(len(body))
            body = body[:place] + chance.randbytes(3) + body[place:]
        elif kind == 2:
            body = json.dumps(
                [told, number, None, "x"][chance.randrange(1, 4)]
            ).encode()
        elif kind == 3:
            body = b"[" * chance.randrange(1, 20_000)
        elif kind == 4:
            body = chance.randbytes(chance.randrange(400))
        elif kind == 5:
            body = body[:-1] + b"," + b'"a":' + b"9" * 5000 + b"}"
        elif kind == 6:
            body = b" " * chance.choice([10, 70_000, 300_000])
        mac = signature(body, "1")
        made.append((path, body, {"X-ZEvent-Signature": f"mac={mac}"}))
    return made


def test_that_ten_thousand_bad_bodies_change_nothing(
    build: Build, tmp_path: Path
) -> None:
    """Right secret of Telegram for half of them; memory stays flat."""
    house = build(**HOOKED)
    house.start_platforms()
    house.spawn_gateway(tmp_path / "log")
    assert house.process is not None
    statuses: Counter[int] = Counter()
    sizes = []
    with httpx.Client(base_url=house.address, trust_env=False, timeout=30) as http:
        for number, (path, body, headers) in enumerate(bad_bodies(BODIES)):
            if number % 2:
                headers[HEADER] = HOOK_SECRET
            statuses[http.post(path, content=body, headers=headers).status_code] += 1
            if number % 500 == 0:
                sizes.append(resident(house.process.pid))
        good = update_of(house, 5, "em bị thầy sờ người", 5_000_000)
        answer = http.post(WEBHOOK, json=good, headers={HEADER: HOOK_SECRET})
    assert answer.status_code == 204
    assert "\n111: " in house.heard(5)[0]
    grown = sizes[-1] - sizes[2]
    report(
        f"bad bodies {BODIES}: statuses {dict(sorted(statuses.items()))}, resident "
        f"{sizes[2]} MiB after 1,000, {sizes[-1]} MiB at the end"
    )
    assert set(statuses) <= {204, 400, 401, 403, 413}
    assert grown <= 5


def resident(pid: int) -> int:
    """Return the resident memory of a process, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    raise LookupError(pid)
