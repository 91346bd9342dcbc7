"""Old and new provinces, aliases, towns, and what must not be guessed."""

from __future__ import annotations

import csv

import pytest

from bot.safety import place as module
from bot.safety.letters import fold
from bot.safety.lexicon import SIGNALS
from bot.safety.place import PROVINCES, PlaceMatch, find_place, load_gazetteer
from tests.safety.tables import HERE

FRAMES = ("{}", "em ở {}", "em o {} bi bo danh")


def province_rows() -> list[dict[str, str]]:
    with PROVINCES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_of(row: dict[str, str]) -> list[str]:
    return [row["old_name"], *filter(None, row["aliases"].split("|"))]


@pytest.mark.parametrize("row", province_rows(), ids=lambda r: fold(r["old_name"]))
def test_that_every_name_and_alias_leads_to_the_current_province(
    row: dict[str, str],
) -> None:
    for name in names_of(row):
        for frame in FRAMES:
            for typed in (name, name.lower(), fold(name)):
                found = find_place(frame.format(typed))
                assert found.province == row["new_name"], frame.format(typed)


def test_that_the_table_has_63_old_and_34_current_provinces() -> None:
    rows = province_rows()
    assert len({r["old_name"] for r in rows}) == 63
    assert len({r["new_name"] for r in rows}) == 34


def test_that_a_former_province_is_named() -> None:
    row = next(r for r in province_rows() if fold(r["old_name"]) == "binh duong")
    found = find_place(f"em ở {row['old_name']}")
    assert found == PlaceMatch(row["new_name"], row["old_name"])


def test_that_every_town_leads_to_its_province_or_to_a_question() -> None:
    current = load_gazetteer().current
    with (SIGNALS / "towns.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["category"] == "town"]
    for row in rows:
        for town in row["pattern"].split("|"):
            found = find_place(f"em ở {town}")
            assert current[row["means"]] in (found.province, *found.ambiguous), town


def load_places() -> list[dict[str, str]]:
    with (HERE / "places.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", load_places(), ids=lambda c: c["id"])
def test_that_sentences_lead_to_the_place_of_the_table(case: dict[str, str]) -> None:
    found = find_place(case["text"])
    assert (found.province or "") == case["province"]
    assert bool(found.ambiguous) == (case["ambiguous"] == "yes")


def test_that_a_missing_table_finds_nothing_and_does_not_raise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PROVINCES", HERE / "no-such-file.csv")
    load_gazetteer.cache_clear()
    try:
        assert find_place(load_places()[0]["text"]) == PlaceMatch()
    finally:
        load_gazetteer.cache_clear()
