"""Score event types on PLOVER's gold sentences: `python -m benchmarks.plover --data DIR [--json]`.

DIR/type/plover*.jsonl.gz holds a sentence a line: `text` and `types` (PLOVER's). mahdar codes conflict, so it can find only the
types that `codebook/event_types.toml` maps to; demands, sanctions or aid stay unfound by design. `found`: share of sentences
whose type is the likeliest that the reader sees; `f1`: over all sentences and types.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from functools import partial
from pathlib import Path

import mahdar.codebook
from benchmarks.report import run
from benchmarks.type import likeliest
from mahdar.reading.reader import Reader

SAME = {"FIGHT": "ASSAULT"}  # an older name in the gold file beside PLOVER's present one


def plover_of() -> dict[str, set[str]]:
    """Our event type -> the PLOVER types it may be."""
    path = Path(mahdar.codebook.__file__).with_name("event_types.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {code: set(str(entry.get("plover", "")).split()) for code, entry in data.items()}


def score(path: Path, reader: Reader) -> dict[str, float]:
    """The figures of one file."""
    mapped = plover_of()
    right = predicted = gold = found = rows = 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            want = {SAME.get(t, t) for t in row["types"]}
            best = likeliest(reader, row["text"])[:1]
            got = mapped[best[0]] if best else set()
            hit = bool(want & got)
            rows += 1
            found += hit
            right += hit
            predicted += bool(got)
            gold += len(want)
    return {
        "found": round(found / max(1, rows), 4),
        "f1": round(2 * right / max(1, predicted + gold), 4),
        "sentences": rows,
    }


def main() -> None:
    run(__doc__, "type/plover*.jsonl.gz", partial(score, reader=Reader(gated=False)))


if __name__ == "__main__":
    main()
