"""The dialogue's Python 3.10 with numpy 1 must say exactly the same."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bot.safety.__main__ import describe
from bot.safety.assess import assess
from tests.safety.tables import ROOT, load_cases

OTHER = ROOT / ".venv-dialogue" / "bin" / "python"


def test_that_both_runtimes_assess_alike(tmp_path: Path) -> None:
    if not OTHER.exists():
        pytest.skip("no .venv-dialogue here: `make` creates it")
    texts = [c.text for c in load_cases()] + [c.text for c in load_cases("clauses.csv")]
    path = tmp_path / "messages.txt"
    path.write_text("\n".join(texts), encoding="utf-8")
    run = subprocess.run(
        [str(OTHER), "-m", "bot.safety", "assess", "--json", "--file", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found = [json.loads(line) for line in run.stdout.splitlines()]
    expected = [{"index": n, **describe(assess(t))} for n, t in enumerate(texts)]
    assert found == expected


def test_that_cards_render_in_the_other_runtime() -> None:
    if not OTHER.exists():
        pytest.skip("no .venv-dialogue here: `make` creates it")
    code = (
        "from bot.safety.cards import fallback_card, render_card\n"
        "from bot.safety.assess import assess\n"
        "from knowledge.directory import Directory\n"
        "d = Directory.load()\n"
        "print(render_card(assess('sos'), d).numbers[0].number,"
        " fallback_card(d).numbers[0].number)\n"
    )
    run = subprocess.run(
        [str(OTHER), "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.stdout.split() == ["113", "111"], run.stderr
