"""Hashed n-grams of a message, the same in training and in use. numpy only.

Four blocks, each a bag of hashed features with unit length: character 2- to 5-grams
of the folded text; words and word pairs as typed; the same folded; and what the word
lists saw (categories and ordered pairs of them), which is how the model profits from
words it never met. A key is block * BUCKETS + bucket.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.safety.normalise import Sentence
from bot.safety.rules import Scene

BUCKETS = 1 << 16
NGRAMS = (2, 3, 4, 5)
BLOCK_WEIGHTS = np.array((1.0, 0.8, 0.8, 0.8))
CHARACTERS, MARKED, FOLDED, SEEN = range(len(BLOCK_WEIGHTS))
_MULTIPLIER = np.uint64(1_000_003)
_MIX = np.uint64(0x9E3779B97F4A7C15)

Keys = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]


class Features(NamedTuple):
    """Sparse features of several parts of a message, sorted by part.

    All three have one entry for each feature of each part.
    """

    parts: Keys
    buckets: Keys
    values: Values


def character_keys(text: str) -> Keys:
    """Return one key for each character n-gram of a text."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    found = []
    for size in NGRAMS:
        if len(codes) < size:
            break
        total = np.full(len(codes) - size + 1, size, dtype=np.uint64)
        for shift in range(size):
            total = total * _MULTIPLIER + codes[shift : len(codes) - size + 1 + shift]
        mixed = (total * _MIX) >> np.uint64(40)
        found.append((mixed % np.uint64(BUCKETS)).astype(np.int64))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


@lru_cache(maxsize=200_000)
def _key(block: int, name: str) -> int:
    return block * BUCKETS + crc32(f"{block}:{name}".encode()) % BUCKETS


def word_keys(block: int, words: list[str]) -> list[int]:
    """Return keys of words and of pairs of neighbours."""
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    return [_key(block, name) for name in words + pairs]


def scene_keys(scene: Scene) -> list[int]:
    """Return keys of the categories seen and of their order in a sentence."""
    names = [h.category + ("" if h.strong else "?") for h in scene.hits]
    found = [_key(SEEN, name) for name in names]
    for gap in (1, 2):
        later = names[gap:]
        found += [_key(SEEN, f"{a}>{b}") for a, b in zip(names, later, strict=False)]
    return found


def sentence_keys(sentence: Sentence, scene: Scene) -> Keys:
    """Return all keys of a sentence, with repeats."""
    folded = [w.folded for w in sentence.words]
    named = word_keys(MARKED, [w.text for w in sentence.words])
    named += word_keys(FOLDED, folded)
    named += scene_keys(scene)
    characters = character_keys(f" {' '.join(folded)} ")
    return np.concatenate((characters, np.array(named, dtype=np.int64)))


def part_features(sentences: list[Keys], parts: list[slice]) -> Features:
    """Count the keys of each part, damp the counts, and give each block length one."""
    chosen = [sentences[part] for part in parts]
    keys = [np.concatenate(s) if s else np.zeros(0, dtype=np.int64) for s in chosen]
    sizes = [len(k) for k in keys]
    span = len(BLOCK_WEIGHTS) * BUCKETS
    owner = np.repeat(np.arange(len(parts), dtype=np.int64), sizes)
    cells, counts = np.unique(owner * span + np.concatenate(keys), return_counts=True)
    values = 1.0 + np.log(counts)
    blocks = cells // BUCKETS
    lengths = np.sqrt(np.bincount(blocks, weights=values * values))
    scaled = values / lengths[blocks] * BLOCK_WEIGHTS[blocks % len(BLOCK_WEIGHTS)]
    return Features(cells // span, cells % BUCKETS, scaled.astype(np.float32))


def message_keys(sentences: tuple[Sentence, ...], scenes: list[Scene]) -> list[Keys]:
    """Return the keys of every sentence of a message."""
    return [sentence_keys(s, scene) for s, scene in zip(sentences, scenes, strict=True)]
