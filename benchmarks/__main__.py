"""`python -m benchmarks [CASE …] [--size small|full] [--json]`: run cases, store their rows, print them."""

import argparse
import json
import sys

from benchmarks.report import store, table
from benchmarks.runner import AnswersDiffer, Row, UnknownCase, as_json, case_names, run_case


def main(arguments: list[str] | None = None) -> int:
    """Run the cases named (all when none is) and return the exit status: 1 when a case failed."""
    options = _parser().parse_args(arguments)
    rows: list[Row] = []
    failed = False
    for name in options.cases or case_names():
        print(f"{name} ({options.size}) …", file=sys.stderr, flush=True)
        try:
            measured = run_case(name, options.size)
        except (AnswersDiffer, UnknownCase) as error:
            failed = True
            print(f"error: {error}", file=sys.stderr)
            continue
        rows += measured
        if not options.discard:
            store(measured)
    print(json.dumps(as_json(rows), ensure_ascii=False, indent=1) if options.json else table(as_json(rows)))
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Tongdian against its peers.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"one of: {', '.join(case_names())}")
    parser.add_argument("--size", choices=["small", "full"], default="full", help="full is what the docs quote")
    parser.add_argument("--json", action="store_true", help="print one JSON list instead of a table")
    parser.add_argument("--discard", action="store_true", help="do not store the rows in docs/reference")
    return parser


if __name__ == "__main__":
    sys.exit(main())
