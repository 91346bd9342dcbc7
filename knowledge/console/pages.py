"""Our own pages: publishing and the way back, correction, proposals of the seed."""

from __future__ import annotations

import json
import re
from difflib import unified_diff
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages
from wagtail.log_actions import log

from knowledge.console import models
from knowledge.console.home import stands_still
from knowledge.publish import kept_snapshots
from knowledge.snapshot import SnapshotError, current_name

_ACCESS = permission_required("wagtailadmin.access_admin", raise_exception=True)
SHOWN_LOGS = 30


@_ACCESS
def publishing(request: HttpRequest) -> HttpResponse:
    """Show which version is served, what was built or refused, and the older ones."""
    folder = settings.SNAPSHOTS
    logs = list(models.SnapshotLog.objects.all()[:SHOWN_LOGS])
    built = {log.name: log for log in models.SnapshotLog.objects.filter(action="built")}
    kept = kept_snapshots(folder) if folder.is_dir() else []
    versions = [
        {"name": path.name, "log": built.get(path.name), "at": _made_at(path)}
        for path in kept
    ]
    return render(
        request,
        "console/publishing.html",
        {
            "served": _served(),
            "versions": versions,
            "logs": logs,
            "state": models.Publishing.objects.first(),
            "stands_still": stands_still(),
        },
    )


@require_POST
@permission_required("console.roll_back", raise_exception=True)
def go_back(request: HttpRequest) -> HttpResponse:
    """Ask the worker to serve a kept version."""
    name = request.POST.get("name", "")
    if name not in {path.name for path in kept_snapshots(settings.SNAPSHOTS)}:
        messages.error(request, _("This version is no longer kept."))
        return redirect("console_publishing")
    models.Publishing.objects.update_or_create(
        pk=1, defaults={"switch_to": name, "switch_by": request.user.get_username()}
    )
    messages.success(request, _("The bot goes back to this version in a moment."))
    return redirect("console_publishing")


class CorrectionForm(forms.Form):
    """A new number, and why it cannot wait for a review."""

    number = forms.CharField(label=gettext_lazy("Number as shown"), max_length=120)
    tel = forms.CharField(
        label=gettext_lazy("Number to dial"),
        max_length=200,
        validators=[models.TEL],
        help_text=gettext_lazy("tel:111, tel:18001233 or tel:+842432233111"),
    )
    source = forms.CharField(
        label=gettext_lazy("Who confirmed it, how"), max_length=300
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it cannot wait for a review"),
        min_length=10,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a pair that dials something else than it shows."""
        values: dict[str, Any] = super().clean() or {}
        tel, number = values.get("tel", ""), values.get("number", "")
        dialled = re.sub(r"\D", "", tel.replace("+84", "0"))
        if tel.startswith("tel:") and not re.sub(r"\D", "", number).startswith(dialled):
            text = _("The number shown and the number dialled differ.")
            raise forms.ValidationError({"tel": text})
        return values


@require_http_methods(["GET", "POST"])
@permission_required("console.correct_number", raise_exception=True)
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct one number at once, with a reason that is kept."""
    line = get_object_or_404(models.DirectoryEntry, pk=pk, live=True)
    form = CorrectionForm(
        request.POST or None, initial={"number": line.number, "tel": line.tel}
    )
    if request.method == "POST" and form.is_valid():
        make_correction(line, form.cleaned_data, request.user)
        messages.success(request, _("The number is corrected; the bot gets it now."))
        return redirect("console_publishing")
    made = models.Correction.objects.filter(line=line)[:SHOWN_LOGS]
    page = {"form": form, "line": line, "made": made}
    return render(request, "console/correct.html", page)


@transaction.atomic
def make_correction(
    line: models.DirectoryEntry, values: dict[str, Any], user: Any
) -> None:
    """Publish the corrected live row; a draft of somebody else is not published."""
    before = f"{line.number} ({line.tel})"
    line.number, line.tel = values["number"], values["tel"]
    line.source, line.checked_on = values["source"], timezone.localdate()
    line.save_revision(user=user).publish(user=user, skip_permission_checks=True)
    models.Correction.objects.create(
        line=line,
        by=user.get_username(),
        reason=values["reason"],
        before=before,
        after=f"{line.number} ({line.tel})",
    )
    detail = {"reason": values["reason"], "before": before}
    log(instance=line, action="console.correct", user=user, data=detail)


@_ACCESS
def numbers(request: HttpRequest) -> HttpResponse:
    """Show every number of the bot, the longest unchecked first."""
    live = models.DirectoryEntry.objects.filter(live=True)
    lines = sorted(live, key=lambda line: line.checked_on or timezone.localdate().min)
    return render(request, "console/numbers.html", {"lines": lines})


@_ACCESS
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a newer seed says of a record that staff changed."""
    row = get_object_or_404(models.SeedProposal, pk=pk)
    if request.method == "POST":
        row.delete()
        messages.success(request, _("The text of the staff stays."))
        return redirect("wagtailadmin_home")
    lines = [
        line
        for line in unified_diff(_readable(row.ours), _readable(row.theirs), n=1)
        if not line.startswith(("---", "+++", "@@"))
    ]
    return render(request, "console/proposal.html", {"row": row, "lines": lines})


def _readable(text: str) -> list[str]:
    try:
        values = json.loads(text)
    except ValueError:
        return text.split(",")
    lines: list[str] = []
    for name, value in values.items():
        parts = value if isinstance(value, list) else str(value).split("\n")
        lines += [f"{name}: {part}" for part in parts if part]
    return lines


def _served() -> str:
    try:
        return current_name(settings.SNAPSHOTS)
    except SnapshotError:
        return ""


def _made_at(path: Any) -> Any:
    made = path.stat().st_mtime
    return timezone.datetime.fromtimestamp(made, tz=timezone.get_current_timezone())
