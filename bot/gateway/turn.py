"""The way of a message; `handle_turn` is the only route."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import structlog

from bot.gateway.conversation import Conversation, Conversations
from bot.gateway.dialogue import Dialogue, DialogueError, choice_of
from bot.gateway.inbox import Message
from bot.gateway.texts import fixed_reply, texts, with_child_line
from bot.reply import Reply
from bot.safety.assess import assess
from bot.safety.cards import fallback_card, render_card
from bot.safety.triage import DangerClass, Level, Speaker, Triage
from knowledge.directory import Directory

log = structlog.get_logger()

MAX_TEXT = 2000
SAFE_WORD = "SOS"
# The soft card comes after this many questions in a row without an answer (R17).
FAILURES = 2
UNDERSTOOD = ("answer", "suggest", "smalltalk", "ask")
_PRIVATE = re.compile(r"[\w.+-]+@[\w-]+\.\w+|(?<![\w/])\+?\d(?:[ .-]?\d){8,}(?![\w/])")


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts that a turn needs."""

    dialogue: Dialogue
    conversations: Conversations
    directory: Callable[[], Directory]


async def handle_turn(gateway: Gateway, message: Message) -> AsyncIterator[Reply]:
    """message -> danger gate -> dialogue -> replies, in the order to be sent."""
    talk = gateway.conversations.of(message.sender)
    async with talk.lock:
        if message.choice:
            replies = _answer_choice(gateway, talk, message)
        else:
            replies = _answer_text(gateway, talk, message)
        async for reply in replies:
            yield _with_footer(reply, talk, gateway.directory())


def assess_safely(text: str) -> Triage:
    """Assess; if that itself fails, the soft card is due (R16)."""
    try:
        return assess(text)
    except Exception as error:  # the gate must never be the reason for silence
        log.error("safety.failed", error=type(error).__name__)
        return _triage(Level.P2, None, soft=True, urgent=False)


async def _answer_text(
    gateway: Gateway, talk: Conversation, message: Message
) -> AsyncIterator[Reply]:
    command, text = _split_command(message.text)
    triage = assess_safely(text)
    if triage.is_danger:
        async for reply in _answer_danger(gateway, talk, message.sender, text, triage):
            yield reply
    elif command:
        async for reply in _answer_command(gateway, message.sender, command):
            yield reply
    elif not any(letter.isalnum() for letter in text):
        yield fixed_reply("no_words", gateway.directory())
    else:
        async for reply in _ask_dialogue(gateway, talk, message.sender, text):
            yield reply


async def _answer_danger(
    gateway: Gateway, talk: Conversation, sender: str, text: str, triage: Triage
) -> AsyncIterator[Reply]:
    yield _card(triage, gateway.directory())
    if triage.level is Level.PX:
        return
    talk.triage = triage
    talk.keep_question(text)
    if triage.soft:
        # When unsure: the card, and the answer if there is one.
        async for reply in _ask_dialogue(gateway, talk, sender, text):
            if reply.kind in ("answer", "suggest"):
                yield reply
        return
    talk.in_danger = triage.level in (Level.P0, Level.P1)
    for reply in await _continue_report(gateway, sender, triage):
        yield reply


async def _continue_report(
    gateway: Gateway, sender: str, triage: Triage
) -> list[Reply]:
    """Tell the dialogue the class, never the words; the card stands without it."""
    try:
        return await gateway.dialogue.tell(
            sender,
            "report",
            danger_class=triage.danger_class.value if triage.danger_class else "",
            level=triage.level.value,
            address=triage.address,
            place=triage.place or "",
        )
    except DialogueError as error:
        log.warning("dialogue.failed", error=str(error))
        return []


