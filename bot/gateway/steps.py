"""The steps of a turn that lead nowhere else: cards, fixed replies, the footer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog

from bot.gateway.conversation import Conversation, Conversations
from bot.gateway.counts import Counts
from bot.gateway.dialogue import Dialogue, DialogueError
from bot.gateway.gate import SAFE_WORD, assess_safely
from bot.gateway.message import Message
from bot.gateway.rating import Rating, drop_rating, rating_of
from bot.gateway.texts import fixed_reply, texts, with_child_line
from bot.gateway.words import is_question, split_command
from bot.reply import Reply
from bot.safety.cards import fallback_card, render_card
from bot.safety.triage import Level, Speaker, Triage
from knowledge.directory import Directory

log = structlog.get_logger()

URGENT_COMMANDS = ("111", "sos")
_HELPED = {
    Speaker.CHILD: "child",
    Speaker.UNKNOWN: "child",
    Speaker.TEACHER: "teacher",
}


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts that a turn needs."""

    dialogue: Dialogue
    conversations: Conversations
    directory: Callable[[], Directory]
    keep_rating: Callable[[Rating], Awaitable[None]] = drop_rating
    counts: Counts = field(default_factory=Counts)


def asks_to_forget(message: Message) -> bool:
    """Tell whether a message asks to delete everything, by command or button."""
    if message.choice:
        return message.choice == "forget"
    return split_command(message.text)[0] == "xoa"


def channel_of(sender: str) -> str:
    """Return the channel of a sender's pseudonym."""
    return sender.partition(":")[0].partition("-")[0]


async def rate(gateway: Gateway, talk: Conversation, channel: str, tap: str) -> None:
    """Keep what a person thinks of an answer, `good:…` or `bad:…`; no danger turn.

    The question waits until the conversation is over.
    """
    rating = rating_of(talk, channel, tap)
    if rating is None:
        return
    gateway.counts.add(channel, tap.partition(":")[0], rating.article)
    talk.keep_open(channel, rating.article, rating.question)
    await gateway.keep_rating(replace(rating, question=""))


async def answer_fixed(gateway: Gateway, key: str) -> AsyncIterator[Reply]:
    yield fixed_reply(key, gateway.directory())


async def answer_command(
    gateway: Gateway, sender: str, command: str
) -> AsyncIterator[Reply]:
    directory = gateway.directory()
    if command in URGENT_COMMANDS:
        yield card_of(assess_safely(SAFE_WORD), directory)
    elif command in ("start", "help"):
        yield fixed_reply("greeting", directory)
    elif command == "xoa":
        gateway.conversations.forget(sender)
        await tell_or_apologise(gateway, sender, "forget")
        yield fixed_reply("forgotten", directory)
    elif command == "dung":
        gateway.conversations.forget(sender)
        yield fixed_reply("stopped", directory)
    else:
        yield fixed_reply("unknown_command", directory)


async def continue_report(
    gateway: Gateway, sender: str, triage: Triage, asked: str
) -> tuple[Reply, ...]:
    """Tell the dialogue the class, never the words; the card stands without it."""
    if triage.language != "vi":
        return ()  # the dialogue's questions are Vietnamese
    try:
        return await gateway.dialogue.tell(
            sender,
            "report",
            danger_class=triage.danger_class.value if triage.danger_class else "",
            level=triage.level.value,
            speaker=triage.speaker.value,
            place=triage.place or "",
            asks=asked,
        )
    except DialogueError as error:
        log.warning("dialogue.failed", error=str(error))
        return ()


async def tell_law(gateway: Gateway, sender: str, triage: Triage) -> tuple[Reply, ...]:
    """After a card, the article on the law that was asked for too (R10).

    It is chosen by the class, so that the words are not asked with; at P0 nothing may
    stand between the person and the number.
    """
    name = triage.danger_class.value if triage.danger_class else ""
    article = texts()["law_articles"].get(name)
    if not triage.asks_law or not article or triage.level is Level.P0:
        return ()
    return await _tell_article(gateway, sender, article)


async def say_what_now(
    gateway: Gateway, sender: str, triage: Triage
) -> AsyncIterator[Reply]:
    """Repeat the card, then what to do in a danger of its class."""
    yield card_of(triage, gateway.directory())
    group = _HELPED.get(triage.speaker, "adult")
    articles = texts()["help_articles"][group]
    name = triage.danger_class.value if triage.danger_class else ""
    article = articles.get(name) or articles.get("all")
    if article and triage.language == "vi":
        for reply in await _tell_article(gateway, sender, article):
            yield reply


async def _tell_article(
    gateway: Gateway, sender: str, article: str
) -> tuple[Reply, ...]:
    try:
        told = await gateway.dialogue.tell(sender, "choose_article", article=article)
    except DialogueError as error:
        log.warning("dialogue.failed", error=str(error))
        return ()
    return tuple(reply for reply in told if reply.kind == "answer")


def heard(
    replies: tuple[Reply, ...], talk: Conversation, text: str, directory: Directory
) -> tuple[Reply, ...]:
    """Return the replies; who told of danger and asks nothing gets no titles."""
    guessed = any(reply.kind in ("suggest", "abstain") for reply in replies)
    told = talk.triage is not None and not talk.triage.soft
    if (told or talk.in_danger) and guessed and not is_question(text):
        return (fixed_reply("told_more", directory),)
    return replies


async def tell_or_apologise(
    gateway: Gateway, sender: str, intent: str, **entities: str
) -> tuple[Reply, ...]:
    try:
        replies = await gateway.dialogue.tell(sender, intent, **entities)
    except DialogueError as error:
        log.warning("dialogue.failed", error=str(error))
        replies = ()
    # A tap is always answered.
    return replies or (fixed_reply("no_dialogue", gateway.directory(), kind="error"),)


def card_of(triage: Triage, directory: Directory) -> Reply:
    try:
        return render_card(triage, directory)
    except Exception as error:  # a broken data file must not hide the number
        log.error("card.failed", error=type(error).__name__)
        return fallback_card(directory)


def with_footer(reply: Reply, talk: Conversation, directory: Directory) -> Reply:
    """After P0 or P1 every reply ends with 111, until the person is well (R7)."""
    if not talk.in_danger or reply.kind == "card" or "111" in reply.text:
        return with_child_line(reply, directory) if talk.in_danger else reply
    text = f"{reply.text}\n\n{texts()['footer']}"
    return with_child_line(replace(reply, text=text), directory)
