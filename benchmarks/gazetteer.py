"""Score the gazetteer alone: `python -m benchmarks.gazetteer --reference DIR [--json]`.

`syria_names.jsonl`: names and spellings of conflict reports, found within 15 km. `ocha_syria.jsonl`: OCHA's English names of
first- to third-level areas, found within 25 km, with only what is shipped and again after importing the file itself.
Each name is looked up within its country and counts as found if an entry it may mean is near: a bare name that two places bear
(Suran in Aleppo and in Hama) cannot be told apart without a text. `open_ms` and `memory_mb`: what opening the shipped gazetteer
and finding a first name cost in CPU milliseconds (median of 20) and in megabytes of this process (once).
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from mahdar.where.gazetteer import Gazetteer, distance
from mahdar.where.imports import import_file


def rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf8") as lines:
        return [json.loads(line) for line in lines]


def misses(gazetteer: Gazetteer, wanted: list[dict[str, Any]], near: float) -> list[str]:
    """The names none of whose entries is within `near` km of the reference point."""
    out = []
    for row in wanted:
        found = gazetteer.find(row["name"], row.get("country", "SY"))
        if not any(distance(row["lat"], row["lon"], e.lat, e.lon) <= near for e in found):
            out.append(row["name"].strip())
    return out


def cost() -> dict[str, float]:
    """CPU milliseconds to open the gazetteer and find a name, and the megabytes that the first time adds to the process."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent = []
    for turn in range(20):
        begun = time.process_time()
        with Gazetteer.open() as gazetteer:
            gazetteer.find("Idlib", "SY")
        spent.append(time.process_time() - begun)
        if turn == 0:
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"open_ms": round(1000 * statistics.median(spent), 2), "memory_mb": round(grown / 1024, 1)}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--reference", type=Path, required=True)
    arguments.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    arguments.add_argument("--misses", action="store_true", help="name what was not found")
    asked = arguments.parse_args()
    spent = cost()
    names = rows(asked.reference / "syria_names.jsonl")
    areas = [r for r in rows(asked.reference / "ocha_syria.jsonl") if r["level"] in (1, 2, 3)]
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "own.sqlite"
        import_file(asked.reference / "ocha_syria.jsonl", own)
        with Gazetteer.open(Path(folder) / "none.sqlite", missing_ok=True) as shipped, Gazetteer.open(own) as imported:
            lost = {
                "syria_names_15km": (misses(shipped, names, 15), len(names)),
                "ocha_25km": (misses(shipped, areas, 25), len(areas)),
                "ocha_imported_25km": (misses(imported, areas, 25), len(areas)),
            }
    figures = {name: round(1 - len(found) / total, 4) for name, (found, total) in lost.items()} | spent
    print(json.dumps(figures) if asked.json else figures)
    if asked.misses:
        for name, (found, _) in lost.items():
            print(name, ", ".join(found), sep=": ")


if __name__ == "__main__":
    main()
