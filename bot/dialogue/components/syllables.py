"""Tokens as Vietnamese syllables without diacritics."""

from __future__ import annotations

import unicodedata

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False
)
class SyllableTokenizer(WhitespaceTokenizer):  # type: ignore[misc]
    """Splits at spaces and folds; places in the text stay those of the original."""

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        tokens: list[Token] = super().tokenize(message, attribute)
        for token in tokens:
            token.text = fold(token.text) or token.text
            token.lemma = token.text
        return tokens


def fold(text: str) -> str:
    """Return the text in lower case without diacritics; đ becomes d."""
    bare = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return "".join(letter for letter in bare if not unicodedata.combining(letter))
