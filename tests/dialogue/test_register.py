"""The person is addressed as they speak of themselves (triage, section 4)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.gateway.register import address_of, addressed
from bot.reply import Reply
from bot.safety.assess import assess
from tests.servers import ROOT

FIXED_TEXTS = (
    "actions/texts.yml",
    "bot/gateway/texts.yml",
    "bot/dialogue/domain/responses.yml",
)
# "bạn" that is no address: friends, classmates, some other child.
OTHERS = re.compile(r"\b(?:bạn bè|bạn học|các bạn|bạn ấy|bạn cùng|người bạn)\b", re.I)
ALLOWED = ("người bạn tin",)


def test_that_a_text_tells_how_to_address_its_writer() -> None:
    path = Path(__file__).with_name("addresses.yml")
    for address, texts in yaml.safe_load(path.read_text("utf8")).items():
        expected = "" if address == "nobody" else address
        for text in texts:
            assert address_of(text, assess(text)) == expected, text


def test_that_only_our_own_sentences_are_changed() -> None:
    ours = Reply("smalltalk", "Bạn gọi 111, bạn nhé.")
    assert addressed(ours, "anh/chị").text == "Anh/chị gọi 111, anh/chị nhé."
    assert addressed(ours, "").text == ours.text
    for kept in (Reply("card", ours.text), Reply("answer", ours.text, article="a")):
        assert addressed(kept, "em") == kept


@pytest.mark.parametrize("name", FIXED_TEXTS)
def test_that_fixed_texts_say_you_to_the_person_only(name: str) -> None:
    """`addressed` changes every "bạn" in them."""
    for text in _texts(yaml.safe_load((ROOT / name).read_text("utf8"))):
        for allowed in ALLOWED:
            text = text.replace(allowed, "")
        assert not OTHERS.search(text), text


def _texts(body: Any) -> list[str]:
    if isinstance(body, dict):
        return [text for value in body.values() for text in _texts(value)]
    if isinstance(body, list):
        return [text for value in body for text in _texts(value)]
    return [str(body)]
