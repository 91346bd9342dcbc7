"""What Wagtail shows: our records, our home page, no pages of a web site."""

from __future__ import annotations

from typing import Any

from wagtail import hooks
from wagtail.snippets.models import register_snippet

from knowledge.console.views import KnowledgeGroup

register_snippet(KnowledgeGroup)
_HIDDEN = {"explorer", "images", "help", "documents"}


@hooks.register("construct_main_menu")
def _without_pages(request: Any, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name not in _HIDDEN]
