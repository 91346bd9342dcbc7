"""The sentences of a message with their hits and what stands around them."""

from __future__ import annotations

from typing import NamedTuple

from bot.safety.lexicon import Hit, load_lexicon
from bot.safety.normalise import Message
from bot.safety.rules import Match, Scene, load_groups, match_rules
from bot.safety.triage import DangerClass, Level

_ORDER = (Level.P0, Level.P1, Level.P2, Level.P3)
ENGLISH, SPEAKERS, ASKING = "english", "speakers", "asking"
ENGLISH_CODE = "en"
KEEP, ALWAYS, VAGUE, AWAY = "keep", "always", "vague", "away"
NEWS = "case_news"
DROPPED = ("drop", AWAY)
WEAK = ("soft", VAGUE, *DROPPED)


class Finding(NamedTuple):
    """What one rule says after its surroundings lowered it.

    `firm` needs no second opinion, `always` takes none (a safe word), and a
    `kept` hint is not dropped. A `vague` one asks for the check question, an `away`
    one counts only without a classifier. `hits` are ids of the word lists, so that a
    report can say why.
    """

    id: str
    danger_class: DangerClass
    level: Level
    soft: bool
    firm: bool
    always: bool
    kept: bool
    vague: bool
    away: bool
    hits: tuple[str, ...]


def read_scenes(message: Message) -> list[Scene]:
    """Return one scene a sentence; English lists are used in English text only."""
    lexicon = load_lexicon()
    scenes = []
    for sentence in message.sentences:
        hits = lexicon.find(list(sentence.words))
        wanted = [h for h in hits if _is_spoken(h, message.language)]
        scenes.append(Scene(wanted, set(), len(sentence.words), sentence.breaks))
    own = [{h.category for h in scene.hits} for scene in scenes]
    for place, scene in enumerate(scenes):
        scene.near = set().union(*own[max(0, place - 1) : place + 2])
    return scenes


def _is_spoken(hit: Hit, language: str) -> bool:
    """English lists count in English text only; two lists are of both languages."""
    if language == ENGLISH_CODE:
        return hit.group in (ENGLISH, SPEAKERS, ASKING)
    return hit.group != ENGLISH


def find_dangers(message: Message, scenes: list[Scene]) -> list[list[Finding]]:
    """Return what the rules say of each sentence, lowered if hypothetical or denied."""
    about, mild = load_groups()["topic"], load_groups()["mild_topic"]
    total = sum(scene.word_count for scene in scenes)
    findings = []
    for scene in scenes:
        is_topic = bool(about & scene.near)
        is_mild = bool(mild & scene.near)
        matches = [
            m
            for m in match_rules(scene)
            if total == scene.word_count or not (m.rule.short_only or m.rule.whole_only)
        ]
        weighed = (_weigh(m, scene, is_topic, is_mild) for m in matches)
        findings.append([f for f in weighed if f is not None])
    return findings


def _weigh(match: Match, scene: Scene, is_topic: bool, is_mild: bool) -> Finding | None:
    rule = match.rule
    about = rule.information
    if is_topic and (about in DROPPED or (about == "soft" and NEWS in scene.near)):
        return None
    soft = rule.soft or (is_topic and about == "soft") or (is_mild and about in WEAK)
    level = rule.level
    if about != ALWAYS and (_is_hypothetical(scene) or _is_denied(match, scene)):
        level = lower(level)
        soft = soft or level is Level.P2
    firm = about in (KEEP, ALWAYS) and not soft
    kept = rule.soft and about == KEEP
    return Finding(
        rule.id,
        rule.danger_class,
        level,
        soft,
        firm,
        about == ALWAYS,
        kept,
        kept or about == VAGUE,
        about == AWAY,
        _ids(match),
    )


def _ids(match: Match) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.id for hit in match.hits))


def lower(level: Level) -> Level:
    """Return the level one step less urgent, never below P2."""
    return _ORDER[min(_ORDER.index(level) + 1, 2)]


def _is_hypothetical(scene: Scene) -> bool:
    return "hypo" in scene.by_category


def _is_denied(match: Match, scene: Scene) -> bool:
    """True if a "not" stands right before an act of the match or its "be done to"."""
    starts = {h.start for h in match.hits}
    for hit in scene.by_category.get("bi", ()):
        if match.start - 2 <= hit.start < match.end:
            starts.add(hit.start)
    return any(h.end in starts for h in scene.by_category.get("no", ()))
