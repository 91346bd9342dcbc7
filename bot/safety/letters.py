"""Vietnamese letters: fold, tone, syllable shape, and raw Telex and VNI typing.

Everything here works on one lower-case word. The rimes are written without marks,
so that a word typed without diacritics has the same shape as its marked form.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_TONE_MARKS = {"\u0301": 1, "\u0300": 2, "\u0309": 3, "\u0303": 4, "\u0323": 5}
_CIRCUMFLEX, _BREVE, _HORN = "\u0302", "\u0306", "\u031b"
_D_STROKE = "\u0111"
_VOWELS = "aeiouy"

_ONSET = "(?:ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|[bcdghklmnpqrstvx])?"
_RIMES = (
    "uyen|uyet|uynh|uych|ieng|iec|iem|ien|iep|iet|ieu|yem|yen|yet|yeu|"
    "uong|uoc|uoi|uom|uon|uop|uot|uou|uang|uat|uan|uay|uau|ue|uech|uenh|uya|uyt|"
    "uyp|uyu|uy|ua|ui|um|un|ung|uc|up|ut|uu|uo|oanh|oang|oach|oac|oai|oam|oan|oao|"
    "oap|oat|oay|oa|oeo|oet|oen|oem|oe|oong|ooc|oc|oi|om|on|ong|op|ot|anh|ang|ach|"
    "ac|ai|am|an|ao|ap|at|au|ay|ech|enh|eng|ec|em|en|eo|ep|et|eu|inh|ich|ia|im|in|"
    "ip|it|iu|ynh|ych|yt|a|e|i|o|u|y"
)
_SYLLABLE = re.compile(f"{_ONSET}(?:{_RIMES})")


class Word(NamedTuple):
    """A word in three forms.

    `text` is NFC; `letters` keeps the marks of the letters without the tone;
    `folded` has no marks. `tone` is 0 for none, 1 to 5 as in VNI.
    """

    text: str
    letters: str
    folded: str
    tone: int


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """Return the text without diacritics, in lower case."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return plain.replace(_D_STROKE, "d")


@lru_cache(maxsize=50_000)
def read_word(text: str) -> Word:
    """Split a lower-case word into letters and tone; the tone's place is dropped."""
    letters: list[str] = []
    tone = 0
    for char in unicodedata.normalize("NFD", text):
        if char in _TONE_MARKS:
            tone = _TONE_MARKS[char]
        else:
            letters.append(char)
    spelled = unicodedata.normalize("NFC", "".join(letters))
    return Word(text, spelled, fold(spelled), tone)


def is_compatible(typed: Word, meant: Word) -> bool:
    """True if `typed` is `meant` without its marks, or only without its tone."""
    if typed.text == typed.folded:
        return typed.folded == meant.folded
    return typed.letters == meant.letters and typed.tone == 0


def is_same(typed: Word, meant: Word) -> bool:
    """True if letters and tone agree; the two tones that the South merges are one."""
    if typed.letters != meant.letters:
        return False
    return typed.tone == meant.tone or _hook_or_tilde(typed, meant)


def _hook_or_tilde(one: Word, other: Word) -> bool:
    return {one.tone, other.tone} == {3, 4}


@lru_cache(maxsize=50_000)
def is_syllable(folded: str) -> bool:
    """True if the unmarked word has the shape of a Vietnamese syllable."""
    return _SYLLABLE.fullmatch(folded) is not None


def _compose(letters: list[str], marks: dict[int, str], tone: int) -> str | None:
    """Join letters and marks; None if the result is no Vietnamese syllable."""
    folded = "".join(letters).replace(_D_STROKE, "d")
    if not is_syllable(folded):
        return None
    if tone not in (1, 5) and re.search("(?:[ptc]|ch)$", folded):
        return None
    spelled = [c + marks.get(i, "") for i, c in enumerate(letters)]
    tone_char = next((c for c, n in _TONE_MARKS.items() if n == tone), "")
    at = _tone_place(letters, marks)
    if at >= 0:
        spelled[at] += tone_char
    return unicodedata.normalize("NFC", "".join(spelled))


def _tone_place(letters: list[str], marks: dict[int, str]) -> int:
    vowels = [i for i, c in enumerate(letters) if c in _VOWELS]
    marked = [i for i in vowels if i in marks]
    return marked[-1] if marked else (vowels[0] if vowels else -1)


def _add_horn(letters: list[str], marks: dict[int, str]) -> bool:
    """Put the horn or breve of a typed `w` or `7`/`8` on the last fitting vowel."""
    for i in range(len(letters) - 1, -1, -1):
        if letters[i] == "a" and i and letters[i - 1] == "u":
            continue
        if letters[i] in "aou" and i not in marks:
            marks[i] = _BREVE if letters[i] == "a" else _HORN
            if letters[i] == "o" and i and letters[i - 1] == "u":
                marks[i - 1] = _HORN
            return True
    return False


def _add_circumflex(letters: list[str], marks: dict[int, str], vowels: str) -> bool:
    for i in range(len(letters) - 1, -1, -1):
        if letters[i] in vowels and i not in marks:
            marks[i] = _CIRCUMFLEX
            return True
    return False


_TELEX_TONES = {"s": 1, "f": 2, "r": 3, "x": 4, "j": 5}


@lru_cache(maxsize=20_000)
def from_telex(word: str) -> str | None:
    """Read raw Telex, as a keyboard without the input method leaves it."""
    letters: list[str] = []
    marks: dict[int, str] = {}
    tone = 0
    for char in word:
        has_vowel = any(c in _VOWELS for c in letters)
        if char in _TELEX_TONES and has_vowel:
            tone = _TELEX_TONES[char]
        elif char == "w":
            if not _add_horn(letters, marks):
                marks[len(letters)] = _HORN
                letters.append("u")
        elif char in "aeo" and char in letters and has_vowel:
            _add_circumflex(letters, marks, char)
        elif char == "d" and letters[:1] == ["d"]:
            letters[0] = _D_STROKE
        else:
            letters.append(char)
    decoded = _compose(letters, marks, tone)
    return decoded if decoded != word else None


@lru_cache(maxsize=20_000)
def from_vni(word: str) -> str | None:
    """Read raw VNI: digits 1 to 5 are tones, 6 to 9 are marks of letters."""
    letters: list[str] = []
    marks: dict[int, str] = {}
    tone = 0
    for char in word:
        if char in "12345":
            if tone or not letters:
                return None
            tone = int(char)
        elif char in "678":
            put = _add_circumflex(letters, marks, "aeo") if char == "6" else None
            if not (put if char == "6" else _add_horn(letters, marks)):
                return None
        elif char == "9":
            if letters[:1] != ["d"]:
                return None
            letters[0] = _D_STROKE
        else:
            letters.append(char)
    return _compose(letters, marks, tone)
