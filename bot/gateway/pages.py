"""The pages of the gateway: home, chat frame, loader, the neutral exit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.gateway.assets import AN_HOUR, NEVER, WIDGET, Assets, policy, respond
from bot.gateway.lines import CHILD_LINE
from bot.gateway.settings import Settings
from bot.gateway.sites import Lang, Site, Sites, is_readable
from knowledge.directory import Directory

EMERGENCY = (CHILD_LINE, "vn-113", "vn-115")
SELF = "'self'"


@cache
def widget_texts() -> dict[str, dict[str, dict[str, str]]]:
    """Return the words of the widget: language, part, key."""
    texts: dict[str, Any] = json.loads((WIDGET / "texts.json").read_text("utf8"))
    return texts


class Files(Protocol):
    """What a page needs to know of its files."""

    def address(self, name: str) -> str:
        """Return the address of a file."""

    def text(self, name: str) -> str:
        """Return the text of a file; empty if the page shall ask for it."""


class Pages:
    """Pages and files that hold no state and set no cookie."""

    def __init__(
        self,
        settings: Settings,
        directory: Callable[[], Directory],
        sites: Sites,
        files: Files | None = None,
    ) -> None:
        self._settings = settings
        self.directory = directory
        self._sites = sites
        self._assets = Assets()
        self._files = files or self._assets
        self._templates = Environment(
            loader=FileSystemLoader(WIDGET / "pages"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        self._templates.globals.update(asset=self._files.address, inside=False)
        looks = sites.looks()
        self._loader = self._assets.text("loader.js").replace("__SITES__", looks)

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/thoat", self.exit),
            Route("/widget/v1/frame", self.frame),
            Route("/widget/v1/loader.js", self.loader),
            *self._assets.routes(),
        ]

    async def home(self, request: Request) -> Response:
        html = self.render(
            request,
            "home.html",
            lines=self._lines(""),
            site=Site(id="home"),
            greeting="",
            zalo_code=self._settings.zalo_site_verification,
            **_texts("vi"),
        )
        return respond(request, html, ".html", NEVER)

    async def exit(self, request: Request) -> Response:
        """Show the neutral page; a frame that may not leave its host shows it too."""
        html = self.render(request, "exit.html")
        everybody = {o for site in self._sites.sites.values() for o in site.origins}
        ancestors = " ".join([SELF, *sorted(everybody)])
        return respond(request, html, ".html", NEVER, own_policy=policy(ancestors))

    async def frame(self, request: Request) -> Response:
        """Show the chat for a site.

        A page may choose among what the gateway knows, never give words or numbers of
        its own: they would look like ours. Styles and script come within the page: a
        file more is half a second on a slow network, and leaving empties the cache.
        """
        asked = request.query_params
        site = self._sites.site(asked.get("site", ""))
        lang: Lang = "en" if asked.get("lang", site.lang) == "en" else "vi"
        own = _styles(site, asked)
        styles = (self._files.text("frame.css"), own[0])
        dark = (self._files.text("dark.css"), own[1])
        script = self._files.text("frame.js")
        html = self.render(
            request,
            "frame.html",
            lines=self._lines(asked.get("line", site.line)),
            site=site,
            greeting=self._sites.greeting(asked.get("greeting", site.greeting), lang),
            styles=styles,
            dark=dark,
            script=script,
            exit_url=site.exit or self._settings.exit_url,
            **_texts(lang),
        )
        ancestors = " ".join([SELF, *site.origins])
        rules = policy(ancestors, (*styles, *dark), (script,))
        return respond(request, html, ".html", NEVER, own_policy=rules)

    async def loader(self, request: Request) -> Response:
        return respond(request, self._loader, ".js", AN_HOUR)

    async def missing(self, request: Request, _error: Exception) -> Response:
        """Say that a page is not there, with 111 and the way on."""
        html = self.render(request, "missing.html")
        return respond(request, html, ".html", NEVER, status=404)

    def render(self, request: Request, name: str, **values: Any) -> str:
        """Return a page as HTML; all values are escaped."""
        base = self._settings.public_url or str(request.base_url)
        values = {"exit_url": self._settings.exit_url, **values}
        template = self._templates.get_template(name)
        return template.render(public=base.rstrip("/"), **values)

    def _lines(self, local: str) -> list[dict[str, str]]:
        """Return 111, 113, 115 and a local line, as far as they may be shown."""
        directory = self.directory()
        shown = (directory.phone(line) for line in dict.fromkeys((*EMERGENCY, local)))
        return [asdict(phone) for phone in shown if phone]


def _texts(lang: str) -> dict[str, Any]:
    texts = widget_texts()[lang]
    return {"lang": lang, "t": texts["page"], "texts": texts["talk"]}


def _styles(site: Site, asked: Mapping[str, str]) -> tuple[str, str]:
    """Return the site's own colours as style sheets, on light and on dark ground."""
    wanted = asked.get("colour", "").lower()
    light = wanted if is_readable(wanted, "base.css") else site.colour
    rule = ":root{{--teal:{0};--link:{0}}}"
    dark = site.colour_dark
    return rule.format(light) if light else "", rule.format(dark) if dark else ""
