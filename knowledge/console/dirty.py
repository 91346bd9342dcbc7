"""Marks what the bot does not have yet, in the transaction that changes it."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.db.models.signals import post_delete
from wagtail.signals import published, unpublished

from knowledge.console.base import Record


def connect() -> None:
    """Listen to what changes live rows."""
    published.connect(_changed)
    unpublished.connect(_changed)
    post_delete.connect(_deleted)


def mark() -> None:
    """Tell the worker that the live rows have changed."""
    from knowledge.console.models import Publishing

    Publishing.objects.get_or_create(pk=1)
    Publishing.objects.filter(pk=1).update(
        dirty=F("dirty") + 1,
        dirty_at=Coalesce("dirty_at", Now()),
        rolled_back=False,
    )


def _changed(sender: Any, **_rest: Any) -> None:
    if issubclass(sender, Record):
        mark()


def _deleted(sender: Any, instance: Any, **_rest: Any) -> None:
    from knowledge.console.models import Tombstone

    if isinstance(instance, Record):
        if instance.origin == "seed":
            kind = instance._meta.model_name
            Tombstone.objects.get_or_create(kind=kind, key=instance.key)
        mark()
