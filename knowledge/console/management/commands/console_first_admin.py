"""The first administrator, by one command."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from knowledge.console.words import words


class Command(BaseCommand):
    """Makes an account in the group of administrators; never a superuser."""

    help = "make the first administrator; prints the password once"

    def add_arguments(self, parser: Any) -> None:
        """Read the arguments."""
        parser.add_argument("username")
        parser.add_argument("--role", choices=list(words()["roles"]), default="admin")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it.

        Raises:
            CommandError: the name is taken.
        """
        users = get_user_model().objects
        name = options["username"]
        if users.filter(username=name).exists():
            raise CommandError(f"There is an account {name!r} already.")
        password = secrets.token_urlsafe(12)
        user = users.create_user(name, password=password)
        user.groups.add(Group.objects.get(name=words()["roles"][options["role"]]))
        self.stdout.write(f"{name}: {password}")
