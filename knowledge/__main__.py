"""`python -m knowledge check|coverage|import|build|rollback`: content, snapshots."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from knowledge.check import CARDS, ROOT, SOURCES, check
from knowledge.coverage import PAGE, coverage_of, render_page
from knowledge.documents import load_documents
from knowledge.publish import Published, build_snapshot, rollback
from knowledge.snapshot import CURRENT, SnapshotError, snapshots_folder

OK, FAILED, BAD_USAGE = 0, 1, 2


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_USAGE, f"{self.prog}: {message}. See `{self.prog} --help`.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    given = _parser().parse_args(arguments)
    command: int = given.run(given)
    return command


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m knowledge", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")
    lint = commands.add_parser("check", help="content lint; exit 1 when it finds any")
    lint.add_argument("--root", type=_folder, default=ROOT, help="knowledge folder")
    lint.add_argument("--cards", type=_folder, help="folder of card files")
    lint.add_argument("--sources", type=_folder, help="folder of source texts")
    lint.set_defaults(run=_check)
    table = commands.add_parser("coverage", help="write the table fact -> articles")
    table.add_argument("--root", type=_folder, default=ROOT, help="knowledge folder")
    table.add_argument("--page", type=Path, default=PAGE, help="file to write")
    table.set_defaults(run=_coverage)
    take = commands.add_parser("import", help="turn office files into drafts")
    take.add_argument("files", nargs="+", type=Path, metavar="FILE")
    take.add_argument("--out", type=Path, help="folder of drafts")
    take.set_defaults(run=_import)
    build = commands.add_parser("build", help="build and serve a snapshot")
    build.add_argument(
        "--root", type=_folder, help="knowledge folder; else the console's, or the seed"
    )
    build.set_defaults(run=_build)
    back = commands.add_parser("rollback", help="serve an older snapshot")
    back.add_argument("hash", nargs="?", help="its name, or how it begins")
    back.set_defaults(run=_rollback)
    for command in (build, back):
        command.add_argument("--out", type=Path, help="folder of snapshots")
    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", help="JSON lines")
    return parser


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}")
    return path


def _check(given: argparse.Namespace) -> int:
    result = check(given.root, given.cards or CARDS, given.sources or SOURCES)
    for finding in result.findings:
        _say(given, finding.to_json(), str(finding))
    if not result.findings or not given.json:
        counts = {"articles": result.articles, "documents": result.documents}
        _say(given, {**counts, "lines": result.lines, "clean": True}, result.summary)
    return FAILED if result.findings else OK


def _coverage(given: argparse.Namespace) -> int:
    rows = coverage_of(given.root)
    given.page.write_text(render_page(rows), encoding="utf-8")
    missing = [row.fact.id for row in rows if row.is_open]
    if given.json:
        for row in rows:
            print(json.dumps(row.to_json(), ensure_ascii=False))
    else:
        print(f"{len(rows)} facts, without an article: {' '.join(missing) or 'none'}")
    return FAILED if missing else OK


def _import(given: argparse.Namespace) -> int:
    # Readers of office files are loaded by this command alone.
    from knowledge.importing.document import ImportRefusedError
    from knowledge.importing.drafts import drafts_folder, import_file

    out, known = given.out or drafts_folder(), load_documents()
    code = OK
    for path in given.files:
        try:
            draft = import_file(path, out, known)
        except ImportRefusedError as error:
            print(f"{path}: {error}", file=sys.stderr)
            code = BAD_USAGE
            continue
        except OSError as error:
            print(f"{out} cannot be written ({error.strerror}).", file=sys.stderr)
            return BAD_USAGE
        state = "" if draft.is_new else " (imported before; left as it is)"
        text = f"{path}: {draft.folder}, {draft.articles} draft articles{state}"
        values = {**asdict(draft), "folder": str(draft.folder), "file": str(path)}
        _say(given, values, "\n  ".join((text, *draft.notes)))
    return code


def _build(given: argparse.Namespace) -> int:
    out = given.out or snapshots_folder()
    console = out.parent / "console"
    is_back = (console / "rolled_back").exists() and (out / CURRENT).exists()
    if is_back and not given.root:
        print(
            "Staff have gone back to an older snapshot in the console, and it stays: "
            "approve an article there, or give --root to build all the same.",
            file=sys.stderr,
        )
        return FAILED
    # What staff publish is newer than the seed.
    own = console / "knowledge"
    root = given.root or (own if own.exists() else ROOT)
    return _publish(given, lambda: build_snapshot(root, out))


def _rollback(given: argparse.Namespace) -> int:
    out = given.out or snapshots_folder()
    return _publish(given, lambda: rollback(out, given.hash))


def _publish(given: argparse.Namespace, work: Callable[[], Published]) -> int:
    try:
        published = work()
    except SnapshotError as error:
        print(error, file=sys.stderr)
        return FAILED
    _say(given, asdict(published), published.text)
    return OK


def _say(given: argparse.Namespace, values: object, text: str) -> None:
    print(json.dumps(values, ensure_ascii=False) if given.json else text)


if __name__ == "__main__":
    sys.exit(main())
