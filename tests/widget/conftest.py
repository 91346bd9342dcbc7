"""A Chromium of the machine, and the widget on a local server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.conftest import need
from tests.servers import free_port, serve
from tests.widget.server import Site
from tests.widget.steps import Chat

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A request to any other host fails, and is counted by the tests.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    need(CHROMIUM.exists(), f"{CHROMIUM} (apt-get install chromium)")
    return {"executable_path": str(CHROMIUM), "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"locale": "vi-VN", "viewport": {"width": 390, "height": 740}}


@pytest.fixture(scope="session")
def _server() -> Iterator[Site]:
    site = Site(free_port())
    with serve(site.app(), site.port):
        yield site


@pytest.fixture
def site(_server: Site) -> Site:
    """The server, as new: no script, no fault, nothing received."""
    _server.reset()
    return _server


@pytest.fixture(scope="session")
def _context(
    browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[BrowserContext]:
    context = browser.new_context(**browser_context_args)
    context.new_page()  # keeps the process of pages alive: half a second a test
    yield context
    context.close()


@pytest.fixture
def page(_context: BrowserContext) -> Iterator[Page]:
    """A new page in one context, whose settings are set back after each test."""
    page = _context.new_page()
    yield page
    _context.set_offline(False)
    _context.clear_permissions()
    page.close()


@pytest.fixture
def chat(page: Page, site: Site) -> Iterator[Chat]:
    """A person at the chat page; without a planted fault nothing may go wrong."""
    chat = Chat(page, site)
    yield chat
    settle(page)
    if not site.faults:
        assert chat.problems == []
        return
    what = {"origin": site.url, "storageTypes": "all"}
    chat.cdp().send("Storage.clearDataForOrigin", what)
    page.context.clear_cookies()


def settle(page: Page) -> None:
    """Let a navigation end: a page that is just leaving sometimes never closes."""
    with contextlib.suppress(Error):
        page.wait_for_load_state()
        page.goto("about:blank")


@pytest.fixture(scope="session")
def _keeping_browser(browser: Browser) -> Iterator[Browser]:
    kept = browser.browser_type.launch(
        executable_path=str(CHROMIUM),
        args=ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield kept
    kept.close()


@pytest.fixture
def keeping_chat(_keeping_browser: Browser, site: Site) -> Iterator[Chat]:
    """The same in a browser that keeps left pages for the back button."""
    page = _keeping_browser.new_page()
    yield Chat(page, site)
    page.close()
