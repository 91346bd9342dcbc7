"""The way of a message; `handle_turn` is the only route."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import structlog

from bot.gateway.conversation import Conversation
from bot.gateway.dialogue import DialogueError, Said, choice_of
from bot.gateway.gate import (
    asked_by,
    assess_safely,
    calm_text,
    meant_by,
    triage_of_tap,
)
from bot.gateway.message import Message
from bot.gateway.register import address_of, addressed
from bot.gateway.steps import (
    URGENT_COMMANDS,
    Gateway,
    answer_command,
    answer_fixed,
    asks_to_forget,
    card_of,
    channel_of,
    continue_report,
    heard,
    rate,
    say_what_now,
    tell_law,
    tell_or_apologise,
    with_footer,
)
from bot.gateway.texts import fixed_reply, with_child_line
from bot.gateway.words import (
    MAX_TEXT,
    asks_what_now,
    has_words,
    is_command,
    is_foreign_script,
    is_question,
    redact,
    split_command,
)
from bot.reply import Reply
from bot.safety.triage import DangerClass, Level, Triage

__all__ = [
    "COMMANDS",
    "MAX_TEXT",
    "Gateway",
    "asks_to_forget",
    "handle_turn",
    "is_known_choice",
    "rate",
]

log = structlog.get_logger()

# The soft card comes after this many questions in a row without an answer (R17).
FAILURES = 2
FEW_WORDS = 3
ANSWERS = ("answer", "suggest")
UNDERSTOOD = (*ANSWERS, "smalltalk", "ask")
COMMANDS = (*URGENT_COMMANDS, "start", "help", "xoa", "dung")
OWN_CHOICES = ("need_help", "danger_now", "only_info", "safe", "forget")
RATINGS = ("good", "bad")


async def handle_turn(gateway: Gateway, message: Message) -> AsyncIterator[Reply]:
    """message -> danger gate -> dialogue -> replies, in the order to be sent."""
    talk = gateway.conversations.of(message.sender)
    async with talk.lock:
        if message.event:
            replies = answer_fixed(gateway, f"event_{message.event}")
        elif message.choice:
            replies = _answer_choice(gateway, talk, message.sender, message.choice)
        else:
            replies = _answer_text(gateway, talk, message)
        asked, told = "", list[Reply]()
        async for reply in replies:
            told.append(reply)
            asked = asked_by(reply) or asked
            reply = with_footer(reply, talk, gateway.directory())
            yield addressed(reply, talk.address)
        talk.asked = asked
        gateway.counts.add_turn(message, told)


async def _answer_text(
    gateway: Gateway, talk: Conversation, message: Message
) -> AsyncIterator[Reply]:
    command, text = split_command(message.text)
    triage = assess_safely(text)
    talk.address = address_of(text, triage) or talk.address
    is_clear = triage.is_danger and not triage.soft and triage.level is not Level.PX
    if is_clear or command in URGENT_COMMANDS:
        talk.mark_danger()
    if command in COMMANDS or (is_command(command) and not is_clear):
        replies = answer_command(gateway, message.sender, command)
    elif talk.triage and not is_clear and asks_what_now(text):
        replies = say_what_now(gateway, message.sender, talk.triage)
    elif triage.is_danger and triage.level is not Level.PX:
        replies = _answer_danger(gateway, talk, message.sender, text, triage)
    elif not has_words(text) or is_foreign_script(text):
        key = "other_script" if has_words(text) else "no_words"
        replies = answer_fixed(gateway, key)
    elif triage.level is Level.PX:
        replies = _answer_test(gateway, talk, message.sender, text, triage)
    else:
        replies = _ask_dialogue(gateway, talk, message.sender, text)
    async for reply in replies:
        yield reply


async def _answer_danger(
    gateway: Gateway, talk: Conversation, sender: str, text: str, triage: Triage
) -> AsyncIterator[Reply]:
    talk.mark_danger()
    if triage.soft:
        # A guess never takes the place of what was told clearly before.
        known = talk.triage if talk.in_danger else None
        talk.triage = talk.triage or triage
        yield card_of(known or triage, gateway.directory())
        # When unsure: the card, and the answer if there is one. A word or two ("em sợ")
        # asks for none, and who asks nothing gets no list of titles.
        kinds = ANSWERS if is_question(text) else ANSWERS[:1]
        is_short = len(text.split()) <= FEW_WORDS
        async for reply in _ask_dialogue(gateway, talk, sender, text, is_soft=True):
            if (reply.kind in kinds and not is_short) or reply.kind == "smalltalk":
                yield reply
        return
    talk.keep_question(text)
    talk.triage = triage
    talk.in_danger = triage.level in (Level.P0, Level.P1)
    card = card_of(triage, gateway.directory())
    yield card
    for reply in await tell_law(gateway, sender, triage):
        yield reply
    for reply in await continue_report(gateway, sender, triage, asked_by(card)):
        yield reply


async def _answer_test(
    gateway: Gateway, talk: Conversation, sender: str, text: str, triage: Triage
) -> AsyncIterator[Reply]:
    """A test or a prank: a gentle card, unless the dialogue knows what it is."""
    directory = gateway.directory()
    try:
        said = await gateway.dialogue.say(sender, redact(text[:MAX_TEXT]))
    except DialogueError:
        said = Said(())
    if choice := meant_by(said.choice, talk):
        async for reply in _answer_choice(gateway, talk, sender, choice):
            yield reply
        return
    if talk.in_danger:
        yield fixed_reply("still_here", directory)
        return
    known = [reply for reply in said.replies if reply.kind in UNDERSTOOD]
    if not known or known[0].kind == "suggest":
        known = [card_of(triage, directory)]
    for reply in known:
        yield with_child_line(reply, directory)


async def _answer_choice(
    gateway: Gateway, talk: Conversation, sender: str, choice: str
) -> AsyncIterator[Reply]:
    directory = gateway.directory()
    if choice in ("need_help", "danger_now"):
        talk.mark_danger()
        triage = triage_of_tap(choice, talk.triage)
        talk.triage, talk.in_danger = triage, True
        card = card_of(triage, directory)
        yield card
        for reply in await continue_report(gateway, sender, triage, asked_by(card)):
            yield reply
    elif choice == "only_info":
        async for reply in _answer_only_info(gateway, talk, sender):
            yield reply
    elif choice == "safe":
        async for reply in _answer_safe(gateway, talk, sender):
            yield reply
    elif choice == "forget":
        async for reply in answer_command(gateway, sender, "xoa"):
            yield reply
    elif choice == "still_here":
        yield fixed_reply(choice, directory)
    else:
        async for reply in _tell_choice(gateway, talk, sender, choice):
            yield reply


async def _tell_choice(
    gateway: Gateway, talk: Conversation, sender: str, tap: str
) -> AsyncIterator[Reply]:
    """Let the dialogue answer a button; a thumb is kept first."""
    if tap.partition(":")[0] in RATINGS:
        await rate(gateway, talk, channel_of(sender), tap)
    if tap.partition(":")[0] == "good":
        yield fixed_reply("rated_good", gateway.directory())
        return
    choice = choice_of(tap)
    if choice is None:
        yield fixed_reply("stale_button", gateway.directory())
        return
    intent, entities = choice
    for reply in await tell_or_apologise(gateway, sender, intent, **entities):
        yield reply


async def _answer_safe(
    gateway: Gateway, talk: Conversation, sender: str
) -> AsyncIterator[Reply]:
    """The footer is lifted; then the second question, where it helps."""
    triage = talk.triage
    talk.in_danger = False
    yield fixed_reply(calm_text(triage), gateway.directory())
    if triage is None or triage.soft or triage.language != "vi":
        return
    if triage.danger_class is not DangerClass.SELF_HARM:
        try:
            replies = await gateway.dialogue.tell(sender, "now_safe")
        except DialogueError as error:
            log.warning("dialogue.failed", error=str(error))
            return
        for reply in replies:
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


async def _ask_dialogue(
    gateway: Gateway,
    talk: Conversation,
    sender: str,
    text: str,
    *,
    is_soft: bool = False,
) -> AsyncIterator[Reply]:
    try:
        said = await gateway.dialogue.say(sender, redact(text[:MAX_TEXT]))
    except DialogueError as error:
        log.warning("dialogue.failed", error=str(error))
        yield fixed_reply("no_dialogue", gateway.directory(), kind="error")
        return
    if choice := meant_by(said.choice, talk):
        async for reply in _answer_choice(gateway, talk, sender, choice):
            yield reply
        return
    if is_soft and not said.choice:
        talk.keep_question(text)
    for reply in heard(said.replies, talk, text, gateway.directory()):
        if reply.article and reply.kind == "answer" and not talk.in_danger:
            talk.keep_answer(reply.article, "" if is_soft else redact(text))
        yield reply
    understood = any(reply.kind in UNDERSTOOD for reply in said.replies)
    if any(reply.kind == "abstain" for reply in said.replies):
        talk.keep_open(channel_of(sender), "", redact(text))
    talk.failures = 0 if understood else talk.failures + 1
    if talk.failures == FAILURES:
        card = fixed_reply("two_failures", gateway.directory(), kind="card")
        yield replace(card, level=Level.P2.value, soft=True)


def is_known_choice(choice: str) -> bool:
    """Tell whether a button's id is one of ours."""
    is_thumb = choice.partition(":")[0] in RATINGS
    return choice in OWN_CHOICES or is_thumb or choice_of(choice) is not None
