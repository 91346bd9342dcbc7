"""A light intent classifier: which intent a message has, in a millisecond.

Chosen by measurement over DIET and over Rasa's logistic regression: docs/dialogue.md.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union

from bot.safety.normalise import clean

MODEL_FILE = "intents.joblib"
RANKED = 5


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True
)
class LightIntentClassifier(GraphComponent):  # type: ignore[misc]
    """TF-IDF of syllables, of their letters and of the text as typed; one linear layer.

    The text as typed tells ngủ from ngu where somebody wrote the marks.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Return nothing by type: any tokenizer before it will do."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return `C`, the inverse strength of regularisation, and `max_iter`."""
        return {"C": 20.0, "max_iter": 200}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Pipeline | None = None,
    ) -> None:
        self._config, self._scorer = config, Scorer(model) if model else None
        self._storage, self._resource = model_storage, resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LightIntentClassifier:
        """Create a classifier that still has to be trained."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LightIntentClassifier:
        """Load what `train` kept."""
        with model_storage.read_from(resource) as folder:
            model = joblib.load(folder / MODEL_FILE)
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples of all intents."""
        examples = training_data.intent_examples
        model = make_model(self._config)
        model.fit([_views(e) for e in examples], [e.get("intent") for e in examples])
        self._scorer = Scorer(model)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(model, folder / MODEL_FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking; Rasa itself then overrules structured intents."""
        for message in messages:
            if self._scorer is None:
                continue
            scores = self._scorer.probabilities(_views(message))
            best = scores.argsort()[::-1][:RANKED]
            ranking = [
                {"name": self._scorer.names[i], "confidence": float(scores[i])}
                for i in best
            ]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


class Scorer:
    """The probabilities of a trained model for one text at a time.

    They are those of `predict_proba`, whose checks and sparse matrices take thirty
    times as long for one short text: a quarter of a turn.
    """

    def __init__(self, model: Pipeline) -> None:
        union, layer = model[0], model[-1]
        self.names = [str(name) for name in layer.classes_]
        self._bias = layer.intercept_
        self._parts, start = [], 0
        for _, vectorizer in union.transformer_list:
            words, end = vectorizer.vocabulary_, start + len(vectorizer.vocabulary_)
            analyse, idf = vectorizer.build_analyzer(), vectorizer.idf_
            weights = layer.coef_[:, start:end].T * idf[:, np.newaxis]
            self._parts.append((analyse, words, idf, np.ascontiguousarray(weights)))
            start = end

    def probabilities(self, views: tuple[str, str]) -> np.ndarray[Any, Any]:
        """Return shape (len(names),), of sum 1."""
        scores = self._bias.copy()
        for analyse, words, idf, weights in self._parts:
            counts = Counter(words[gram] for gram in analyse(views) if gram in words)
            if counts:
                columns = np.fromiter(counts, int, len(counts))
                tf = 1 + np.log(np.fromiter(counts.values(), float, len(counts)))
                scores += tf @ weights[columns] / np.linalg.norm(tf * idf[columns])
        powers = np.exp(scores - scores.max())
        return powers / powers.sum()


def make_model(config: dict[str, Any]) -> Pipeline:
    """Return the untrained model of pairs (syllables, text as typed)."""
    words = TfidfVectorizer(
        preprocessor=_syllables_of,
        tokenizer=str.split,
        token_pattern=None,
        ngram_range=(1, 2),
        sublinear_tf=True,
    )
    letters = TfidfVectorizer(
        preprocessor=_syllables_of,
        analyzer="char_wb",
        ngram_range=(2, 5),
        sublinear_tf=True,
    )
    typed = TfidfVectorizer(
        preprocessor=_typed_of,
        analyzer="char_wb",
        ngram_range=(2, 4),
        sublinear_tf=True,
    )
    layer = LogisticRegression(C=config["C"], max_iter=config["max_iter"])
    return make_pipeline(make_union(words, letters, typed), layer)


def _views(message: Message) -> tuple[str, str]:
    tokens = message.get("text_tokens") or []
    return " ".join(token.text for token in tokens), clean(message.get("text") or "")


def _syllables_of(views: tuple[str, str]) -> str:
    return views[0]


def _typed_of(views: tuple[str, str]) -> str:
    return views[1]
