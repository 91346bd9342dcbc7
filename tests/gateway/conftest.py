"""Fixtures of the channels' tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.conftest import need
from tests.gateway.house import House
from tests.postgres import cluster, server_programs


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Make houses that are torn down with the test."""
    houses: list[House] = []

    def make(**settings: Any) -> House:
        house = House(tmp_path, **settings)
        houses.append(house)
        return house

    yield make
    for house in houses:
        house.close()


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    """Platforms, dialogue and gateway, all running."""
    made = build()
    made.start_platforms()
    made.start_gateway()
    made.wait_for_state("telegram", "ok")
    return made


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    programs = server_programs()
    need(programs is not None, "a PostgreSQL server (Debian: postgresql)")
    assert programs is not None
    with cluster(programs) as address:
        yield address


@pytest.fixture
def database(server: str) -> str:
    """An empty database."""
    name = f"test{time.time_ns()}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return server.replace("/postgres", f"/{name}")
