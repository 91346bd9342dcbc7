"""Every conversation of this folder, against the real gateway, Rasa and actions."""

from __future__ import annotations

import pytest

from tests.conversations.fuzz import fuzz
from tests.conversations.replay import Conversation, load, replay
from tests.servers import Stack

CONVERSATIONS = load()


def test_that_there_are_enough_conversations() -> None:
    assert len(CONVERSATIONS) >= 150


@pytest.mark.parametrize("talk", CONVERSATIONS, ids=lambda talk: talk.id)
def test_that_a_conversation_goes_as_written(stack: Stack, talk: Conversation) -> None:
    faults = [
        f"{turn.step.does} {turn.step.value!r}: {fault}"
        for turn in replay(talk, stack.chat())
        for fault in turn.faults
    ]
    assert faults == []


def test_that_strange_messages_get_an_honest_reply(stack: Stack) -> None:
    """A part of `python -m tests.conversations --fuzz 5000`, which is run by hand."""
    assert fuzz(stack.address, 200) == []
