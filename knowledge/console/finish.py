"""How a review ends: with the revision that was reviewed, or not at all."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied


def publish_submitted(workflow_state: Any, user: Any = None) -> None:
    """Publish the revision that was reviewed; for `WAGTAIL_FINISH_WORKFLOW_ACTION`.

    Raises:
        PermissionDenied: there is a newer text, or the person is one of its authors.
    """
    from wagtail.models import Revision  # Wagtail imports this module before it

    obj = workflow_state.content_object
    obj.refresh_from_db()
    reviewed = workflow_state.current_task_state.revision
    if obj.latest_revision_id != reviewed.pk:
        raise PermissionDenied
    written_by = set(
        Revision.objects.for_instance(obj)
        .filter(pk__gt=obj.live_revision_id or 0)
        .values_list("user_id", flat=True)
    )
    if user is None or user.pk in {*written_by, workflow_state.requested_by_id}:
        raise PermissionDenied
    # Nobody has the right to publish directly; the review is the right.
    reviewed.publish(user=user, skip_permission_checks=True)
