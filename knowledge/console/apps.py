"""The console as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Connects what must happen when something is published."""

    name = "knowledge.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the signals."""
        from knowledge.console import dirty

        dirty.connect()
