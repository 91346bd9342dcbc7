"""Provinces: every old name leads to one of the 34 of today."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.provinces import PROVINCES_FILE, ProvinceError, load_provinces

PROVINCES = {province.old_name: province for province in load_provinces()}


def test_that_there_are_63_old_and_34_current_names() -> None:
    assert len(PROVINCES) == 63
    assert len({province.new_name for province in PROVINCES.values()}) == 34


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\u0110\u1eafk N\u00f4ng", "L\u00e2m \u0110\u1ed3ng"),
        ("Qu\u1ea3ng B\u00ecnh", "Qu\u1ea3ng Tr\u1ecb"),
        ("B\u1ea1c Li\u00eau", "C\u00e0 Mau"),
        ("B\u00ecnh D\u01b0\u01a1ng", "H\u1ed3 Ch\u00ed Minh"),
        ("Th\u1eeba Thi\u00ean Hu\u1ebf", "Hu\u1ebf"),
        ("H\u00e0 N\u1ed9i", "H\u00e0 N\u1ed9i"),
    ],
)
def test_that_an_old_name_leads_to_the_province_of_today(old: str, new: str) -> None:
    assert PROVINCES[old].new_name == new


def test_that_short_forms_of_several_places_are_ambiguous() -> None:
    """DN may be Da Nang, Dong Nai or Dak Nong: the bot asks, it never guesses."""
    places = {p.new_name for p in PROVINCES.values() if "DN" in p.aliases_ambiguous}
    assert len(places) == 3


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("old_name,", "name,", "row 1: the columns are"),
        ("\nAn Giang,An Giang,", "\nAn Giang,,", "row 2: a name is empty"),
        ("\nSơn La,", "\nAn Giang,", "'An Giang' comes twice"),
    ],
)
def test_that_a_wrong_row_is_refused(
    old: str, new: str, says: str, tmp_path: Path
) -> None:
    text = PROVINCES_FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "provinces.csv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProvinceError) as refusal:
        load_provinces(path)
    assert says in str(refusal.value)
