"""A platform by hand: `python -m tests.fakes telegram [--port 8081]`."""

from __future__ import annotations

import argparse

import uvicorn

from tests.fakes import telegram


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes")
    parser.add_argument("platform", choices=("telegram",))
    parser.add_argument("--port", type=int, default=8081)
    asked = parser.parse_args()
    address = f"http://127.0.0.1:{asked.port}"
    print(
        f"Write to the bot at {address}\nand start the gateway with\n"
        f"  TELEGRAM_BASE_URL={address}/bot \\\n"
        f"  TELEGRAM_BOT_TOKEN={telegram.TOKEN} make run",
        flush=True,
    )
    app = telegram.FakeTelegram().app()
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning")


if __name__ == "__main__":
    main()
