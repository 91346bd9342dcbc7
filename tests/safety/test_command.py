"""The command line: JSON lines, no echo of files, one clear line for wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.safety.__main__ import main
from bot.safety.train import COLUMNS
from tests.safety.tables import load_cases

CLAUSES = load_cases("clauses.csv")
FIELDS = {
    "level",
    "class",
    "speaker",
    "address",
    "urgent",
    "soft",
    "card",
    "place",
    "matched",
    "language",
    "asks_law",
}


def test_that_assess_prints_one_json_line_for_each_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["assess", "--json", CLAUSES[0].text, CLAUSES[-1].text]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["card"] for row in rows] == ["full", "none"]
    assert all(set(row) == FIELDS | {"text"} for row in rows)


def test_that_words_of_a_file_are_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "messages.txt"
    path.write_text("\n".join(c.text for c in CLAUSES), encoding="utf-8")
    assert main(["assess", "--json", "--file", str(path)]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == len(CLAUSES)
    assert all(case.text not in out for case in CLAUSES)


def test_that_the_plain_form_and_rules_only_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["assess", "--rules-only", CLAUSES[0].text]) == 0
    out = capsys.readouterr().out
    assert "full" in out
    assert "classifier" not in out


@pytest.mark.parametrize(
    "arguments",
    [["assess"], ["assess", "--file", "no-such-file"], ["evaluate", "no-such-file"]],
)
def test_that_wrong_input_gives_two_and_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_that_evaluate_and_curve_report_and_list_by_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.csv"
    lines = [",".join(COLUMNS)]
    for case in CLAUSES:
        harmful = case.card == "full"
        name, level = ("physical_violence", "P1") if harmful else ("none", "P3")
        lines.append(f"{case.id},{case.text},{name},{level},child,marked,")
    lines.append(f"miss-1,{CLAUSES[-1].text},bullying,P2,child,marked,")
    path.write_text("\n".join(lines), encoding="utf-8")
    assert main(["evaluate", str(path)]) == 0
    out = capsys.readouterr().out
    assert "card recall" in out
    assert "113 or 115 on P0" in out
    assert "miss-1 bullying" in out
    assert all(case.text not in out for case in CLAUSES)
    plot = tmp_path / "curve.png"
    assert main(["curve", str(path), "--plot", str(plot)]) == 0
    assert plot.stat().st_size > 0
