"""Fixtures of the channels' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.house import House


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
