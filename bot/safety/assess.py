"""`assess`: the one question that every message is asked before anything else.

normalise -> rules -> classifier -> merge (the highest level wins) -> speaker, place.
Pure and local; it reads the data files of this folder and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from bot.safety.classifier import Scores, load_classifier
from bot.safety.normalise import normalise
from bot.safety.place import find_place
from bot.safety.rules import Scene
from bot.safety.scenes import Finding, find_dangers, read_scenes
from bot.safety.speaker import find_address, find_speaker, speaks_of_self
from bot.safety.triage import DANGER_LEVELS, DangerClass, Level, Speaker, Triage

HERE = Path(__file__).parent
CLASSIFIER_ID = "classifier"
PAST, NOW_CUES = "past", frozenset({"recent", "now", "ongoing"})
INJURY, ASKS_LAW = "injury", "asks_law"
_TURNS_PAST = (
    DangerClass.SEXUAL_ABUSE,
    DangerClass.PHYSICAL_VIOLENCE,
    DangerClass.NEGLECT,
    DangerClass.BULLYING,
)
_ALWAYS_URGENT = (DangerClass.MEDICAL_EMERGENCY, DangerClass.MISSING_CHILD)
_ALWAYS_NOW = (DangerClass.IMMEDIATE_DANGER, DangerClass.MEDICAL_EMERGENCY)
_RULE_VOTE, _HINT_VOTE, _ALWAYS_VOTE = 0.6, 0.25, 1.0
_OFFENDER_VOTE = 0.6
_TEST_WORDS = 12
FEW_WORDS = 5


class Thresholds(NamedTuple):
    """Probabilities of danger; the file says why they stand where they stand."""

    full_at: float
    soft_at: float
    confirm_firm: float
    confirm_rule: float
    keep_rule: float
    keep_now: float
    keep_hint: float
    test_at: float
    urgent_at: float
    now_at: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What rules and classifier agree on, before speaker and place are added."""

    level: Level
    danger_class: DangerClass | None
    soft: bool
    urgent: bool


NO_DANGER = Verdict(Level.P3, None, False, False)


def assess(text: str, *, use_classifier: bool = True) -> Triage:
    """Say whether a message tells of a child in danger, and who asks.

    Args:
        text: any string, also empty, also very long; it is read whole.
        use_classifier: False leaves the rules alone to decide.
    """
    message = normalise(text)
    scenes = read_scenes(message)
    findings = [f for group in find_dangers(message, scenes) for f in group]
    classifier = load_classifier() if use_classifier else None
    scores = classifier.score(message, scenes) if classifier and scenes else None
    if scores:
        findings = [f for f in findings if not f.away]
    verdict = decide(findings, scores, scenes, load_thresholds())
    speaker = find_speaker(scenes, scores.speakers if scores else None)
    if verdict.danger_class is DangerClass.SELF_HARM and speaks_of_self(scenes):
        # "Tôi muốn chết": the card of one who reports would be for somebody else.
        speaker = speaker if speaker is Speaker.CHILD else Speaker.UNKNOWN
    return Triage(
        verdict.level,
        verdict.danger_class,
        speaker,
        _word_of_address(find_address(speaker, scenes)),
        verdict.urgent,
        verdict.soft,
        find_place(text).province,
        _reasons(findings, scores, verdict),
        message.language,
        any(ASKS_LAW in scene.by_category for scene in scenes),
    )


def decide(
    findings: list[Finding],
    scores: Scores | None,
    scenes: list[Scene],
    limits: Thresholds,
) -> Verdict:
    """Merge rules and classifier; either is enough to leave P3.

    A few words, or only the wish to tell, get the check question unless a rule knows
    more.
    """
    words = sum(scene.word_count for scene in scenes)
    card = _card_of_rules(findings, scores, words, limits)
    is_vague = words <= FEW_WORDS or any(f.vague for f in findings)
    if scores and scores.danger >= limits.full_at and not is_vague:
        card = "full"
    elif scores and scores.danger >= limits.soft_at and card != "full":
        card = "soft"
    if card == "none":
        return _test_or_nothing(findings, scores, scenes, limits)
    danger_class = _class_of(findings, scores, scenes, words)
    if card == "soft":
        return Verdict(Level.P2, danger_class, True, False)
    haste = _haste_of(scores)
    level = _level_of(findings, scores, danger_class, haste >= limits.now_at)
    urgent = level is Level.P0 or danger_class in _ALWAYS_URGENT or _is_hurt(scenes)
    return Verdict(level, danger_class, False, urgent or haste >= limits.urgent_at)


def _haste_of(scores: Scores | None) -> float:
    """How likely help is due this minute: level P0, or a class that is always so."""
    if scores is None:
        return 0.0
    return scores.levels[Level.P0.value] + sum(
        scores.classes[name.value] for name in _ALWAYS_NOW
    )


