"""Score who says what: `python -m benchmarks.says --data DIR [--json]`.

DIR/says/*.jsonl.gz holds a document a line: `text` and `attributions`, each with the stretches of its `source`, `cue` and
`content`. A predicted source (or content) is right if it shares at least half of the longer one's characters with a gold one,
one to one. The reader's network finds them (`reading/speech.py`); without its model file the wordings of
`codebook/attribution.toml` do.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.report import run
from mahdar.intake.sentences import split_sentences
from mahdar.model import Report, Span
from mahdar.reading.attribution import attributions
from mahdar.reading.context import Context
from mahdar.reading.reader import Reader
from mahdar.reading.speech import find_speeches

Stretches = frozenset[int]  # the offsets of all characters


def offsets(spans: Sequence[Sequence[Any]]) -> Stretches:
    return frozenset(i for start, end, *_ in spans for i in range(start, end))


def said(reader: Reader, text: str) -> tuple[list[Stretches], list[Stretches]]:
    """The sources and the contents of a text."""
    sentences = split_sentences(text)
    if reader.encoder is None:
        context = Context(Report("", text), sentences, reader.register)
        found = [(a, sentences[k]) for k, here in enumerate(attributions(context)) for a in here if a.sentence == k]
        sources = [offsets([(a.span.start, a.span.end)]) for a, _ in found]
        return sources, [offsets(_rest(s, a.span)) for a, s in found]
    look = reader.encoder.look(text, None, sentences)
    look.sightings()
    speeches = find_speeches(text, look)
    sources = [offsets([(r.span.start, r.span.end) for r in s.sources]) for s in speeches if s.sources]
    return sources, [offsets([(c.start, c.end) for c in s.contents]) for s in speeches if s.contents]


def _rest(sentence: Span, source: Span) -> list[tuple[int, int]]:
    return (
        [(sentence.start, source.start)] if source.start > sentence.end - source.end else [(source.end, sentence.end)]
    )


def hits(gold: Sequence[Stretches], predicted: Sequence[Stretches]) -> int:
    """Pairs that share at least half, one to one, the closest first."""
    shares = sorted(
        (
            (len(g & p) / max(len(g), len(p)), i, j)
            for i, g in enumerate(gold)
            for j, p in enumerate(predicted)
            if g & p
        ),
        reverse=True,
    )
    left, right = set(range(len(gold))), set(range(len(predicted)))
    count = 0
    for share, i, j in shares:
        if share >= 0.5 and i in left and j in right:
            left.remove(i)
            right.remove(j)
            count += 1
    return count


def score(path: Path, reader: Reader) -> dict[str, float]:
    """The figures of one file."""
    counts = {"source": [0, 0, 0], "content": [0, 0, 0]}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            for part, predicted in zip(("source", "content"), said(reader, row["text"]), strict=True):
                gold = [offsets(a[part]) for a in row["attributions"] if a[part]]
                counts[part][0] += hits(gold, predicted)
                counts[part][1] += len(predicted)
                counts[part][2] += len(gold)
    return {f"{part}_f1": round(2 * n[0] / max(1, n[1] + n[2]), 4) for part, n in counts.items()}


def main() -> None:
    run(__doc__, "says/*.jsonl.gz", partial(score, reader=Reader(gated=False)))


if __name__ == "__main__":
    main()