async def _answer_choice(
    gateway: Gateway, talk: Conversation, message: Message
) -> AsyncIterator[Reply]:
    directory = gateway.directory()
    if message.choice in ("need_help", "danger_now"):
        triage = _tapped(message.choice, talk.triage)
        talk.triage, talk.in_danger = triage, True
        yield _card(triage, directory)
        for reply in await _continue_report(gateway, message.sender, triage):
            yield reply
    elif message.choice == "only_info":
        talk.in_danger = False
        question = talk.take_question()
        if not question:
            yield fixed_reply("ask_again", directory)
            return
        async for reply in _ask_dialogue(gateway, talk, message.sender, question):
            yield reply
    elif message.choice == "safe":
        talk.in_danger = False
        yield fixed_reply("now_calm", directory)
    else:
        choice = choice_of(message.choice)
        if choice is None:
            yield fixed_reply("stale_button", directory)
            return
        intent, entities = choice
        for reply in await _tell_or_apologise(
            gateway, message.sender, intent, **entities
        ):
            yield reply


async def _answer_command(
    gateway: Gateway, sender: str, command: str
) -> AsyncIterator[Reply]:
    directory = gateway.directory()
    if command in ("111", "sos"):
        yield _card(assess_safely(SAFE_WORD), directory)
    elif command in ("start", "help"):
        yield fixed_reply("greeting", directory)
    elif command == "xoa":
        gateway.conversations.forget(sender)
        await _tell_or_apologise(gateway, sender, "forget")
        yield fixed_reply("forgotten", directory)
    else:
        yield fixed_reply("unknown_command", directory)


async def _ask_dialogue(
    gateway: Gateway, talk: Conversation, sender: str, text: str
) -> AsyncIterator[Reply]:
    try:
        replies = await gateway.dialogue.say(sender, redact(text[:MAX_TEXT]))
    except DialogueError as error:
        log.warning("dialogue.failed", error=str(error))
        yield fixed_reply("no_dialogue", gateway.directory(), kind="error")
        return
    for reply in replies:
        yield reply
    understood = any(reply.kind in UNDERSTOOD for reply in replies)
    talk.failures = 0 if understood else talk.failures + 1
    if talk.failures == FAILURES:
        yield _card(
            _triage(Level.P2, None, soft=True, urgent=False), gateway.directory()
        )


async def _tell_or_apologise(
    gateway: Gateway, sender: str, intent: str, **entities: str
) -> list[Reply]:
    try:
        return await gateway.dialogue.tell(sender, intent, **entities)
    except DialogueError as error:
        log.warning("dialogue.failed", error=str(error))
        return [fixed_reply("no_dialogue", gateway.directory(), kind="error")]


def redact(text: str) -> str:
    """Return the text without e-mail addresses and long numbers.

    Numbers of documents (203/KH-UBND) and dates stay: they are shorter than nine
    digits or hold a slash.
    """
    return _PRIVATE.sub("…", text)


def _card(triage: Triage, directory: Directory) -> Reply:
    try:
        return render_card(triage, directory)
    except Exception as error:  # a broken data file must not hide the number
        log.error("card.failed", error=type(error).__name__)
        return fallback_card(directory)


def _split_command(text: str) -> tuple[str, str]:
    """Return (command, text without leading slashes); no text forces an intent."""
    bare = text.lstrip("/ \t\r\n")
    if not text.lstrip().startswith("/"):
        return "", text.strip()
    return (bare.split() or ["-"])[0].lower(), bare


def _tapped(choice: str, known: Triage | None) -> Triage:
    if choice == "danger_now":
        speaker = known.speaker if known else Speaker.UNKNOWN
        now = _triage(Level.P0, DangerClass.IMMEDIATE_DANGER, soft=False, urgent=True)
        return replace(now, speaker=speaker, address=known.address) if known else now
    if known is not None:
        level = Level.P1 if known.level is Level.P2 else known.level
        return replace(known, soft=False, level=level)
    return replace(assess_safely(SAFE_WORD), soft=False)


def _triage(
    level: Level, danger_class: DangerClass | None, *, soft: bool, urgent: bool
) -> Triage:
    return Triage(
        level=level,
        danger_class=danger_class,
        speaker=Speaker.UNKNOWN,
        address="",
        urgent=urgent,
        soft=soft,
        place=None,
        matched=(),
    )


def _with_footer(reply: Reply, talk: Conversation, directory: Directory) -> Reply:
    """After P0 or P1 every reply ends with 111, until the person is well (R7)."""
    if not talk.in_danger or reply.kind == "card":
        return reply
    text = f"{reply.text}\n\n{texts()['footer']}"
    return with_child_line(replace(reply, text=text), directory)
