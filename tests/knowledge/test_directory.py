"""The directory: only checked numbers are shown, and 111 always is."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from knowledge.directory import (
    CHECKED_DAYS,
    DIRECTORY_FILE,
    NEVER,
    Directory,
    DirectoryError,
    Line,
    read_lines,
)
from knowledge.provinces import load_provinces
from tests.servers import ROOT

CHECKED = date(2026, 11, 21)
LATE = CHECKED + timedelta(days=CHECKED_DAYS + 1)
LINES = {line.id: line for line in read_lines(DIRECTORY_FILE)}
SHORT = ["vn-111", "vn-112", "vn-113", "vn-114", "vn-115"]
NEVER_SHOWN = [
    "vn-18001567-old",
    "vn-156",
    "vn-ngay-mai",
    "vn-dv-national",
    "vn-111-app",
    "hcm-18009069",
    "hcm-binhchanh-police",
    "dn-ctxh-old",
    "bt-ctxh",
    "anhduong-1",
]


@pytest.fixture
def directory() -> Directory:
    return Directory.load(today=CHECKED)


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write the shipped directory with one cell text replaced."""

    def write(old: str, new: str) -> Path:
        text = DIRECTORY_FILE.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "directory.csv"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("name", SHORT)
def test_that_short_numbers_are_shown_however_late_the_check(name: str) -> None:
    """A forgotten check must not take 111 away from a child."""
    number = name.removeprefix("vn-")
    for today in (CHECKED, LATE, date(2040, 1, 1)):
        phone = Directory.load(today=today).phone(name)
        assert phone is not None
        assert (phone.number, phone.tel) == (number, f"tel:{number}")


@pytest.mark.parametrize("name", NEVER_SHOWN)
def test_that_doubtful_and_old_lines_are_never_shown(
    name: str, directory: Directory
) -> None:
    assert name in LINES
    assert directory.line(name) is None
    assert directory.phone(name) is None


def test_that_a_local_line_disappears_when_its_check_is_too_old() -> None:
    on_time = CHECKED + timedelta(days=CHECKED_DAYS)
    assert Directory.load(today=on_time).line("hn-ctxh") is not None
    late = Directory.load(today=LATE)
    assert late.line("hn-ctxh") is None
    assert late.local("H\u00e0 N\u1ed9i") == ()


def test_that_a_doubt_stands_in_the_label(directory: Directory) -> None:
    """The number of a plan of 2024 is shown with that doubt, and with 111."""
    phone = directory.phone("hn-ctxh")
    assert phone is not None
    assert LINES["hn-ctxh"].note in phone.label
    assert "111" in phone.label
    assert phone.tel == "tel:+842432233111"
    assert phone.checked_on == "2026-11-21"


def test_that_local_gives_the_lines_of_one_province(directory: Directory) -> None:
    found = directory.local("H\u00e0 N\u1ed9i")
    assert [line.id for line in found] == ["hn-ctxh"]
    assert directory.local("") == ()
    assert directory.local("Atlantis") == ()


def test_that_every_local_line_belongs_to_a_province_of_today() -> None:
    current = {province.new_name for province in load_provinces()}
    places = {line.province for line in LINES.values() if line.province}
    assert places <= current


def test_that_all_numbers_are_those_that_may_be_shown(directory: Directory) -> None:
    numbers = directory.all_numbers()
    assert {"111", "113", "115", "024 3223 3111"} <= numbers
    assert numbers.isdisjoint({"1800 1567", "156", "1800 90 69", ""})


def test_that_an_unchecked_line_is_not_shown_whatever_its_confidence() -> None:
    line = replace(LINES["vn-111"], checked_on=NEVER)
    assert not line.is_showable(CHECKED)


def test_that_the_day_moves_on_in_a_running_process() -> None:
    assert Directory.load().today == date.today()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("id,name", "id,nom", "row 1: the columns are"),
        ("vn-113,", "VN 113,", "row 7: id is"),
        ("vn-113,", "vn-111,", "row 7: id 'vn-111' comes twice"),
        ("tel:113", "tel:11", "row 7: phone 'tel:11' is not dialable"),
        ("tel:113", "tel:+842", "is not dialable"),
        ("tel:113", "tel:114", "number '113' and tel 'tel:114' differ"),
        ("https://zalo", "https:/zalo", "row 3: tel is"),
        ("https://zalo.me/", "https://zalo me/", "row 3: tel is"),
        (",emergency,", ",urgent,", "row 7: kind is 'urgent'"),
        (",high,2026-11-21", ",sure,2026-11-21", "row 2: confidence is 'sure'"),
        (",high,2026-11-21", ",high,21/11/2026", "row 2: checked_on is"),
        ("local,H\u00e0 N\u1ed9i", "local,", "a local line without a province"),
        ("vn-113,", 'vn-113,"', "is not CSV"),
        (",high,2026-11-21,", ",high,2026-11-21,,", "cells instead of 14"),
    ],
)
def test_that_a_wrong_row_is_refused_with_place_and_remedy(
    old: str, new: str, says: str, table: Callable[[str, str], Path]
) -> None:
    with pytest.raises(DirectoryError) as refusal:
        Directory.load(table(old, new))
    message = str(refusal.value)
    assert message.startswith("directory.csv row ")
    assert says in message
    assert message.endswith((".", ".]"))


def test_that_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match="cannot be read"):
        Directory.load(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("T\u1ed5ng".encode("utf-16"))
    with pytest.raises(DirectoryError, match="not UTF-8"):
        Directory.load(tmp_path / "latin.csv")


def test_that_a_spreadsheet_file_with_a_mark_at_the_start_is_read(
    tmp_path: Path,
) -> None:
    """Excel writes CSV UTF-8 with a byte order mark and CRLF."""
    text = DIRECTORY_FILE.read_text(encoding="utf-8").replace("\n", "\r\n")
    path = tmp_path / "directory.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_lines(path) == tuple(LINES.values())


@pytest.mark.parametrize("line", LINES.values(), ids=lambda line: line.id)
def test_that_every_shown_line_says_when_and_what_it_costs(line: Line) -> None:
    if line.is_showable(CHECKED):
        assert all((line.hours, line.cost, line.operator, line.covers, line.source))
        assert "1900" not in line.tel or "ph\u00ed" in line.cost


def test_that_the_columns_are_those_of_a_line() -> None:
    with DIRECTORY_FILE.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header == list(Line.__dataclass_fields__)


def test_that_the_old_runtime_reads_the_directory() -> None:
    """The safety gate runs inside Rasa too: Python 3.10, standard library only."""
    python = ROOT / ".venv-dialogue" / "bin" / "python"
    if not python.exists():
        pytest.skip("the dialogue's environment is missing")
    code = (
        "import sys; from knowledge.directory import Directory; "
        "from knowledge.documents import load_documents; "
        "from knowledge.provinces import load_provinces; "
        "load_documents(); load_provinces(); "
        "assert not {'yaml', 'numpy', 'frontmatter'} & set(sys.modules); "
        "print(Directory.load().phone('vn-111').number)"
    )
    done = subprocess.run(
        [str(python), "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "111"
