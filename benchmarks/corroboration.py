"""Near-copies, and documents into incidents: `python -m benchmarks.corroboration --data DIR [--json] [--docs] [--readings FILE]`.

Scores every DIR/corroboration/*.jsonl.gz whose rows are documents with an `incident_id`: B-cubed F1 of `find_stories`, and
near-copies against all pairs of documents that share half of the shorter one's five-word runs. A file that the shipped
weights have learnt from is scored by cross-fitting instead: every pair of documents by weights that saw neither's incident.

With `--readings` the incident labels of DIR/gold (or DIR/../gold), too: pairs of reports that tell one incident as news,
linked from what the reader reads in them, cross-fitted; FILE keeps the readings, a second a report. `--docs` writes the
figures into docs/corroboration.md.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import benchmarks.threads  # noqa: F401  # before numpy
from mahdar.corroboration import find_copies, find_stories, linking, stories
from mahdar.model import Report
from training.linking import (
    LINK_BAR,
    Told,
    b_cubed,
    crossed_b_cubed,
    digest,
    documents,
    gold_rows,
    labelled,
    readings_of,
)

DOCS = Path(__file__).resolve().parent.parent / "docs" / "corroboration.md"
HALF = 0.5
RUN = 5
_WORD = re.compile(r"\w+")
_FIGURES = re.compile(r"(?<=<!-- figures -->\n).*?(?=<!-- end of figures -->)", re.DOTALL)


def true_copies(reports: list[Report]) -> set[tuple[str, str]]:
    """By counting, over all pairs: those that share half of the shorter one's five-word runs."""
    runs: dict[str, set[tuple[str, ...]]] = {}
    holders = defaultdict(list)
    for report in reports:
        words = _WORD.findall(report.text.lower())
        runs[report.id] = {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
        for run in runs[report.id]:
            holders[run].append(report.id)
    shared: Counter[tuple[str, str]] = Counter()
    for held in holders.values():
        shared.update(combinations(sorted(held), 2))
    return {(a, b) for (a, b), n in shared.items() if n >= HALF * min(len(runs[a]), len(runs[b]))}


def copies_measured(reports: list[Report]) -> dict[str, float]:
    true = true_copies(reports)
    found = {(min(c.left, c.right), max(c.left, c.right)) for c in find_copies(reports)}
    right = len(true & found)
    return {"near_copy_precision": right / max(len(found), 1), "near_copy_recall": right / max(len(true), 1)}


def measured(path: Path) -> dict[str, Any]:
    reports, incidents = documents(path)
    if digest(reports) in _learnt_from(stories.WEIGHTS):
        told = Told(stories.Sketches(reports), tuple(incidents))
        scores, how = crossed_b_cubed(len(reports), *told.pairs, told.crossed(), incidents), "cross-fitted"
    else:
        label = {id: at for at, ids in enumerate(find_stories(reports)) for id in ids}
        scores, how = b_cubed([label[report.id] for report in reports], incidents), "shipped weights"
    figures = dict(zip(("bcubed_precision", "bcubed_recall", "bcubed_f1"), scores, strict=True))
    return {"documents": len(reports), "how": how, **_rounded(figures | copies_measured(reports))}


def gold_measured(shared: Path, kept: Path) -> dict[str, Any]:
    rows = gold_rows(shared)
    readings = readings_of(rows, kept)
    told = labelled(rows, readings)
    crossed = digest(reading.report for reading in readings) in _learnt_from(linking.WEIGHTS)
    if not crossed:
        raise SystemExit("the shipped weights of links have learnt from other reports; fit them anew first")
    figures = told.pairwise(told.crossed(), LINK_BAR)
    return {"documents": len(rows), "how": "cross-fitted", **_rounded(figures)}


def _learnt_from(weights: Path) -> list[str]:
    learnt: list[str] = json.loads(weights.read_text(encoding="utf-8"))["learnt_from"]
    return learnt


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}


def _has_incidents(path: Path) -> bool:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        row = json.loads(next(lines, "{}"))
    return {"doc_id", "incident_id", "text"} <= set(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--readings", type=Path)
    args = parser.parse_args()
    figures = {
        path.name.removesuffix(".jsonl.gz"): measured(path)
        for path in sorted((args.data / "corroboration").glob("*.jsonl.gz"))
        if _has_incidents(path)
    }
    if args.readings is not None:
        shared = args.data if (args.data / "gold").is_dir() else args.data.parent
        figures["gold"] = gold_measured(shared, args.readings)
    if args.docs:
        text = DOCS.read_text(encoding="utf-8")
        DOCS.write_text(_FIGURES.sub("\n".join((*table(figures), "")), text), encoding="utf-8")
    print(json.dumps(figures, indent=1) if args.json else "\n".join(table(figures)))


def table(figures: dict[str, dict[str, Any]]) -> list[str]:
    lines = ["| file | figure | |", "|---|---|---|"]
    for file, of in figures.items():
        lines += [f"| `{file}` | {name} | {value} |" for name, value in of.items()]
    return lines


if __name__ == "__main__":
    main()
