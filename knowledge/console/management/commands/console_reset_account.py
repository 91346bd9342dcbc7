"""For a person who lost the phone or the password."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.mfa.models import Authenticator
from axes.utils import reset
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Unlocks an account; a new second factor is asked for at the next sign-in."""

    help = "unlock an account, with a new password and a new second factor"

    def add_arguments(self, parser: Any) -> None:
        """Read the arguments."""
        parser.add_argument("username")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it; a new password ends the sessions of the old one.

        Raises:
            CommandError: there is no such account.
        """
        name = options["username"]
        user = get_user_model().objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account {name!r}.")
        Authenticator.objects.filter(user=user).delete()
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.save()
        reset(username=name)
        cache.clear()
        self.stdout.write(f"{name}: {password}")
