"""The home page: what needs me today, and how old each number's check is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from wagtail.admin.ui.components import Component
from wagtail.models import TaskState, WorkflowState

from knowledge.console import models
from knowledge.console.links import BROKEN
from knowledge.console.warnings import GONE, is_expiring

SOON_DAYS = 30
SHOWN = 10
STOPPED_SECONDS = 60  # a worker that did not say anything for so long stands still


class Today(Component):
    """One panel with everything that waits."""

    order = 10
    template_name = "console/today.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Return the lists; each is cut, its number is not."""
        request = parent_context["request"]
        day = timezone.localdate()
        return {
            "request": request,
            "lists": [
                _list("reviews", _reviews(request)),
                _list("returned", _returned(request)),
                _list("lines_late", _late_lines()),
                _list("superseded", superseded()),
                _list("expiring", expiring()),
                _list("links", broken_links()),
                _list("overdue", _by_review(None, day)),
                _list("soon", _by_review(day, day + timedelta(days=SOON_DAYS))),
                _list("proposals", list(models.SeedProposal.objects.all())),
            ],
            "state": models.Publishing.objects.first(),
            "last": models.SnapshotLog.objects.first(),
            "stands_still": stands_still(),
        }


def stands_still() -> bool:
    """True if no worker has been seen lately."""
    state = models.Publishing.objects.first()
    if state is None or state.alive_at is None:
        return True
    return timezone.now() - state.alive_at > timedelta(seconds=STOPPED_SECONDS)


def _list(name: str, rows: list[Any]) -> dict[str, Any]:
    return {"name": name, "rows": rows[:SHOWN], "count": len(rows)}


def _reviews(request: HttpRequest) -> list[Any]:
    states = TaskState.objects.reviewable_by(request.user).select_related(
        "workflow_state"
    )
    return [state.workflow_state.content_object for state in states]


def _returned(request: HttpRequest) -> list[Any]:
    states = WorkflowState.objects.filter(
        status=WorkflowState.STATUS_NEEDS_CHANGES, requested_by=request.user
    )
    return [state.content_object for state in states]


def _late_lines() -> list[models.DirectoryEntry]:
    live = models.DirectoryEntry.objects.filter(live=True)
    used = live.filter(confidence__in=("high", "medium"))
    return [line for line in used.order_by("checked_on") if line.is_late]


def superseded() -> list[models.LegalDocument]:
    """Return documents that hold no longer and are cited, with how often (`cited`)."""
    return _cited(models.LegalDocument.objects.filter(live=True, status__in=GONE))


def expiring() -> list[models.LegalDocument]:
    """Return cited documents that still hold, and whose successor comes soon."""
    followed = models.LegalDocument.objects.filter(
        live=True, superseded_by__effective_on__isnull=False
    )
    return [row for row in _cited(followed) if is_expiring(row)]


def _cited(documents: QuerySet[models.LegalDocument]) -> list[models.LegalDocument]:
    live = Count(
        "citations__article", filter=Q(citations__article__live=True), distinct=True
    )
    counted = documents.select_related("superseded_by").annotate(cited=live)
    return list(counted.filter(cited__gt=0).order_by("-cited", "number"))


def broken_links() -> list[models.Link]:
    """Return the web addresses that failed three times in a row."""
    return list(models.Link.objects.filter(state=BROKEN).order_by("url"))


def _by_review(after: Any, until: Any) -> list[models.Article]:
    rows = models.Article.objects.filter(live=True, review_by__lte=until)
    if after is not None:
        rows = rows.filter(review_by__gt=after)
    return list(rows.order_by("review_by"))
