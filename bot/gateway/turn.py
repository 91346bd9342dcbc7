"""The way of a message; `handle_turn` is the only route."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import structlog

from bot.gateway.conversation import Conversation, Conversations
from bot.gateway.dialogue import Dialogue, DialogueError, choice_of
from bot.gateway.gate import SAFE_WORD, assess_safely, calm_text, triage_of_tap
from bot.gateway.message import Message
from bot.gateway.texts import fixed_reply, texts, with_child_line
from bot.reply import Reply
from bot.safety.cards import fallback_card, render_card
from bot.safety.triage import Level, Triage
from knowledge.directory import Directory

log = structlog.get_logger()

MAX_TEXT = 2000
# The soft card comes after this many questions in a row without an answer (R17).
FAILURES = 2
ANSWERS = ("answer", "suggest")
UNDERSTOOD = (*ANSWERS, "smalltalk", "ask")
COMMANDS = ("111", "sos", "start", "help", "xoa", "dung")
OWN_CHOICES = ("need_help", "danger_now", "only_info", "safe")
_COMMAND = re.compile(r"[a-z0-9_]+(@\w+)?(\{.*\})?", re.S)
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
        if message.event:
            replies = _answer_event(gateway, message.event)
        elif message.choice:
            replies = _answer_choice(gateway, talk, message)
        else:
            replies = _answer_text(gateway, talk, message)
        async for reply in replies:
            yield _with_footer(reply, talk, gateway.directory())


async def _answer_event(gateway: Gateway, event: str) -> AsyncIterator[Reply]:
    """Answer what came without words: a voice, a picture, a new follower."""
    yield fixed_reply(f"event_{event}", gateway.directory())


async def _answer_text(
    gateway: Gateway, talk: Conversation, message: Message
) -> AsyncIterator[Reply]:
    command, text = _split_command(message.text)
    triage = assess_safely(text)
    is_clear = triage.is_danger and not triage.soft and triage.level is not Level.PX
    if command in COMMANDS or (_COMMAND.fullmatch(command) and not is_clear):
        async for reply in _answer_command(gateway, message.sender, command):
            yield reply
    elif triage.level is Level.PX:
        async for reply in _answer_test(gateway, talk, message.sender, text, triage):
            yield reply
    elif triage.is_danger:
        async for reply in _answer_danger(gateway, talk, message.sender, text, triage):
            yield reply
    elif not any(letter.isalnum() for letter in text):
        yield fixed_reply("no_words", gateway.directory())
    else:
        async for reply in _ask_dialogue(gateway, talk, message.sender, text):
            yield reply


async def _answer_danger(
    gateway: Gateway, talk: Conversation, sender: str, text: str, triage: Triage
) -> AsyncIterator[Reply]:
    talk.keep_question(text)
    if triage.soft:
        # A guess never takes the place of what was told clearly before.
        known = talk.triage if talk.in_danger else None
        talk.triage = talk.triage or triage
        yield _card(known or triage, gateway.directory())
        # When unsure: the card, and the answer if there is one.
        async for reply in _ask_dialogue(gateway, talk, sender, text):
            if reply.kind in (*ANSWERS, "smalltalk"):
                yield reply
        return
    talk.triage = triage
    talk.in_danger = triage.level in (Level.P0, Level.P1)
    yield _card(triage, gateway.directory())
    for reply in await _continue_report(gateway, sender, triage):
        yield reply
    async for reply in _tell_law(gateway, sender, triage):
        yield reply


async def _tell_law(
    gateway: Gateway, sender: str, triage: Triage
) -> AsyncIterator[Reply]:
    """After the card, the article on the law that was asked for too (R10)."""
    name = triage.danger_class.value if triage.danger_class else ""
    article = texts()["law_articles"].get(name)
    if not triage.asks_law or not article or triage.level is Level.P0:
        return
    try:
        replies = await gateway.dialogue.tell(sender, "choose_article", article=article)
    except DialogueError as error:
        log.warning("dialogue.failed", error=str(error))
        return
    for reply in replies:
        if reply.kind in ANSWERS:
            yield reply


async def _answer_test(
    gateway: Gateway, talk: Conversation, sender: str, text: str, triage: Triage
) -> AsyncIterator[Reply]:
    """A test or a prank: a gentle card, unless the dialogue knows what it is."""
    directory = gateway.directory()
    if talk.in_danger:
        yield fixed_reply("still_here", directory)
        return
    try:
        replies = await gateway.dialogue.say(sender, redact(text[:MAX_TEXT]))
    except DialogueError:
        replies = []
    known = [reply for reply in replies if reply.kind in UNDERSTOOD]
    if not known or known[0].kind == "suggest":
        known = [_card(triage, directory)]
    for reply in known:
        yield with_child_line(reply, directory)


async def _continue_report(
    gateway: Gateway, sender: str, triage: Triage
) -> list[Reply]:
    """Tell the dialogue the class, never the words; the card stands without it."""
    if triage.language != "vi":
        return []  # the dialogue's questions are Vietnamese
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
        triage = triage_of_tap(message.choice, talk.triage)
        talk.triage, talk.in_danger = triage, True
        yield _card(triage, directory)
        for reply in await _continue_report(gateway, message.sender, triage):
            yield reply
    elif message.choice == "only_info":
        async for reply in _answer_only_info(gateway, talk, message.sender):
            yield reply
    elif message.choice == "safe":
        talk.in_danger = False
        yield fixed_reply(calm_text(talk.triage), directory)
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


async def _answer_only_info(
    gateway: Gateway, talk: Conversation, sender: str
) -> AsyncIterator[Reply]:
    """Return to the question that the card interrupted, if it was one (R8)."""
    talk.in_danger = False
    talk.triage = None
    question = talk.take_question()
    answered = False
    if question:
        async for reply in _ask_dialogue(gateway, talk, sender, question):
            if reply.kind in (*ANSWERS, "error"):
                answered = True
                yield reply
    if not answered:
        yield fixed_reply("ask_again", gateway.directory())


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
    elif command == "dung":
        gateway.conversations.forget(sender)
        yield fixed_reply("stopped", directory)
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
        card = fixed_reply("two_failures", gateway.directory(), kind="card")
        yield replace(card, level=Level.P2.value, soft=True)


async def _tell_or_apologise(
    gateway: Gateway, sender: str, intent: str, **entities: str
) -> list[Reply]:
    try:
        return await gateway.dialogue.tell(sender, intent, **entities)
    except DialogueError as error:
        log.warning("dialogue.failed", error=str(error))
        return [fixed_reply("no_dialogue", gateway.directory(), kind="error")]


def is_known_choice(choice: str) -> bool:
    """Tell whether a button's id is one of ours."""
    return choice in OWN_CHOICES or choice_of(choice) is not None


def asks_to_forget(message: Message) -> bool:
    """Tell whether a message is the command that deletes everything."""
    return not message.choice and _split_command(message.text)[0] == "xoa"


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
    is_command = text.lstrip().startswith("/")
    return (bare.strip().lower() if is_command else ""), bare.strip()


def _with_footer(reply: Reply, talk: Conversation, directory: Directory) -> Reply:
    """After P0 or P1 every reply ends with 111, until the person is well (R7)."""
    if not talk.in_danger or reply.kind == "card" or "111" in reply.text:
        return with_child_line(reply, directory) if talk.in_danger else reply
    text = f"{reply.text}\n\n{texts()['footer']}"
    return with_child_line(replace(reply, text=text), directory)
