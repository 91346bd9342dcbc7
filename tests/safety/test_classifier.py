"""The model file: small, without pickle, and never needed to answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.safety import classifier
from bot.safety.classifier import MODEL_FILE, load_classifier, read_classifier
from bot.safety.features import BUCKETS
from bot.safety.normalise import normalise
from bot.safety.scenes import read_scenes
from bot.safety.train import COLUMNS, UtteranceError, read_rows, train
from bot.safety.triage import DangerClass, Level, Speaker
from tests.safety.tables import load_cases

LARGEST = 3 * 1024 * 1024
CLAUSES = load_cases("clauses.csv")


def test_that_the_shipped_model_is_small_and_holds_only_plain_arrays() -> None:
    assert MODEL_FILE.stat().st_size <= LARGEST
    with np.load(MODEL_FILE, allow_pickle=False) as file:
        assert sorted(file.files) == ["bias", "heads", "weights"]
        assert file["weights"].shape == (len(file["heads"]), BUCKETS)


def test_that_scores_are_probabilities() -> None:
    model = load_classifier()
    assert model is not None
    for case in CLAUSES:
        message = normalise(case.text)
        scores = model.score(message, read_scenes(message))
        assert 0.0 <= scores.danger <= 1.0
        assert 0.0 <= scores.test <= 1.0
        for table in (scores.classes, scores.levels, scores.speakers):
            assert sum(table.values()) == pytest.approx(1.0)
        assert set(scores.speakers) == {s.value for s in Speaker}
        assert set(scores.levels) == {Level.P0.value, Level.P1.value, Level.P2.value}


def test_that_alarming_clauses_score_higher_than_harmless_ones() -> None:
    model = load_classifier()
    assert model is not None

    def danger(text: str) -> float:
        message = normalise(text)
        return model.score(message, read_scenes(message)).danger

    lowest = min(danger(c.text) for c in CLAUSES if c.card == "full")
    assert lowest > max(danger(c.text) for c in CLAUSES if c.card == "none")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_that_a_damaged_file_is_no_model(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    assert read_classifier(path) is None


def test_that_a_model_of_another_shape_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    small = np.zeros((1, 4), dtype=np.float32)
    np.savez(path, weights=small, bias=np.zeros(1), heads=np.array(["danger"]))
    assert read_classifier(path) is None


def write_rows(folder: Path) -> None:
    lines = [",".join(COLUMNS)]
    for n, case in enumerate(CLAUSES * 3):
        harmful = case.card == "full"
        name = DangerClass.PHYSICAL_VIOLENCE.value if harmful else "none"
        level = "P1" if harmful else "P3"
        lines.append(f"r{n},{case.text},{name},{level},child,marked,")
    (folder / "train_small.csv").write_text("\n".join(lines), encoding="utf-8")


def test_that_training_twice_gives_the_same_weights(tmp_path: Path) -> None:
    write_rows(tmp_path)
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    assert train(tmp_path, first) == train(tmp_path, second) == 3 * len(CLAUSES)
    with np.load(first) as one, np.load(second) as other:
        assert all(np.array_equal(one[name], other[name]) for name in one.files)
    assert read_classifier(first) is not None


def test_that_a_wrong_label_names_file_and_row(tmp_path: Path) -> None:
    path = tmp_path / "train_x.csv"
    path.write_text(f"{','.join(COLUMNS)}\nr1,x,nonsense,P1,child,marked,\n", "utf-8")
    with pytest.raises(UtteranceError, match=r"train_x\.csv row 2"):
        read_rows(path)


def test_that_the_model_file_stands_beside_the_code() -> None:
    assert classifier.MODEL_FILE.parent == Path(classifier.__file__).parent
