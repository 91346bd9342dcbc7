"""Train the classifier from `utterances/train_*.csv`; needs scikit-learn.

One logistic regression for "a card is due", one for tests, and one-vs-rest models for
class, level and speaker. Same rows, same seed, same weights.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.safety import classifier as model
from bot.safety.augment import copies
from bot.safety.features import BUCKETS, message_keys, part_features
from bot.safety.normalise import normalise
from bot.safety.scenes import read_scenes
from bot.safety.triage import DangerClass, Level, Speaker

FOLDER = Path(__file__).parent / "utterances"
COLUMNS = ("id", "text", "class", "level", "speaker", "form", "note")
NONE = "none"
SEED = 111
STRENGTH = 30.0


class Row(NamedTuple):
    """One utterance and what its author says that it is."""

    id: str
    text: str
    danger_class: str
    level: str
    speaker: str
    form: str


class UtteranceError(ValueError):
    """A row of an utterance file cannot be used."""


def read_rows(path: Path) -> list[Row]:
    """Return the rows of an utterance file.

    Raises:
        UtteranceError: a column, class, level or speaker is not of the contract.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = set(COLUMNS) - set(reader.fieldnames or ())
        if missing:
            names = ", ".join(sorted(missing))
            raise UtteranceError(f"{path.name}: no column {names}.")
        return [_read_row(path, n, row) for n, row in enumerate(reader, start=2)]


def _read_row(path: Path, number: int, row: dict[str, str]) -> Row:
    found = Row(
        row["id"], row["text"], row["class"], row["level"], row["speaker"], row["form"]
    )
    try:
        Level(found.level)
        Speaker(found.speaker)
        if found.danger_class != NONE:
            DangerClass(found.danger_class)
    except ValueError as error:
        where = f"{path.name} row {number} ({found.id})"
        raise UtteranceError(f"{where}: {error}.") from None
    return found


def train(folder: Path = FOLDER, target: Path = model.MODEL_FILE) -> int:
    """Fit all heads, write the weights, and return the number of rows used."""
    rows = [r for path in sorted(folder.glob("train_*.csv")) for r in read_rows(path)]
    weights, bias, heads = fit(rows)
    model.save_classifier(target, weights, bias, heads)
    return len(rows)


def fit(
    rows: list[Row],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], list[str]]:
    """Return weights of shape (heads, BUCKETS), biases, and the names of heads."""
    rng = random.Random(SEED)  # noqa: S311 - copies of rows, not secrets
    texts, owners = [], []
    for number, row in enumerate(rows):
        forms = copies(row.text, rng)
        texts += forms
        owners += [number] * len(forms)
    table = matrix(texts)
    index = np.array(owners)
    share = 1.0 / np.bincount(index)[index]
    targets = _targets([rows[i] for i in owners])
    weights = np.zeros((len(targets), BUCKETS), dtype=np.float32)
    bias = np.zeros(len(targets), dtype=np.float32)
    for place, (truth, used) in enumerate(targets.values()):
        weights[place], bias[place] = _fit_head(table, truth, used, share)
    return weights, bias, list(targets)


def matrix(texts: list[str]) -> Any:
    """Return the sparse feature matrix of some texts, one row each."""
    from scipy.sparse import csr_matrix

    starts, buckets, values = [0], [], []
    for text in texts:
        message = normalise(text)
        keys = message_keys(message.sentences, read_scenes(message))
        found = part_features(keys, [slice(0, len(keys))])
        buckets.append(found.buckets)
        values.append(found.values)
        starts.append(starts[-1] + len(found.buckets))
    shape = (len(texts), BUCKETS)
    return csr_matrix((np.concatenate(values), np.concatenate(buckets), starts), shape)


Mask = npt.NDArray[np.bool_]


def _targets(rows: list[Row]) -> dict[str, tuple[Mask, Mask]]:
    """Return for each head which rows are true and which rows count at all."""
    classes = np.array([r.danger_class for r in rows])
    levels = np.array([r.level for r in rows])
    speakers = np.array([r.speaker for r in rows])
    test = classes == DangerClass.TEST.value
    danger = (classes != NONE) & ~test
    everything = np.ones(len(rows), dtype=bool)
    heads = {model.DANGER: (danger, ~test), model.TEST: (test, everything)}
    for name in DangerClass:
        if name is not DangerClass.TEST:
            heads[model.CLASS_PREFIX + name.value] = (classes == name.value, danger)
    for level in (Level.P0, Level.P1, Level.P2):
        heads[model.LEVEL_PREFIX + level.value] = (levels == level.value, danger)
    for speaker in Speaker:
        name_of = model.SPEAKER_PREFIX + speaker.value
        heads[name_of] = (speakers == speaker.value, everything)
    return heads


def _fit_head(
    table: Any, truth: Mask, used: Mask, share: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float32], float]:
    from sklearn.linear_model import LogisticRegression

    if not 0 < truth[used].sum() < used.sum():
        return np.zeros(BUCKETS, dtype=np.float32), -10.0
    fitted = LogisticRegression(
        C=STRENGTH, max_iter=300, class_weight="balanced", solver="liblinear"
    )
    fitted.fit(table[used], truth[used], sample_weight=share[used])
    return fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0])
