"""Tiny SentenceTransformer models, each a directory like one that a user gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np

UNKNOWN = "[UNK]"
Table = dict[str, list[float]]


def make_encoder(folder: Path, words: Table) -> Path:
    """Write a StaticEmbedding model of some words: the mean of their vectors.

    Args:
        words: lower-case word -> vector; all others get that of `UNKNOWN`.
    """
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    ids = {word: i for i, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.array(list(words.values()), dtype=np.float32)
    module = StaticEmbedding(tokenizer, embedding_weights=weights)
    model = SentenceTransformer(modules=[module], device="cpu")
    model.save(str(folder), create_model_card=False)
    return folder
