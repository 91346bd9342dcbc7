"""What a text is before anybody understands it: command, letters, private parts."""

from __future__ import annotations

import re
import unicodedata

from bot.gateway.texts import texts
from bot.safety.letters import fold

MAX_TEXT = 2000
MAX_CRY = 8  # words
_COMMAND = re.compile(r"[a-z0-9_]+(@\w+)?(\{.*\})?", re.S)
_PRIVATE = re.compile(r"[\w.+-]+@[\w-]+\.\w+|(?<![\w/])\+?\d(?:[ .-]?\d){8,}(?![\w/])")


def redact(text: str) -> str:
    """Return the text without e-mail addresses and long numbers.

    Numbers of documents (203/KH-UBND) and dates stay: they are shorter than nine
    digits or hold a slash.
    """
    return _PRIVATE.sub("…", text)


def split_command(text: str) -> tuple[str, str]:
    """Return (command, text without leading slashes); no text forces an intent."""
    bare = text.lstrip("/ \t\r\n")
    is_command = text.lstrip().startswith("/")
    return (bare.strip().lower() if is_command else ""), bare.strip()


def is_command(command: str) -> bool:
    """Tell whether it has the form of a command, known or not."""
    return _COMMAND.fullmatch(command) is not None


def is_question(text: str) -> bool:
    """Tell whether it asks something, by its words; without marks by folded ones."""
    if "?" in text:
        return True
    said = " ".join(re.findall(r"\w+", text.lower()))
    signs, ends = texts()["question_words"], texts()["question_ends"]
    if fold(said) == said:
        signs = [fold(sign) for sign in signs]
    padded = f" {said} "
    return any(f" {sign} " in padded for sign in signs) or said.endswith(
        tuple(f" {end}" for end in ends)
    )


def asks_what_now(text: str) -> bool:
    """Tell whether it is a cry for advice without a matter: "giờ em phải làm gì"."""
    said = fold(" ".join(re.findall(r"\w+", text.lower())))
    phrases = (fold(phrase) for phrase in texts()["what_now"])
    return len(said.split()) <= MAX_CRY and any(
        f" {phrase} " in f" {said} " for phrase in phrases
    )


def has_words(text: str) -> bool:
    """Tell whether there is a letter or a digit: emoji and signs alone have none."""
    return any(letter.isalnum() for letter in text)


def is_foreign_script(text: str) -> bool:
    """Tell whether most letters are not Latin, so that nobody here can read them."""
    letters = [letter for letter in text if letter.isalpha()]
    latin = [x for x in letters if unicodedata.name(x, "").startswith("LATIN")]
    # Fancy alphabets (𝐛𝐨̂́) are Latin by their common form.
    latin += [x for x in letters if x not in latin and _is_fancy_latin(x)]
    return bool(letters) and 2 * len(latin) < len(letters)


def _is_fancy_latin(letter: str) -> bool:
    return unicodedata.name(unicodedata.normalize("NFKC", letter)[0], "").startswith(
        "LATIN"
    )
