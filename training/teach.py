"""What the present reader thinks of unlabelled pages, as lessons for the next network: near misses by the thousand.

usage: python -m training.teach --shared DIR --out FILE [--pages N]

Reads DIR/bench/corpus/mixed.jsonl.gz and keeps, of each page that the reader finds worth reading, the probabilities of the
finder and of the filler (pickled, one lesson after another). About twenty-five CPU minutes for 3,000 pages.
"""

from __future__ import annotations

import argparse
import gzip
import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mahdar.intake import make_report, report_sentences
from mahdar.model import Report
from mahdar.reading.assembly import choose
from mahdar.reading.context import Context
from mahdar.reading.reader import LONGEST, Reader

Lesson = dict[str, Any]


def lesson(reader: Reader, report: Report) -> Lesson | None:
    """None for a report in which nothing is found."""
    report = replace(report, text=report.text[:LONGEST])
    context = Context(report, [s for s in report_sentences(report) if s.end <= LONGEST], reader.register)
    look, candidates = reader.candidates(context)
    if not candidates:
        return None
    likely = choose(candidates, reader.scores)
    reader.fill(context, look, likely)
    return {
        "id": report.id,
        "text": report.text,
        "title": report.title,
        "sentences": [(s.start, s.end) for s in context.sentences],
        "seen": {s.sentence: (s.types.astype(np.float16), s.pieces.astype(np.float16)) for s in look.sightings()},
        "fillings": [
            (
                m.sentence,
                (m.trigger.start, m.trigger.end),
                m.type,
                {
                    "offsets": m.filling.offsets,
                    "roles": m.filling.roles.astype(np.float16),
                    "total": m.filling.total,
                    "status": m.filling.status,
                },
            )
            for m in likely
            if m.filling is not None
        ],
    }


def read_lessons(path: Path) -> Iterator[Lesson]:
    with path.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)
            except EOFError:
                return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pages", type=int)
    args = parser.parse_args()
    with gzip.open(args.shared / "bench/corpus/mixed.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][: args.pages]
    reader = Reader()
    kept = 0
    with args.out.open("wb") as file:
        for row in rows:
            report = make_report(
                row["text"], name=row["id"], id=row["id"], title=row.get("title"), published=row.get("published")
            )
            got = lesson(reader, report) if isinstance(report, Report) else None
            if got is not None:
                pickle.dump(got, file)
                kept += 1
    print(f"{kept} lessons of {len(rows)} pages")


if __name__ == "__main__":
    main()
