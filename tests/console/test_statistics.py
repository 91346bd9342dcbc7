"""The page of statistics: right numbers, no word, nothing under five."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from knowledge.console import statistics
from knowledge.console.charts import stacked
from knowledge.console.handover import Handover
from knowledge.console.models import Count
from tests.console.staff import Staff

Hire = Callable[[str, str], Staff]
ARTICLE = "tuoi-tre-em"


def counted(days: int, kind: str, detail: str, number: int) -> dict[str, Any]:
    """Return a row as the gateway hands it over."""
    day = timezone.localdate() - timedelta(days=days)
    names = {"day": day.isoformat(), "channel": "web", "kind": kind}
    return {**names, "detail": detail, "number": number}


ROWS = [
    counted(0, "answer", ARTICLE, 30),
    counted(0, "opened", ARTICLE, 10),
    counted(0, "abstain", "", 7),
    counted(40, "suggest", "", 5),
    counted(0, "card", "sexual_abuse", 4),
    counted(1, "card", "bullying", 2),
    counted(9, "card", "bullying", 3),
    counted(0, "good", ARTICLE, 8),
    counted(0, "bad", ARTICLE, 6),
]


def table(page: Any, name: str) -> list[list[str]]:
    """Return the cells of the table below a heading."""
    rows = page.xpath(f"//section[@aria-labelledby='{name}']//tbody/tr")
    return [[cell.text_content().strip() for cell in row] for row in rows]


def test_that_the_page_shows_what_was_counted(staff: Hire) -> None:
    statistics.take(ROWS)
    page = staff("lan", "editor").open("/thong-ke/")
    assert len(page.xpath("//figure//*[local-name()='svg'][@role='img']")) == 3
    assert table(page, "questions")[-1][1:] == ["30", "0", "7", "0", "37"]
    assert table(page, "channels") == [["Trang web", "30", "5", "7", "0", "42"]]
    assert table(page, "topics")[0][2:] == ["40", "100 %"]
    worst = table(page, "worst")[0]
    assert worst[0].startswith("Bao nhiêu tuổi")
    assert worst[1:] == ["8", "6"]


def test_that_few_cards_of_a_class_are_not_shown(staff: Hire) -> None:
    statistics.take(ROWS)
    page = staff("lan", "editor").open("/thong-ke/")
    cards = dict(table(page, "cards"))
    assert cards == {"Bắt nạt": "5", "Xâm hại tình dục": "dưới 5"}


def test_that_a_shorter_period_leaves_out_what_is_older(staff: Hire) -> None:
    statistics.take(ROWS)
    lan = staff("lan", "editor")
    page = lan.open("/thong-ke/?weeks=4")
    assert table(page, "channels") == [["Trang web", "30", "0", "7", "0", "37"]]
    assert lan.client.get("/thong-ke/?weeks=abc").status_code == 200
    assert lan.client.get("/thong-ke/?weeks=100000").status_code == 200


def test_that_excel_reads_the_export(staff: Hire) -> None:
    statistics.take(ROWS)
    answer = staff("lan", "editor").client.get("/thong-ke/?export=csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["Trang web", "30", "5", "7", "0", "42"] in rows
    assert ["Xâm hại tình dục", "dưới 5"] in rows


def test_that_a_stranger_sees_no_number(database: Path) -> None:
    assert Client().get("/thong-ke/").status_code == 302


def test_that_a_handover_is_taken_in_once_and_again(
    database: Path, tmp_path: Path
) -> None:
    path = tmp_path / "counts.json"
    handover = Handover(tmp_path)
    handover.take()  # nothing is there yet
    path.write_text("[{", encoding="utf-8")
    handover.take()  # half a file: publishing goes on
    path.write_text(json.dumps(ROWS), encoding="utf-8")
    handover.take()
    more = [ROWS[0] | {"number": 31}, *ROWS[1:]]
    path.write_text(json.dumps(more), encoding="utf-8")
    Handover(tmp_path).take()  # as after a start
    assert Count.objects.count() == len(ROWS)
    assert Count.objects.get(kind="answer").number == 31


@pytest.mark.parametrize("values", [[], [[0, 0]], [[3, 4], [0, 100]]])
def test_that_bars_stay_in_their_picture(values: list[list[int]]) -> None:
    columns = [str(n) for n in range(len(values))]
    chart = stacked("x", columns, ["a", "b"], values)
    assert len(chart.bars) == sum(value > 0 for parts in values for value in parts)
    for bar in chart.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= chart.width
        assert 0 <= bar.y <= bar.y + bar.height <= chart.height
