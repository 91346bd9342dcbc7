"""The pages of questions without a good answer, and what staff do with them."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Max, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.admin import messages
from wagtail.admin.admin_url_finder import AdminURLFinder

from knowledge.console import models
from knowledge.console.questions import alike, terms_of, texts_of
from knowledge.console.words import words

SHOWN = 50
NEAREST = 5
EXAMPLES = 10  # so many of a group's questions become examples
REVIEW_DAYS = 180
_ACCESS = permission_required("wagtailadmin.access_admin", raise_exception=True)
_EDIT = permission_required("console.change_article", raise_exception=True)
_FORMULA = ("=", "+", "-", "@", "\t")  # a spreadsheet would calculate with it


@_ACCESS
def questions(request: HttpRequest) -> HttpResponse:
    """Show the groups of one state, those asked most often first."""
    state = _state(request)
    pages = Paginator(_groups(state), SHOWN)
    page = pages.get_page(request.GET.get("p"))
    titles = dict(models.Article.objects.values_list("uid", "title"))
    for group in page:
        asked = list(group.questions.all())
        group.variants = [q.text for q in asked if q.text != group.title][:SHOWN]
        group.channels = [_channel(name) for name in sorted({q.channel for q in asked})]
        group.rejected = sorted(
            {titles.get(q.article, q.article) for q in asked if q.article}
        )
    counts = dict(
        models.QuestionGroup.objects.order_by()
        .values_list("state")
        .annotate(Count("pk"))
    )
    states = [
        {"name": name, "label": label, "count": counts.get(name, 0)}
        for name, label in words()["choices"]["question_state"].items()
    ]
    shown = {"page": page, "states": states, "state": state}
    return render(request, "console/questions.html", shown)


@_ACCESS
def export(request: HttpRequest) -> HttpResponse:
    """Give the groups of one state as a table that Excel opens."""
    state = _state(request)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="cau-hoi-{state}.csv"'
    answer.write("\ufeff")  # without it Excel reads another encoding
    table = csv.writer(answer)
    table.writerow(words()["questions_table"])
    for group in _groups(state):
        channels = sorted({_channel(q.channel) for q in group.questions.all()})
        last = timezone.localtime(group.last_asked)
        row = [group.title, group.asked, ", ".join(channels), f"{last:%d/%m/%Y}"]
        table.writerow([_cell(str(value)) for value in row])
    return answer


@require_POST
@_EDIT
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an article with the questions of a group as its examples."""
    group = get_object_or_404(models.QuestionGroup, pk=pk)
    article = make_article(group.title, texts_of(group)[:EXAMPLES], request.user)
    _settle(group, "writing", request, article)
    messages.success(request, _("A draft with these questions is ready to be written."))
    return redirect(edit_address(article))


@require_http_methods(["GET", "POST"])
@_EDIT
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the questions of a group to an article, as a draft."""
    group = get_object_or_404(models.QuestionGroup, pk=pk)
    if request.method == "POST":
        title = request.POST.get("article", "").strip()
        article = models.Article.objects.filter(title=title).first()
        if article is None:
            messages.error(
                request, _("No article has this title. Choose one of the list.")
            )
        elif article.workflow_in_progress or article.locked:
            messages.error(request, _("This article is under review or locked."))
        else:
            add_examples(article, texts_of(group)[:EXAMPLES], request.user)
            _settle(group, "writing", request, article)
            messages.success(
                request, _("The questions stand in the draft of this article.")
            )
            return redirect(edit_address(article))
    rows = list(models.Article.objects.order_by("title").only("title", "folded"))
    shown = {"group": group, "articles": rows, "nearest": _nearest(group, rows)}
    return render(request, "console/add_question.html", shown)


@require_POST
@_EDIT
def decide(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Close a group as out of scope, open it again, or delete its words."""
    group = get_object_or_404(models.QuestionGroup, pk=pk)
    if deed == "ngoai-pham-vi":
        _settle(group, "outside", request)
        messages.success(request, _("The question is noted as out of scope."))
    elif deed == "mo-lai":
        _settle(group, "open", request)
        messages.success(request, _("The question waits again."))
    elif deed == "xoa":
        with transaction.atomic():
            # The keys stay, so that the bot's next file does not bring them back.
            group.questions.update(text="", article="", group=None)
            group.delete()
        messages.success(request, _("The words of this question are deleted."))
    else:
        raise Http404
    return redirect("console_questions")


def make_article(
    title: str, examples: list[str], user: Any, **values: Any
) -> models.Article:
    """Return a new draft that lacks what only staff can write."""
    day = timezone.localdate()
    article = models.Article(
        title=title[:120],
        valid_from=day,
        review_by=day + timedelta(days=REVIEW_DAYS),
        live=False,
        **values,
    )
    article.questions = [
        models.ExampleQuestion(text=text[:200], sort_order=n)
        for n, text in enumerate(examples)
    ]
    article.save()
    article.save_revision(clean=False, user=user, log_action="wagtail.create")
    return article


def add_examples(article: models.Article, texts: list[str], user: Any) -> None:
    """Add questions to the newest draft of an article; none stands there twice."""
    draft = article.get_latest_revision_as_object()
    known = [question.text for question in draft.questions.all()]
    fresh = [text for text in texts if text not in known]
    for number, text in enumerate(fresh, len(known)):
        draft.questions.add(models.ExampleQuestion(text=text, sort_order=number))
    draft.save_revision(clean=False, user=user, log_action=True)


def edit_address(row: Any) -> str:
    """Return the address of a record's form."""
    return str(AdminURLFinder().get_edit_url(row))


def _state(request: HttpRequest) -> str:
    state = request.GET.get("xem", "open")
    return state if state in words()["choices"]["question_state"] else "open"


def _groups(state: str) -> QuerySet[Any]:
    groups = models.QuestionGroup.objects.filter(state=state).select_related("article")
    asked = Prefetch("questions", models.AskedQuestion.objects.all())
    counted = groups.annotate(
        asked=Count("questions"), last_asked=Max("questions__asked_at")
    )
    return (
        counted.filter(asked__gt=0)
        .order_by("-asked", "-last_asked")
        .prefetch_related(asked)
    )


def _settle(
    group: models.QuestionGroup,
    state: str,
    request: HttpRequest,
    article: models.Article | None = None,
) -> None:
    group.state, group.by = state, request.user.get_username()
    group.article = article or group.article
    group.save()


def _nearest(
    group: models.QuestionGroup, rows: list[models.Article]
) -> list[models.Article]:
    """Return the articles that share most with a question; first what it rejected."""
    asked = terms_of(group.title)
    rejected = set(group.questions.values_list("article", flat=True)) - {""}
    first = list(models.Article.objects.filter(uid__in=rejected))
    shares = {row: alike(asked, terms_of(row.title)) for row in rows}
    near = sorted((row for row in rows if shares[row]), key=lambda row: -shares[row])
    return list(dict.fromkeys([*first, *near[:NEAREST]]))


def _channel(name: str) -> str:
    return str(words()["statistics"]["channels"].get(name, name))


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
