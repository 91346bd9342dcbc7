"""A small linear model over hashed n-grams; numpy only, weights in an .npz file.

The file holds arrays of numbers and names only and is read without pickle. If it is
missing or damaged, `load_classifier` returns None and the rules work alone.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.safety.features import BUCKETS, Features, Values, message_keys, part_features
from bot.safety.normalise import Message, Sentence
from bot.safety.rules import Scene

MODEL_FILE = Path(__file__).parent / "model.npz"
WINDOW_WORDS = 45
LONG_WORDS = 80
FEW_WORDS = 3
PART_PENALTY = 1.0
DANGER, TEST, LEVEL_PREFIX, CLASS_PREFIX, SPEAKER_PREFIX = (
    "danger",
    "test",
    "level:",
    "class:",
    "speaker:",
)


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities 0..1 by name; classes, levels and speakers each sum to 1."""

    danger: float
    test: float
    classes: dict[str, float]
    levels: dict[str, float]
    speakers: dict[str, float]


class Classifier:
    """Weights of shape (heads, BUCKETS), float32 in memory, float16 on disk.

    In memory they stand bucket by bucket, so that a feature reads one short row.
    """

    def __init__(
        self, weights: npt.NDArray[np.float32], bias: Values, heads: list[str]
    ) -> None:
        self._by_bucket = np.ascontiguousarray(weights.T)
        self._danger = np.ascontiguousarray(weights[heads.index(DANGER)])
        self._bias = bias
        self._heads = heads

    def score(self, message: Message, scenes: list[Scene]) -> Scores:
        """Return the scores of the most dangerous part of a message.

        A message is read whole, sentence by sentence, and, if it is long, in stretches
        of about `WINDOW_WORDS` words, so that one clause in a long story counts.
        """
        parts = _windows(message.sentences)
        found = part_features(message_keys(message.sentences, scenes), parts)
        terms = (self._danger[found.buckets] * found.values).astype(np.float64)
        danger = np.bincount(found.parts, weights=terms, minlength=len(parts)) + 0.0
        danger[1:] -= PART_PENALTY
        best = int(np.argmax(danger))
        whole = self._logits(found, 0)
        if not best:
            return self._read(whole, whole)
        worst = self._logits(found, best)
        worst[self._heads.index(DANGER)] -= PART_PENALTY
        return self._read(worst, whole)

    def _logits(self, found: Features, part: int) -> Values:
        mine = found.parts == part
        logits: Values = found.values[mine] @ self._by_bucket[found.buckets[mine]]
        return logits + self._bias

    def _read(self, row: Values, whole: Values) -> Scores:
        named = dict(zip(self._heads, row.tolist(), strict=True))
        of_whole = dict(zip(self._heads, whole.tolist(), strict=True))
        return Scores(
            danger=_sigmoid(named[DANGER]),
            test=_sigmoid(of_whole[TEST]),
            classes=_softmax(named, CLASS_PREFIX),
            levels=_softmax(named, LEVEL_PREFIX),
            speakers=_softmax(of_whole, SPEAKER_PREFIX),
        )


def _windows(sentences: tuple[Sentence, ...]) -> list[slice]:
    """The whole message first, then each sentence, then stretches of a long one."""
    slices = [slice(0, len(sentences))]
    if len(sentences) < 2:
        return slices
    sizes = [len(s.words) for s in sentences]
    slices += [slice(i, i + 1) for i, n in enumerate(sizes) if n >= FEW_WORDS]
    if sum(sizes) > LONG_WORDS:
        slices += _stretches(sizes)
    return slices


def _stretches(sizes: list[int]) -> list[slice]:
    slices = []
    start = 0
    total = 0
    for place, size in enumerate(sizes):
        total += size
        if total >= WINDOW_WORDS:
            slices.append(slice(start, place + 1))
            start, total = place, size
    return slices


def _sigmoid(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -30, 30))))


def _softmax(named: dict[str, float], prefix: str) -> dict[str, float]:
    chosen = {k[len(prefix) :]: v for k, v in named.items() if k.startswith(prefix)}
    top = max(chosen.values())
    powers = {k: float(np.exp(v - top)) for k, v in chosen.items()}
    total = sum(powers.values())
    return {k: v / total for k, v in powers.items()}


def save_classifier(
    path: Path, weights: npt.NDArray[np.float32], bias: Values, heads: list[str]
) -> None:
    """Write the weights as float16, dropping those too small to matter."""
    kept = np.where(np.abs(weights) < 0.01, 0.0, weights).astype(np.float16)
    np.savez_compressed(
        path, weights=kept, bias=bias.astype(np.float32), heads=np.array(heads)
    )


def read_classifier(path: Path) -> Classifier | None:
    """Return the model of a file, or None if there is none to be used."""
    try:
        with np.load(path, allow_pickle=False) as file:
            weights = file["weights"].astype(np.float32)
            bias = file["bias"].astype(np.float32)
            heads = [str(h) for h in file["heads"]]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
        return None
    if weights.shape != (len(heads), BUCKETS) or bias.shape != (len(heads),):
        return None
    return Classifier(weights, bias, heads)


@lru_cache(maxsize=1)
def load_classifier() -> Classifier | None:
    """Return the shipped model, read once."""
    return read_classifier(MODEL_FILE)
