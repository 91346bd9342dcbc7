"""Fixtures that several folders of tests share."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers import ROOT, Stack, start_stack, stop_stack

_connect = socket.socket.connect


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches another machine."""

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert address[0] in ("127.0.0.1", "::1", "localhost"), address
        _connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


def need(available: bool, what: str) -> None:
    """Skip where a part is missing; in CI that is a failure."""
    if available:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI has to have it")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product; model and snapshot are kept between runs in var/test."""
    need((ROOT / ".venv-dialogue/bin/python").exists(), "the dialogue's environment")
    output = tmp_path_factory.mktemp("run") / "output.txt"
    stack = start_stack(Path(ROOT / "var/test"), output)
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        stop_stack(stack)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files run side by side; what drives a browser runs last.

    The whole product is started once, so its tests stay together. Playwright leaves an
    event loop running.
    """
    for item in items:
        group = "stack" if _needs_stack(item) else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.path.parent.name in ("console", "widget"):
        return 2
    return 0 if _needs_stack(item) else 1


def _needs_stack(item: pytest.Item) -> bool:
    return "stack" in getattr(item, "fixturenames", ())
