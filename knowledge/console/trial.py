"""Trying a question out: what the bot says today, and with the draft."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from knowledge.article import Article as Page
from knowledge.console import files, models
from knowledge.console.words import words

LONGEST = 2000  # characters, as in the chat
ANSWER_SECONDS = 90  # the first answer loads the whole index
_ACCESS = permission_required("wagtailadmin.access_admin", raise_exception=True)


class Answerer:
    """The process that answers; it is started when needed and ends by itself."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Start the process, so that it loads while a person types."""
        if self._lock.acquire(blocking=False):
            try:
                self._running()
            finally:
                self._lock.release()

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return its answer; what goes wrong is a `fault`, not an exception."""
        if not self._lock.acquire(timeout=ANSWER_SECONDS):
            return {"fault": "busy"}
        try:
            process = self._running()
            if process.stdin is None or process.stdout is None:
                return {"fault": "no pipe"}
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
            if not select.select([process.stdout], [], [], ANSWER_SECONDS)[0]:
                self.stop()
                return {"fault": "late"}
            return dict(json.loads(process.stdout.readline()))
        except (OSError, ValueError):
            self.stop()
            return {"fault": "broken"}
        finally:
            self._lock.release()

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "knowledge.console.answerer"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=settings.ROOT,
                env={
                    **os.environ,
                    "OMP_NUM_THREADS": "1",
                    "PYTHONPATH": str(settings.ROOT),
                    "DATA_DIR": str(settings.SNAPSHOTS.parent),
                },
            )
        return self._process


ANSWERER = Answerer()


class TrialForm(forms.Form):
    """One question, as people may type it."""

    question = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@sensitive_post_parameters()
@_ACCESS
def trial(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Ask; with `pk` the newest saved text of that article is laid over the rest."""
    row = get_object_or_404(models.Article, pk=pk) if pk else None
    draft = row.get_latest_revision_as_object() if row else None
    page = files.page_of(draft) if draft else None
    form = TrialForm(request.POST or None)
    shown: dict[str, Any] = {"form": form, "row": row, "page": page}
    lacking = page is not None and _lacking(page)
    if lacking:
        shown["fault"] = words()["trial"][lacking]
    elif request.method == "POST" and form.is_valid():
        question = form.cleaned_data["question"]
        shown |= {"question": question} | _told(question, draft, page)
    else:
        ANSWERER.warm()
    return render(request, "console/trial.html", shown)


def _lacking(page: Page) -> str:
    """Return what a draft lacks for any answer, "" for nothing."""
    if not page.citations:
        return "no_citations"
    return "" if page.title and page.answer else "no_text"


def _told(question: str, draft: Any, page: Page | None) -> dict[str, Any]:
    order: dict[str, Any] = {"question": question, "article": None, "documents": []}
    if page is not None:
        order["article"] = page.to_json()
        order["documents"] = [
            dict(zip(files.DOCUMENT_COLUMNS, cells, strict=True))
            for cells in _cited(draft)
        ]
    answer = ANSWERER.ask(order)
    if fault := answer.get("fault"):
        texts = words()["trial"]
        return {"fault": texts.get(fault, texts["broken"])}
    return {"answer": answer, "turns": _turns(answer)}


def _cited(draft: Any) -> list[list[str]]:
    return [files.document_cells(row.document) for row in draft.citations.all()]


def _turns(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is shown side by side: today's answer, then that with the draft."""
    labels = words()["trial"]["turns"]
    return [
        {"label": labels[name], **answer[name]}
        for name in ("today", "draft")
        if answer.get(name)
    ]
