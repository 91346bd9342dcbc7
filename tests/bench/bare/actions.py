"""The bare bot's one custom action: a fixed sentence, so that only the way is timed."""

from __future__ import annotations

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict


class ActionTellRights(Action):  # type: ignore[misc]
    """Say what the bot knows about the rights of a child."""

    def name(self) -> str:
        return "action_tell_rights"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        """Send one reply; no slot changes."""
        dispatcher.utter_message(text="A child has the right to life and to be heard.")
        return []
