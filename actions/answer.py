"""What every action shares: one answer at least, whatever goes wrong."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.library import LibraryError, library
from actions.render import render_text
from bot.reply import Reply
from knowledge.article import Article
from knowledge.snapshot import Snapshot

log = logging.getLogger(__name__)


class AnswerAction(Action, ABC):
    """An action that answers from the published snapshot.

    Rasa drops what a failed action did and says nothing, so nothing may fail here.
    """

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Send one or more replies; returns the slots to set."""
        try:
            replies, events = self.answer(tracker, library().current())
        except LibraryError as error:
            log.warning("library: %s", error)
            replies, events = [render_text("no_library", None, "error")], []
        except Exception as error:  # see the class's docstring
            log.error("action %s: %s", self.name(), type(error).__name__)
            replies, events = [render_text("no_library", None, "error")], []
        for reply in replies:
            dispatcher.utter_message(json_message=reply.to_json())
        return events

    @abstractmethod
    def answer(
        self, tracker: Tracker, snapshot: Snapshot
    ) -> tuple[list[Reply], list[EventType]]:
        """Return the replies and the slots to set."""


def entity(tracker: Tracker, name: str) -> str:
    """Return the value of an entity in the latest message, or ""."""
    values: Any = list(tracker.get_latest_entity_values(name))
    return str(values[0]) if values else ""


def article_meant(tracker: Tracker, snapshot: Snapshot) -> Article | None:
    """Return the article of the tapped button, else the one shown last."""
    wanted = entity(tracker, "article") or tracker.get_slot("article") or ""
    return snapshot.articles.get(wanted)
