"""How an article is written: marks, length, words, old offices, prison terms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from knowledge.lint.finding import Finding
from knowledge.lint.page import Page, line_in, sentence_before, sentences, words
from knowledge.lint.words import Words

ANSWER_WORDS = 80
BODY_WORDS = 330
CHILD_SENTENCE = 25  # syllables
MARKED_SHARE = 0.3  # of the words; ordinary Vietnamese has 0.6 to 0.8
_FEW_WORDS = 6
_NO_PLAIN_TEXT = (
    ("a heading", re.compile(r"^\s*#", re.MULTILINE)),
    ("a table", re.compile(r"^\s*\|.*\|", re.MULTILINE)),
    ("a link", re.compile(r"\]\(|https?://|<[a-zA-Z/]")),
)
_LIST = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s", re.MULTILINE)


def wording_faults(
    page: Page, words_of: Words, old_names: tuple[str, ...]
) -> Iterator[Finding]:
    """Find what is wrong in the text of one article.

    Args:
        old_names: names of provinces that ended in 2025.
    """
    yield from _unicode(page)
    yield from _unmarked(page)
    yield from _shape(page)
    yield from _lengths(page)
    yield from _former(page, words_of, old_names)
    yield from _banned(page, words_of)
    yield from _prison(page, words_of)
    yield from _amounts(page, words_of)
    if page.article.audience == "child":
        yield from _long_sentences(page)


def is_unmarked(text: str) -> bool:
    """True if a text of some length has too few Vietnamese marks."""
    found = [word for word in words(text) if any(c.isalpha() for c in word)]
    marked = [word for word in found if not word.isascii()]
    return len(found) >= _FEW_WORDS and len(marked) < MARKED_SHARE * len(found)


def _unicode(page: Page) -> Iterator[Finding]:
    for number, line in enumerate(page.text.splitlines(), 1):
        if not unicodedata.is_normalized("NFC", line):
            what = "letters and marks are stored apart (not NFC)"
            yield page.finding(number, "nfc", what, "Save the line in NFC")


def _unmarked(page: Page) -> Iterator[Finding]:
    remedy = "Write it with all diacritics"
    if is_unmarked(page.article.title):
        line = page.line_of("title:")
        yield page.finding(line, "unmarked", "the title has no diacritics", remedy)
    for line, paragraph in page.paragraphs():
        if is_unmarked(paragraph):
            what = "Vietnamese text without diacritics"
            yield page.finding(line, "unmarked", what, remedy)
    questions = page.article.questions
    bare = [question for question in questions if question.isascii()]
    if len(bare) > len(questions) / 2:
        what = f"{len(bare)} of {len(questions)} questions have no diacritics"
        line = page.line_of("questions:")
        yield page.finding(line, "unmarked", what, "Write most of them with marks")


def _shape(page: Page) -> Iterator[Finding]:
    for line, paragraph in page.paragraphs():
        for name, pattern in _NO_PLAIN_TEXT:
            if match := pattern.search(paragraph):
                at = line_in(line, paragraph, match.start())
                what = f"{name} in the text; chats cannot show it"
                yield page.finding(at, "shape", what, "Use paragraphs, lists and bold")
    if match := _LIST.search(page.article.answer):
        line = page.line_of(page.article.answer[match.start() :].splitlines()[0])
        what = "the short answer holds a list"
        yield page.finding(line, "shape", what, "Write it as one paragraph")


def _lengths(page: Page) -> Iterator[Finding]:
    line = page.line_of(page.article.answer.splitlines()[0])
    short, whole = len(words(page.article.answer)), len(words(page.article.body))
    if short > ANSWER_WORDS:
        what = f"the short answer has {short} words"
        yield page.finding(line, "length", what, f"Shorten it to {ANSWER_WORDS}")
    if whole > BODY_WORDS:
        what = f"the text has {whole} words"
        yield page.finding(line, "length", what, f"Shorten it to {BODY_WORDS}")


def _former(
    page: Page, words_of: Words, old_names: tuple[str, ...]
) -> Iterator[Finding]:
    provinces = words_of.former_province(old_names)
    for line, paragraph in page.paragraphs():
        if words_of.former.search(paragraph):
            continue
        for office in words_of.offices:
            if match := office.pattern.search(paragraph):
                at = line_in(line, paragraph, match.start())
                what = f"{match.group()!r} is named as if it still existed"
                remedy = f"Say that it is former; now: {office.now}"
                yield page.finding(at, "former-office", what, remedy)
        if match := provinces.search(paragraph):
            at = line_in(line, paragraph, match.start())
            what = f"{match.group()!r} is named as if it still existed"
            remedy = "Say to which province it belongs now"
            yield page.finding(at, "former-province", what, remedy)


def _banned(page: Page, words_of: Words) -> Iterator[Finding]:
    blocks = [*page.paragraphs(), (page.line_of("title:"), page.article.title)]
    for banned in words_of.banned:
        if banned.audiences and page.article.audience not in banned.audiences:
            continue
        for line, paragraph in blocks:
            for match in banned.pattern.finditer(paragraph):
                before = sentence_before(paragraph, match.start())
                if words_of.quoted_after.search(before):
                    continue
                at = line_in(line, paragraph, match.start())
                what = f"{match.group()!r} is not to be said"
                yield page.finding(at, "banned", what, f"Instead: {banned.say}")


def _prison(page: Page, words_of: Words) -> Iterator[Finding]:
    for line, paragraph in page.paragraphs():
        for pattern in words_of.prison:
            if match := pattern.search(paragraph):
                at = line_in(line, paragraph, match.start())
                what = f"a prison term: {match.group()!r}"
                remedy = "Leave the term out; name the offence and the article"
                yield page.finding(at, "prison", what, remedy)
                break


def _amounts(page: Page, words_of: Words) -> Iterator[Finding]:
    article = page.article
    weak = {*article.facts} & words_of.unchecked_facts
    weak |= {c.document for c in article.citations} & words_of.unchecked_documents
    if not weak:
        return
    for line, paragraph in page.paragraphs():
        if match := words_of.amount.search(paragraph):
            at = line_in(line, paragraph, match.start())
            what = f"{match.group()!r} rests on an unchecked scan ({sorted(weak)[0]})"
            yield page.finding(at, "amount", what, "Leave amounts out")


def _long_sentences(page: Page) -> Iterator[Finding]:
    for line, paragraph in page.paragraphs():
        for position, sentence in sentences(paragraph.replace("**", "")):
            count = len(words(sentence))
            if count > CHILD_SENTENCE:
                at = line_in(line, paragraph.replace("**", ""), position)
                what = f"a sentence of {count} syllables for a child: {sentence[:40]!r}"
                remedy = f"Split it: {CHILD_SENTENCE} at most"
                yield page.finding(at, "reading-level", what, remedy)
