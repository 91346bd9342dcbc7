"""Several gateways on one PostgreSQL: the work is shared, none of it is done twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gateway.house import HOOKED, WITHOUT_ZALO, House
from tests.gateway.test_faults import give
from tests.gateway.test_telegram import DANGER, QUESTION, update_of
from tests.servers import wait_until

Build = Callable[..., House]


def test_that_everything_works_on_postgresql_too(build: Build, database: str) -> None:
    house = build(database_url=database)
    house.start_platforms()
    house.authorize_zalo()
    house.start_gateway()
    house.telegram.say(1, QUESTION)
    house.telegram.say(1, DANGER)
    house.zalo.emit(house.zalo.text_event("1", DANGER))
    assert "\n111: " in house.heard(1, 3)[1]
    assert "\n111: " in house.told("1")[0]
    house.telegram.say(1, "/xoa")
    wait_until(lambda: house.rows("telegram", 1) == 0, 60)
    health = house.health() or {}
    assert health["parts"]["inbox"] == "ok"


def test_that_gateways_share_the_work_and_outlive_each_other(
    build: Build, database: str, tmp_path: Path
) -> None:
    """Both get every update; one is killed in the middle of it."""
    limits = {"turns_per_five_minutes": 1000, "lease_seconds": 5}
    one = build(database_url=database, **HOOKED, **WITHOUT_ZALO, **limits)
    two = one.sibling()
    one.start_platforms()
    one.dialogue.seconds = 0.05
    try:
        one.spawn_gateway(tmp_path / "one.log")
        two.spawn_gateway(tmp_path / "two.log")
        count = 30
        for number in range(count):
            update = update_of(
                one, 10 + number % 6, f"{QUESTION}, câu {number}", number
            )
            if number <= count // 2:
                give(one, update)
            give(two, update)
            if number == count // 2:
                one.kill_gateway()
        wait_until(lambda: len(set(echoes(one))) == count, 60)
        time.sleep(1)
        uncertain = two.channel("telegram")["outbox"]["uncertain"]
        assert len(echoes(one)) - count <= uncertain <= 8
        assert '"turn.answered"' in (tmp_path / "one.log").read_text()
    finally:
        two.close()


def echoes(house: House) -> list[str]:
    return [message["text"] for message in house.telegram.messages]


@pytest.mark.large
def test_that_only_one_gateway_polls_and_another_takes_over(
    build: Build, database: str, tmp_path: Path
) -> None:
    one = build(database_url=database, **WITHOUT_ZALO)
    two = one.sibling()
    one.start_platforms()
    try:
        one.spawn_gateway(tmp_path / "one.log")
        one.wait_for_state("telegram", "ok")
        two.start_gateway()
        two.wait_for_state("telegram", "standby")
        one.telegram.say(1, QUESTION)
        one.heard(1)
        assert one.channel("telegram")["conflicts"] == 0
        one.kill_gateway()
        one.telegram.say(1, QUESTION)
        one.heard(1, 2)
        assert two.channel("telegram")["state"] == "ok"
    finally:
        two.close()


def test_that_a_database_that_is_away_stops_no_card(build: Build) -> None:
    away = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    house = build(database_url=away, **HOOKED, **WITHOUT_ZALO)
    house.start_platforms()
    house.start_gateway()
    assert give(house, update_of(house, 2, DANGER, 1)) == 503
    assert "\n111: " in house.heard(2)[0]
    assert give(house, update_of(house, 2, DANGER, 1)) == 503
    time.sleep(0.5)
    assert sum("\n111: " in told for told in house.telegram.texts(2)) == 1
