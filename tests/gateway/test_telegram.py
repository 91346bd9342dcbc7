"""Acceptance tests of the Telegram channel against a local Telegram."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.telegram import NAME
from tests.gateway.house import House
from tests.servers import wait_until

DANGER = "em bị thầy sờ người"
QUESTION = "trẻ em có những quyền gì"


def test_that_a_question_is_answered(house: House) -> None:
    house.telegram.say(5, QUESTION)
    (text,) = house.heard(5)
    assert QUESTION in text


def test_that_a_danger_gets_its_card_with_numbers_first(house: House) -> None:
    house.telegram.say(6, DANGER)
    card = house.heard(6)[0].splitlines()
    numbers = [line for line in card if line[:3].isdigit()]
    assert numbers[0].startswith("111")
    assert card.index(numbers[0]) <= 2
