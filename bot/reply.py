"""What the assistant says: one type for every channel, see docs/design.md."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

KINDS = ("card", "answer", "suggest", "abstain", "ask", "smalltalk", "error")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A line of the directory as a person sees and dials it.

    `number` is shown, `tel` is a `tel:` address, `checked_on` an ISO date.
    """

    number: str
    tel: str
    label: str
    hours: str
    cost: str
    checked_on: str


@dataclass(frozen=True, slots=True)
class Button:
    """A choice of one tap; `id` is at most 32 ASCII characters."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a fact stands: document, article, status, and since when."""

    n: int
    document: str
    where: str
    title: str
    status: str
    as_of: str
    url: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article that may be what the person looks for."""

    article: str
    title: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a person. `text` is plain Vietnamese, NFC."""

    kind: str
    text: str
    level: str = "P3"
    danger_class: str | None = None
    soft: bool = False
    numbers: tuple[PhoneNumber, ...] = ()
    buttons: tuple[Button, ...] = ()
    article: str | None = None
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the object of the web API; `danger_class` is named `class`."""
        body = asdict(self)
        body["class"] = body.pop("danger_class")
        return body

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Reply:
        """Read what `to_json` wrote, or the dialogue sent.

        Raises:
            ValueError: a key or a kind is not of the contract.
        """
        known = {f.name for f in fields(cls)} | {"class"}
        unknown = set(body) - known
        if unknown or body.get("kind") not in KINDS:
            raise ValueError(f"not a reply: kind {body.get('kind')!r}, {unknown}")
        values = dict(body)
        values["danger_class"] = values.pop("class", None)
        for name, kind in _PARTS.items():
            values[name] = tuple(kind(**part) for part in values.get(name) or ())
        return cls(**values)

    def with_numbers(self, *numbers: PhoneNumber) -> Reply:
        """Return a copy that shows these numbers first, none of them twice."""
        rest = tuple(n for n in self.numbers if n not in numbers)
        return replace(self, numbers=numbers + rest)


_PARTS: dict[str, Any] = {
    "numbers": PhoneNumber,
    "buttons": Button,
    "citations": Citation,
    "suggestions": Suggestion,
}
