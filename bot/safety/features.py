"""Hashed n-grams of a message, the same in training and in use. numpy only.

Four blocks, each a bag of hashed features with unit length: character 2- to 5-grams
of the folded text; words and word pairs as typed; the same folded; and what the word
lists saw (categories and ordered pairs of them), which is how the model profits from
words it never met.
"""

from __future__ import annotations

from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.safety.normalise import Sentence
from bot.safety.rules import Scene

BUCKETS = 1 << 16
NGRAMS = (2, 3, 4, 5)
BLOCK_WEIGHTS = (1.0, 0.8, 0.8, 0.8)
_MULTIPLIER = np.uint64(1_000_003)
_MIX = np.uint64(0x9E3779B97F4A7C15)

Buckets = npt.NDArray[np.uint32]
Values = npt.NDArray[np.float32]


def character_features(text: str) -> Buckets:
    """Return one bucket for each character n-gram of an ASCII-like text."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    found = []
    for size in NGRAMS:
        if len(codes) < size:
            break
        total = np.full(len(codes) - size + 1, size, dtype=np.uint64)
        for shift in range(size):
            total = total * _MULTIPLIER + codes[shift : len(codes) - size + 1 + shift]
        mixed = (total * _MIX) >> np.uint64(40)
        found.append((mixed % np.uint64(BUCKETS)).astype(np.uint32))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint32)


def _bucket(kind: str, name: str) -> int:
    return crc32(f"{kind}:{name}".encode()) % BUCKETS


def word_features(kind: str, words: list[str]) -> list[int]:
    """Return buckets of words and of pairs of neighbours."""
    pairs = [f"{a} {b}" for a, b in zip(words, words[1:])]
    return [_bucket(kind, w) for w in words] + [_bucket(kind, p) for p in pairs]


def scene_features(scenes: list[Scene]) -> list[int]:
    """Return buckets of the categories seen and of their order in a sentence."""
    found = []
    for scene in scenes:
        names = [h.category + ("" if h.strong else "?") for h in scene.hits]
        found += [_bucket("c", n) for n in names]
        for gap in (1, 2):
            found += [_bucket("c", f"{a}>{b}") for a, b in zip(names, names[gap:])]
    return found


def vectorise(sentences: list[Sentence], scenes: list[Scene]) -> tuple[Buckets, Values]:
    """Return the buckets and values of some sentences, taken together."""
    marked = [w.text for s in sentences for w in s.words]
    folded = [w.folded for s in sentences for w in s.words]
    blocks = (
        character_features(f" {' '.join(folded)} "),
        np.array(word_features("m", marked), dtype=np.uint32),
        np.array(word_features("f", folded), dtype=np.uint32),
        np.array(scene_features(scenes), dtype=np.uint32),
    )
    buckets, values = [], []
    for block, weight in zip(blocks, BLOCK_WEIGHTS):
        ids, counts = np.unique(block, return_counts=True)
        tf = 1.0 + np.log(counts)
        length = float(np.sqrt(np.sum(tf * tf))) or 1.0
        buckets.append(ids.astype(np.uint32))
        values.append((weight * tf / length).astype(np.float32))
    return np.concatenate(buckets), np.concatenate(values)
