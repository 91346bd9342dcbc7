"""`python -m knowledge.retrieval search|evaluate|train`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from knowledge.documents import Document
from knowledge.retrieval.forms import FORMS

if TYPE_CHECKING:
    from knowledge.snapshot import Snapshot

OK, FAILED, BAD_INPUT = 0, 1, 2


class BadInputError(Exception):
    """What was asked cannot be done; one clear line."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message}. See `{self.prog} --help`.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    from knowledge.retrieval.benchmark import CorpusError
    from knowledge.retrieval.dense import EncoderError
    from knowledge.retrieval.evaluate import QuestionsError
    from knowledge.snapshot import SnapshotError

    given = _parser().parse_args(arguments)
    try:
        for line in given.run(given):
            print(line, flush=True)
    except (BadInputError, QuestionsError, CorpusError) as error:
        print(f"knowledge.retrieval: {error}", file=sys.stderr)
        return BAD_INPUT
    except (SnapshotError, EncoderError, ValueError) as error:
        print(f"knowledge.retrieval: {error}", file=sys.stderr)
        return FAILED
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m knowledge.retrieval", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    search = commands.add_parser("search", help="ask the current snapshot")
    search.add_argument("questions", nargs="*", metavar="question")
    search.add_argument("--file", type=Path, help="one question a line")
    search.add_argument("--k", type=_count, default=5, help="hits, at least 1")
    search.add_argument("--previous", help="id of the article that was shown last")
    search.add_argument("--json", action="store_true", help="JSON lines")
    search.set_defaults(run=_search)
    evaluate = commands.add_parser("evaluate", help="measure on questions or a corpus")
    evaluate.add_argument(
        "--questions", type=Path, nargs="+", help="CSV: id,question,article,kind"
    )
    evaluate.add_argument("--report", type=Path, help="folder of plots and ablation")
    evaluate.add_argument("--corpus", type=Path, help="JSON lines, may be .gz")
    evaluate.add_argument("--queries", type=Path, help="JSON lines, may be .gz")
    evaluate.add_argument("--form", choices=FORMS, default="marked", help="of a corpus")
    evaluate.add_argument(
        "--encoder",
        default="none",
        help="for a corpus: none, self (trained on it), a directory or a hub name",
    )
    evaluate.add_argument("--json", action="store_true", help="JSON lines")
    evaluate.set_defaults(run=_evaluate)
    train = commands.add_parser("train", help="make the shipped encoder")
    train.add_argument("--out", type=Path, help="folder of the model")
    train.set_defaults(run=_train)
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def _search(given: argparse.Namespace) -> Iterator[str]:
    from knowledge.retrieval.search import search

    questions = _questions(given)
    snapshot = _current()
    for question in questions:
        result = search(question, snapshot.index, k=given.k, previous=given.previous)
        found = _found(question, result, snapshot.index, snapshot.documents)
        yield json.dumps(found, ensure_ascii=False) if given.json else _shown(found)


def _questions(given: argparse.Namespace) -> list[str]:
    questions = list(given.questions)
    if given.file:
        try:
            text = given.file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInputError(f"{given.file} cannot be read ({error})") from None
        questions += [line for line in text.splitlines() if line.strip()]
    if not questions:
        raise BadInputError(
            "no question; give one as an argument or a file with --file"
        )
    if not all(question.strip() for question in questions):
        raise BadInputError("a question is empty; write some words")
    return questions


def _current() -> Snapshot:
    """Return the current snapshot; build it if there is none."""
    from knowledge.publish import SEED, build_snapshot
    from knowledge.snapshot import CURRENT, SnapshotReader, snapshots_folder

    folder = snapshots_folder()
    if not (folder / CURRENT).exists():
        folder.mkdir(parents=True, exist_ok=True)
        build_snapshot(SEED, folder)
    return SnapshotReader(folder, background=False).current()


def _found(
    question: str, result: Any, index: Any, documents: Mapping[str, Document]
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "question": question,
        "decision": result.decision,
        "reason": result.reason,
        "hits": [
            {"article": h.article_id, "title": h.title, "score": h.score}
            for h in result.hits
        ],
        "citations": [],
    }
    if result.document:
        found["document"] = result.document
    if result.hits:
        library = index.library
        best = library.entries[library.positions[result.hits[0].article_id]]
        found["citations"] = [
            {
                "document": number,
                "where": where,
                "title": documents[number].title if number in documents else "",
                "status": documents[number].status if number in documents else "",
            }
            for number, where in best.citations
        ]
    return found


def _shown(found: dict[str, Any]) -> str:
    name = f" ({found['document']})" if "document" in found else ""
    lines = [f"{found['decision']} [{found['reason']}{name}] {found['question']}"]
    lines += [
        f"  {h['score']:.3f}  {h['article']}  {h['title']}" for h in found["hits"]
    ]
    lines += [f"  - {c['where']}, {c['document']}" for c in found["citations"]]
    return "\n".join(lines)


def _evaluate(given: argparse.Namespace) -> Iterator[str]:
    if given.questions and not (given.corpus or given.queries):
        yield from _evaluate_questions(given)
    elif given.corpus and given.queries and not given.questions:
        yield from _evaluate_corpus(given)
    else:
        raise BadInputError("evaluate needs --questions, or --corpus with --queries")


def _evaluate_questions(given: argparse.Namespace) -> Iterator[str]:
    from knowledge.retrieval.evaluate import (
        groups_of,
        load_questions,
        measure,
        outcomes_of,
    )
    from knowledge.retrieval.report import ablation, plot_calibration, size_of

    snapshot = _current()
    index = snapshot.index
    for path in given.questions:
        questions = load_questions(path, index.library.positions)
        outcomes = outcomes_of(questions, index)
        for form, kind, topic, some in groups_of(outcomes):
            group = {"set": path.stem, "form": form, "kind": kind, "topic": topic}
            yield _row({**group, **asdict(measure(some))}, given.json)
        if given.report:
            every = [o for some in outcomes.values() for o in some]
            plot_calibration(every, given.report / f"{path.stem}.png")
            for row in ablation(questions, snapshot):
                yield _row({"set": path.stem, **asdict(row)}, given.json)
    if given.report:
        yield _row(size_of(index), given.json)


def _evaluate_corpus(given: argparse.Namespace) -> Iterator[str]:
    from knowledge.retrieval.benchmark import evaluate_corpus

    standings = evaluate_corpus(given.corpus, given.queries, given.form, given.encoder)
    for standing in standings:
        yield _row({"form": given.form, **asdict(standing)}, given.json)


def _row(values: dict[str, Any], as_json: bool) -> str:
    if as_json:
        return json.dumps(values, ensure_ascii=False)
    return "  ".join(f"{k} {'-' if v is None else v}" for k, v in values.items())


def _train(given: argparse.Namespace) -> Iterator[str]:
    from knowledge.article import load_articles
    from knowledge.retrieval.dense import SHIPPED, encoder_id
    from knowledge.retrieval.index import passages
    from knowledge.retrieval.train import train
    from knowledge.retrieval.ways import with_ways, without_asked

    articles = without_asked(with_ways(load_articles()))
    folder = train(passages(articles), given.out or SHIPPED)
    yield f"{encoder_id(str(folder))} in {folder}"


if __name__ == "__main__":
    sys.exit(main())
