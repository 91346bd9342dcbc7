"""What an assessment says about a message; the words of triage are the field's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(str, Enum):
    """How soon help is due. P3 is information, PX a test or a prank."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    PX = "PX"


class DangerClass(str, Enum):
    """What the message is about; information has no class."""

    IMMEDIATE_DANGER = "immediate_danger"
    SEXUAL_ABUSE = "sexual_abuse"
    PHYSICAL_VIOLENCE = "physical_violence"
    NEGLECT = "neglect"
    ONLINE_ABUSE = "online_abuse"
    BULLYING = "bullying"
    SELF_HARM = "self_harm"
    EXPLOITATION = "exploitation"
    MISSING_CHILD = "missing_child"
    CHILD_MARRIAGE = "child_marriage"
    DOMESTIC_VIOLENCE = "domestic_violence"
    MEDICAL_EMERGENCY = "medical_emergency"
    THIRD_PARTY_REPORT = "third_party_report"
    PAST_ABUSE = "past_abuse"
    OFFENDER = "offender"
    TEST = "test"


class Speaker(str, Enum):
    """Who writes; other relatives and bystanders count as neighbour."""

    CHILD = "child"
    PARENT = "parent"
    TEACHER = "teacher"
    NEIGHBOUR = "neighbour"
    UNKNOWN = "unknown"


DANGER_LEVELS = (Level.P0, Level.P1, Level.P2)


@dataclass(frozen=True, slots=True)
class Triage:
    """The result of an assessment. It never holds the person's words.

    Attributes:
        address: the word to call the person by, as the cards write it.
        urgent: 113 or 115 is due.
        soft: a check question instead of the full card.
        place: current name of a province, if the message names one.
        matched: ids of rules and cues, why the level was chosen.
        language: "vi" or "en".
        asks_law: the message also asks what the law says (R10).
    """

    level: Level
    danger_class: DangerClass | None
    speaker: Speaker
    address: str
    urgent: bool
    soft: bool
    place: str | None
    matched: tuple[str, ...]
    language: str = "vi"
    asks_law: bool = False

    @property
    def is_danger(self) -> bool:
        """True when a card is due: P0 to P2, a soft card, or the card of a test."""
        return self.soft or self.level in DANGER_LEVELS or self.level is Level.PX

    @property
    def card(self) -> str:
        """Return "full", "soft" or "none"; a test gets a gentle card, so "soft"."""
        if not self.is_danger:
            return "none"
        return "soft" if self.soft or self.level is Level.PX else "full"
