"""The danger gate as a turn uses it: it never fails, and reads taps too."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.gateway.conversation import Conversation
from bot.reply import Reply
from bot.safety.assess import assess
from bot.safety.triage import DangerClass, Level, Speaker, Triage

log = structlog.get_logger()

SAFE_WORD = "SOS"
# Classes whose card is not one for this minute.
_WITHOUT_NOW = (
    None,
    DangerClass.PAST_ABUSE,
    DangerClass.OFFENDER,
    DangerClass.TEST,
)


def assess_safely(text: str) -> Triage:
    """Assess; if that itself fails, the soft card is due (R16)."""
    try:
        return assess(text)
    except Exception as error:  # the gate must never be the reason for silence
        log.error("safety.failed", error=type(error).__name__)
        return _triage(Level.P2, None, soft=True, urgent=False)


def triage_of_tap(choice: str, known: Triage | None) -> Triage:
    """Return what a tapped "help" or "danger now" means after the last triage.

    The class of a check question is a guess, so that only a full triage keeps its own:
    pills need 115, where most dangers need 113.
    """
    if choice == "need_help" and known and not known.soft:
        return known
    if known and not known.soft and known.danger_class not in _WITHOUT_NOW:
        return replace(known, level=Level.P0, urgent=True)
    if choice == "need_help":
        asked = replace(assess_safely(SAFE_WORD), soft=False)
    else:
        danger = DangerClass.IMMEDIATE_DANGER
        asked = _triage(Level.P0, danger, soft=False, urgent=True)
    if known is None:
        return asked
    return replace(
        asked, speaker=known.speaker, address=known.address, language=known.language
    )


def calm_text(known: Triage | None) -> str:
    """Return the text for "safe now": someone else's child still needs a report."""
    if known and known.danger_class is DangerClass.SELF_HARM:
        return "calm_self_harm"
    if known and known.speaker not in (Speaker.CHILD, Speaker.UNKNOWN):
        return "calm_other"
    return "now_calm"


def asked_by(reply: Reply) -> str:
    """Return what a reply asks: "danger_now", "help", "place", or ""."""
    offered = {button.id for button in reply.buttons}
    if reply.kind == "card" and "need_help" in offered:
        return "help"
    if reply.kind == "card" and {"danger_now", "safe"} <= offered:
        return "danger_now"
    return "place" if reply.kind == "ask" and "skip" in offered else ""


def meant_by(choice: str, talk: Conversation) -> str:
    """Return the button that a person's words stand for now, "" for none.

    Args:
        choice: what the dialogue understood: yes, no, safe, only_info, greeted, joked.
    """
    if choice in ("yes", "no"):
        return _MEANT.get((choice, talk.asked), "")
    if choice == "safe":
        return choice if talk.triage else ""
    if choice == "only_info":
        return choice if talk.triage or talk.has_question() else ""
    # After P0 or P1 there is neither a greeting nor a joke (R7).
    return "still_here" if choice in ("greeted", "joked") and talk.in_danger else ""


_MEANT = {
    ("yes", "danger_now"): "danger_now",
    ("no", "danger_now"): "safe",
    ("yes", "help"): "need_help",
    ("no", "help"): "only_info",
    ("no", "place"): "skip",
}


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
