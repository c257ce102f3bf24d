"""Does the grammar hold the day of a gold claim? `python -m benchmarks.when_gold FILE.jsonl … [--errors]`.

For each gold claim with a start or an end, the expressions of its evidence's sentences and of the sentence before are
read; the claim is found if one of them yields an interval the gold scorer accepts (days in common over days in either
at least one half, a rule of `score.py`). This is the ceiling the choice of the event's time works under, not the
reader's accuracy. `default` are claims whose time is the publication date because the text gives none.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from mahdar.when import TimeExpression, days, find_publication_date, read_times

SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z])|\n+")


def closed(start: str | None, end: str | None) -> tuple[date, date] | None:
    """The interval as the gold scorer reads it: an absent side is the other one."""
    first, last = days(start or end, end or start)
    return (first, max(first, last)) if first and last else None


def same(a: tuple[date, date] | None, b: tuple[date, date] | None) -> bool:
    if not a or not b:
        return False
    common = (min(a[1], b[1]) - max(a[0], b[0])).days + 1
    return common > 0 and common / ((max(a[1], b[1]) - min(a[0], b[0])).days + 1) >= 0.5


def ways(x: TimeExpression, claim: dict[str, Any], published: str | None) -> list[tuple[date, date] | None]:
    """The intervals a reader can take from an expression: its own, what its words name alone, and for a total what
    has run since.
    """
    found = [closed(x.interval_start, x.interval_end), closed(*x.named)]
    if x.opening == "began" and claim["scope"] == "total" and published:
        found.append(closed(x.interval_start, published))
    return found


def context(text: str, evidence: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """The stretches of the evidence's sentences and of the sentence before each."""
    cuts = [0, *(match.end() for match in SENTENCE_END.finditer(text)), len(text)]
    sentences = list(itertools.pairwise(cuts))
    inside = {n for n, (a, b) in enumerate(sentences) for e in evidence if a < e["end"] and e["start"] < b}
    return [sentences[n] for n in sorted(inside | {n - 1 for n in inside if n})]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument(
        "--errors", action="store_true", help="print the claims with time words near whose interval was not found"
    )
    args = parser.parse_args()
    for path in args.files:
        counts: Counter[str] = Counter()
        precision: Counter[str] = Counter()
        for line in path.read_text("utf-8").splitlines():
            report = json.loads(line)
            text, published = report["text"], report["published"]
            own = find_publication_date(text)
            expressions = read_times(text, published, dateline=own[0] if own else None)
            for claim in report["claims"]:
                gold = closed(claim.get("start"), claim.get("end"))
                if gold is None:
                    continue
                counts["dated"] += 1
                stretches = context(text, claim["evidence"])
                near = [x for x in expressions if any(a <= x.start < b for a, b in stretches)]
                usable = [x for x in near if x.interval_start or x.interval_end]
                hit = next((x for x in usable if any(same(gold, way) for way in ways(x, claim, published))), None)
                default = published and not claim.get("start") and claim["end"] == published
                if hit is not None:
                    counts["found"] += 1
                    precision["n"] += 1
                    precision["right"] += hit.precision == claim.get("time_precision")
                elif default:
                    counts["default"] += 1
                elif not near:
                    counts["no_words"] += 1
                else:
                    counts["missed"] += 1
                    if args.errors:
                        show(report, claim, near)
        said = counts["found"] + counts["missed"]
        print(
            path.name, dict(counts), f"found where time words stand near: {counts['found'] / said:.3f}", dict(precision)
        )


def show(report: dict[str, Any], claim: dict[str, Any], near: list[TimeExpression]) -> None:
    print("##", report["published"], claim.get("start"), claim.get("end"), claim["type"], claim["scope"])
    print("  ", " // ".join(e["text"] for e in claim["evidence"])[:400].replace("\n", " "))
    print("  ", [(x.text, x.value, x.interval_start, x.interval_end) for x in near])


if __name__ == "__main__":
    main()
