"""The configuration of sites: what it allows, and one sentence for each mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.gateway.settings import Settings, SettingsError
from bot.gateway.sites import contrast, load_sites
from knowledge.directory import Directory


def site(**fields: Any) -> dict[str, Any]:
    return {"sites": {"s": {"origins": ["https://a.vn"], **fields}}}


FAULTS: dict[str, tuple[Any, str]] = {
    "an unknown key": (
        site(color="#000000"),
        "color is '#000000': this key is unknown",
    ),
    "an address instead of an origin": (
        site(origins=["https://a.vn/b"]),
        "without a path",
    ),
    "a wildcard": (site(origins=["*"]), "origins"),
    "a colour in words": (site(colour="teal"), "#0b6660"),
    "a pale colour": (site(colour="#ffff00"), "hard to read; take a darker one"),
    "a dark one for the dark": (site(colour_dark="#0b6660"), "take a lighter one"),
    "a place that is none": (site(position="top"), "'left' or 'right'"),
    "a language that is none": (site(lang="fr"), "'vi' or 'en'"),
    "an unknown greeting": (site(greeting="x"), "not among the greetings"),
    "an unknown line": (site(line="vn-999"), "not in directory.csv"),
    "a script to leave to": (site(exit="javascript:alert(1)"), "a web address"),
    "a long greeting": ({"greetings": {"g": {"vi": "a" * 401}}}, "400 characters"),
    "a bad name": ({"sites": {"A B": {}}}, "a-z, 0-9 and hyphens"),
    "a list": (["sites"], "keys with their values"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_that_a_mistake_is_told_in_one_sentence(tmp_path: Path, fault: str) -> None:
    content, told = FAULTS[fault]
    path = tmp_path / "sites.yml"
    path.write_text(yaml.safe_dump(content), "utf8")
    with pytest.raises(SettingsError) as caught:
        load_sites(path, Directory.load())
    message = str(caught.value)
    assert told in message
    assert message.startswith("sites.yml")
    assert message.endswith("then start again.")
    assert "\n" not in message


def test_that_a_broken_or_missing_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sites.yml"
    path.write_text("sites:\n  a: {name: [}\n", "utf8")
    with pytest.raises(SettingsError, match=r"sites\.yml line 2 is no YAML"):
        load_sites(path, Directory.load())
    with pytest.raises(SettingsError, match="correct SITES_FILE"):
        load_sites(tmp_path / "none.yml", Directory.load())


def test_that_the_shipped_sites_are_right_and_an_empty_file_will_do(
    tmp_path: Path,
) -> None:
    assert load_sites(Settings().sites_file, Directory.load()).sites
    path = tmp_path / "sites.yml"
    path.write_text("", "utf8")
    assert load_sites(path, Directory.load()).site("x").origins == ()


def test_that_contrast_is_that_of_the_guidelines() -> None:
    """Pairs from WCAG's own examples: black on white, and #767676, the limit."""
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
