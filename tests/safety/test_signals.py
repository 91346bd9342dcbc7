"""The word lists and rules: well formed, unique, and reported when they are not."""

from __future__ import annotations

import csv
import shutil
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from bot.safety import lexicon
from bot.safety.lexicon import LISTS, SIGNALS, Lexicon, SignalError
from bot.safety.rules import load_groups, load_rules
from bot.safety.triage import DangerClass

FILES = sorted(SIGNALS.glob("*.csv"))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_that_ids_are_unique_and_text_is_composed(path: Path) -> None:
    rows = rows_of(path)
    counts = Counter(row["id"] for row in rows)
    assert [name for name, n in counts.items() if n > 1] == []
    text = path.read_text(encoding="utf-8")
    assert text == unicodedata.normalize("NFC", text)


def test_that_ids_of_words_are_unique_over_all_lists() -> None:
    names = [row["id"] for name in LISTS for row in rows_of(SIGNALS / f"{name}.csv")]
    counts = Counter(names)
    shared = {n for n, count in counts.items() if count > 1}
    assert shared == set()


def test_that_every_class_but_tests_has_a_rule() -> None:
    covered = {rule.danger_class for rule in load_rules()}
    assert covered >= set(DangerClass) - {DangerClass.TEST, DangerClass.PAST_ABUSE}


def test_that_groups_name_known_categories() -> None:
    known = Lexicon.load().categories
    for members in load_groups().values():
        assert members <= known


def copy_with(folder: Path, name: str, old: str, new: str) -> Path:
    copied = folder / "signals"
    shutil.copytree(SIGNALS, copied)
    path = copied / name
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    return copied


def test_that_a_wrong_fold_names_the_file_and_the_row(tmp_path: Path) -> None:
    folder = copy_with(tmp_path, "acts.csv", ",yes,", ",perhaps,")
    with pytest.raises(SignalError, match=r"acts\.csv .*perhaps"):
        Lexicon.load(folder)


def test_that_a_wrong_header_is_reported(tmp_path: Path) -> None:
    folder = copy_with(tmp_path, "acts.csv", "pattern", "patern")
    with pytest.raises(SignalError, match=r"acts\.csv: the header"):
        Lexicon.load(folder)


def test_that_an_unknown_category_in_a_rule_is_reported(tmp_path: Path) -> None:
    folder = copy_with(tmp_path, "rules.csv", "@cry", "@nothing")
    with pytest.raises(SignalError, match="@nothing"):
        load_rules.__wrapped__(folder)


def test_that_the_lists_are_read_once() -> None:
    assert lexicon.load_lexicon() is lexicon.load_lexicon()
