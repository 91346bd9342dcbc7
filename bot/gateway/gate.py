"""The danger gate as a turn uses it: it never fails, and reads taps too."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.safety.assess import assess
from bot.safety.triage import DangerClass, Level, Speaker, Triage

log = structlog.get_logger()

SAFE_WORD = "SOS"


def assess_safely(text: str) -> Triage:
    """Assess; if that itself fails, the soft card is due (R16)."""
    try:
        return assess(text)
    except Exception as error:  # the gate must never be the reason for silence
        log.error("safety.failed", error=type(error).__name__)
        return _triage(Level.P2, None, soft=True, urgent=False)


def triage_of_tap(choice: str, known: Triage | None) -> Triage:
    """Return what a tapped "help" or "danger now" means after the last triage.

    The class of a check question is a guess, so that only a full triage keeps its own.
    """
    if choice == "need_help" and known and not known.soft:
        return known
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
