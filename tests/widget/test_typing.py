"""Typing Vietnamese: compositions, keyboards, decomposed letters (requirements V)."""

from __future__ import annotations

import pytest

from tests.widget.checks import check_composition
from tests.widget.steps import Chat


def test_that_enter_in_a_composition_does_not_send(chat: Chat) -> None:
    """W16: Chromium's and Safari's events, an interrupted composition, Shift+Enter."""
    check_composition(chat)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("!event.isComposing && ", ""),
        (" && event.keyCode !== 229", ""),
        ("!event.isComposing && ", "!window.composing && "),
        ("&& !event.shiftKey", ""),
    ],
    ids=["no check", "no check for Safari", "a flag that sticks", "Shift+Enter sends"],
)
def test_that_the_composition_check_finds_a_planted_fault(
    chat: Chat, right: str, wrong: str
) -> None:
    """W16."""
    chat.site.plant("frame.js", right, wrong)
    if "composing" in wrong:
        chat.site.plant(
            "frame.js",
            "// ---- Writing",
            "for (const when of ['start', 'end']) input.addEventListener("
            "`composition${when}`, () => (window.composing = when === 'start'));",
        )
    with pytest.raises(AssertionError):
        check_composition(chat)


def test_that_both_kinds_of_vietnamese_keyboards_work(chat: Chat) -> None:
    """W17: UniKey sends Backspace and letters; decomposed text arrives as NFC."""
    chat.open()
    chat.input.focus()
    keyboard = chat.page.keyboard
    for letter in "tieengs":
        keyboard.press(letter)
    for _ in range(6):
        keyboard.press("Backspace")
    keyboard.insert_text("iếng ")
    keyboard.insert_text("vie\u0302\u0323t")
    keyboard.press("Enter")
    chat.heard(2)
    assert chat.site.messages()[0]["text"] == "tiếng việt"
