"""Vectors of questions and passages from one SentenceTransformer, any model.

The shipped model is `encoder/` beside this file (see `train.py`).
`KNOWLEDGE_ENCODER` names another directory or a hub name, or `none` for lexical
search alone. Importing torch takes seconds and 700 MB, so it happens only for a model
that `static.py` cannot read.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError

from knowledge.retrieval.static import StaticModel, Vectors
from knowledge.retrieval.text import HERE, normalise

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SHIPPED = HERE / "encoder"
NONE = "none"
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,
    SafetensorError,
)
_HASHED_BYTES = 8 << 20  # of each end of a file: enough to tell two models apart


class EncoderError(Exception):
    """The model cannot be loaded, or is not the one that made the vectors."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """How a family of models wants its texts, and how much it counts."""

    query_prefix: str = ""
    passage_prefix: str = ""
    weight: float = 0.43  # beside a lexical score of 0 to 1; measured for the shipped
    max_length: int | None = None
    batch: int = 512  # texts at a time


@dataclass(frozen=True)
class Encoder:
    """A loaded model; `id` says which one, contents included."""

    id: str
    treatment: Treatment
    model: SentenceTransformer | StaticModel

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dim), float32, rows of unit length."""
        return self._encode(texts, self.treatment.query_prefix)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Return shape (len(texts), dim), float32, rows of unit length."""
        return self._encode(texts, self.treatment.passage_prefix)

    def _encode(self, texts: Sequence[str], prefix: str) -> Vectors:
        # A model of tokens must never see an empty text: its mean has no terms.
        clean = [prefix + (normalise(text) or "-") for text in texts]
        batch = self.treatment.batch
        if isinstance(self.model, StaticModel):
            return self.model.encode(clean, batch)
        vectors = self.model.encode(
            clean,
            batch_size=batch,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.nan_to_num(np.asarray(vectors, dtype=np.float32))


def configured() -> str:
    """Return the model that `KNOWLEDGE_ENCODER` names, else the shipped one."""
    return os.environ.get("KNOWLEDGE_ENCODER", "").strip() or str(SHIPPED)


def load_encoder(name: str | None = None) -> Encoder | None:
    """Load a model from a directory or by hub name; None for the name `none`.

    Raises:
        EncoderError: there is no such model here, with what to do about it.
    """
    name = name or configured()
    if name == NONE:
        return None
    treatment = treatment_of(name)
    return Encoder(encoder_id(name), treatment, _load_model(name, treatment))


def treatment_of(name: str) -> Treatment:
    """Return the row of `encoders.csv` whose pattern is part of `name`."""
    with (HERE / "encoders.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["pattern"].lower() in Path(name).name.lower():
                return Treatment(
                    row["query_prefix"],
                    row["passage_prefix"],
                    float(row["weight"]),
                    int(row["max_length"]),
                    batch=16,
                )
    return Treatment()


def encoder_id(name: str) -> str:
    """Return the hub name, or a directory's name with a hash of its files.

    The id of a directory does not depend on where it lies.
    """
    folder = Path(name)
    if not folder.is_dir():
        return name
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.suffix in {".json", ".safetensors", ".txt", ".model", ".bin"}:
            digest.update(f"{path.relative_to(folder)} {path.stat().st_size}".encode())
            digest.update(_ends(path))
    return f"{folder.name}@{digest.hexdigest()[:16]}"


def _ends(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(_HASHED_BYTES)
        file.seek(max(_HASHED_BYTES, path.stat().st_size - _HASHED_BYTES))
        return head + file.read()


def _load_model(name: str, treatment: Treatment) -> SentenceTransformer | StaticModel:
    if Path(name) == SHIPPED and not SHIPPED.is_dir():
        raise EncoderError(
            "the shipped encoder is missing; run `python -m knowledge.retrieval "
            "train`, or set KNOWLEDGE_ENCODER=none for lexical search alone"
        )
    try:
        if static := StaticModel.load(Path(name)):
            return static
        return _load_transformer(name, treatment)
    except _UNREADABLE as error:
        raise EncoderError(
            f"encoder {name!r} does not load ({type(error).__name__}); give "
            "KNOWLEDGE_ENCODER a directory with a SentenceTransformer model, or a "
            "hub name that is in the local cache"
        ) from error


def _load_transformer(name: str, treatment: Treatment) -> SentenceTransformer:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    model = SentenceTransformer(name, device="cpu")
    if treatment.max_length and model.max_seq_length:
        model.max_seq_length = int(min(treatment.max_length, model.max_seq_length))
    return model
