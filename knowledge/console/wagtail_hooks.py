"""What Wagtail shows: our records, our home page, no pages of a web site."""

from __future__ import annotations

from typing import Any

from django.urls import path, reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea
from wagtail.admin.staticfiles import versioned_static
from wagtail.snippets.action_menu import ActionMenuItem, UnpublishMenuItem
from wagtail.snippets.models import register_snippet

from knowledge.console import asked, citing, guide, imports, pages, statistics, trial
from knowledge.console.home import Today
from knowledge.console.models import Article, DirectoryEntry, LegalDocument
from knowledge.console.views import KnowledgeGroup

register_snippet(KnowledgeGroup)
_HIDDEN = {"explorer", "images", "help", "documents", "reports"}


@hooks.register("construct_main_menu")
def _without_pages(request: Any, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name not in _HIDDEN]


@hooks.register("insert_global_admin_css")
def _style() -> str:
    return format_html(
        '<link rel="stylesheet" href="{}">', versioned_static("console/pages.css")
    )


@hooks.register("register_admin_search_area")
def _search_articles() -> SearchArea:
    url = reverse("wagtailsnippets_console_article:list")  # compared with the path
    return SearchArea(
        _("articles"), url, name="articles", icon_name="doc-full", order=1
    )


@hooks.register("construct_search")
def _search_only_articles(request: Any, areas: list[Any]) -> None:
    areas[:] = [area for area in areas if area.name == "articles"]


@hooks.register("construct_homepage_panels")
def _only_today(request: Any, panels: list[Any]) -> None:
    panels[:] = [Today()]


@hooks.register("construct_homepage_summary_items")
def _no_counts(request: Any, items: list[Any]) -> None:
    items.clear()


@hooks.register("register_admin_urls")
def _own_pages() -> list[Any]:
    return [
        path("xuat-ban/", pages.publishing, name="console_publishing"),
        path("xuat-ban/quay-lai/", pages.go_back, name="console_go_back"),
        path("danh-ba-so/", pages.numbers, name="console_numbers"),
        path("danh-ba-so/<int:pk>/", pages.correct, name="console_correct"),
        path("de-xuat/<int:pk>/", pages.proposal, name="console_proposal"),
        path("van-ban-duoc-dan/<int:pk>/", citing.cited_by, name="console_cited_by"),
        path("dia-chi-web/", citing.links, name="console_links"),
        path("huong-dan/", guide.guide, name="console_guide"),
        path("huong-dan/hinh/<str:name>", guide.picture, name="console_picture"),
        path("thong-ke/", statistics.show, name="console_statistics"),
        path("cau-hoi/", asked.questions, name="console_questions"),
        path("cau-hoi/tai-ve/", asked.export, name="console_questions_export"),
        path("cau-hoi/<int:pk>/viet-bai/", asked.write, name="console_question_write"),
        path("cau-hoi/<int:pk>/them/", asked.add, name="console_question_add"),
        path("cau-hoi/<int:pk>/<str:deed>/", asked.decide, name="console_question"),
        path("nhap-tep/", imports.imports, name="console_imports"),
        path("nhap-tep/<int:pk>/", imports.imported, name="console_import"),
        path("nhap-tep/<int:pk>/goc/", imports.original, name="console_original"),
        path("nhap-tep/<int:pk>/lay/", imports.take_over, name="console_take_over"),
        path("hoi-thu/", trial.trial, name="console_trial"),
        path("hoi-thu/<int:pk>/", trial.trial, name="console_trial_draft"),
    ]


@hooks.register("register_admin_menu_item")
def _publishing() -> MenuItem:
    url = reverse_lazy("console_publishing")
    return MenuItem(_("Publishing"), url, icon_name="upload", order=300)


@hooks.register("register_admin_menu_item")
def _numbers() -> MenuItem:
    url = reverse_lazy("console_numbers")
    return MenuItem(_("Age of checks"), url, icon_name="date", order=200)


@hooks.register("register_admin_menu_item")
def _questions() -> MenuItem:
    url = reverse_lazy("console_questions")
    return MenuItem(_("Unanswered questions"), url, icon_name="comment", order=150)


