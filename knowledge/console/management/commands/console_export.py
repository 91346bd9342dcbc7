"""Write what is live as a knowledge folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from knowledge.console import files


class Command(BaseCommand):
    """The same folder from the same records."""

    help = "write what is live as a knowledge folder"

    def add_arguments(self, parser: Any) -> None:
        """Read the arguments."""
        parser.add_argument("folder", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write it."""
        with transaction.atomic():
            files.write(options["folder"], files.live_files(settings.KNOWLEDGE_SEED))
