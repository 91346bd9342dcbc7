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


def character_keys(texts: list[str]) -> list[Keys]:
    """Return for each text one key for each of its character n-grams."""
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(joined, dtype=np.uint32).astype(np.uint64)
    owners = np.repeat(np.arange(len(texts)), [len(t) for t in texts])
    found, found_owners = [], []
    for size in NGRAMS:
        count = len(codes) - size + 1
        if count < 1:
            break
        total = np.full(count, size, dtype=np.uint64)
        for shift in range(size):
            total = total * _MULTIPLIER + codes[shift : count + shift]
        mixed = ((total * _MIX) >> np.uint64(40)) % np.uint64(BUCKETS)
        inside = owners[:count] == owners[size - 1 :]
        found.append(mixed[inside].astype(np.int64))
        found_owners.append(owners[:count][inside])
    if not found:
        return [np.zeros(0, dtype=np.int64) for _ in texts]
    return _divide(np.concatenate(found), np.concatenate(found_owners), len(texts))


def _divide(keys: Keys, owners: Keys, number: int) -> list[Keys]:
    order = np.argsort(owners, kind="stable")
    ends = np.cumsum(np.bincount(owners, minlength=number))
    return np.split(keys[order], ends[:-1])


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


def named_keys(sentence: Sentence, scene: Scene) -> Keys:
    """Return the keys of words, word pairs and what the lists saw, with repeats."""
    named = word_keys(MARKED, [w.text for w in sentence.words])
    named += word_keys(FOLDED, [w.folded for w in sentence.words])
    named += scene_keys(scene)
    return np.array(named, dtype=np.int64)


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
    texts = [f" {' '.join([w.folded for w in s.words])} " for s in sentences]
    return [
        np.concatenate((characters, named_keys(sentence, scene)))
        for characters, sentence, scene in zip(
            character_keys(texts), sentences, scenes, strict=True
        )
    ]
