"""People at the console: they fill in real forms of real pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import lxml.html
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group, User
from django.test import Client

from knowledge.console.markdown import MarkdownArea
from knowledge.console.signin import PROVEN
from knowledge.console.words import words


@dataclass
class Staff:
    """One person with a browser."""

    user: User
    client: Client
    errors: list[str] = field(default_factory=list)  # of the last form sent

    def open(self, url: str) -> lxml.html.HtmlElement:
        """Return the page of an address."""
        answer = self.client.get(url, follow=True)
        assert answer.status_code == 200, (url, answer.status_code)
        return lxml.html.fromstring(answer.content.decode())

    def send(self, url: str, **changes: str) -> Any:
        """Open a form, change some fields, send it; returns the answer.

        `body` is given as Markdown. A name that begins with `action-` is a button.
        """
        page = self.open(url)
        form = page.get_element_by_id("w-editor-form")
        # A browser sends a hidden field without a value as an empty one.
        empty = form.xpath(".//input[@type='hidden'][@name][not(@value)]")
        values = {field.name: "" for field in empty} | dict(form.form_values())
        if "body" in changes:
            changes["body"] = MarkdownArea().format_value(changes["body"])
        answer = self.client.post(url, values | changes)
        self.errors = _errors(answer)
        return answer


def hire(name: str, role: str) -> Staff:
    """Make an account with a role and sign it in, second factor included."""
    user = User.objects.create_user(name, password="mat-khau-dai-123")
    if role == "superuser":
        user.is_superuser = True
        user.save()
    else:
        user.groups.add(Group.objects.get(name=words()["roles"][role]))
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[PROVEN] = user.pk
    session.save()
    return Staff(user, client)


def _errors(answer: Any) -> list[str]:
    if answer.status_code != 200:
        return []
    page = lxml.html.fromstring(answer.content.decode())
    found = page.xpath("//*[contains(@class, 'error-message')]")
    return [" ".join(part.text_content().split()) for part in found]
