"""Renew Zalo's tokens in a process of its own: see zalo_tokens.py."""

from __future__ import annotations

import sys

from bot.gateway.channels.zalo_tokens import renew
from bot.gateway.log import set_up_logs
from bot.gateway.settings import load_settings


def main() -> None:
    set_up_logs()
    settings = load_settings()
    store = settings.store()
    try:
        renew(settings, store, int(sys.argv[1]))
    finally:
        store.close()


if __name__ == "__main__":
    main()
