"""What Wagtail shows: our records, our home page, no pages of a web site."""

from __future__ import annotations

from typing import Any

from django.urls import path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea
from wagtail.snippets.action_menu import ActionMenuItem, UnpublishMenuItem
from wagtail.snippets.models import register_snippet

from knowledge.console import pages
from knowledge.console.home import Today
from knowledge.console.models import DirectoryEntry
from knowledge.console.views import KnowledgeGroup

register_snippet(KnowledgeGroup)
_HIDDEN = {"explorer", "images", "help", "documents", "reports"}


@hooks.register("construct_main_menu")
def _without_pages(request: Any, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name not in _HIDDEN]


@hooks.register("register_admin_search_area")
def _search_articles() -> SearchArea:
    url = reverse_lazy("wagtailsnippets_console_article:list")
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
    ]


@hooks.register("register_admin_menu_item")
def _publishing() -> MenuItem:
    url = reverse_lazy("console_publishing")
    return MenuItem(_("Publishing"), url, icon_name="upload", order=300)


@hooks.register("register_admin_menu_item")
def _numbers() -> MenuItem:
    url = reverse_lazy("console_numbers")
    return MenuItem(_("Age of checks"), url, icon_name="date", order=200)


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


@hooks.register("construct_snippet_action_menu")
def _own_actions(items: list[Any], request: Any, context: Any) -> None:
    items[:] = [
        x for x in items if x.name not in ("action-unpublish", "action-publish")
    ]
    own = (Withdraw(order=90), CorrectNow(order=95))
    items.extend(item for item in own if item.is_shown(context))
