"""A console on a database of its own: migrated once, copied for every test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Settings are read at the first import of Django, so they stand before it.
os.environ["DATA_DIR"] = _DATA = os.environ.get("DATA_DIR") or tempfile.mkdtemp()
HOME = Path(tempfile.mkdtemp(prefix="console-"))
os.environ["DATA_DIR"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "knowledge.console.settings"
os.environ.pop("CONSOLE_DATABASE_URL", None)

import django  # noqa: E402

django.setup()

from django.contrib.auth.models import Group, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from knowledge.console.seed import load_seed  # noqa: E402
from knowledge.console.words import words  # noqa: E402
from tests.console.staff import Staff  # noqa: E402
from tests.knowledge.folder import knowledge_folder  # noqa: E402
