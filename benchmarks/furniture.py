"""Furniture found against the gold set: precision and recall by characters and by spans.

`python -m benchmarks.furniture --data DIR [--json] [--show]`: DIR holds `gold/*.jsonl` (section 5 of the codebook). A
predicted span is right if gold ones cover at least half of it, and a gold one is found likewise. `evidence_swallowed`
counts the evidence spans of claims wrongly marked: the figure that must be 0. Empty reports taken from the general
news (`none-…`) had no furniture annotated and are left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mahdar.intake import mark_furniture
from mahdar.model import Span


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", action="store_true", help="print what was wrongly marked and what was missed")
    options = parser.parse_args()
    folder = options.data / "gold" if (options.data / "gold").is_dir() else options.data
    figures = {}
    for path in sorted(folder.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        annotated = [row for row in rows if "furniture" in row and not row["id"].startswith("none-")]
        if annotated:
            figures[path.stem] = score(annotated, show=options.show)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, values in figures.items():
            print(name, " ".join(f"{key} {value:.3f}" for key, value in values.items()))


def score(rows: Iterable[dict[str, Any]], *, show: bool = False) -> dict[str, float]:
    """Character and span precision and recall over gold reports."""
    chars = dict.fromkeys(("right", "marked", "gold"), 0)
    spans = dict.fromkeys(("right", "marked", "found", "gold"), 0)
    swallowed = 0
    for row in rows:
        text = row["text"]
        gold = [Span(span["start"], span["end"]) for span in row["furniture"]]
        marked = mark_furniture(text, row["title"])
        gold_chars, marked_chars = _chars(text, gold), _chars(text, marked)
        chars["right"] += len(gold_chars & marked_chars)
        chars["marked"] += len(marked_chars)
        chars["gold"] += len(gold_chars)
        for span in marked:
            right = _covered(text, span, gold_chars)
            spans["right"] += right
            if show and not right:
                print("WRONG ", row["id"], repr(text[span.start : span.end])[:150])
        for span in gold:
            found = _covered(text, span, marked_chars)
            spans["found"] += found
            if show and not found:
                print("MISSED", row["id"], repr(text[span.start : span.end])[:150])
        evidence = [Span(span["start"], span["end"]) for claim in row["claims"] for span in claim["evidence"]]
        swallowed += sum(_covered(text, span, marked_chars - gold_chars) for span in evidence)
        spans["marked"] += len(marked)
        spans["gold"] += len(gold)
    return {
        "char_precision": chars["right"] / max(chars["marked"], 1),
        "char_recall": chars["right"] / max(chars["gold"], 1),
        "span_precision": spans["right"] / max(spans["marked"], 1),
        "span_recall": spans["found"] / max(spans["gold"], 1),
        "evidence_swallowed": float(swallowed),
    }


def _chars(text: str, spans: Iterable[Span]) -> set[int]:
    return {i for span in spans for i in range(span.start, span.end) if not text[i].isspace()}


def _covered(text: str, span: Span, by: set[int]) -> bool:
    own = _chars(text, [span])
    return 2 * len(own & by) >= len(own)


if __name__ == "__main__":
    main()
