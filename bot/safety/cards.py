"""Fixed, reviewed answers to danger: text from `cards/*.yml`, numbers from data.

A card is chosen by class, speaker, level and situation; nothing in it is generated.
111 is among the first two numbers of every card but that of a medical emergency.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import yaml

from bot.reply import Button, PhoneNumber, Reply
from bot.safety.triage import DangerClass, Level, Speaker, Triage

FOLDER = Path(__file__).parent / "cards"
SOFT, FALLBACK = "soft", "fallback"
ONLY_INFO, DANGER_NOW, SAFE = "only_info", "danger_now", "safe"
CHILD_LINE = "vn-111"
LANGUAGES = ("vi", "en")
_GROUP = {Speaker.CHILD: "child", Speaker.UNKNOWN: "child"}


class LineBook(Protocol):
    """What a card needs of `knowledge.directory.Directory`."""

    def phone(self, name: str) -> PhoneNumber | None:
        """Return the line of an id if it may be shown."""

    def local(self, province: str) -> Any:
        """Return the local lines of a province that may be shown."""


@dataclass(frozen=True, slots=True)
class Card:
    """One text of a card file; empty conditions fit everything."""

    speakers: tuple[Speaker, ...]
    levels: tuple[Level, ...]
    urgent: bool | None
    matched: tuple[str, ...]
    first: str
    text: str
    lines: tuple[str, ...]
    ask: str
    buttons: tuple[str, ...]
    note: bool
    local: bool


class CardError(ValueError):
    """A card file cannot be used; the message names the file and what to correct."""


def render_card(triage: Triage, directory: LineBook) -> Reply:
    """Return the card of an assessment, numbers first.

    A directory that fails still gives 111, 113 and 115 from the file beside the cards.
    """
    name = SOFT
    if triage.danger_class is not None and not triage.soft:
        name = triage.danger_class.value
    return _render(_choose(name, triage), triage, directory)


def fallback_card(directory: LineBook) -> Reply:
    """Return the card for when anything else failed (R16)."""
    triage = Triage(
        Level.P1, None, Speaker.UNKNOWN, "", False, False, None, (), LANGUAGES[0]
    )
    return _render(_choose(FALLBACK, triage), triage, directory)


def _choose(name: str, triage: Triage) -> Card:
    english = triage.language == LANGUAGES[1]
    cards = load_cards()[name][LANGUAGES[1] if english else LANGUAGES[0]]
    fits = (card for card in cards if _fits(card, triage))
    return next(fits, cards[-1])


def _fits(card: Card, triage: Triage) -> bool:
    if card.speakers and triage.speaker not in card.speakers:
        return False
    if card.levels and triage.level not in card.levels:
        return False
    if card.urgent is not None and card.urgent is not triage.urgent:
        return False
    return not card.matched or any(m.startswith(card.matched) for m in triage.matched)


def _render(card: Card, triage: Triage, directory: LineBook) -> Reply:
    words = common()
    group = _group(triage)
    parts = [card.first, card.text]
    if card.ask:
        parts.append(words["questions"][card.ask][group])
    if card.note:
        parts.append(words["note"][group])
    return Reply(
        kind="card",
        text=address_text("\n".join(parts), triage),
        level=triage.level.value,
        danger_class=triage.danger_class.value if triage.danger_class else None,
        soft=triage.soft,
        numbers=_numbers(card, triage, directory),
        buttons=tuple(_button(b, triage.language) for b in _button_ids(card, triage)),
    )


def _group(triage: Triage) -> str:
    if triage.language == LANGUAGES[1]:
        return LANGUAGES[1]
    return _GROUP.get(triage.speaker, "adult")


def address_text(text: str, triage: Triage) -> str:
    """Put the person's form of address where a card says {em} or {Em}."""
    words = address_words()
    word = triage.address
    if word not in words.values():
        by_default = {Speaker.CHILD: "em", Speaker.UNKNOWN: "ban"}
        word = words[by_default.get(triage.speaker, "adult")]
    return text.replace("{em}", word).replace("{Em}", word[:1].upper() + word[1:])


