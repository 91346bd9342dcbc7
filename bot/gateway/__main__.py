"""Run the gateway: `python -m bot.gateway`."""

from __future__ import annotations

import sys

import uvicorn

from bot.gateway.app import create_app
from bot.gateway.log import set_up_logs
from bot.gateway.settings import SettingsError, load_settings


def main() -> int:
    set_up_logs()
    try:
        settings = load_settings()
        app = create_app(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    uvicorn.run(
        app,
        host=settings.gateway_host,
        port=settings.gateway_port,
        log_level="warning",
        ws="none",  # no web sockets: one way less in
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
