"""`python -m knowledge import`: drafts that nobody mistakes for articles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import frontmatter
import pytest

from knowledge.__main__ import main
from knowledge.check import check
from knowledge.importing.child import Limits, import_document
from knowledge.importing.document import ImportRefusedError
from tests.knowledge.folder import TODAY
from tests.knowledge.importing.office import load_plan, make_docx

PLAN = "kế hoạch.docx"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / PLAN
    path.write_bytes(make_docx(load_plan()))
    return path


def test_that_import_keeps_the_original_the_text_and_each_part(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "drafts"
    assert main(["import", str(plan), "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    folder = Path(told["folder"])
    assert (folder / "original.docx").read_bytes() == plan.read_bytes()
    document = frontmatter.load(str(folder / "document.md"))
    assert document["status"] == "draft"
    assert document["number"] == "45/KH-UBND"
    assert "Trạm y tế" in document.content
    articles = sorted((folder / "articles").glob("*.md"))
    assert len(articles) == told["articles"] > 1
    citations: Any = frontmatter.load(str(articles[-1]))["citations"]
    assert citations[0]["document"] == "45/KH-UBND"


def test_that_a_draft_moved_as_it_is_fails_the_lint(
    plan: Path, tmp_path: Path, root: Path
) -> None:
    """An editor's work makes the article; a copied section is none."""
    out = tmp_path / "drafts"
    main(["import", str(plan), "--out", str(out)])
    draft = next(out.glob("*/articles/*.md"))
    target = root / "articles" / "luat" / draft.name
    target.write_text(draft.read_text("utf8"), encoding="utf8")
    found = [f for f in check(root, today=TODAY).findings if f.file.name == draft.name]
    assert [finding.rule for finding in found] == ["schema"]
    assert "status" in found[0].what


def test_that_a_second_import_leaves_an_editors_work(
    plan: Path, tmp_path: Path
) -> None:
    out = tmp_path / "drafts"
    main(["import", str(plan), "--out", str(out)])
    draft = next(out.glob("*/articles/*.md"))
    draft.write_text("đang sửa", encoding="utf8")
    assert main(["import", str(plan), "--out", str(out)]) == 0
    assert draft.read_text("utf8") == "đang sửa"
    assert len(list(out.glob("*/document.md"))) == 1


def test_that_a_bad_file_is_one_sentence_and_the_good_one_is_kept(
    plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "cu.doc"
    bad.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    gone = tmp_path / "khong-co.pdf"
    out = tmp_path / "drafts"
    assert main(["import", str(bad), str(gone), str(plan), "--out", str(out)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in lines] == [str(bad), str(gone)]
    assert len(list(out.glob("*/document.md"))) == 1
    assert not list(out.glob(".draft-*"))


@pytest.mark.parametrize(
    ("limits", "codes"),
    [
        (Limits(seconds=0), ("too_slow",)),
        (Limits(memory=64 << 20), ("too_big_inside", "failed")),
    ],
)
def test_that_a_child_over_its_limits_is_stopped(
    limits: Limits, codes: tuple[str, ...]
) -> None:
    with pytest.raises(ImportRefusedError) as refusal:
        import_document(PLAN, make_docx(load_plan()), limits)
    assert refusal.value.code in codes
