"""What Telegram accepts of a text and of a keyboard."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

TAGS = ("b", "i", "u", "a", "code")
MAX_DATA = 64


class ApiError(Exception):
    """An error as the Bot API answers it."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.description = status, description
        self.parameters = parameters


def check_keyboard(markup: Any) -> None:
    """Refuse a keyboard as Telegram does.

    Raises:
        ApiError: a payload is too long, or an address is not of the web.
    """
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            if len(button.get("callback_data", "").encode()) > MAX_DATA:
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
            if not button.get("url", "https://").startswith(("http", "tg://")):
                raise ApiError(400, "Bad Request: BUTTON_URL_INVALID")


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.open = "", list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise ApiError(400, f"Bad Request: can't parse entities: tag {tag}")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ApiError(400, "Bad Request: can't parse entities: end tag")

    def handle_data(self, data: str) -> None:
        self.text += data


def plain(html: str) -> str:
    """Return what people see of a text with tags.

    Raises:
        ApiError: a tag is unknown, or not closed.
    """
    parser = _Plain()
    parser.feed(html)
    parser.close()
    if parser.open:
        raise ApiError(400, "Bad Request: can't parse entities: can't find end tag")
    return parser.text
