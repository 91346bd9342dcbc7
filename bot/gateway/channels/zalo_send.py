"""What is sent to Zalo, and what its error codes mean."""

from __future__ import annotations

from typing import Any

from bot.gateway.channels.base import LaterError, RefusedError, RejectedError, SendError
from bot.gateway.channels.zalo_events import PAYLOAD
from bot.gateway.render import BLANK, Part, numbered
from bot.gateway.split import shorten, units

MAX_BUTTONS, MAX_TITLE, MAX_ELEMENT = 5, 100, 500
PHONE_BUTTONS = 2
BUSY = -32
BAD_FIELD = -201
TOKEN_GONE = (-216, -220)
BUTTONS_REFUSED = (-200, BAD_FIELD, -210, -233)
SENDING_FAILED = -200
SHUT_DOWN = -240
# The person cannot be reached now, and nobody can change that.
UNREACHABLE = (-213, -227, -230, -232, -244)
# Something is wrong with the account: an operator has to act.
STOPPED = (
    *(-204, -205, -209, -212, -219, -221, -223, -235, -242, -224, -248),
    *(-320, -321, -211, -218),
)


def body_of(address: dict[str, str], part: Part, style: str, phones: str) -> Any:
    """Return the JSON of one message.

    Args:
        style: "text_buttons", "button_template", "list" or "numbered".
        phones: which numbers get a button: "none", "long" or "all".
    """
    if "anonymous_id" in address:
        style = "numbered"  # they cannot be shown buttons
    choices = [_choice(button.id, button.title) for button in part.buttons]
    dials = [
        _dial(title, tel) for title, tel in part.phones if _has_button(tel, phones)
    ]
    if style == "numbered" or len(choices) > MAX_BUTTONS:
        return _plain(address, with_numbers(part))
    room = min(PHONE_BUTTONS, MAX_BUTTONS - len(choices))
    buttons = [*choices, *dials[:room]]
    if not buttons:
        return _plain(address, part.text)
    if style == "button_template":
        payload = {"template_type": "button", "text": part.text, "buttons": buttons}
        return {"recipient": address, "message": _attached(payload)}
    if style == "list":
        first, _, rest = part.text.partition("\n")
        if units(first) > MAX_TITLE or units(rest) > MAX_ELEMENT:
            return _plain(address, with_numbers(part))
        element = {"title": first, "subtitle": rest.strip()}
        payload = {"template_type": "list", "elements": [element], "buttons": buttons}
        return {"recipient": address, "message": _attached(payload)}
    message = {"text": part.text, **_attached({"buttons": buttons})}
    return {"recipient": address, "message": message}


def with_numbers(part: Part) -> str:
    """Return the text with its choices as numbered lines."""
    if not part.buttons:
        return part.text
    return part.text + BLANK + numbered(part.buttons)


def has_buttons(body: Any) -> bool:
    return "attachment" in body["message"]


def send_error(code: int, tries: int = 0) -> SendError:
    """Return what is to be done about an error code."""
    if code == BUSY:
        return LaterError(str(code), after=min(60.0, 2.0**tries))
    if code in UNREACHABLE:
        return RefusedError(str(code))
    return RejectedError(str(code))


def _plain(address: dict[str, str], text: str) -> Any:
    return {"recipient": address, "message": {"text": text}}


def _attached(payload: Any) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": payload}}


def _choice(name: str, title: str) -> dict[str, Any]:
    return {
        "title": shorten(title, MAX_TITLE),
        "type": "oa.query.hide",
        "payload": PAYLOAD + name,
    }


def _dial(title: str, tel: str) -> dict[str, Any]:
    code = tel.removeprefix("tel:").removeprefix("+")
    return {
        "title": shorten(title, MAX_TITLE),
        "type": "oa.open.phone",
        "payload": {"phone_code": code},
    }


def _has_button(tel: str, phones: str) -> bool:
    return phones == "all" or (phones == "long" and tel.startswith("tel:+84"))
