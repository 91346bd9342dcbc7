"""Accounts that administrators make: with roles, never above them."""

from __future__ import annotations

from typing import Any

from django import forms
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import UserViewSet


class NoSuperuser:
    """A form that leaves the flag of superusers as it is, whatever is posted."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if flag := self.fields.get("is_superuser"):
            flag.disabled = True
            flag.widget = forms.HiddenInput()
            flag.label = flag.help_text = ""


class StaffCreationForm(NoSuperuser, UserCreationForm):
    """A new person."""


class StaffEditForm(NoSuperuser, UserEditForm):
    """A person who is there."""


class StaffViewSet(UserViewSet):
    """Wagtail's pages of accounts with these forms."""

    def get_form_class(self, for_update: bool = False) -> Any:
        """Return the form."""
        return StaffEditForm if for_update else StaffCreationForm
