"""The channel through which the gateway talks to Rasa, on the loopback only."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import rasa.core.actions.action
import rasa.utils.endpoints
from jsonschema import Draft202012Validator
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    UserMessage,
)
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

log = logging.getLogger(__name__)

# Rasa waits 300 s for an action by default, and reads the value from here only.
ACTION_SECONDS = 3
rasa.core.actions.action.DEFAULT_REQUEST_TIMEOUT = ACTION_SECONDS
rasa.utils.endpoints.DEFAULT_REQUEST_TIMEOUT = ACTION_SECONDS

# Rasa checks its own schema again at each action, for more than half of a turn's time.
_ANSWERS = Draft202012Validator(RemoteAction.action_response_format_spec())


def _validate_action_result(_action: RemoteAction, result: Any) -> bool:
    _ANSWERS.validate(result)
    return True


RemoteAction._validate_action_result = _validate_action_result


class GatewayInput(InputChannel):  # type: ignore[misc]
    """Takes words or a structured intent; logs neither."""

    @classmethod
    def name(cls) -> str:
        """Return the name, which is also a part of the address."""
        return "gateway"

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """Return the routes `GET /` (health) and `POST /turn`."""
        routes = Blueprint("gateway_webhook", __name__)

        @routes.route("/", methods=["GET"])
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            collector = CollectingOutputChannel()
            try:
                await on_new_message(_message_of(request.json, collector))
            except Exception as error:  # Rasa's own log would repeat the words
                log.error("turn failed: %s", type(error).__name__)
                return response.json([], status=500)
            return response.json(collector.messages)

        return routes


def _message_of(body: dict[str, Any], collector: CollectingOutputChannel) -> Any:
    if body.get("intent"):
        entities = body.get("entities")
        told = json.dumps(entities, ensure_ascii=False) if entities else ""
        text = f"/{body['intent']}{told}"
    else:
        # A leading slash would force an intent.
        text = str(body["text"]).lstrip("/ ") or "?"
    return UserMessage(
        text,
        collector,
        str(body["sender"]),
        input_channel=GatewayInput.name(),
        metadata={"assessed": True},
    )
