"""From what people type to words that can be compared.

Nothing is lost on purpose: disguised, stretched, glued or keyboard-coded words are
read, teencode and regional words get their common form, emoji stay as words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from bot.safety.letters import Word, fold, read_word
from bot.safety.spelling import Speller, load_speller

MAX_CHARACTERS = 20_000
MAX_SENTENCE, OVERLAP = 60, 12
_END = re.compile(r"[.!?;\u2026]+|\n+")
_CHUNK = re.compile(
    r"[:;=]['-]?[(\[/]+|[^\W_](?:[^\W_]|[*@$](?=[^\W_]|\*|$)|(?<=\w)['\u2019](?=\w))*"
    r"|[.!?;\u2026]+|\n+|[^\s\w.]"
)
_SPLIT_LETTERS = re.compile(
    r"(?<![^\W_])([^\W\d_]{1,2})([.\-*_\u00b7\u2022|/+~,])([^\W\d_]{1,4})"
    r"((?:\2[^\W\d_]{1,4})*)(?![^\W_])"
)
_SPACED_LETTERS = re.compile(r"(?<![^\W_])(?:[^\W\d_] ){2,}[^\W\d_](?![^\W_])")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_SAD_FACE = re.compile(r"[:;=]['-]?[(\[/]+")
SAD = ":("
COMMA = ","
_HOMOGLYPHS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u04bb\u0501\u0131\u00f8\u00f0",
    "aeopcxyihdio\u0111",
)
_KEEP_JOINER = {"\u200d"}


class Sentence(NamedTuple):
    """One sentence; `asks` is true if it ends with a question mark.

    `breaks` are the places of words that follow a comma. A sentence without an end is
    cut after `MAX_SENTENCE` words; the next one repeats the last `OVERLAP`.
    """

    words: tuple[Word, ...]
    asks: bool
    breaks: frozenset[int] = frozenset()


class Message(NamedTuple):
    """A message as sentences of words; `plain` is its folded text for n-grams."""

    sentences: tuple[Sentence, ...]
    language: str


def visible(text: str) -> str:
    """NFKC without invisible characters; capitals stay."""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])
    dropped = {ord(c) for c in set(text) if c not in "\n\t" and _is_invisible(c)}
    return text.translate(dict.fromkeys(dropped)) if dropped else text


def clean(text: str) -> str:
    """NFC without invisible characters, look-alike letters and fancy alphabets."""
    plain = visible(text).lower().translate(_HOMOGLYPHS)
    return unicodedata.normalize("NFC", plain)


@lru_cache(maxsize=5_000)
def _is_invisible(char: str) -> bool:
    kind = unicodedata.category(char)
    if kind in ("Cf", "Cc", "Co", "Cs", "Cn", "Sk") or "\ufe00" <= char <= "\ufe0f":
        return True
    return kind == "Me" or (kind == "Mn" and "\u0334" <= char <= "\u0338")


def normalise(text: str) -> Message:
    """Return the message in common spelling. Any text is accepted, also empty."""
    speller = load_speller()
    text = _join_letters(clean(text), speller)
    chunks = [_unstretch(c, speller) for c in _CHUNK.findall(text)]
    language = speller.language_of(chunks)
    words = chunks if language == "en" else speller.spell(chunks)
    return Message(tuple(_sentences(words)), language)


def _join_letters(text: str, speller: Speller) -> str:
    """Read words whose letters are held apart by signs or spaces."""

    def joined(match: re.Match[str]) -> str:
        parts = [p for p in re.split(r"[^\w]|_", match.group()) if p]
        word = "".join(parts)
        return word if speller.is_one_word(parts, word) else match.group()

    def unspaced(match: re.Match[str]) -> str:
        return speller.cut_glued(match.group().replace(" ", "")) or match.group()

    text = _SPLIT_LETTERS.sub(joined, text)
    return _SPACED_LETTERS.sub(unspaced, text)


def _unstretch(chunk: str, speller: Speller) -> str:
    """`aaaa` becomes `aa` if that is a known word, else `a`."""
    if _SAD_FACE.fullmatch(chunk):
        return SAD
    match = _STRETCHED.search(chunk)
    if not match:
        return chunk
    double = _STRETCHED.sub(r"\1\1", chunk)
    if fold(double) in speller.vocabulary:
        return double
    return _STRETCHED.sub(r"\1", chunk)


def _sentences(chunks: list[str]) -> list[Sentence]:
    sentences = []
    words: list[Word] = []
    breaks: set[int] = set()
    for chunk in [*chunks, "."]:
        if _END.fullmatch(chunk):
            if words:
                places = frozenset(breaks)
                sentences.append(Sentence(tuple(words), "?" in chunk, places))
            words, breaks = [], set()
        elif chunk == COMMA:
            breaks.add(len(words))
        else:
            words.append(read_word(chunk))
            if len(words) == MAX_SENTENCE:
                sentences.append(Sentence(tuple(words), False, frozenset(breaks)))
                words, breaks = words[-OVERLAP:], set()
    return sentences


__all__ = ["Message", "Sentence", "clean", "normalise", "visible"]
