"""The danger gate inside Rasa, so that `rasa shell` alone routes too."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.safety.assess import assess


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False
)
class DangerDetector(GraphComponent):  # type: ignore[misc]
    """Turns a message that tells of danger into the intent `report`."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DangerDetector:
        """Create the component; it has no settings and learns nothing."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Assess each message that the gateway has not assessed already."""
        for message in messages:
            metadata = message.get("metadata") or {}
            text = message.get("text") or ""
            if not metadata.get("assessed") and not text.startswith("/"):
                self._mark(message, text)
        return messages

    @staticmethod
    def _mark(message: Message, text: str) -> None:
        triage = assess(text)
        if not triage.is_danger:
            return
        found = {
            "danger_class": triage.danger_class.value if triage.danger_class else "",
            "level": triage.level.value,
            "speaker": triage.speaker.value,
        }
        entities = [
            {"entity": name, "value": value, "extractor": "DangerDetector"}
            for name, value in found.items()
            if value
        ]
        message.set("intent", {"name": "report", "confidence": 1.0}, add_to_output=True)
        message.set(
            "entities", (message.get("entities") or []) + entities, add_to_output=True
        )
