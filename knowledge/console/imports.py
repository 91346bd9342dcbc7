"""Office files become drafts: upload, look at what was read, take over parts."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import mistune
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages

from knowledge.console import models
from knowledge.console.asked import edit_address, make_article
from knowledge.console.words import words
from knowledge.importing.child import Limits, import_document
from knowledge.importing.document import ImportedDocument, ImportRefusedError
from knowledge.importing.drafts import article_sections
from knowledge.importing.read import LARGEST

SHOWN = 50
LIMITS = Limits(seconds=60)
ACCEPTED = ".docx,.pdf,.html,.htm,.txt,.doc"  # .doc is told what to do
_EDIT = permission_required("console.change_legaldocument", raise_exception=True)
_TO_HTML = mistune.create_markdown(escape=True, plugins=["table"])
_RULE = re.compile(r"^\|[ :|-]+\|$")
_HEADING = re.compile(r"^#{1,6}\s+(.*\S)\s*$")


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=gettext_lazy("DOCX, PDF, HTML or TXT, up to 25 MB."),
    )


@require_http_methods(["GET", "POST"])
@_EDIT
def imports(request: HttpRequest) -> HttpResponse:
    """Show what was uploaded, and take one more file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        if file.size > LARGEST:
            size, limit = file.size >> 20, LARGEST >> 20
            values = {"name": file.name, "size": size, "limit": limit}
            form.add_error("file", str(ImportRefusedError("too_large", **values)))
        else:
            name = request.user.get_username()
            made = take_file(file.name, file.read(), name)
            return redirect("console_import", made.pk)
    rows = models.ImportedFile.objects.defer("text", "sections")[:SHOWN]
    return render(request, "console/imports.html", {"form": form, "rows": rows})


@_EDIT
def imported(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was read of a file, part by part."""
    row = get_object_or_404(models.ImportedFile, pk=pk)
    shown = {"row": row, "html": _TO_HTML(row.text), "articles": row.articles.all()}
    return render(request, "console/imported.html", shown)


@_EDIT
def original(request: HttpRequest, pk: int) -> FileResponse:
    """Give the file as it came, never to be shown inside the console.

    Raises:
        Http404: it is not on this machine.
    """
    row = get_object_or_404(models.ImportedFile, pk=pk)
    try:
        file = _place(row.sha256).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    kind = "application/octet-stream"
    return FileResponse(file, as_attachment=True, filename=row.name, content_type=kind)


@require_POST
@_EDIT
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a draft, of a part or of the document; or read or delete the file."""
    row = get_object_or_404(models.ImportedFile, pk=pk)
    if "delete" in request.POST:
        _place(row.sha256).unlink(missing_ok=True)
        row.delete()
        messages.success(request, _("The file is deleted. Drafts made of it stay."))
        return redirect("console_imports")
    if "again" in request.POST:
        read_file(row)
        return redirect("console_import", pk)
    part = request.POST.get("part", "")
    if row.refusal or (part and not _is_part(part, row)):
        raise Http404
    if part:
        made: Any = draft_article(row, int(part), request.user)
    else:
        made = draft_document(row, request.user)
    messages.success(request, _("A draft is ready. Compare it with the original."))
    return redirect(edit_address(made))


def take_file(name: str, content: bytes, by: str) -> models.ImportedFile:
    """Keep a file, then read it; a file that came before is the one kept then."""
    digest = hashlib.sha256(content).hexdigest()
    place = _place(digest)
    if not place.exists():
        _write(place, content)
    values = {"name": Path(name).name[:200], "size": len(content), "by": by}
    row, is_new = models.ImportedFile.objects.get_or_create(
        sha256=digest, defaults=values
    )
    if is_new:
        read_file(row)
    return row


def read_file(row: models.ImportedFile) -> None:
    """Read a kept file in a limited process; a refusal is kept with it."""
    try:
        found = import_document(row.name, _place(row.sha256).read_bytes(), LIMITS)
    except (ImportRefusedError, OSError) as error:
        is_told = isinstance(error, ImportRefusedError)
        refusal = error if is_told else ImportRefusedError("failed", name=row.name)
        row.refusal = str(refusal)
    else:
        _fill(row, found)
    row.save()


def draft_article(row: models.ImportedFile, part: int, user: Any) -> models.Article:
    """Return a new draft of one part, with its place in the document as its basis."""
    heading, text = row.sections[part]
    title = heading.rsplit(" / ", 1)[-1] or row.title or row.name
    article = make_article(title, [], user, body=article_body(text))
    row.articles.add(article)
    if row.document:
        draft = article.get_latest_revision_as_object()
        where = models.Citation(document=row.document, where=title[:200])
        draft.citations = [where]
        draft.save_revision(clean=False, user=user)
    return article


def draft_document(row: models.ImportedFile, user: Any) -> models.LegalDocument:
    """Return the document of this number, a new draft if there is none yet."""
    number = row.number or words()["imports"]["no_number"].format(id=row.pk)
    document = models.LegalDocument.objects.filter(number=number).first()
    if document is None:
        document = models.LegalDocument(
            number=number,
            title=row.title or row.name,
            short_title=(row.title or row.name)[:200],
            status="unverified",
            source=row.name,
            checked_on=timezone.localdate(),
            live=False,
        )
        document.save()
        document.save_revision(clean=False, user=user, log_action="wagtail.create")
    row.document = document
    row.save(update_fields=["document"])
    return document


def article_body(text: str) -> str:
    """Return a text as articles are written: tables as lists, headings in bold."""
    lines: list[str] = []
    head: list[str] = []
    for line in text.split("\n"):
        if not line.startswith("|"):
            head = []
            heading = _HEADING.match(line)
            lines.append(f"**{heading[1].strip('*')}**" if heading else line)
        elif not head:
            head = _cells(line)
        elif not _RULE.match(line):
            lines.append(_item(head, _cells(line)))
    return "\n".join(lines).strip()


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _item(head: list[str], cells: list[str]) -> str:
    named = (f"{h}: {c}" if h else c for h, c in zip(head, cells, strict=False) if c)
    return f"- {'; '.join(named)}"


def _fill(row: models.ImportedFile, found: ImportedDocument) -> None:
    row.title, row.number = found.title, found.number
    row.text, row.notes = found.text, list(found.notes)
    parts = [[part.heading, part.text] for part in article_sections(found)]
    row.sections = parts or [["", found.text]]
    row.refusal = ""


def _is_part(part: str, row: models.ImportedFile) -> bool:
    return part.isdecimal() and int(part) < len(row.sections)


def _place(digest: str) -> Path:
    return Path(settings.CONSOLE_DIR) / "originals" / digest


def _write(place: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = place.with_name(f".{place.name}-{os.getpid()}")
    fresh.touch(0o600)
    fresh.write_bytes(content)
    fresh.replace(place)
