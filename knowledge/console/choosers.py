"""The choosers of documents and numbers, whose script carries the page's nonce."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.widgets import AdminSnippetChooser

from knowledge.console.signin import nonce


class RecordChooser(AdminSnippetChooser):
    """Wagtail's chooser; what people wrote is escaped in it."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Return the field and its script."""
        html: str = super().render(*args, **kwargs)
        return SafeString(html.replace("<script>", f'<script nonce="{nonce()}">'))


class RecordChooserViewSet(SnippetChooserViewSet):
    """The dialog with that field."""

    @cached_property
    def widget_class(self) -> RecordChooser:
        """Return the field, as Wagtail asks for it."""
        return RecordChooser(model=self.model, icon=self.icon)