def _card_of_rules(
    findings: list[Finding], scores: Scores | None, words: int, limits: Thresholds
) -> str:
    """What the rules alone give: firm rules always a card, hints a soft one.

    A classifier that is sure of the contrary turns a full card into the check
    question; a rule that may be mistaken and a hint it can drop altogether. Of a few
    words it knows too little to be asked.
    """
    danger = scores.danger if scores and words > FEW_WORDS else 1.0
    full = [f for f in findings if not f.soft]
    if any(f.always for f in full):
        return "full"
    firm = any(f.firm for f in full)
    if full and danger >= (limits.confirm_firm if firm else limits.confirm_rule):
        return "full"
    firm = firm or any(f.kept for f in findings)
    now = any(f.level is Level.P0 for f in full)
    if firm or (full and danger >= (limits.keep_now if now else limits.keep_rule)):
        return "soft"
    return "soft" if findings and danger >= limits.keep_hint else "none"


def _test_or_nothing(
    findings: list[Finding],
    scores: Scores | None,
    scenes: list[Scene],
    limits: Thresholds,
) -> Verdict:
    words = sum(scene.word_count for scene in scenes)
    said = any("test" in scene.by_category for scene in scenes)
    if scores:
        is_test = scores.test >= limits.test_at
    else:
        is_test = said and words <= _TEST_WORDS and not findings
    if is_test or words == 0:
        return Verdict(Level.PX, DangerClass.TEST, False, False)
    return NO_DANGER


def _class_of(
    findings: list[Finding], scores: Scores | None, scenes: list[Scene], words: int
) -> DangerClass:
    names = [c for c in DangerClass if c is not DangerClass.TEST]
    votes: dict[DangerClass, float] = dict.fromkeys(names, 0.0)
    for name, share in (scores.classes if scores else {}).items():
        votes[DangerClass(name)] += share
    for name in {f.danger_class for f in findings}:
        full = [f for f in findings if f.danger_class is name and not f.soft]
        votes[name] += _RULE_VOTE if full else _HINT_VOTE
        if any(f.level is Level.P0 for f in full):
            votes[name] += _HINT_VOTE
        if any(f.always for f in full):
            votes[name] += _ALWAYS_VOTE
    own = any(f.danger_class is DangerClass.OFFENDER for f in findings)
    if votes[DangerClass.OFFENDER] < _OFFENDER_VOTE or (words <= FEW_WORDS and not own):
        # Its card would accuse; fear or shame in a few words must not lead there.
        del votes[DangerClass.OFFENDER]
    best = max(votes, key=lambda name: votes[name])
    if best in _TURNS_PAST and not scores and _is_past(scenes):
        return DangerClass.PAST_ABUSE
    return best


def _level_of(
    findings: list[Finding],
    scores: Scores | None,
    danger_class: DangerClass,
    is_now: bool,
) -> Level:
    """The highest level of the rules that fired, or the classifier's if higher."""
    full = [f for f in findings if not f.soft]
    if scores and not is_now:
        # Another class may be urgent by its nature, as an injury is; this one not.
        mine = [f for f in full if f.danger_class is danger_class]
        full = mine if danger_class is DangerClass.OFFENDER else mine or full
    found = [f.level for f in full]
    if danger_class is DangerClass.PAST_ABUSE:
        found = [level for level in found if level is not Level.P1]
    if danger_class is DangerClass.MEDICAL_EMERGENCY:
        found.append(Level.P0)
    if scores:
        if is_now:
            found.append(Level.P0)
        later = {k: v for k, v in scores.levels.items() if k != Level.P0.value}
        found.append(Level(max(later, key=lambda name: later[name])))
    return min(found or [Level.P2], key=DANGER_LEVELS.index)


def _is_past(scenes: list[Scene]) -> bool:
    seen = set().union(*(scene.by_category for scene in scenes))
    return PAST in seen and not seen & NOW_CUES


def _is_hurt(scenes: list[Scene]) -> bool:
    return any(INJURY in scene.by_category for scene in scenes)


def _reasons(
    findings: list[Finding], scores: Scores | None, verdict: Verdict
) -> tuple[str, ...]:
    reasons = [f.id for f in findings] + [h for f in findings for h in f.hits]
    if scores and (verdict.level is not Level.P3):
        reasons.append(f"{CLASSIFIER_ID}:{scores.danger:.2f}")
    return tuple(dict.fromkeys(reasons))


@lru_cache(maxsize=1)
def load_thresholds() -> Thresholds:
    """Return the thresholds of `thresholds.yml`, read once."""
    with (HERE / "thresholds.yml").open(encoding="utf-8") as file:
        return Thresholds(**yaml.safe_load(file))


@lru_cache(maxsize=1)
def _address_words() -> dict[str, str]:
    with (HERE / "cards" / "words.yml").open(encoding="utf-8") as file:
        words: dict[str, str] = yaml.safe_load(file)["address"]
        return words


def _word_of_address(code: str) -> str:
    return _address_words()[code]


__all__ = ["Speaker", "Thresholds", "Verdict", "assess", "decide", "load_thresholds"]
