"""Fixtures that several folders of tests share."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.servers import ROOT, Stack, start_stack, stop_stack

_connect = socket.socket.connect
WITH_STACK = ("test_end_to_end.py", "test_conversations.py")


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


class _ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Files run side by side; those that need the whole product share one process."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return "stack" if Path(file).name in WITH_STACK else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:
    """Tell pytest-xdist how to share the files out."""
    return _ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; what drives a browser last, for Playwright leaves a loop."""
    items.sort(key=lambda item: item.path.name not in WITH_STACK)
    items.sort(key=lambda item: item.path.parent.name in ("console", "widget"))
