"""What articles, documents and lines have in common."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, LockableMixin, RevisionMixin, WorkflowMixin

from knowledge.console.words import choices
from knowledge.lint.copies import fold


class Record(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin):
    """A row that goes to the bot when a second person has approved it.

    `seed_text` is the record as the seed last gave it, `seed_base` how it stood then
    in our own writing; both are empty for what staff wrote.
    """

    origin = models.CharField(
        _("Origin"),
        max_length=8,
        choices=choices("origin"),
        default="staff",
        editable=False,
    )
    seed_text = models.TextField(default="", blank=True, editable=False)
    seed_base = models.TextField(default="", blank=True, editable=False)
    position = models.IntegerField(default=1_000_000, editable=False)
    folded = models.TextField(default="", blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def key(self) -> str:
        """The name of the record in files."""
        raise NotImplementedError

    def search_text(self) -> str:
        """Return all that a search looks at."""
        raise NotImplementedError

    def fold(self) -> None:
        """Keep the folded text in step, so that a search needs no marks."""
        self.folded = fold(self.search_text())

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save with the folded text."""
        self.fold()
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "folded"}
        super().save(*args, **kwargs)


def revisions() -> GenericRelation:
    """Return the relation that Wagtail asks of every model with revisions."""
    return GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        for_concrete_model=False,
    )


def workflow_states() -> GenericRelation:
    """Return the relation that Wagtail asks of every model with a workflow."""
    return GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        for_concrete_model=False,
    )
