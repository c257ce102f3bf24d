"""The event's place among a sentence's places: `python -m benchmarks.place --data DIR [--json]` over DIR/place/*.jsonl.gz.

Rows: `text`, `verb` [start, end], `locs` [[start, end] …], empty where no place is the event's. Candidates are mahdar's own
(`place_names`), never the gold; the chosen one is right if it overlaps a gold span. Per file: `right`, the share right of the
sentences whose event has a place (one that no candidate covers counts as missed); `ambiguous`, the same where two or more
candidates stand to choose from and one of them is right; `kept_empty`, the share of the sentences without a place where none
was chosen. All three at the one shipped bar; `ranked` is `ambiguous` without it, the best candidate taken whatever its score.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

from mahdar.where.event_place import choose, place_names, rank_places


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = {
        path.name.removesuffix(".jsonl.gz"): score(path) for path in sorted((options.data / "place").glob("*.jsonl.gz"))
    }
    if options.json:
        print(json.dumps(figures))
    else:
        for name, values in figures.items():
            print(name, " ".join(f"{key} {value:.3f}" for key, value in values.items()))


def score(path: Path) -> dict[str, float]:
    """The figures of one file."""
    placed = right = several = ambiguous = ranked = empty = kept = 0
    with gzip.open(path, "rt", encoding="utf8") as lines:
        for line in lines:
            row = json.loads(line)
            text, whole, trigger = row["text"], (0, len(row["text"])), (row["verb"][0], row["verb"][1])
            found = place_names(text, whole)
            holds = [any(start < e and s < end for s, e in row["locs"]) for start, end in found]
            chosen = choose(text, whole, trigger, found)
            if not row["locs"]:
                empty += 1
                kept += chosen is None
                continue
            hit = chosen is not None and holds[chosen]
            placed += 1
            right += hit
            if len(found) > 1 and any(holds):
                scores = rank_places(text, whole, trigger, found)
                several += 1
                ambiguous += hit
                ranked += holds[scores.index(max(scores))]
    return {
        "right": right / max(placed, 1),
        "ambiguous": ambiguous / max(several, 1),
        "kept_empty": kept / max(empty, 1),
        "ranked": ranked / max(several, 1),
    }


if __name__ == "__main__":
    main()
