"""A platform by hand: `python -m tests.fakes telegram|zalo [--port 8081]`."""

from __future__ import annotations

import argparse
import os

import uvicorn
from starlette.applications import Starlette

from tests.fakes import telegram, zalo

PORTS = {"telegram": 8081, "zalo": 8082}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes")
    parser.add_argument("platform", choices=tuple(PORTS))
    parser.add_argument("--port", type=int)
    asked = parser.parse_args()
    port = asked.port or PORTS[asked.platform]
    address = f"http://127.0.0.1:{port}"
    app, settings = (_zalo if asked.platform == "zalo" else _telegram)(address)
    print(f"Chat at {address}, beside a gateway started with", flush=True)
    print("  " + " \\\n  ".join(settings), flush=True)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", ws="none")


def _telegram(address: str) -> tuple[Starlette, list[str]]:
    return telegram.FakeTelegram().app(), [
        f"TELEGRAM_BASE_URL={address}/bot",
        f"TELEGRAM_BOT_TOKEN={telegram.TOKEN}",
        "make run",
    ]


def _zalo(address: str) -> tuple[Starlette, list[str]]:
    made = zalo.FakeZalo(scale=1)
    gateway = f"http://127.0.0.1:{os.environ.get('GATEWAY_PORT', '8000')}"
    made.webhook = f"{gateway}/webhooks/zalo/webhook"
    return made.app(), [
        f"ZALO_API_BASE={address} ZALO_OAUTH_BASE={address}",
        f"ZALO_APP_ID={zalo.APP_ID} ZALO_APP_SECRET={zalo.APP_SECRET}",
        f"ZALO_OA_ID={zalo.OA_ID} ZALO_OA_SECRET_KEY={zalo.OA_SECRET}",
        f"PUBLIC_URL={gateway} make run",
        "(then, with the same variables, `.venv/bin/python -m bot.gateway zalo "
        "authorize`, and open the address that it prints)",
    ]


if __name__ == "__main__":
    main()
