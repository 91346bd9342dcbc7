"""Make the shipped encoder from the passages themselves: a minute or two, no network.

A StaticEmbedding (one vector a piece of a word, averaged) learns that a question
lies near the other questions and the text of its article, in all writing forms and
in other words of the same concepts.
The tokenizer folds, so that marks make no difference. The same texts, seed and
steps give the same model; a failed training never blocks an update, because search
works without an encoder.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.retrieval.concepts import reword
from knowledge.retrieval.forms import with_slips
from knowledge.retrieval.fuse import Passage
from knowledge.retrieval.lexical import OVERLAP, WINDOW
from knowledge.retrieval.text import windows

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

_DROPPED = 0.1  # share of the words of a text that an example leaves out
_UNKNOWN = "[UNK]"


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides the model, beside the texts."""

    seed: int = 20261121
    steps: int = 3000
    batch: int = 64  # examples a step, each from another passage
    dimension: int = 256
    vocabulary: int = 2000  # pieces of folded words; 1 kB each in the model
    rate: float = 0.02
    scale: float = 10.0


def train(
    passages: Sequence[Passage], folder: Path, recipe: Recipe | None = None
) -> Path:
    """Train a model on passages and put it in place of `folder`.

    Returns:
        `folder`, for `SentenceTransformer(folder)`; it is replaced when all is done.
    Raises:
        ValueError: fewer than two passages; there is nothing to tell apart.
    """
    if len(passages) < 2:
        raise ValueError(f"{len(passages)} passages: training needs at least 2")
    model = fit(passages, recipe or Recipe())
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        made = Path(work) / folder.name
        model.save(str(made), create_model_card=False)
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    return folder


def fit(passages: Sequence[Passage], recipe: Recipe) -> SentenceTransformer:
    """Return a trained model; deterministic on one thread."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    tokenizer = make_tokenizer(passages, recipe.vocabulary)
    words = StaticEmbedding(tokenizer, embedding_dim=recipe.dimension)
    optimizer = torch.optim.Adam(words.parameters(), lr=recipe.rate)
    for step, pairs in enumerate(batches(passages, recipe)):
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * (1 - step / recipe.steps)
        sides = [
            torch.nn.functional.normalize(
                words(words.preprocess(list(texts)))["sentence_embedding"]
            )
            for texts in zip(*pairs, strict=True)
        ]
        alike = sides[0] @ sides[1].T * recipe.scale
        right = torch.arange(len(pairs))
        loss = torch.nn.functional.cross_entropy(alike, right)
        loss = loss + torch.nn.functional.cross_entropy(alike.T, right)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return SentenceTransformer(modules=[words], device="cpu")


def make_tokenizer(passages: Sequence[Passage], vocabulary: int) -> Tokenizer:
    """Return a tokenizer of frequent pieces of folded words."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=_UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFC(),
            normalizers.Lowercase(),
            normalizers.Replace("\u0111", "d"),
            normalizers.NFD(),
            normalizers.StripAccents(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=[_UNKNOWN], show_progress=False
    )
    tokenizer.train_from_iterator(_texts(passages), trainer)
    return tokenizer


def batches(
    passages: Sequence[Passage], recipe: Recipe
) -> Iterator[list[tuple[str, str]]]:
    """Yield `recipe.steps` lists of (as asked, as written), one a passage."""
    rng = random.Random(recipe.seed)  # noqa: S311 (not for secrets)
    views = [_views(p) for p in passages]
    usable = [i for i, p in enumerate(passages) if p.title or p.questions or views[i]]
    for _ in range(recipe.steps):
        chosen = rng.sample(usable, min(recipe.batch, len(usable)))
        yield [_pair(passages[i], views[i], rng) for i in chosen]


def _pair(passage: Passage, views: list[str], rng: random.Random) -> tuple[str, str]:
    """Return two texts of one passage: a question with slips, and its answer."""
    questions = [q for q in (passage.title, *passage.questions) if q]
    if not questions or (views and rng.random() < 0.15):
        view = rng.choice(views).split()
        size = rng.randint(4, 20)
        start = rng.randrange(max(1, len(view) - size))
        asked = " ".join(view[start : start + size])
    else:
        asked = rng.choice(questions)
    others = [q for q in questions if q != asked]
    written = (
        rng.choice(others)
        if others and (not views or rng.random() < 0.5)
        else rng.choice(views or [asked])
    )
    kept = [w for w in asked.split() if rng.random() >= _DROPPED]
    return with_slips(reword(" ".join(kept) or asked, rng), rng), written


def _views(passage: Passage) -> list[str]:
    words = passage.text.split()
    return [" ".join(view) for view in windows(words, WINDOW, OVERLAP)]


def _texts(passages: Sequence[Passage]) -> Iterator[str]:
    for passage in passages:
        yield from (passage.title, *passage.questions, passage.text)
