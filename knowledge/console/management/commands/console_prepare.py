"""Bring database and seed up to date; run before the console and the worker."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from knowledge.console.seed import load_seed


class Command(BaseCommand):
    """Migrate, then take the seed in."""

    help = "make or update the database, and take knowledge/ in"

    def add_arguments(self, parser: Any) -> None:
        """Read the arguments."""
        parser.add_argument("--seed", type=Path, default=settings.KNOWLEDGE_SEED)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, one process at a time."""
        with (settings.CONSOLE_DIR / "prepare.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
            done = load_seed(options["seed"])
        told = ", ".join(f"{count} {what}" for what, count in sorted(done.items()))
        self.stdout.write(f"console: seed taken in: {told}")
