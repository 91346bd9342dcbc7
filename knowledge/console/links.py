"""Whether the web addresses that the bot shows still answer; once a week, gently.

An address is broken after three failures in a row. Where there is no network, or the
host refuses to be asked by a machine, nothing is said against the address.
"""

from __future__ import annotations

import time
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
from django.db.models import Q, QuerySet
from django.utils import timezone

from knowledge.console import models

OK, FAILED, BROKEN, UNKNOWN = "ok", "failed", "broken", "unknown"
PATIENCE = 3  # failures in a row
WEEK, DAY = timedelta(days=7), timedelta(days=1)
MOST = 300  # addresses a run
SECONDS = 10.0  # for one address
PAUSE = 2.0  # between two
GONE = (404, 410)
AGENT = "Mozilla/5.0 (compatible; quyen-tre-em link check, once a week)"


def sync() -> None:
    """Know each address of live documents and lines, and no other."""
    documents = models.LegalDocument.objects.filter(live=True).exclude(url="")
    lines = models.DirectoryEntry.objects.filter(live=True, tel__startswith="http")
    wanted = {
        *documents.values_list("url", flat=True),
        *lines.values_list("tel", flat=True),
    }
    models.Link.objects.exclude(url__in=wanted).delete()
    known = set(models.Link.objects.values_list("url", flat=True))
    fresh = [models.Link(url=url) for url in sorted(wanted - known)]
    models.Link.objects.bulk_create(fresh)


def due() -> QuerySet[models.Link]:
    """Return the addresses to check now; what has failed is looked at the next day."""
    now = timezone.now()
    again = Q(state=FAILED, checked_at__lt=now - DAY)
    late = Q(checked_at=None) | Q(checked_at__lt=now - WEEK)
    return models.Link.objects.filter(again | late).order_by("checked_at", "url")


def check_due(pause: float = PAUSE) -> int:
    """Check what is due, one address after the other; return how many."""
    sync()
    unreachable: list[models.Link] = []
    links = list(due()[:MOST])
    has_network = False
    headers = {"User-Agent": AGENT}
    with httpx.Client(
        timeout=SECONDS, follow_redirects=True, max_redirects=5, headers=headers
    ) as http:
        for number, link in enumerate(links):
            time.sleep(pause if number else 0)
            state, link.said = ask(http, link.url)
            if state == FAILED and not link.said.isdigit():
                unreachable.append(link)
                continue
            has_network = True
            _note(link, state)
    # If nobody at all was reached, it is us who are cut off.
    for link in unreachable:
        _note(link, FAILED if has_network else UNKNOWN)
    return len(links)


def ask(http: httpx.Client, url: str) -> tuple[str, str]:
    """Return the state of an address, and what was said: a status, or an error's name.

    Only the head of the answer is read.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        return UNKNOWN, ""
    try:
        with http.stream("GET", url) as answer:
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return FAILED, type(error).__name__
    if status in GONE:
        return FAILED, str(status)
    return (OK if status < 400 else UNKNOWN), str(status)


def _note(link: models.Link, state: str) -> None:
    if state == FAILED:
        link.failures += 1
        state = BROKEN if link.failures >= PATIENCE else FAILED
    elif state == OK:
        link.failures = 0
    elif link.state == BROKEN:
        state = BROKEN  # not to be asked is no repair
    link.state, link.checked_at = state, timezone.now()
    link.save()