@hooks.register("register_admin_menu_item")
def _imports() -> MenuItem:
    url = reverse_lazy("console_imports")
    return MenuItem(_("Import a file"), url, icon_name="download", order=160)


@hooks.register("register_admin_menu_item")
def _trial() -> MenuItem:
    url = reverse_lazy("console_trial")
    return MenuItem(_("Try a question"), url, icon_name="help", order=170)


@hooks.register("register_admin_menu_item")
def _links() -> MenuItem:
    url = reverse_lazy("console_links")
    return MenuItem(_("Web addresses"), url, icon_name="link", order=210)


@hooks.register("register_admin_menu_item")
def _guide() -> MenuItem:
    url = reverse_lazy("console_guide")
    return MenuItem(_("Guide"), url, icon_name="info-circle", order=9000)


@hooks.register("register_admin_menu_item")
def _statistics() -> MenuItem:
    url = reverse_lazy("console_statistics")
    return MenuItem(_("Statistics"), url, icon_name="list-ul", order=250)


@hooks.register("register_log_actions")
def _log_actions(actions: Any) -> None:
    label = _("Emergency correction of a number")
    actions.register_action("console.correct", label, label)


class Withdraw(UnpublishMenuItem):
    """Taking a record from the bot; for reviewers."""

    label = _("Take from the bot")

    def is_shown(self, context: Any) -> bool:
        """Only for what the bot has, and who may."""
        obj = context.get("instance")
        if context["view"] != "edit" or not obj.live or context.get("locked_for_user"):
            return False
        right = f"console.withdraw_{obj._meta.model_name}"
        return bool(context["request"].user.has_perm(right))


class CorrectNow(ActionMenuItem):
    """From a number's form to its emergency correction."""

    label = _("Correct the number at once")
    name = "action-correct"
    icon_name = "warning"

    def is_shown(self, context: Any) -> bool:
        """Only for live numbers, and who may."""
        obj = context.get("instance")
        is_line = isinstance(obj, DirectoryEntry) and obj.live
        return is_line and context["request"].user.has_perm("console.correct_number")

    def get_url(self, context: Any) -> str:
        """Return the address of the page."""
        return reverse("console_correct", args=[context["instance"].pk])


class CitedBy(ActionMenuItem):
    """From a document's form to the articles that cite it."""

    label = _("Articles that cite it")
    name = "action-cited-by"
    icon_name = "list-ul"

    def is_shown(self, context: Any) -> bool:
        """Only for documents that are saved."""
        is_saved = context["view"] == "edit"
        return is_saved and isinstance(context.get("instance"), LegalDocument)

    def get_url(self, context: Any) -> str:
        """Return the address of the page."""
        return reverse("console_cited_by", args=[context["instance"].pk])


class TryDraft(ActionMenuItem):
    """From an article's form to what the bot says with it."""

    label = _("Try a question")
    name = "action-try"
    icon_name = "help"

    def is_shown(self, context: Any) -> bool:
        """Only for articles that are saved."""
        is_saved = context["view"] == "edit"
        return is_saved and isinstance(context.get("instance"), Article)

    def get_url(self, context: Any) -> str:
        """Return the address of the page."""
        return reverse("console_trial_draft", args=[context["instance"].pk])


class ShowOriginal(ActionMenuItem):
    """From a draft to the file that it was made of."""

    label = _("Show the original file")
    name = "action-original"
    icon_name = "download"

    def is_shown(self, context: Any) -> bool:
        """Only where there is one."""
        files = getattr(context.get("instance"), "originals", None)
        return context["view"] == "edit" and files is not None and files.exists()

    def get_url(self, context: Any) -> str:
        """Return the address of the page."""
        return reverse(
            "console_import", args=[context["instance"].originals.first().pk]
        )


@hooks.register("construct_snippet_action_menu")
def _own_actions(items: list[Any], request: Any, context: Any) -> None:
    items[:] = [
        x for x in items if x.name not in ("action-unpublish", "action-publish")
    ]
    own = (
        Withdraw(order=90),
        CorrectNow(order=95),
        CitedBy(order=96),
        TryDraft(order=98),
        ShowOriginal(order=99),
    )
    items.extend(item for item in own if item.is_shown(context))
