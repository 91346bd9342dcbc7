"""The worker as a process."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from knowledge.console.worker import Worker


class Command(BaseCommand):
    """Publishes until stopped; a database that is away is waited for."""

    help = "publish what was approved: build snapshots, go back, follow the schedule"

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run."""
        worker = Worker(settings.SNAPSHOTS, settings.CONSOLE_DIR / "knowledge")
        while True:
            try:
                worker.run()
            except OperationalError as error:
                self.stderr.write(f"console: the database is away ({error})")
                close_old_connections()
                time.sleep(5)
            except KeyboardInterrupt:
                worker.builder.stop()
                return
