"""The gateway and what its operators do: `python -m bot.gateway [command]`."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import sys
import time
from dataclasses import asdict
from typing import IO

import uvicorn

from bot.gateway import outbox
from bot.gateway.app import create_app
from bot.gateway.channels.zalo_tokens import (
    BEGUN_SECONDS,
    begin_authorization,
    described,
    read_pair,
)
from bot.gateway.log import set_up_logs
from bot.gateway.settings import Settings, SettingsError, load_settings
from bot.gateway.store import StoreError


class ChannelError(Exception):
    """A platform refused what an operator asked for."""


def main(arguments: list[str]) -> int:
    """Run the gateway, or one command; exits with 2 on a wrong setting."""
    set_up_logs()
    asked = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        settings.check_channels()
        if asked.what == "telegram":
            _telegram(settings, asked.command)
        elif asked.what == "zalo":
            _zalo(settings, asked)
        elif asked.what == "dead-letters":
            _dead_letters(settings, retry=asked.retry)
        else:
            _serve(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except (StoreError, ChannelError) as error:
        print(f"Failed: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.gateway", description=__doc__)
    parts = parser.add_subparsers(dest="what")
    parts.add_parser("run", help="the gateway itself; the same without a word")
    telegram = parts.add_parser("telegram", help="the webhook of Telegram")
    telegram.add_argument("command", choices=("set-webhook", "info", "delete-webhook"))
    zalo = parts.add_parser("zalo", help="the tokens of Zalo")
    zalo.add_argument("command", choices=("authorize", "status"))
    zalo.add_argument("--no-wait", action="store_true", help="print the address only")
    dead = parts.add_parser("dead-letters", help="what could not be sent")
    dead.add_argument("--retry", action="store_true", help="send it again")
    return parser


def _telegram(settings: Settings, command: str) -> None:
    # Imported here: a gateway without it starts a second earlier.
    from telegram.error import TelegramError

    from bot.gateway.channels.telegram_setup import operate

    try:
        print(asyncio.run(operate(settings, command)))
    except TelegramError as error:
        raise ChannelError(f"Telegram: {type(error).__name__}, {error}") from None


def _zalo(settings: Settings, asked: argparse.Namespace) -> None:
    if not settings.has_zalo:
        raise SettingsError("ZALO_APP_ID and the other four settings are not set.")
    store = settings.store()
    try:
        before = read_pair(store)
        if asked.command == "status":
            print(json.dumps(described(before, store.now())))
            return
        if not settings.public_url:
            raise SettingsError("PUBLIC_URL is not set; Zalo sends its answer there.")
        print("Open this as an administrator of the account, within ten minutes:")
        print(begin_authorization(settings, store), flush=True)
        until = time.monotonic() + BEGUN_SECONDS
        while not asked.no_wait:
            if read_pair(store).generation > before.generation:
                print("Authorised.")
                return
            if time.monotonic() > until:
                raise ChannelError("Zalo: nobody authorised in ten minutes.")
            time.sleep(1)
    finally:
        store.close()


def _serve(settings: Settings) -> None:
    app = create_app(settings)
    lock = _only_one(settings)
    uvicorn.run(
        app,
        host=settings.gateway_host,
        port=settings.gateway_port,
        log_level="warning",
        ws="none",  # no web sockets: one way less in
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    if lock:
        lock.close()


def _only_one(settings: Settings) -> IO[str] | None:
    """Hold the SQLite file for this process; several gateways need PostgreSQL."""
    if settings.database_url.get_secret_value():
        return None
    lock = (settings.data_dir / "gateway.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise SettingsError(
            "A gateway runs already with this DATA_DIR; several of them need a "
            "PostgreSQL in DATABASE_URL."
        ) from None
    return lock


def _dead_letters(settings: Settings, *, retry: bool) -> None:
    """Print one JSON line each, dangers first; never a word or an id of a person."""
    store = settings.store()
    try:
        for letter in store.do(lambda db: outbox.dead_letters(db, store)):
            print(json.dumps(asdict(letter)))
        if retry:
            count = store.do(outbox.retry_dead)
            print(f"{count} to be sent again", file=sys.stderr)
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
