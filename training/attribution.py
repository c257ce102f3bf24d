"""How often annotators agree with each attribution pattern: the figures behind `[patterns]` in `codebook/attribution.toml`.

usage: python -m training.attribution GOLD.jsonl [--examples PATTERN]

Counted on sentences that are evidence of an annotated claim: of what a pattern finds there, how much is a source of that claim;
and of the sources of all claims, how many any pattern finds in the claim's evidence.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

from benchmarks.gold import report_of
from mahdar.reading.attribution import attributions
from mahdar.reading.context import Context
from mahdar.reading.wording import alike
from mahdar.who import Register
from training import gold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--examples", help="print finds of this pattern, right and wrong")
    args = parser.parse_args()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wanted = met = 0
    shown: list[str] = []
    for report in gold.load(args.gold):
        context, text = Context(report_of(report), gold.sentences(report), Register.load()), report["text"]
        by_sentence = attributions(context)
        for claim in report["claims"]:
            sources = [s.split("|") for s in claim["sources"]]
            here = [
                k
                for k, s in enumerate(context.sentences)
                if any(
                    gold.shared((s.start, s.end), (e["start"], e["end"])) >= min(15, 0.5 * (e["end"] - e["start"]))
                    for e in claim["evidence"]
                )
            ]
            once = {(a.span, a.pattern) for k in here for a in by_sentence[k]}
            for span, pattern in sorted(once):
                said = text[span.start : span.end]
                good = any(alike(said, w) for ways in sources for w in ways)
                found[pattern] += 1
                right[pattern] += good
                if pattern == args.examples:
                    around = text[max(0, span.start - 60) : span.end + 60].replace("\n", " ")
                    shown.append(f"{'+' if good else '-'} {said!r} | {around} | {claim['sources']}")
            wanted += len(sources)
            if args.examples == "missed":
                for ways in sources:
                    if not any(alike(text[x.start : x.end], w) for x, _ in once for w in ways):
                        for k in here:
                            s = context.sentences[k]
                            if gold.find("|".join(ways), text, s.start, s.end):
                                shown.append(f"{ways} || {text[s.start : s.end]}")
            met += sum(any(alike(text[s.start : s.end], w) for s, _ in once for w in ways) for ways in sources)
    for pattern, n in found.most_common():
        print(f"{pattern:12} {right[pattern]:5} of {n:5} right  {right[pattern] / n:.3f}")
    print(
        f"all          precision {sum(right.values()) / sum(found.values()):.3f}  recall {met / wanted:.3f} of {wanted}"
    )
    random.Random(1).shuffle(shown)
    print("\n".join(shown[:40]))


if __name__ == "__main__":
    main()
