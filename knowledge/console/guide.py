"""The guide for staff inside the console: docs/console.md with its pictures."""

from __future__ import annotations

import re

import mistune
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render

PAGE = settings.ROOT / "docs" / "console.md"
PICTURES = settings.ROOT / "docs" / "console"
_TO_HTML = mistune.create_markdown(escape=True, plugins=["table"])
_HEADING = re.compile(r"<h2>(.*?)</h2>")
_TITLE = re.compile(r"\A\s*<h1>(.*?)</h1>")


def guide(request: HttpRequest) -> HttpResponse:
    """Show the guide, with its sections on top."""
    html = str(_TO_HTML(PAGE.read_text(encoding="utf-8")))
    title = _TITLE.match(html)
    headings = _HEADING.findall(html)
    for number, heading in enumerate(headings, 1):
        html = html.replace(
            f"<h2>{heading}</h2>", f'<h2 id="muc-{number}">{heading}</h2>', 1
        )
    page = {
        "title": title.group(1) if title else "",
        "headings": list(enumerate(headings, 1)),
        "html": _TITLE.sub("", html).replace('src="console/', 'src="hinh/'),
    }
    return render(request, "console/guide.html", page)


def picture(request: HttpRequest, name: str) -> FileResponse:
    """Send one of its pictures."""
    known = {path.name: path for path in PICTURES.glob("*.png")}
    if name not in known:
        raise Http404
    return FileResponse(known[name].open("rb"), content_type="image/png")
