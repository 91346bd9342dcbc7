"""What browsers do differently, in Debian's Firefox: leaving, history, keys, roots."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.widget.checks import EMPTY, STORES
from tests.widget.firefox import FIREFOX, SHIFT, Firefox, running_firefox
from tests.widget.server import Site, script

CHAT = "document"
SHADOW = "document.querySelector('quyen-tre-em-chat').shadowRoot"


@pytest.fixture(scope="module")
def _firefox() -> Iterator[Firefox]:
    if not FIREFOX.exists():
        pytest.skip(f"{FIREFOX} is missing (apt-get install firefox-esr)")
    with running_firefox() as firefox:
        yield firefox


@pytest.fixture
def firefox(_firefox: Firefox) -> Iterator[Firefox]:
    yield _firefox
    _firefox.open("about:blank")


def heard(firefox: Firefox, count: int, tree: str = CHAT, context: str = "") -> None:
    """Wait until so many replies are there."""
    replies = f"{tree}.querySelectorAll('.msg.bot').length"
    firefox.wait(f"{replies} === {count}", context)


def ask(firefox: Firefox, turn: str, tree: str = CHAT, context: str = "") -> None:
    firefox.run(f"{tree}.getElementById('text').focus()", context)
    firefox.press(*script()["turns"][turn]["say"], "\ue007", context=context)


@pytest.mark.parametrize(
    ("path", "tree"), [("/widget/v1/frame", CHAT), ("/", SHADOW)], ids=["page", "home"]
)
def test_that_the_chat_answers_and_keeps_nothing(
    firefox: Firefox, site: Site, path: str, tree: str
) -> None:
    """W6, and the element's root, which the page declares."""
    firefox.open(site.url + path)
    heard(firefox, 1, tree)
    ask(firefox, "answer", tree)
    heard(firefox, 2, tree)
    assert firefox.run(f"{tree}.querySelector('.mark') !== null")
    assert firefox.run(STORES) == EMPTY


def check_leaving(firefox: Firefox, site: Site) -> None:
    firefox.open(f"{site.host}/host/before")
    firefox.click("#frame")
    firefox.wait("location.pathname === '/widget/v1/frame'")
    heard(firefox, 1)
    firefox.click("#exit")
    firefox.wait("location.pathname === '/thoat'")
    firefox.back()
    firefox.wait("document.title === 'before'")


def test_that_leaving_keeps_no_trace_in_the_history(
    firefox: Firefox, site: Site
) -> None:
    """W2."""
    check_leaving(firefox, site)


def test_that_the_history_check_finds_a_planted_fault(
    firefox: Firefox, site: Site
) -> None:
    """W2."""
    site.plant("exit.js", "window.top.location.replace(", "window.top.location.assign(")
    with pytest.raises(AssertionError):
        check_leaving(firefox, site)


@pytest.mark.parametrize("host", ["bare", "embed"])
@pytest.mark.parametrize("leave", ["click", "Shift"])
def test_that_a_frame_leaves_the_page_around_it(
    firefox: Firefox, site: Site, host: str, leave: str
) -> None:
    """W4: a frame of another origin, without and with the loader."""
    firefox.open(f"{site.host}/host/{host}")
    if host == "embed":
        firefox.run("quyenTreEm.open()")
        firefox.wait(
            "document.body.lastElementChild.shadowRoot.querySelector('iframe') !== null"
        )
    frame = firefox.frame()
    heard(firefox, 1, context=frame)
    if leave == "click":
        firefox.click("#exit", context=frame)
    else:
        firefox.run("document.getElementById('text').focus()", context=frame)
        firefox.press(SHIFT, SHIFT, SHIFT, context=frame)
    firefox.wait("location.pathname === '/thoat'")


def test_that_only_shift_alone_three_times_leaves(firefox: Firefox, site: Site) -> None:
    """W3."""
    firefox.open(f"{site.url}/widget/v1/frame")
    heard(firefox, 1)
    firefox.run("document.getElementById('text').focus()")
    control, left = "\ue009", "\ue012"
    for keys in (
        [f"{SHIFT}+A", f"{SHIFT}+B", f"{SHIFT}+C"],
        [f"{SHIFT}+{left}"] * 3,
        [f"{control}+{SHIFT}"] * 3,
        [SHIFT, SHIFT, "a", SHIFT],
    ):
        firefox.press(*keys, "a")
        assert firefox.run("location.pathname") == "/widget/v1/frame"
    firefox.press(SHIFT, SHIFT, SHIFT)
    firefox.wait("location.pathname === '/thoat'")


def test_that_back_shows_no_words(firefox: Firefox, site: Site) -> None:
    """W5: where a proxy took "no-store" away, and Firefox keeps the page."""
    site.cache = "no-cache"
    firefox.open(f"{site.host}/host/before")
    firefox.click("#frame")
    firefox.wait("location.pathname === '/widget/v1/frame'")
    heard(firefox, 1)
    ask(firefox, "answer")
    heard(firefox, 2)
    firefox.open(f"{site.host}/host/before")
    firefox.back()
    firefox.wait("location.pathname === '/widget/v1/frame'")
    heard(firefox, 1)
    assert script()["turns"]["answer"]["say"] not in firefox.run(
        "document.body.textContent"
    )


def test_that_enter_in_a_composition_does_not_send(
    firefox: Firefox, site: Site
) -> None:
    """W16: the events of an input method, as Firefox and Safari send them."""
    firefox.open(f"{site.url}/widget/v1/frame")
    heard(firefox, 1)
    for event in ("{isComposing: true}", "{keyCode: 229}"):
        firefox.run(
            "(() => { const text = document.getElementById('text'); text.value = 'x';"
            " text.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter',"
            f" bubbles: true, ...{event}}})); }})()"
        )
    assert site.messages() == []
    ask(firefox, "answer")
    heard(firefox, 2)
