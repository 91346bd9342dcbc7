"""Run the action server on the loopback address: `python -m actions`."""

from __future__ import annotations

import logging
import os

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

from actions.library import LibraryError, library


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(message)s")
    # Loading the library is started first: it takes the longest.
    library().start()
    executor = ActionExecutor()
    executor.register_package("actions")
    app = create_app(executor, cors_origins=[])

    @app.get("/ready")  # type: ignore[untyped-decorator]
    async def ready(_request: Request) -> HTTPResponse:
        try:
            return response.json(
                {"knowledge": "ok", "snapshot": library().current().name}
            )
        except LibraryError as error:
            return response.json({"knowledge": str(error)})

    app.run(
        # The SDK's error answers repeat the whole conversation: loopback only.
        host="127.0.0.1",
        port=int(os.environ.get("ACTIONS_PORT", "5055")),
        single_process=True,
        access_log=False,
        motd=False,
    )


if __name__ == "__main__":
    main()
