"""`python -m knowledge.retrieval`: JSON lines, and one clear line for bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.publish import build_snapshot
from knowledge.retrieval.__main__ import main
from knowledge.retrieval.forms import FORMS
from tests.knowledge.folder import make_folder
from tests.knowledge.retrieval.sample import (
    articles,
    asked,
    documents,
    said,
    write_articles,
)
from tests.servers import ROOT

Done = subprocess.CompletedProcess[str]
Call = Callable[..., Done]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR whose snapshot holds the small articles, without a model."""
    folder = tmp_path_factory.mktemp("data")
    root = make_folder(folder / "knowledge")
    write_articles(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KNOWLEDGE_ENCODER", "none")
        build_snapshot(root, folder / "snapshots", today=date.today())
    return folder


@pytest.fixture
def call(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Run the command in this process, which saves a second each time."""
    monkeypatch.setenv("DATA_DIR", str(data))
    monkeypatch.setenv("KNOWLEDGE_ENCODER", "none")

    def called(*arguments: str | Path) -> Done:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Done([], code, said.out, said.err)

    return called


def run(data: Path, *arguments: str | Path) -> Done:
    """Run the command as people run it."""
    command = [sys.executable, "-m", "knowledge.retrieval", *map(str, arguments)]
    own = {"DATA_DIR": str(data), "KNOWLEDGE_ENCODER": "none", "PYTHONUTF8": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | own, capture_output=True, text=True
    )


def lines_of(done: Done) -> list[dict[str, Any]]:
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def cited(article: str) -> str:
    """Return the place that an article cites."""
    return next(a.citations[0].where for a in articles() if a.id == article)


def as_json(**values: object) -> str:
    return json.dumps(values, ensure_ascii=False)


def test_that_search_prints_a_json_line_a_question(data: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "questions.txt", "", said("unknown_document"), "  ")
    done = run(data, "search", said("right"), "--file", file, "--k", "2", "--json")
    right, unknown = lines_of(done)
    assert right["question"] == said("right")
    assert right["hits"][0]["article"] == "khai-sinh"
    assert 1 <= len(right["hits"]) <= 2
    (citation,) = right["citations"]
    where, held = cited("khai-sinh"), documents()["60/2014/QH13"]
    assert (citation["document"], citation["where"]) == (held.number, where)
    assert (citation["title"], citation["status"]) == (held.title, held.status)
    assert (unknown["decision"], unknown["hits"]) == ("abstain", [])
    assert said("unknown_number") in unknown["document"]


def test_that_search_shows_people_what_was_found(call: Call) -> None:
    done = call("search", said("go_on"), "--previous", "bat-nat")
    assert (done.returncode, done.stderr) == (0, "")
    assert "follow_up" in done.stdout.splitlines()[0]
    assert "bat-nat" in done.stdout.splitlines()[1]


def test_that_evaluate_measures_every_form(data: Path, tmp_path: Path) -> None:
    rows = [f'{i},"{q}",{a},in' for i, (q, a) in enumerate(asked("marked"))]
    file = write(tmp_path / "q.csv", "id,question,article,kind", *rows, "x,wjzqq,,out")
    rates = lines_of(run(data, "evaluate", "--questions", file, "--json"))
    forms = [r["form"] for r in rates if r["kind"] == "all"]
    assert forms == [*FORMS, "all"]
    first = rates[0]
    assert (first["questions"], first["out_of_scope"]) == (len(rows), 1)
    assert (first["recall_1"], first["mrr_10"], first["refused"]) == (1, 1, 1)
    shares = [first[name] for name in ("answered", "suggested", "abstained")]
    assert sum(shares) == pytest.approx(1, abs=0.001)


def test_that_questions_with_their_own_form_are_asked_as_written(
    call: Call, tmp_path: Path
) -> None:
    header = "id,question,article,kind,form,topic"
    some = [(q, a, "marked", "one") for q, a in asked("marked")[:3]]
    some += [(q, a, "none", "two") for q, a in asked("unmarked")[:2]]
    rows = [f'{i},"{q}",{a},in,{f},{t}' for i, (q, a, f, t) in enumerate(some)]
    file = write(tmp_path / "own.csv", header, *rows)
    reports = tmp_path / "reports"
    arguments = ("--questions", file, "--report", reports, "--json")
    rates = lines_of(call("evaluate", *arguments))
    groups = [(r["form"], r["topic"], r["questions"]) for r in rates if "topic" in r]
    assert groups == [
        ("marked", "all", 3),
        ("none", "all", 2),
        ("all", "all", 5),
        ("all", "one", 3),
        ("all", "two", 2),
    ]
    stages = {r["stage"]: r["recall_3"] for r in rates if "stage" in r}
    assert stages["engine"] == 1
    assert len(stages) > 4
    assert rates[-1]["articles"] > len(articles())  # and the one of every folder
    assert (reports / "own.png").stat().st_size > 1000


def test_that_evaluate_measures_an_outside_corpus(call: Call, tmp_path: Path) -> None:
    texts = [question for question, _ in asked("marked")]
    numbered = list(enumerate(texts))
    corpus = [as_json(id=i, title=None, text=text) for i, text in numbered]
    queries = [as_json(id=i, text=text, gold=[i]) for i, text in numbered]
    found = write(tmp_path / "corpus.jsonl", *corpus)
    wanted = write(tmp_path / "queries.jsonl", *queries)
    arguments = ("--corpus", found, "--queries", wanted, "--form", "marked", "--json")
    plain, own = lines_of(call("evaluate", *arguments))
    for row in (plain, own):
        assert (row["passages"], row["queries"]) == (len(texts), len(texts))
        assert (row["p_1"], row["mrr_10"]) == (1, 1)
    assert plain["engine"] != own["engine"]


BAD = {
    "no command": [],
    "unknown command": ["find"],
    "no question": ["search"],
    "empty question": ["search", " "],
    "no file": ["search", "--file", "absent.txt"],
    "k of 0": ["search", "a", "--k", "0"],
    "k of words": ["search", "a", "--k", "many"],
    "nothing to measure": ["evaluate"],
    "half a corpus": ["evaluate", "--corpus", "absent.jsonl"],
    "no questions": ["evaluate", "--questions", "absent.csv"],
    "no corpus": ["evaluate", "--corpus", "no.jsonl", "--queries", "no.jsonl"],
}


@pytest.mark.parametrize("arguments", BAD.values(), ids=BAD.keys())
def test_that_bad_input_is_one_line_and_exit_2(
    arguments: list[str], call: Call
) -> None:
    refused(call(*arguments))


def test_that_the_process_ends_with_one_line_and_2(data: Path) -> None:
    refused(run(data, *BAD["no file"]))


def refused(done: Done) -> str:
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["id,question"], "article"),
        (["id,question,article"], "no questions"),
        (["id,question,article", "1,a,khong-co"], "row 2: no article khong-co"),
    ],
)
def test_that_a_wrong_file_of_questions_is_named(
    lines: list[str], named: str, call: Call, tmp_path: Path
) -> None:
    file = write(tmp_path / "wrong.csv", *lines)
    error = refused(call("evaluate", "--questions", file))
    assert "wrong.csv" in error
    assert named in error


@pytest.mark.parametrize(
    ("passage", "query"),
    [
        ("not json", as_json(id=1, text="a", gold=[1])),
        (as_json(id=1), as_json(id=1, text="a", gold=[1])),
        (as_json(id=1, text="a"), as_json(id=1, text="a", gold=[2])),
        (as_json(id=1, text="a"), as_json(id=1, text="a")),
    ],
)
def test_that_a_wrong_corpus_is_named(
    passage: str, query: str, call: Call, tmp_path: Path
) -> None:
    corpus = write(tmp_path / "corpus.jsonl", passage)
    queries = write(tmp_path / "queries.jsonl", query)
    error = refused(call("evaluate", "--corpus", corpus, "--queries", queries))
    assert ".jsonl" in error


def test_that_a_broken_snapshot_is_one_line_and_exit_1(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    (folder / "CURRENT").write_text("0" * 16 + "\n", encoding="ascii")
    done = run(tmp_path, "search", said("right"))
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "0" * 16 in done.stderr
