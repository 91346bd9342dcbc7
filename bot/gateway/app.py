"""The gateway as a web application: routes, health, start and end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from bot.gateway.articles import Articles
from bot.gateway.channels.web import Web
from bot.gateway.channels.web_sessions import Sessions
from bot.gateway.channels.zalo import Zalo
from bot.gateway.chats import Chats
from bot.gateway.conversation import Conversations
from bot.gateway.dialogue import Dialogue
from bot.gateway.gate import SAFE_WORD, assess_safely
from bot.gateway.handover import hand_over
from bot.gateway.health import Health
from bot.gateway.inbox import expire
from bot.gateway.library import Library
from bot.gateway.lines import Lines
from bot.gateway.pages import Pages
from bot.gateway.questions import keep_settled
from bot.gateway.rating import Rating, expire_ratings, keep_rating
from bot.gateway.settings import Settings
from bot.gateway.sites import load_sites
from bot.gateway.steps import card_of
from bot.gateway.store import Store, StoreError
from bot.gateway.turn import Gateway

log = structlog.get_logger()

TIDY_SECONDS = 600


def create_app(settings: Settings) -> Starlette:
    """Return the application; nothing that it needs must be up yet.

    Raises:
        SettingsError: a secret is weak or missing, or a site is wrong.
    """
    settings.check_channels()
    snapshots = settings.data_dir / "snapshots"
    lines = Lines(snapshots)
    sites = load_sites(settings.sites_file, lines.current())
    pages = Pages(settings, lines.current, sites)
    articles = Articles(pages, Library(snapshots))
    dialogue = Dialogue(settings.dialogue_url, settings.dialogue_timeout)
    store = settings.store()

    async def keep(rating: Rating) -> None:
        with contextlib.suppress(StoreError):
            await store.run(lambda db: keep_rating(db, store, rating))

    gateway = Gateway(dialogue, Conversations(), lines.current, keep)
    web = Web(gateway, store, settings, Sessions(settings.secret(), settings))
    chats = Chats(store, gateway, settings)
    if settings.has_telegram:
        # Imported here: a gateway without it starts a second earlier.
        from bot.gateway.channels.telegram import Telegram

        chats.channels[Telegram.name] = Telegram(settings, chats)
    if settings.has_zalo:
        chats.channels[Zalo.name] = Zalo(settings, chats)
    health = Health(settings, chats)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        # Loads signals and cards before the first person waits.
        card_of(assess_safely(SAFE_WORD), lines.current())
        tasks = [
            asyncio.create_task(_tidy(gateway, store, settings)),
            asyncio.create_task(
                hand_over(store, gateway.counts, settings.data_dir / "handover")
            ),
        ]
        if chats.channels:
            tasks += [asyncio.create_task(c.run()) for c in chats.channels.values()]
            tasks.append(asyncio.create_task(chats.run()))
        log.info("gateway.ready")
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await chats.stop()
        for channel in chats.channels.values():
            await channel.close()
        await dialogue.close()
        await health.close()
        with contextlib.suppress(StoreError):
            await keep_settled(gateway.conversations, store)
        store.close()

    async def fail(_request: Request, error: Exception) -> Response:
        log.error("request.failed", error=type(error).__name__)
        return web.refuse("broken", 500)

    return Starlette(
        routes=[
            *web.routes(),
            *pages.routes(),
            *articles.routes(),
            *health.routes(),
            *(route for c in chats.channels.values() for route in c.routes()),
        ],
        lifespan=lifespan,
        exception_handlers={404: pages.missing, Exception: fail},
    )


async def _tidy(gateway: Gateway, store: Store, settings: Settings) -> None:
    """Forget conversations that have been silent for too long (a day)."""
    silent = settings.conversation_seconds

    def tidy(db: Connection) -> None:
        expire(db, store, silent)
        expire_ratings(db, store)

    while True:
        await asyncio.sleep(min(TIDY_SECONDS, silent))
        with contextlib.suppress(StoreError):
            await keep_settled(gateway.conversations, store)
        gateway.conversations.expire(silent)
        with contextlib.suppress(StoreError):
            await store.run(tidy)
