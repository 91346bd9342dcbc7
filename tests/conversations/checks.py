"""What a reply has to be: as one conversation expects it, and always."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

import yaml

from bot.gateway.dialogue import choice_of
from bot.gateway.turn import is_known_choice
from bot.reply import KINDS
from knowledge.directory import Directory
from tests.servers import ROOT

EXPECTATIONS = {
    *("kind", "class", "level", "soft", "numbers", "article", "buttons"),
    *("no_buttons", "contains", "not_contains", "place", "documents", "max_words"),
}
BUTTON_LIMIT = 32
# What a broken template, a missing text or an error would leave in a reply.
_BROKEN = re.compile(r"\{\w*\}|\bNone\b|\bnull\b|utter_|action_|Traceback|\[object")
# A run of digits that could be dialled: short numbers, 1800/1900 lines, landlines.
_DIALLED = re.compile(r"(?<![\w/.,-])(?:\+?\d[\d .]{6,14}\d|1[0-2]\d)(?![\w/,-])")
_DATE = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{4}")
_SHORT = re.compile(r"(?:gọi|số|máy|call|dial)\s+(1\d\d)\b", re.IGNORECASE)


def faults_of(reply: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Return where a reply is not as expected."""
    faults = []
    for key in ("kind", "class", "level", "soft", "article"):
        if key in expected and reply[key] not in _listed(expected[key]):
            faults.append(f"{key} is {reply[key]!r}, not {expected[key]!r}")
    text = reply["text"].casefold()
    for words in _listed(expected.get("contains", ())):
        if str(words).casefold() not in text:
            faults.append(f"does not say {words!r}")
    for words in _listed(expected.get("not_contains", ())):
        if str(words).casefold() in text:
            faults.append(f"says {words!r}")
    return [*faults, *_parts_faults(reply, expected)]


def _parts_faults(reply: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    faults = []
    numbers = [phone["number"] for phone in reply["numbers"]]
    wanted = [str(number) for number in _listed(expected.get("numbers", ()))]
    if numbers[: len(wanted)] != wanted:
        faults.append(f"numbers are {numbers}, not {wanted} first")
    buttons = [button["id"] for button in reply["buttons"]]
    lacking = [b for b in _listed(expected.get("buttons", ())) if b not in buttons]
    if lacking or (expected.get("no_buttons") and buttons):
        faults.append(f"buttons are {buttons}, without {lacking}")
    if "place" in expected:
        local = {line.number for line in directory().local(expected["place"])}
        if not local & set(numbers):
            faults.append(f"numbers are {numbers}, none of {expected['place']}")
    cited = [citation["document"] for citation in reply["citations"]]
    lacking = [d for d in _listed(expected.get("documents", ())) if d not in cited]
    if lacking:
        faults.append(f"cites {cited}, not {lacking}")
    length = len(reply["text"].split())
    if length > expected.get("max_words", length):
        faults.append(f"has {length} words")
    return faults


def faults_of_any(reply: dict[str, Any]) -> list[str]:
    """Return what no reply may ever be, whatever was asked."""
    text = reply["text"]
    faults = [] if text.strip() else ["is empty"]
    if reply["kind"] == "error" or reply["kind"] not in KINDS:
        faults.append(f"is an {reply['kind']}")
    if not unicodedata.is_normalized("NFC", text):
        faults.append("is not NFC")
    if broken := _BROKEN.search(text):
        faults.append(f"has {broken[0]!r}")
    for phone in reply["numbers"]:
        if phone["tel"] not in known_addresses():
            faults.append(f"has the number {phone['tel']}, which no directory knows")
    if not reply["article"]:  # an article quotes documents, and has its own lint
        faults += [f"says {number}" for number in unknown_numbers(text)]
        faults += [f"says {w!r}" for w in forbidden() if w in text.casefold()]
    for button in reply["buttons"]:
        if len(button["id"]) > BUTTON_LIMIT and choice_of(button["id"]) is None:
            faults.append(f"has the long button {button['id']}")
        if not is_known_choice(button["id"]) or not button["title"].strip():
            faults.append(f"has the button {button['id']}, which nobody answers")
    return faults


def unknown_numbers(text: str) -> list[str]:
    """Return what could be dialled in a text but is in no directory."""
    bare = _DATE.sub(" ", text)
    found = [*_DIALLED.findall(bare), *_SHORT.findall(bare)]
    return [run for run in found if _digits(run) not in known_digits()]


@cache
def directory() -> Directory:
    """Return the directory that the running stack shows, too."""
    return Directory.load()


@cache
def known_addresses() -> frozenset[str]:
    """Return every `tel:` or web address that may be shown."""
    return frozenset(
        line.tel for line in directory().every() if directory().line(line.id)
    )


@cache
def known_digits() -> frozenset[str]:
    """Return the digits of every number of the directory, as shown and as dialled."""
    return frozenset(
        digits
        for line in directory().every()
        for text in (line.number, line.tel, line.number.partition(",")[0])
        if (digits := _digits(text))
    )


@cache
def forbidden() -> tuple[str, ...]:
    """Return the phrases that neither a card nor small talk ever says."""
    path = ROOT / "bot/safety/cards/forbidden.yml"
    body = yaml.safe_load(path.read_text("utf8"))
    return tuple(str(words).casefold() for words in body["everywhere"])


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)
