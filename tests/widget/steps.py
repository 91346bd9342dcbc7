"""What a person does at the widget, and the checks that several tests share."""

from __future__ import annotations

from playwright.sync_api import (
    CDPSession,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
)
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.widget.server import Site, script

PATIENCE = 4_000  # ms
FRAME = "/widget/v1/frame"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What the browser itself prints when a request is refused on purpose.
EXPECTED = ("Failed to load resource",)


class Chat:
    """The chat page in a browser. `problems` are its errors and CSP violations."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site
        self.problems: list[str] = []
        self.printed: list[str] = []
        self.asked: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._hear)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("dialog", self._see_dialog)

    def _hear(self, message: ConsoleMessage) -> None:
        self.printed.append(message.text)
        if message.type == "error" and not message.text.startswith(EXPECTED):
            self.problems.append(message.text)

    def _see_dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def input(self) -> Locator:
        return self.page.locator("#text")

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status")

    @property
    def answers(self) -> Locator:
        return self.page.locator(".msg.bot:not(.opening)")

    def open(self, path: str = FRAME) -> Chat:
        """Open the page and wait for the greeting."""
        self.page.goto(self.site.url + path)
        return self.heard(1)

    def say(self, turn: str) -> Chat:
        """Send a scripted turn's text and wait for its last reply."""
        scripted = script()["turns"][turn]
        before = self.answers.count()
        self.type(scripted["say"])
        return self.heard(before + len(scripted["replies"]))

    def heard(self, count: int, patience: int = PATIENCE) -> Chat:
        """Wait until so many replies are there; quicker than polling for a count."""
        last = self.answers.nth(count - 1)
        try:
            last.wait_for(state="attached", timeout=patience)
        except PlaywrightTimeout:
            raise AssertionError(f"not {count} replies in {patience} ms") from None
        return self

    def type(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def cdp(self) -> CDPSession:
        return self.page.context.new_cdp_session(self.page)

    def focus(self) -> str:
        """Return the id, or else the classes, of what has the focus."""
        focused: str = self.page.evaluate(
            "document.activeElement.id || document.activeElement.className"
        )
        return focused
