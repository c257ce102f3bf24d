"""Score place names: `python -m benchmarks.where --data DIR [--json]` over DIR/where/*.jsonl.gz.

For each file: `acc161_gold_spans`, the share of gold names (with coordinates, adjectives aside) put within 161 km when told
where the names stand; `recognition_f1`, finding them, any overlap counting, one to one; `acc161_end_to_end`, the first
figure with mahdar's own names. A name that the gazetteer lacks counts by the place mahdar says it lies within, if any.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mahdar.where.gazetteer import Gazetteer, distance
from mahdar.where.places import Places, Toponym

NEAR = 161.0

Document = dict[str, Any]


def documents(path: Path) -> Iterator[Document]:
    with gzip.open(path, "rt", encoding="utf8") as lines:
        for line in lines:
            yield json.loads(line)


def read(document: Document, gazetteer: Gazetteer, spans: list[tuple[int, int]] | None = None) -> list[Toponym]:
    places = Places(
        document["text"], title=document.get("title"), outlet=document.get("domain"), gazetteer=gazetteer, spans=spans
    )
    return [t for t in places.toponyms if spans is not None or not t.is_adjective]


def right(gold: dict[str, Any], found: Toponym) -> bool:
    entry = found.place or found.within
    return entry is not None and distance(gold["lat"], gold["lon"], entry.lat, entry.lon) <= NEAR


def pair(gold: list[dict[str, Any]], found: list[Toponym]) -> dict[int, int]:
    """Index of a found name -> index of the gold one it overlaps, one to one, exact spans first, then the widest overlap."""
    out: dict[int, int] = {}
    for p, t in enumerate(found):
        for g, known in enumerate(gold):
            if g not in out.values() and (known["start"], known["end"]) == (t.start, t.end):
                out[p] = g
                break
    for p, t in enumerate(found):
        if p not in out:
            shared = [
                (min(k["end"], t.end) - max(k["start"], t.start), -g)
                for g, k in enumerate(gold)
                if g not in out.values()
            ]
            if shared and max(shared)[0] > 0:
                out[p] = -max(shared)[1]
    return out


def score(path: Path, gazetteer: Gazetteer) -> dict[str, float]:
    told = hits = misses = extra = placed = total = 0
    for document in documents(path):
        gold = document["toponyms"]
        given = {(t.start, t.end): t for t in read(document, gazetteer, [(t["start"], t["end"]) for t in gold])}
        own = read(document, gazetteer)
        paired = pair(gold, own)
        extra += len(own) - len(paired)
        by_gold = {g: own[p] for p, g in paired.items()}
        for g, t in enumerate(gold):
            if t["adj"]:
                continue
            hits += g in by_gold
            misses += g not in by_gold
            if t["lat"] is not None:
                total += 1
                told += right(t, given[t["start"], t["end"]])
                placed += g in by_gold and right(t, by_gold[g])
    return {
        "acc161_gold_spans": round(told / total, 4) if total else 0.0,
        "recognition_f1": round(2 * hits / (2 * hits + extra + misses), 4) if hits else 0.0,
        "acc161_end_to_end": round(placed / total, 4) if total else 0.0,
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    asked = arguments.parse_args()
    with Gazetteer.open() as gazetteer:
        figures = {
            p.name.removesuffix(".jsonl.gz"): score(p, gazetteer)
            for p in sorted((asked.data / "where").glob("*.jsonl.gz"))
        }
    if asked.json:
        print(json.dumps(figures))
        return
    for name, row in figures.items():
        print(name, *(f"{metric} {value}" for metric, value in row.items()), sep="  ")


if __name__ == "__main__":
    main()
