"""A reply as messages of a chat: the one place where every channel's text is made."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.gateway.split import shorten, split, units
from bot.gateway.texts import texts
from bot.reply import Button, PhoneNumber, Reply

# So much of a message is shown on a locked screen (R13).
PREVIEW = 100
BLANK = "\n\n"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph; with an address it is a link and is never cut."""

    text: str
    url: str = ""
    is_number: bool = False

    @property
    def plain(self) -> str:
        return f"{self.text}: {self.url}" if self.url else self.text

    @property
    def html(self) -> str:
        if self.url:
            address = html.escape(self.url)
            return f'<a href="{address}">{html.escape(self.text, quote=False)}</a>'
        if self.is_number:
            number, mark, rest = self.text.partition(":")
            return f"<b>{_safe(number)}</b>{mark}{_safe(rest)}"
        return _safe(self.text)


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a chat, ready to be sent.

    Attributes:
        html: the same as `text` with links, where the channel shows them.
        phones: titles and `tel:` addresses for buttons that dial.
        then: what the channel does after it, such as "leave" a group.
    """

    text: str
    html: str = ""
    buttons: tuple[Button, ...] = ()
    phones: tuple[tuple[str, str], ...] = ()
    is_danger: bool = False
    then: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "html": self.html,
            "buttons": [[button.id, button.title] for button in self.buttons],
            "phones": [list(phone) for phone in self.phones],
            "is_danger": self.is_danger,
            "then": self.then,
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Part:
        buttons = tuple(Button(name, title) for name, title in body["buttons"])
        phones = tuple((title, tel) for title, tel in body["phones"])
        return cls(**{**body, "buttons": buttons, "phones": phones})


@dataclass(frozen=True, slots=True)
class Style:
    """What a platform takes: UTF-16 units a message, messages, buttons, thumbs."""

    limit: int
    parts: int = 3
    buttons: int = 8
    # Room at the end for numbered choices, where buttons may be refused.
    numbered: bool = False
    thumbs: bool = False


def render(replies: Sequence[Reply], style: Style) -> list[Part]:
    """Return what is sent for the replies, keyboard and phones on the last part."""
    lines = [line for reply in replies for line in _lines(reply)]
    buttons = choices_of(replies, style)
    room = style.limit
    if style.numbered and buttons:
        room -= units(numbered(buttons)) + len(BLANK)
    groups = _pack(_cut(lines, room), room)
    if len(groups) > style.parts:
        groups = groups[: style.parts]
        _end_short(groups[-1], room)
    danger = any(reply.kind == "card" for reply in replies)
    parts = [
        Part(
            text=BLANK.join(line.plain for line in group),
            html=BLANK.join(line.html for line in group),
            is_danger=danger,
        )
        for group in groups
    ]
    parts[-1] = replace(parts[-1], buttons=buttons, phones=_phones(replies))
    return parts


def numbered(buttons: Sequence[Button]) -> str:
    """Return the choices as lines that a person answers with a number."""
    lines = [f"{n}. {button.title}" for n, button in enumerate(buttons, 1)]
    return "\n".join([texts()["choose_number"], *lines])


def _lines(reply: Reply) -> Iterable[Line]:
    """Return the paragraphs; of a card the neutral first line, then the numbers."""
    numbers = [_number_line(phone) for phone in reply.numbers]
    body = [Line(part) for part in reply.text.split(BLANK) if part.strip()]
    if reply.kind == "card":
        first, _, rest = reply.text.partition("\n")
        yield from (Line(first), *numbers)
        yield from (Line(part) for part in rest.split(BLANK) if part.strip())
        return
    if _is_telling(reply.text[:PREVIEW]):
        # What a locked screen shows tells nobody what was asked (R13).
        yield Line(texts()["neutral_opening"])
    yield from body
    yield from (
        line
        for line, phone in zip(numbers, reply.numbers, strict=True)
        if phone.number not in reply.text
    )
    yield from (
        Line(f"[{c.n}] {c.title}, {c.where}", url=c.url)
        for c in reply.citations
        if c.url.startswith("https://")
    )


def _number_line(phone: PhoneNumber) -> Line:
    if phone.tel.startswith("http"):
        return Line(phone.label, url=phone.tel)
    # Phones make numbers with a country's code into links, short ones not always.
    dial = phone.tel.removeprefix("tel:")
    shown = phone.number
    if dial.startswith("+"):
        shown = f"{phone.number} ({dial})"
    about = ", ".join(word for word in (phone.cost, phone.hours) if word)
    label = f"{phone.label} ({about})" if about else phone.label
    return Line(f"{shown}: {label}", is_number=True)


def _is_telling(preview: str) -> bool:
    words = preview.casefold()
    return any(word in words for word in texts()["telling_words"])


def choices_of(replies: Sequence[Reply], style: Style) -> tuple[Button, ...]:
    """Return the choices of some replies, each once, in the order shown."""
    found: dict[str, Button] = {}
    for reply in replies:
        for button in reply.buttons:
            found.setdefault(button.id, button)
    if style.thumbs and not any(reply.kind == "card" for reply in replies):
        found |= {b.id: b for reply in replies for b in _thumbs(reply)}
    return tuple(found.values())[: style.buttons]


def _thumbs(reply: Reply) -> tuple[Button, ...]:
    """The two buttons that say whether an answer helped; never beside a card."""
    if reply.kind != "answer" or not reply.article:
        return ()
    names = texts()["thumbs"]
    return tuple(Button(f"{name}:{reply.article}", names[name]) for name in names)


def _phones(replies: Sequence[Reply]) -> tuple[tuple[str, str], ...]:
    found = {
        phone.tel: (f"{phone.number} {phone.label}", phone.tel)
        for reply in replies
        for phone in reply.numbers
        if phone.tel.startswith("tel:")
    }
    return tuple(found.values())


def _cut(lines: Iterable[Line], room: int) -> Iterable[Line]:
    for line in lines:
        if line.url or line.is_number or units(line.text) <= room:
            yield line
        else:
            yield from (Line(piece) for piece in split(line.text, room))


def _pack(lines: Iterable[Line], room: int) -> list[list[Line]]:
    groups: list[list[Line]] = [[]]
    for line in lines:
        if groups[-1] and _size([*groups[-1], line]) > room:
            groups.append([])
        groups[-1].append(line)
    return groups


def _end_short(lines: list[Line], room: int) -> None:
    """Say at the end that there is more than fits."""
    more = Line(texts()["cut_short"])
    while len(lines) > 1 and _size([*lines, more]) > room:
        lines.pop()
    if _size([*lines, more]) > room:
        left = room - units(more.text) - len(BLANK)
        lines[-1] = Line(shorten(lines[-1].text, left))
    lines.append(more)


def _size(lines: Sequence[Line]) -> int:
    return units(BLANK.join(line.plain for line in lines))


def _safe(text: str) -> str:
    return html.escape(text, quote=False)
