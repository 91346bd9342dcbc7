"""The province that a message names, by its present name."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.safety.place import find_place


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False
)
class PlaceExtractor(GraphComponent):  # type: ignore[misc]
    """Adds `place` where a province is named, `places` where a name fits several."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PlaceExtractor:
        """Create the component; it has no settings and learns nothing."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Look for a province in each message that is not a structured intent."""
        for message in messages:
            text = message.get("text") or ""
            found = [] if text.startswith("/") else _entities(text)
            if found:
                entities = (message.get("entities") or []) + found
                message.set("entities", entities, add_to_output=True)
        return messages


def _entities(text: str) -> list[dict[str, str]]:
    match = find_place(text)
    if match.province:
        return [_entity("place", match.province)]
    return [_entity("places", province) for province in match.ambiguous]


def _entity(name: str, value: str) -> dict[str, str]:
    return {"entity": name, "value": value, "extractor": "PlaceExtractor"}
