"""How the person is addressed: with the word that fits how they speak of themselves."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.reply import Reply
from bot.safety.cards import address_words
from bot.safety.letters import fold
from bot.safety.normalise import clean
from bot.safety.triage import Level, Triage

ADDRESSES_FILE = Path(__file__).with_name("addresses.yml")
NEUTRAL = "ban"
MAX_READ = 400


def address_of(text: str, triage: Triage) -> str:
    """Return the word to call the writer of a text by, "" if it does not tell.

    A clear danger has been read more closely; its triage knows.
    """
    is_clear = triage.is_danger and not triage.soft and triage.level is not Level.PX
    if is_clear and triage.address != address_words()[NEUTRAL]:
        return triage.address
    told = clean(text)[:MAX_READ]
    folded = fold(told)
    if len(folded) != len(told):
        return ""
    for rule in _rules():
        if any(_is_written(m, told, rule["words"]) for m in rule["found"](folded)):
            return address_words()[rule["address"]]
    return ""


def addressed(reply: Reply, word: str) -> Reply:
    """Return the reply in the person's register.

    Our own sentences say "bạn" to the person and to nobody else (a test looks);
    cards know the address themselves, and articles may speak of friends.
    """
    if not word or reply.kind == "card" or reply.article:
        return reply
    neutral = address_words()[NEUTRAL]
    text = re.sub(rf"\b{neutral}\b", word, reply.text)
    capital = neutral.capitalize()
    return replace(reply, text=re.sub(rf"\b{capital}\b", _capital(word), text))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _is_written(match: re.Match[str], told: str, words: tuple[str, ...]) -> bool:
    return not words or told[match.start("self") : match.end("self")] in words


@cache
def _rules() -> list[dict[str, Any]]:
    body = yaml.safe_load(ADDRESSES_FILE.read_text("utf8"))
    before = rf"(?:^|[,.!?;:]\s*|\b(?:{'|'.join(body['before'])})\s+)"
    after = rf"\s+(?:{'|'.join(body['after'])})\b"
    rules = []
    for row in body["addresses"]:
        words = tuple(row.get("words", ()))
        either = "|".join(sorted({fold(word) for word in words}))
        pattern = row.get("pattern") or f"{before}(?P<self>{either}){after}"
        rules.append(
            {
                "address": row["address"],
                "words": words,
                "found": re.compile(pattern).finditer,
            }
        )
    return rules
