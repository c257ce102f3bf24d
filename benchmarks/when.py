"""Score time expressions against TimeML gold: `python -m benchmarks.when --data DIR [--json]`.

DIR/when/*.jsonl.gz holds one document a line: `text`, `dct.value` and `timex` (start, end, type, value). A predicted
expression is right if it overlaps a gold one, one to one, and has the same TIMEX3 value (span figures: overlap
alone).
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mahdar.when import TimeExpression, read_times

GROUPS = {
    "date_time": ("DATE", "TIME"),
    "duration": ("DURATION",),
    "set": ("SET",),
    "": ("DATE", "TIME", "DURATION", "SET"),
}


def pairs(
    gold: Sequence[dict[str, Any]], predicted: Sequence[TimeExpression]
) -> list[tuple[dict[str, Any], TimeExpression]]:
    """Overlapping gold and predicted expressions, one to one, those of equal value first."""
    touching = [(g, p) for g in gold for p in predicted if g["start"] < p.end and p.start < g["end"]]
    touching.sort(key=lambda pair: pair[0]["value"] != pair[1].value)
    out, used = [], set()
    for g, p in touching:
        if ("gold", g["start"]) not in used and ("predicted", p.start) not in used:
            used |= {("gold", g["start"]), ("predicted", p.start)}
            out.append((g, p))
    return out


def f1(right: int, predicted: int, gold: int) -> float:
    return round(2 * right / (predicted + gold), 4) if predicted + gold else 0.0


def documents(path: Path) -> Iterable[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def score(path: Path) -> dict[str, float]:
    """The figures of one file: value and span F1 by kind of expression."""
    counts = {name: [0, 0, 0, 0] for name in GROUPS}
    for row in documents(path):
        published = (row["dct"].get("value") or "")[:10] or None
        predicted = read_times(row["text"], published)
        for name, kinds in GROUPS.items():
            some_gold = [t for t in row["timex"] if t["type"] in kinds]
            some = [p for p in predicted if p.kind in kinds]
            paired = pairs(some_gold, some)
            counts[name][0] += sum(g["value"] == p.value for g, p in paired)
            counts[name][1] += len(paired)
            counts[name][2] += len(some)
            counts[name][3] += len(some_gold)
    out: dict[str, float] = {}
    for name, (right, spans, predicted_count, gold_count) in counts.items():
        suffix = f"_{name}" if name else ""
        out[f"value_f1{suffix}"] = f1(right, predicted_count, gold_count)
        out[f"span_f1{suffix}"] = f1(spans, predicted_count, gold_count)
        out[f"value_precision{suffix}"] = round(right / predicted_count, 4) if predicted_count else 0.0
        out[f"value_recall{suffix}"] = round(right / gold_count, 4) if gold_count else 0.0
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    figures = {path.name.split(".")[0]: score(path) for path in sorted((args.data / "when").glob("*.jsonl.gz"))}
    if args.json:
        print(json.dumps(figures, indent=1))
        return
    for name, row in figures.items():
        print(name, "  ".join(f"{metric} {value:.3f}" for metric, value in row.items()))


if __name__ == "__main__":
    main()
