"""English is answered in English, whatever it asks."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.safety.normalise import normalise

# Vietnamese chats borrow single words: hi, bye, good morning, thank you.
FEWEST_WORDS = 3


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False
)
class LanguageDetector(GraphComponent):  # type: ignore[misc]
    """Turns an English sentence into the intent `english`."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        """Create the component; it has no settings and learns nothing."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Mark each message that is a sentence of English."""
        for message in messages:
            text = message.get("text") or ""
            if not text.startswith("/") and is_english(text):
                intent = {"name": "english", "confidence": 1.0}
                message.set("intent", intent, add_to_output=True)
        return messages


def is_english(text: str) -> bool:
    """Tell whether a text is English, and more than a word or two."""
    read = normalise(text)
    words = sum(len(sentence.words) for sentence in read.sentences)
    return read.language == "en" and words >= FEWEST_WORDS
