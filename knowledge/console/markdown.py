"""Article text: Markdown in the database, a page to write on in the browser.

The bot shows paragraphs, bold and lists; so much is offered, and so much is kept.
"""

from __future__ import annotations

import re
from typing import Any

import mistune
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from markdownify import markdownify
from wagtail.admin.rich_text.editors.draftail import DraftailRichTextArea
from wagtail.admin.staticfiles import versioned_static

FEATURES = ["bold", "ul"]
_TO_HTML = mistune.create_markdown(escape=True, hard_wrap=False)
_MANY_BREAKS = re.compile(r"\n{3,}")


def to_html(text: str) -> str:
    """Return the HTML of a Markdown text."""
    return str(_TO_HTML(text)).strip()


def to_markdown(html: str) -> str:
    """Return the Markdown of HTML as the editor gives it."""
    text = markdownify(
        html,
        bullets="-",
        strip=["a", "img"],
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
    )
    lines = (line.rstrip() for line in text.replace("\xa0", " ").splitlines())
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


def normalised(text: str) -> str:
    """Return a text as it is after a stay in the editor."""
    return to_markdown(to_html(text))


class MarkdownArea(DraftailRichTextArea):
    """The editor over a Markdown value."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["features"] = FEATURES
        super().__init__(*args, **kwargs)
        # What is typed is in the form at once, for who sends it right after.
        self.options["stateSaveInterval"] = 0
        self.options["ariaLabel"] = _("Text")

    @property
    def media(self) -> forms.Media:
        """Return the editor's files, and what lets Tab out of it."""
        return super().media + forms.Media(js=[versioned_static("console/editor.js")])

    def format_value(self, value: str | None) -> Any:
        """Return what the editor reads."""
        return super().format_value(to_html(value or ""))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:
        """Return the Markdown of what was sent; None if nothing was."""
        if not data.get(name):
            return None
        html = super().value_from_datadict(data, files, name)
        return None if html is None else to_markdown(html)


class MarkdownFormField(forms.CharField):
    """A text counts as changed only if more than its layout did."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as the editor would leave both."""
        return normalised(initial or "") != normalised(data or "")


class MarkdownField(models.TextField):
    """A column of Markdown."""

    def formfield(self, **kwargs: Any) -> Any:
        """Return the field with the editor."""
        chosen = {"form_class": MarkdownFormField, **kwargs, "widget": MarkdownArea}
        return super().formfield(**chosen)
