"""Texts that are the same: copied from a source, or in two articles."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from knowledge.lint.finding import Finding
from knowledge.lint.page import Page, line_in

COPIED_SYLLABLES = 12  # this many in a row may be the same by chance or by law
NEAR_DUPLICATE = 0.5  # share of common 5-syllable pieces
_PIECE = 5
_SYLLABLE = re.compile(r"\w+")
_BREAK = " \x00 "
# The number of a document or a date: 203/KH-UBND, 01/7/2024.
_NUMBER = re.compile(r"\d+[/\-](?:\d{4}/)?[^\W\d_]\S*|\d{1,2}/\d{1,2}/\d{4}")

Shingle = tuple[str, ...]


def fold(text: str) -> str:
    """Return lower-case letters and digits without marks, one space between."""
    text = unicodedata.normalize("NFD", text.lower().replace("\u0111", "d"))
    kept = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(_SYLLABLE.findall(kept))


def same_questions(pages: Sequence[Page]) -> Iterator[Finding]:
    """Find questions and titles that come twice, in one article or in two."""
    seen: dict[str, Page] = {}
    for page in pages:
        for question, count in Counter(page.article.questions).items():
            first = seen.setdefault(fold(question), page)
            # One article may have a question with marks and without.
            if first is not page or count > 1:
                what = f"the question {question!r} stands in {first.article.id} too"
                line = page.line_of(question)
                yield page.finding(line, "same-question", what, "Keep one of them")
    titles: dict[str, Page] = {}
    for page in pages:
        asked = seen.get(fold(page.article.title), page)
        if asked is not page:
            what = f"the title is a question of {asked.article.id}"
            line = page.line_of("title:")
            yield page.finding(line, "same-question", what, "Change one of the two")
        first = titles.setdefault(fold(page.article.title), page)
        if first is not page:
            what = f"the title is that of {first.article.id}"
            line = page.line_of("title:")
            yield page.finding(line, "near-duplicate", what, "Merge or rename")


def near_duplicates(pages: Sequence[Page]) -> Iterator[Finding]:
    """Find articles that share half of their text (Jaccard of 5-syllable pieces)."""
    pieces = [set(_shingles(fold(p.article.body).split(), _PIECE)) for p in pages]
    common: dict[tuple[int, int], int] = defaultdict(int)
    holders: dict[Shingle, list[int]] = defaultdict(list)
    for number, shingles in enumerate(pieces):
        for shingle in shingles:
            holders[shingle].append(number)
    for numbers in holders.values():
        for pair in combinations(numbers, 2):
            common[pair] += 1
    for (one, two), count in sorted(common.items()):
        share = count / (len(pieces[one]) + len(pieces[two]) - count)
        if share > NEAR_DUPLICATE:
            what = f"{share:.0%} of the text is that of {pages[one].article.id}"
            yield pages[two].finding(1, "near-duplicate", what, "Merge the two")


class Sources:
    """The texts that articles are written from, as a set of 13-syllable pieces."""

    def __init__(self, texts: Iterable[str], official: Iterable[str]) -> None:
        size = COPIED_SYLLABLES + 1
        names = sorted({" ".join(_syllables(n)) for n in official}, key=len)
        self._names = [name for name in reversed(names) if " " in name]
        named = {s for name in names for s in _shingles(name.split(), size)}
        pieces = {s for text in texts for s in _shingles(_syllables(text), size)}
        self._pieces = pieces - named

    def copied(self, text: str) -> str:
        """Return the first run of 13 or more syllables that a source has, or ''.

        Official names, which have to be repeated exactly, do not count.
        """
        for piece in self._without_names(text):
            syllables = piece.split()
            for start, shingle in enumerate(_shingles(syllables, COPIED_SYLLABLES + 1)):
                if shingle in self._pieces:
                    return self._longest(syllables, start)
        return ""

    def _without_names(self, text: str) -> Iterator[str]:
        for part in _NUMBER.split(text):
            plain = f" {' '.join(_syllables(part))} "
            for name in self._names:
                plain = plain.replace(f" {name} ", _BREAK)
            yield from plain.split("\x00")

    def _longest(self, syllables: list[str], start: int) -> str:
        size = COPIED_SYLLABLES + 1
        end = start + size
        while tuple(syllables[end - size + 1 : end + 1]) in self._pieces:
            end += 1
        return " ".join(syllables[start:end])


def copied_sentences(pages: Sequence[Page], sources: Sources) -> Iterator[Finding]:
    """Find runs of words that an article has from a source text."""
    for page in pages:
        for line, paragraph in page.paragraphs():
            if run := sources.copied(paragraph):
                head = " ".join(run.split()[:6])
                at = line_in(line, paragraph, max(_place(paragraph, head), 0))
                what = f"{len(run.split())} syllables of a source text: '{head} ...'"
                yield page.finding(at, "copied", what, "Say it in your own words")


def _place(paragraph: str, head: str) -> int:
    pattern = r"\W+".join(map(re.escape, head.split()))
    found = re.search(pattern, unicodedata.normalize("NFC", paragraph).lower())
    return found.start() if found else -1


def _syllables(text: str) -> list[str]:
    return _SYLLABLE.findall(unicodedata.normalize("NFC", text).lower())


def _shingles(syllables: Sequence[str], size: int) -> Iterator[Shingle]:
    for start in range(len(syllables) - size + 1):
        yield tuple(syllables[start : start + size])
