"""Folders for tests of the content: one to publish from, one to publish to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.knowledge.folder import make_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A knowledge folder without any fault."""
    return make_folder(tmp_path / "knowledge")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where snapshots go; not made yet."""
    return tmp_path / "snapshots"
