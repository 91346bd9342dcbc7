"""One event a line, with allowed keys only: never a text, a name or an id."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog

ALLOWED = (
    *("event", "level", "timestamp", "channel", "kind", "danger", "soft", "ms"),
    *("state", "reason", "error", "count"),
)


def set_up_logs() -> None:
    """Print JSON lines; silence libraries that would print addresses."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s %(levelname)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unfailing())),
        cache_logger_on_first_use=False,
    )


class _Unfailing:
    """Standard output that a full disk or a closed pipe does not stop anybody with."""

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            return sys.stdout.write(text)
        return 0

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()


def _only_allowed(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> Mapping[str, Any]:
    return {key: value for key, value in event.items() if key in ALLOWED}
