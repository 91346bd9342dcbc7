"""Pages about documents: the articles that cite one, and the web addresses of all."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from knowledge.console import models
from knowledge.console.links import BROKEN, FAILED, OK, UNKNOWN
from knowledge.console.warnings import GONE, is_expiring


def cited_by(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every article that cites a document, and where."""
    documents = models.LegalDocument.objects.select_related("superseded_by")
    document = get_object_or_404(documents, pk=pk)
    places = models.Citation.objects.filter(document=document)
    articles = models.Article.objects.filter(citations__document=document).distinct()
    found = articles.order_by("-live", "title").prefetch_related(
        Prefetch("citations", queryset=places, to_attr="places")
    )
    page = {
        "document": document,
        "needs_review": document.status in GONE or is_expiring(document),
        "articles": found,
        "live": articles.filter(live=True).count(),
    }
    return render(request, "console/cited_by.html", page)


def links(request: HttpRequest) -> HttpResponse:
    """Show every web address with the end of its last check, the broken first."""
    rows = _rows_by_url()
    worst = (BROKEN, FAILED, UNKNOWN, "", OK)
    found: list[Any] = list(models.Link.objects.order_by("url"))
    found.sort(key=lambda link: worst.index(link.state))
    for link in found:
        link.rows = rows[link.url]
    page = {"links": found, "is_on": settings.CHECK_LINKS}
    return render(request, "console/links.html", page)


def _rows_by_url() -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = defaultdict(list)
    for document in models.LegalDocument.objects.filter(live=True).exclude(url=""):
        rows[document.url].append(document)
    lines = models.DirectoryEntry.objects.filter(live=True, tel__startswith="http")
    for line in lines:
        rows[line.tel].append(line)
    return rows
