"""Tokens as Vietnamese syllables in common spelling, without diacritics."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.safety.normalise import normalise
from bot.safety.place import find_place

# Words for oneself; who speaks changes nothing in what is meant.
SELF = frozenset({"em", "con", "chau", "minh", "toi", "tui"})
SELF_TOKEN, PLACE_TOKEN = "__self__", "__place__"
# Rasa wants at least one token in every message.
NOTHING = "?"


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False
)
class SyllableTokenizer(Tokenizer):  # type: ignore[misc]
    """Reads teencode, stretched and keyboard-coded words, then folds.

    One example so serves every way of typing and every form of address; a province
    adds one token, whichever it is. Places are those in the folded text.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings that Rasa's own tokenizers share."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the syllables of a message's attribute, in order."""
        tokens, start = [], 0
        for syllable in syllables(message.get(attribute)) or [NOTHING]:
            tokens.append(Token(syllable, start))
            start += len(syllable) + 1
        return tokens


def syllables(text: str) -> list[str]:
    """Return the folded words: `bme k cho e di` -> bo me khong cho __self__ di."""
    words = [word.folded for part in normalise(text).sentences for word in part.words]
    found = [SELF_TOKEN if word in SELF else word for word in words]
    place = find_place(text)
    return [*found, PLACE_TOKEN] if place.province or place.ambiguous else found
