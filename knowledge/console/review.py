"""Review by a second person: nobody approves what he or she wrote or submitted."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, Revision, TaskState


class SecondPersonTask(AbstractGroupApprovalTask):
    """A step that reviewers may take, except authors of the change themselves."""

    class Meta:
        verbose_name = _("review by a second person")
        verbose_name_plural = _("reviews by a second person")

    def get_actions(self, obj: Any, user: Any) -> list[tuple[str, str, bool]]:
        """Return what the person may do; nothing for an author."""
        if not self._user_in_groups(user):
            return []  # also superusers
        reject = ("reject", _("Request changes"), True)
        if user.pk in authors(obj):
            return []
        if not is_as_submitted(obj):
            return [reject]
        approve = ("approve", _("Approve and publish"), False)
        return [approve, reject, ("approve", _("Approve with comment"), True)]

    def on_action(
        self, task_state: Any, user: Any, action_name: str, **kwargs: Any
    ) -> Any:
        """Act; whoever may not is refused here too, whatever view asked.

        Raises:
            PermissionDenied: not a reviewer, an author, or not the text submitted.
        """
        allowed = self.get_actions(task_state.workflow_state.content_object, user)
        if action_name not in {name for name, *_rest in allowed}:
            raise PermissionDenied
        return super().on_action(task_state, user, action_name, **kwargs)

    def locked_for_user(self, obj: Any, user: Any) -> bool:
        """A text under review changes for reviewers alone, and then starts anew."""
        return not self._user_in_groups(user) or user.pk in authors(obj)

    def user_can_access_editor(self, obj: Any, user: Any) -> bool:
        """Reviewers may open it."""
        return bool(self._user_in_groups(user))

    def get_task_states_user_can_moderate(self, user: Any, **kwargs: Any) -> Any:
        """Return the reviews that wait for this person."""
        if not self._user_in_groups(user):
            return TaskState.objects.none()
        waiting = self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS)
        own = [
            state.pk
            for state in waiting.select_related("workflow_state")
            if user.pk in authors(state.workflow_state.content_object)
        ]
        return waiting.exclude(pk__in=own)

    @classmethod
    def get_description(cls) -> str:
        """Say what the step does."""
        return str(_("A member of the chosen groups who did not write the change."))


def authors(obj: Any) -> set[int]:
    """Return who wrote or submitted what the bot does not have yet."""
    state = obj.current_workflow_state
    found = {state.requested_by_id} if state else set()
    drafts = Revision.objects.for_instance(obj)
    if obj.live_revision_id:
        drafts = drafts.filter(pk__gt=obj.live_revision_id)
    found.update(drafts.values_list("user_id", flat=True))
    return {pk for pk in found if pk is not None}


def is_as_submitted(obj: Any) -> bool:
    """True if the newest text is the one that was submitted."""
    task = obj.current_workflow_task_state
    return bool(task) and task.revision_id == obj.latest_revision_id
