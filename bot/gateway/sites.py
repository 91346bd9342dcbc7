"""Websites that show the chat, each with its own look, from `sites.yml`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from bot.gateway.settings import SettingsError
from knowledge.directory import Directory

WIDGET = Path(__file__).resolve().parents[1] / "widget"
READABLE = 4.5  # contrast of text, WCAG 2.2 AA
MAX_GREETING = 400
_GROUNDS = ("ground", "paper", "mine", "card", "on-teal")
_VARIABLE = re.compile(r"--([a-z-]+): (#[0-9a-f]{3,6});")
_PLAIN = {
    "extra_forbidden": "this key is unknown",
    "model_type": "write keys with their values",
    "dict_type": "write keys with their values",
}
_HEX = re.compile(r"#[0-9a-f]{6}")


def _written(pattern: str, how: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and not re.fullmatch(pattern, value):
            raise ValueError(f"write {how}")
        return value

    return AfterValidator(check)


Lang = Literal["vi", "en"]
Id = Annotated[str, _written(r"[a-z0-9-]{1,40}", "a-z, 0-9 and hyphens, at most 40")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=MAX_GREETING)]
Origin = Annotated[
    str,
    _written(
        r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?",
        "an address without a path, such as https://www.example.vn",
    ),
]
Address = Annotated[
    str, _written(r"(?:https?:/)?/[^\s\"'<>]*", "a web address or a path of ours")
]


def grounds(sheet: str) -> tuple[str, ...]:
    """Return the colours behind text of a style sheet of the widget."""
    found = dict(_VARIABLE.findall((WIDGET / sheet).read_text("utf8")))
    return tuple(found[name] for name in _GROUNDS)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours such as `#0b6660`, 1 to 21."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def is_readable(colour: str, sheet: str) -> bool:
    """True for a colour such as `#0b6660` that all grounds of a sheet let read."""
    return bool(_HEX.fullmatch(colour)) and all(
        contrast(colour, ground) >= READABLE for ground in grounds(sheet)
    )


def _readable_on(sheet: str, which: str) -> AfterValidator:
    def check(colour: str) -> str:
        if colour and not _HEX.fullmatch(colour):
            raise ValueError('a colour is written as "#0b6660", in small letters')
        if colour and not is_readable(colour, sheet):
            raise ValueError(f"text of this colour is hard to read; take a {which} one")
        return colour

    return AfterValidator(check)


class Site(BaseModel):
    """One website. Empty fields mean the product's own default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = ""
    name: str = ""
    origins: tuple[Origin, ...] = ()
    colour: Annotated[str, _readable_on("base.css", "darker")] = ""
    colour_dark: Annotated[str, _readable_on("dark.css", "lighter")] = ""
    position: Literal["left", "right"] = "right"
    lang: Lang = "vi"
    greeting: str = ""
    line: str = ""
    exit: Address = ""
    contact: Address = ""


class Sites(BaseModel):
    """All sites and greetings by their ids."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    greetings: dict[Id, dict[Lang, Words]] = Field(default_factory=dict)
    sites: dict[Id, Site] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_greetings(self) -> Self:
        for name, site in self.sites.items():
            if site.greeting and site.greeting not in self.greetings:
                raise ValueError(
                    f"site {name} has the greeting {site.greeting!r}, which is not "
                    "among the greetings"
                )
        return self

    def site(self, name: str) -> Site:
        """Return a site; an unknown one is shown on our own pages only."""
        found = self.sites.get(name)
        return found.model_copy(update={"id": name}) if found else Site()

    def greeting(self, name: str, lang: Lang) -> str:
        """Return the words of a greeting; empty if it has none in that language."""
        return self.greetings.get(name, {}).get(lang, "").strip()

    def looks(self) -> str:
        """Return as JSON what the loader must know before it asks for anything."""
        own = ("colour", "position", "lang")
        looks = {
            name: site.model_dump(include=set(own), exclude_defaults=True)
            for name, site in self.sites.items()
        }
        return json.dumps({n: look for n, look in looks.items() if look})


def load_sites(path: Path, directory: Directory) -> Sites:
    """Read and check the sites.

    Raises:
        SettingsError: one sentence that names the place and the mistake.
    """
    try:
        content = yaml.safe_load(path.read_text("utf8")) or {}
        sites = Sites.model_validate(content)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror}); correct SITES_FILE."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise SettingsError(
            f"{path.name} line {line} is no YAML; correct it, then start again."
        ) from None
    except ValidationError as error:
        raise SettingsError(_sentence(path, error.errors()[0])) from None
    known = {line.id for line in directory.every()}
    for name, site in sites.sites.items():
        if site.line and site.line not in known:
            raise SettingsError(
                f"{path.name}: site {name} has the line {site.line!r}, which is not in "
                "directory.csv; correct the id, then start again."
            )
    return sites


def _sentence(path: Path, error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    given = repr(error["input"]) if isinstance(error["input"], str) else ""
    what = _PLAIN.get(error["type"], str(error["msg"]).removeprefix("Value error, "))
    return (
        f"{path.name}: {place or 'content'}{given and f' is {given[:60]}'}: {what}; "
        "correct it, then start again."
    )


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    r, g, b = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
