"""A console on a database of its own: migrated once, copied for every test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HOME = Path(tempfile.mkdtemp(prefix="console-"))
# Settings are read once; other tests of this process keep their own environment.
with pytest.MonkeyPatch.context() as environment:
    environment.setenv("DATA_DIR", str(HOME))
    environment.setenv("DJANGO_SETTINGS_MODULE", "knowledge.console.settings")
    # An empty PostgreSQL database may stand in for SQLite.
    url = os.environ.get("CONSOLE_TEST_DATABASE_URL", "")
    environment.setenv("CONSOLE_DATABASE_URL", url)
    import django
    from django.conf import settings

    settings._setup()
    django.setup()
os.environ["DJANGO_SETTINGS_MODULE"] = "knowledge.console.settings"
# Playwright leaves an event loop behind in the process; these tests are plain.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from knowledge.console.seed import load_seed  # noqa: E402
from tests.console.staff import Staff, hire  # noqa: E402
from tests.knowledge.folder import make_folder  # noqa: E402
from tests.widget.conftest import ARGUMENTS, CHROMIUM  # noqa: E402

settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge folder with the real tables and one article."""
    return make_folder(tmp_path_factory.mktemp("seed") / "knowledge")


@pytest.fixture(scope="session")
def _migrated(seed: Path) -> Iterator[Path]:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    load_seed(seed)
    connection.close()
    yield HOME / "console/console.db"
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture
def database(_migrated: Path, tmp_path: Path) -> Iterator[Path]:
    """The seed's records, for one test alone."""
    if connection.vendor != "sqlite":
        with transaction.atomic():
            yield _migrated
            transaction.set_rollback(True)
        return
    path = tmp_path / "console.db"
    shutil.copyfile(_migrated, path)
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(path)
    yield path
    connection.close()
    connection.settings_dict["NAME"] = before


@pytest.fixture
def staff(database: Path) -> Callable[[str, str], Staff]:
    """Makes signed-in people: `staff(name, role)`."""
    return hire


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium."""
    return {"executable_path": str(CHROMIUM), "args": ARGUMENTS}