def _button_ids(card: Card, triage: Triage) -> tuple[str, ...]:
    if card.buttons:
        return card.buttons
    if triage.danger_class is DangerClass.TEST:
        return (ONLY_INFO,)
    asked = tuple(common()["questions"][card.ask]["buttons"]) if card.ask else ()
    if triage.level is Level.P0 and not asked:
        asked = (SAFE,)
    return (*asked, ONLY_INFO)


def _button(name: str, language: str) -> Button:
    return Button(name, common()["buttons"][name][language])


def _numbers(
    card: Card, triage: Triage, directory: LineBook
) -> tuple[PhoneNumber, ...]:
    """National numbers in the card's order, then local lines (never first)."""
    found = [_phone(directory, name) for name in card.lines]
    if card.local and triage.place and not triage.soft:
        found += _local(directory, triage.place)
    kept: dict[str, PhoneNumber] = {}
    for phone in found:
        if phone is not None:
            kept.setdefault(phone.tel, phone)
    return tuple(kept.values())


def _phone(directory: LineBook, name: str) -> PhoneNumber | None:
    try:
        phone = directory.phone(name)
    except Exception:  # a broken directory must not hide 111
        phone = None
    return phone or fallback_numbers().get(name)


def _local(directory: LineBook, province: str) -> list[PhoneNumber | None]:
    try:
        lines = tuple(directory.local(province))[: common()["local_limit"]]
        return [directory.phone(line.id) for line in lines]
    except Exception:  # local lines are an extra; the national card is complete
        return []


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open(encoding="utf-8") as file:
            body: dict[str, Any] = yaml.safe_load(file)
            return body
    except (OSError, yaml.YAMLError) as error:
        raise CardError(f"{path.name}: {error}. Restore the file.") from None


@lru_cache(maxsize=1)
def common() -> dict[str, Any]:
    """Return the texts, questions and buttons that cards share."""
    return _read(FOLDER / "common.yml")


@lru_cache(maxsize=1)
def address_words() -> dict[str, str]:
    """Return the forms of address by code."""
    words: dict[str, str] = _read(FOLDER / "words.yml")["address"]
    return words


@lru_cache(maxsize=1)
def fallback_numbers() -> dict[str, PhoneNumber]:
    """Return 111, 113 and 115 for when the directory is broken."""
    rows = _read(FOLDER / "fallback_numbers.yml")
    return {name: PhoneNumber(checked_on="", **row) for name, row in rows.items()}


@lru_cache(maxsize=1)
def load_cards() -> dict[str, dict[str, tuple[Card, ...]]]:
    """Return all cards by class name and language, in the order of the files.

    Raises:
        CardError: a class has no card, or a key of a card is unknown.
    """
    names = [c.value for c in DangerClass] + [SOFT, FALLBACK]
    found = {}
    for name in names:
        path = FOLDER / f"{name}.yml"
        body = _read(path)
        local = bool(body.get("local", True))
        found[name] = {
            LANGUAGES[0]: tuple(_card(path, c, local) for c in body["cards"]),
            LANGUAGES[1]: tuple(_card(path, c, local) for c in body["english"]),
        }
    return found


def _card(path: Path, body: dict[str, Any], local: bool) -> Card:
    known = {*Card.__dataclass_fields__} - {"local"}
    if set(body) - known or not {"first", "text", "lines"} <= set(body):
        raise CardError(f"{path.name}: keys {sorted(body)}; allowed: {sorted(known)}.")
    return Card(
        speakers=tuple(Speaker(s) for s in body.get("speakers", ())),
        levels=tuple(Level(v) for v in body.get("levels", ())),
        urgent=body.get("urgent"),
        matched=tuple(body.get("matched", ())),
        first=body["first"].strip(),
        text=body["text"].strip(),
        lines=tuple(body["lines"]),
        ask=body.get("ask", ""),
        buttons=tuple(body.get("buttons", ())),
        note=body.get("note", True),
        local=local,
    )
