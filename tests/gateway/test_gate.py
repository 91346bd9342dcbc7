"""What a tap means after what was told before."""

from __future__ import annotations

from bot.gateway.gate import assess_safely, triage_of_tap
from bot.safety.cards import render_card
from bot.safety.triage import DangerClass, Level
from knowledge.directory import Directory


def numbers_after(text: str) -> list[str]:
    triage = triage_of_tap("danger_now", assess_safely(text))
    assert triage.level is Level.P0
    reply = render_card(triage, Directory.load())
    return [number.number for number in reply.numbers]


def test_that_danger_now_keeps_the_class_that_was_told() -> None:
    """A child that took pills needs 115, one that is beaten 113."""
    assert numbers_after("em muốn chết, em không muốn sống nữa")[:2] == ["115", "111"]
    assert numbers_after("bố em đánh em hoài")[:2] == ["113", "111"]


def test_that_danger_now_without_a_class_is_immediate_danger() -> None:
    for known in (None, assess_safely("hồi nhỏ tôi bị bố đánh suốt")):
        triage = triage_of_tap("danger_now", known)
        assert triage.danger_class is DangerClass.IMMEDIATE_DANGER
