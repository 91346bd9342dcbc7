"""A check that cannot fail is worthless: planted faults must turn each one red."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.widget.checks import (
    check_exit_keeps_no_trace,
    check_no_trace,
    check_only_our_host,
    check_shift,
)
from tests.widget.server import Site
from tests.widget.steps import Chat

FAULTS: dict[str, tuple[Callable[[Chat], None], tuple[str, str, str]]] = {
    "W2 history": (
        check_exit_keeps_no_trace,
        ("exit.js", "window.top.location.replace(", "window.top.location.assign("),
    ),
    "W2 words stay": (
        check_exit_keeps_no_trace,
        ("exit.js", 'root.style.setProperty("display", "none", "important");', ""),
    ),
    "W6 storage": (
        check_no_trace,
        ("turns.js", "function addMine(text) {", "function addMine(text) {"
         "localStorage.setItem('last', text);"),
    ),
    "W6 cookie": (
        check_no_trace,
        ("page.js", "const texts =", "document.cookie = 'seen=1'; const texts ="),
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_that_the_check_finds_a_planted_fault(chat: Chat, fault: str) -> None:
    check, (file, right, wrong) = FAULTS[fault]
    chat.site.plant(file, right, wrong)
    with pytest.raises(AssertionError):
        check(chat)


def test_that_the_third_party_check_finds_a_remote_font(chat: Chat) -> None:
    """W8: even a request that the policy would refuse; so it is loosened here."""
    chat.site.policy = "frame-ancestors *"
    chat.site.plant(
        "base.css",
        "* { box-sizing: border-box; }",
        "@font-face { font-family: X; src: url(https://fonts.example/x.woff2); }"
        " body { font-family: X; }",
    )
    with pytest.raises(AssertionError):
        check_only_our_host(chat)


SHIFT_FAULTS = {
    "any Shift counts": {
        'if (event.key !== "Shift" || !alone) return startAgain();': (
            'if (event.key !== "Shift") return;'
        ),
        "if (other || event.ctrlKey || event.altKey || event.metaKey) startAgain();": (
            "if (other) return;"
        ),
    },
    "four presses": {"if (presses >= PRESSES)": "if (presses > PRESSES)"},
    "Ctrl+Shift counts": {"|| event.ctrlKey": ""},
}


@pytest.mark.parametrize("fault", SHIFT_FAULTS)
def test_that_the_shift_check_finds_a_planted_fault(
    chat: Chat, site: Site, fault: str
) -> None:
    """W3."""
    for right, wrong in SHIFT_FAULTS[fault].items():
        site.plant("shift.js", right, wrong)
    chat.open()
    chat.input.focus()
    with pytest.raises(AssertionError):
        check_shift(chat.page, site)
