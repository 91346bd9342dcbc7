"""Start the console or its worker: `python -m knowledge.console.serve console`.

With `CONSOLE_WAITS` seconds in the environment the start first leaves the machine to
those who answer people.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import httpx

# Nobody in danger waits for the console; but an approved text must get through.
NICE = {"console": 10, "publisher": 12}
PREPARE = ("nice", "-n", "9")  # the first start takes the seed in, behind all others
ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, "-m", "knowledge.console"]


def main(arguments: list[str]) -> NoReturn:
    """Become the web server (`console`) or the worker (`publisher`)."""
    if arguments not in (["console"], ["publisher"]):
        sys.exit("Give one of: console, publisher.")
    os.nice(NICE[arguments[0]])
    os.chdir(ROOT)
    os.environ["PYTHONPATH"] = str(ROOT)
    wait_for_bot(float(os.environ.get("CONSOLE_WAITS", "0")))
    if subprocess.run([*PREPARE, *MANAGE, "console_prepare"], check=False).returncode:
        sys.exit(1)
    if arguments == ["console"]:
        _serve()
    _publish()


def _serve() -> NoReturn:
    server = str(Path(sys.executable).with_name("gunicorn"))
    os.execv(
        server,
        [
            *(server, "django.core.wsgi:get_wsgi_application()"),
            *("--env", "DJANGO_SETTINGS_MODULE=knowledge.console.settings"),
            *("--bind", f"127.0.0.1:{os.environ.get('CONSOLE_PORT', '8001')}"),
            *("--workers", "1", "--threads", "4", "--no-control-socket"),
        ],
    )


def _publish() -> NoReturn:
    os.execv(sys.executable, [*MANAGE, "console_worker"])


def wait_for_bot(seconds: float) -> None:
    """Return when every part of the bot is loaded, or so much time has passed."""
    address = f"http://127.0.0.1:{os.environ.get('GATEWAY_PORT', '8000')}/health"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            health = httpx.get(address, timeout=3, trust_env=False).json()
            if all(state == "ok" for state in health["parts"].values()):
                return
        except (httpx.HTTPError, ValueError, KeyError):
            pass  # it is not there yet
        time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1:])
