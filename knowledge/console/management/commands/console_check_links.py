"""The weekly check of web addresses, as a process that may be slow."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from knowledge.console.links import check_due


class Command(BaseCommand):
    """Checks what is due."""

    help = "check the web addresses that were not checked for a week"

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Do it."""
        self.stdout.write(f"console: {check_due()} web addresses checked")
