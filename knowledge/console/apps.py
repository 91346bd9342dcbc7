"""The console as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig
from wagtail.users.apps import WagtailUsersAppConfig


class ConsoleConfig(AppConfig):
    """Connects what must happen when something is published."""

    default = True
    name = "knowledge.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the signals."""
        from knowledge.console import dirty

        dirty.connect()


class UsersConfig(WagtailUsersAppConfig):
    """`wagtail.users` with our pages of accounts."""

    default = False
    user_viewset = "knowledge.console.accounts.StaffViewSet"
