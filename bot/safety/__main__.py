"""Command line: assess messages, train the classifier, measure both.

python -m bot.safety assess "..." ["..."] [--file F] [--json] [--rules-only]
python -m bot.safety train
python -m bot.safety evaluate FILE.csv [--no-list] [--plots FOLDER]
python -m bot.safety curve FILE.csv [--plot FILE.png]
python -m bot.safety places FILE.csv
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bot.safety.assess import assess
from bot.safety.lexicon import SignalError
from bot.safety.triage import Triage


def describe(triage: Triage) -> dict[str, Any]:
    """Return an assessment as plain values; the person's words are not in it."""
    name = triage.danger_class.value if triage.danger_class else None
    return {
        "level": triage.level.value,
        "class": name,
        "speaker": triage.speaker.value,
        "address": triage.address,
        "urgent": triage.urgent,
        "soft": triage.soft,
        "card": triage.card,
        "place": triage.place,
        "matched": list(triage.matched),
        "language": triage.language,
        "asks_law": triage.asks_law,
    }


def _assess(args: argparse.Namespace) -> int:
    texts = [{"text": text} for text in args.texts]
    if args.file:
        lines = Path(args.file).read_text(encoding="utf-8").splitlines()
        texts += [{"text": line} for line in lines if line.strip()]
    if not texts:
        print("Nothing to assess: give a text or --file.", file=sys.stderr)
        return 2
    for index, item in enumerate(texts):
        triage = assess(item["text"], use_classifier=not args.rules_only)
        head = {"index": index} if args.file else item
        if args.json:
            print(json.dumps({**head, **describe(triage)}, ensure_ascii=False))
        else:
            print(_line(index, triage))
    return 0


def _line(index: int, triage: Triage) -> str:
    name = triage.danger_class.value if triage.danger_class else "-"
    return (
        f"{index}\t{triage.level.value}\t{name}\t{triage.card}\t"
        f"{triage.speaker.value}\t{'urgent' if triage.urgent else '-'}\t"
        f"{triage.place or '-'}\t{' '.join(triage.matched)}"
    )


def _train(args: argparse.Namespace) -> int:
    from bot.safety.train import train

    rows = train()
    print(f"trained on {rows} rows")
    return 0


def _evaluate(args: argparse.Namespace) -> int:
    from bot.safety.evaluate import report

    plots = Path(args.plots) if args.plots else None
    print(report(Path(args.file), list_misses=not args.no_list, plots=plots))
    return 0


def _curve(args: argparse.Namespace) -> int:
    from bot.safety.curve import curve

    print(curve(Path(args.file), Path(args.plot) if args.plot else None))
    return 0


def _places(args: argparse.Namespace) -> int:
    from bot.safety.evaluate import report_places

    print(report_places(Path(args.file)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.safety")
    jobs = parser.add_subparsers(dest="job", required=True)
    one = jobs.add_parser("assess", help="assess texts or the lines of a file")
    one.add_argument("texts", nargs="*")
    one.add_argument("--file")
    one.add_argument("--json", action="store_true")
    one.add_argument("--rules-only", action="store_true")
    one.set_defaults(run=_assess)
    two = jobs.add_parser("train", help="train the classifier")
    two.set_defaults(run=_train)
    three = jobs.add_parser("evaluate", help="measure on labelled utterances")
    three.add_argument("file")
    three.add_argument("--no-list", action="store_true")
    three.add_argument("--plots", help="folder for the plot of the confusion")
    three.set_defaults(run=_evaluate)
    four = jobs.add_parser("curve", help="trade-off of the two thresholds")
    four.add_argument("file")
    four.add_argument("--plot")
    four.set_defaults(run=_curve)
    five = jobs.add_parser("places", help="how often the province is right")
    five.add_argument("file")
    five.set_defaults(run=_places)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 2 and one line on standard error for wrong input."""
    args = _parser().parse_args(arguments)
    try:
        status: int = args.run(args)
    except (OSError, SignalError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
