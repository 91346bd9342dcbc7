"""Who writes, and how to address the person, from words and from the classifier."""

from __future__ import annotations

from collections import Counter, defaultdict

from bot.safety.rules import Scene
from bot.safety.triage import Speaker

_CUES = {
    "speaks_parent": Speaker.PARENT,
    "speaks_teacher": Speaker.TEACHER,
    "speaks_neighbour": Speaker.NEIGHBOUR,
    "speaks_child": Speaker.CHILD,
}
_CUE_WEIGHT = 0.5
_SELF_WEIGHT = 0.4
_SURE = 0.45
_OTHERS = {"own_child", "other_child", "child"}
_CHILD_CODES = ("address_con", "address_chau")


def find_speaker(scenes: list[Scene], scores: dict[str, float] | None) -> Speaker:
    """Return the likeliest speaker; unknown if nothing speaks clearly."""
    votes: dict[Speaker, float] = defaultdict(float)
    for name, share in (scores or {}).items():
        votes[Speaker(name)] += share
    seen = _categories(scenes)
    for cue, speaker in _CUES.items():
        if cue in seen:
            votes[speaker] += _CUE_WEIGHT
    if "adult_self" in seen and "speaks_child" not in seen:
        votes[Speaker.CHILD] -= _SELF_WEIGHT
    elif "self" in seen or "self_child" in seen:
        votes[Speaker.CHILD] += _SELF_WEIGHT
    if not votes:
        return Speaker.UNKNOWN
    best, weight = max(votes.items(), key=lambda item: item[1])
    return best if weight >= _SURE else _default(seen)


def _default(seen: Counter[str]) -> Speaker:
    says_child = "self" in seen or "self_child" in seen
    return Speaker.CHILD if says_child and "adult_self" not in seen else Speaker.UNKNOWN


def find_address(speaker: Speaker, scenes: list[Scene]) -> str:
    """Return the code of the form of address; the words stand in `cards/words.yml`.

    Codes: em, con, chau, ban, adult, teacher.
    """
    if speaker is Speaker.TEACHER:
        return "teacher"
    if speaker in (Speaker.PARENT, Speaker.NEIGHBOUR):
        return "adult"
    seen = _categories(scenes)
    if speaker is Speaker.CHILD:
        best = max(_CHILD_CODES, key=lambda code: seen[code])
        return best.removeprefix("address_") if seen[best] else "em"
    return "ban"


def speaks_of_self(scenes: list[Scene]) -> bool:
    """Return True if no child beside the person who writes is named."""
    return not _OTHERS & set(_categories(scenes))


def _categories(scenes: list[Scene]) -> Counter[str]:
    return Counter(c for s in scenes for c, h in s.by_category.items() for _ in h)
