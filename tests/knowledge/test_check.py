"""Every rule of the content lint finds its planted fault, and only that."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from knowledge.check import check
from knowledge.lint.finding import Finding
from tests.knowledge.folder import (
    KNOWLEDGE,
    TODAY,
    Case,
    load_yaml,
    write_article,
    write_other,
)
from tests.servers import ROOT

FAULTS: list[Case] = load_yaml("faults.yml")["faults"]
CLEAN: list[Case] = load_yaml("faults.yml")["clean"]


def case_id(case: Case) -> str:
    return str(case["id"])


def plant(root: Path, case: Case) -> None:
    """Change the article as a case says."""
    base = load_yaml("article.yml")
    changes = {k: v for k, v in case.items() if k in ("answer", "details")}
    meta = dict(case.get("meta", {}))
    questions = base["meta"]["questions"]
    if drop := case.get("drop_questions"):
        meta["questions"] = questions[drop:]
    if more := case.get("add_question"):
        meta["questions"] = [*questions, more]
    for part in ("answer", "details"):
        if times := case.get(f"repeat_{part}"):
            changes[part] = " ".join([base[part]] * times)
    path = write_article(root, meta=meta, **changes)
    if meta.get("id"):
        path.rename(path.with_stem("tuoi-tre-em"))
    if case.get("decompose"):
        text = unicodedata.normalize("NFD", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")


def found(root: Path, today: date = TODAY) -> list[Finding]:
    return check(root, today=today).findings


def rules(root: Path, today: date = TODAY) -> set[str]:
    return {finding.rule for finding in found(root, today)}


@pytest.mark.parametrize("case", FAULTS, ids=case_id)
def test_that_a_planted_fault_is_found(case: Case, root: Path) -> None:
    (root / "golden.csv").unlink()  # some faults make the article unreadable
    plant(root, case)
    assert rules(root) == {case["rule"]}


@pytest.mark.parametrize("case", CLEAN, ids=case_id)
def test_that_right_wording_is_not_a_finding(case: Case, root: Path) -> None:
    """A lint that cries wolf is switched off."""
    plant(root, case)
    assert found(root) == []


def test_that_every_rule_of_articles_has_a_planted_fault() -> None:
    planted = {case["rule"] for case in FAULTS}
    assert len(planted) >= 24, sorted(planted)


def test_that_a_finding_names_file_line_and_remedy(root: Path) -> None:
    path = write_article(root, details="Dòng đầu.\nGọi 024 3223 3111 nhé.")
    [finding] = found(root)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[finding.line - 1].startswith("Gọi")
    assert finding.file.name == path.name
    assert str(finding).startswith(f"{finding.file}:{finding.line}: ")
    assert "directory.csv" in finding.remedy


def test_that_a_fault_in_a_later_paragraph_has_its_own_line(root: Path) -> None:
    path = write_article(root, details="Câu một.\n\nCâu hai.\nNộp ở UBND huyện.")
    [finding] = found(root)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[finding.line - 1].startswith("Nộp")


def test_that_one_question_in_two_articles_is_found_without_marks(root: Path) -> None:
    path = write_other(root, "khac", 2)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("Câu hỏi 2 kiểu 0 là gì?", "bao nhieu tuoi la tre em"), "utf-8"
    )
    assert rules(root) == {"same-question"}


def test_that_a_title_is_no_question_of_another_article(root: Path) -> None:
    path = write_other(root, "khac", 2)
    text = path.read_text(encoding="utf-8")
    title = "15 tuổi rưỡi còn là trẻ em không?"
    path.write_text(text.replace("Bài số 2 có gì?", title), encoding="utf-8")
    assert rules(root) == {"same-question"}


def test_that_near_duplicates_are_found(root: Path) -> None:
    questions = [f"Câu hỏi số {number} là gì?" for number in range(8)]
    write_article(root, "ban-sao", meta={"title": "Bài khác", "questions": questions})
    assert rules(root) == {"near-duplicate"}


def test_that_two_articles_with_one_id_are_found(root: Path) -> None:
    path = write_article(root)
    other = root / "articles" / "khac" / path.name
    other.parent.mkdir()
    text = path.read_text(encoding="utf-8").replace("topic: luat", "topic: khac")
    other.write_text(text, encoding="utf-8")
    assert "schema" in rules(root)


def test_that_sentences_of_a_source_are_found(root: Path, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    base = load_yaml("article.yml")
    (sources / "a.txt").write_text(f"Mở đầu. {base['answer']}", encoding="utf-8")
    findings = check(root, sources=sources, today=TODAY).findings
    assert [finding.rule for finding in findings] == ["copied"]


def test_that_official_names_may_be_repeated(root: Path, tmp_path: Path) -> None:
    """The title of a directive has more than twelve syllables and stays as it is."""
    sources = tmp_path / "sources"
    sources.mkdir()
    documents = (root / "documents.csv").read_text(encoding="utf-8")
    title = documents.splitlines()[1].split('"')[1]
    assert len(title.split()) > 12
    (sources / "a.txt").write_text(f"Ngày 25/12/2023, {title}.", encoding="utf-8")
    write_article(root, details=f"Tên văn bản ngày 25/12/2023: {title}.")
    assert check(root, sources=sources, today=TODAY).findings == []


def test_that_phone_numbers_in_cards_are_found(root: Path, tmp_path: Path) -> None:
    cards = tmp_path / "cards"
    cards.mkdir()
    (cards / "t1.yml").write_text('text: "Gọi 111"\n', encoding="utf-8")
    assert check(root, cards=cards, today=TODAY).findings == []
    (cards / "t1.yml").write_text('a: 1\ntext: "0243 2233 111"\n', encoding="utf-8")
    [finding] = check(root, cards=cards, today=TODAY).findings
    assert (finding.rule, finding.line, finding.file.name) == ("phone", 2, "t1.yml")


@pytest.mark.parametrize(
    ("table", "old", "new", "rule"),
    [
        ("directory.csv", "vn-111,", "vn-1,", "directory"),
        ("directory.csv", ",Hà Nội,", ",Hà Tây,", "directory"),
        ("directory.csv", "high,2026-11-21", "high,2027-01-01", "directory"),
        ("directory.csv", "medium,2026-11-21", "medium,2026-01-01", "overdue"),
        ("directory.csv", "tel:113", "tel:11", "schema"),
        ("documents.csv", ",2017-06-01,in_force", ",2027-06-01,in_force", "document"),
        ("documents.csv", "in_force,,", "unsure,,", "schema"),
        ("documents.csv", "2027-03-01,not_yet", "2026-03-01,not_yet", "document"),
        ("provinces.csv", "Sài Gòn", "Biên Hòa", "province"),
        ("provinces.csv", "Sơn La,Sơn La", "Sơn La,Lai Châu", "province"),
        ("golden.csv", "tuoi-tre-em", "khong-co", "golden"),
        ("golden.csv", "question,article", "q,a", "schema"),
    ],
)
def test_that_faults_in_tables_are_found(
    table: str, old: str, new: str, rule: str, root: Path
) -> None:
    text = (root / table).read_text(encoding="utf-8")
    assert old in text
    (root / table).write_text(text.replace(old, new), encoding="utf-8")
    assert rule in rules(root)


def test_that_the_shipped_tables_have_no_fault() -> None:
    findings = check(KNOWLEDGE, today=TODAY).findings
    assert [finding for finding in findings if finding.file.suffix == ".csv"] == []


def test_that_a_missing_table_is_one_finding(root: Path) -> None:
    (root / "provinces.csv").unlink()
    assert "schema" in rules(root)


def test_that_a_broken_table_of_documents_is_told_beside_other_findings(
    root: Path,
) -> None:
    write_article(root, details="Xem Điều 146 Bộ luật Hình sự.")
    (root / "documents.csv").write_text("number\n", encoding="utf-8")
    assert {"schema", "citation"} <= rules(root)


def test_that_time_brings_findings(root: Path) -> None:
    """A year later reviews are due and numbers want a call; 111 never vanishes."""
    later = date(2027, 11, 21)
    assert {"review", "overdue", "document"} <= rules(root, later)
    assert "directory" not in rules(root, later)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "knowledge", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_that_the_command_says_clean_in_one_line(root: Path, tmp_path: Path) -> None:
    done = run("check", "--root", root, "--cards", tmp_path, "--sources", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    [line] = done.stdout.splitlines()
    assert line.startswith("1 articles")
    assert line.endswith("clean")


def test_that_findings_give_exit_1_and_json_lines(root: Path, tmp_path: Path) -> None:
    write_article(root, details="Gọi 024 3223 3111 nhé.")
    done = run("check", "--root", root, "--cards", tmp_path, "--json")
    [finding] = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 1
    assert set(finding) == {"file", "line", "rule", "what", "remedy"}


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["check", "--root", "no-folder"], ["check", "-x"]]
)
def test_that_bad_usage_is_exit_2_and_one_line(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
