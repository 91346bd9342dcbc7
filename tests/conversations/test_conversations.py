"""Every conversation of this folder, against the real gateway, Rasa and actions."""

from __future__ import annotations

import pytest

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
