"""Score whether things happened: `python -m benchmarks.status --data DIR [--json]`.

DIR/status/uds*.jsonl.gz holds a sentence a line: `document_id`, `tokens` and `predicates` (`token`: its number, `factuality` from
-3, did not happen, to 3, did). Sentences of one document are read together. The sign of what the reader thinks of a word
must be right: the network's `factual` head, or without its model file the cues of `codebook/cues.toml`.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.report import run
from mahdar.model import Span
from mahdar.reading.cues import pattern
from mahdar.reading.reader import Reader

# What the treebank's tokens write apart and a text writes together.
_LEANS_BACK = re.compile(r"n't|'\w{1,2}|’\w{1,2}|[.,;:!?%)\]}”]+|\.\.\.")
_LEANS_ON = frozenset("([{“$#")


@dataclass(frozen=True, slots=True)
class Document:
    text: str
    sentences: list[Span]
    predicates: list[tuple[int, Span, float]]  # sentence, word, factuality


def documents(rows: Iterable[dict[str, Any]]) -> Iterator[Document]:
    """Neighbouring rows of one document as a text."""
    for _, group in groupby(rows, key=lambda r: r["document_id"]):
        text, sentences, predicates = "", list[Span](), list[tuple[int, Span, float]]()
        for number, row in enumerate(group):
            text += " " if text else ""
            start = len(text)
            words = []
            for token in row["tokens"]:
                joined = len(text) == start or _LEANS_BACK.fullmatch(token) or text[-1] in _LEANS_ON
                text += "" if joined else " "
                words.append(Span(len(text), len(text) + len(token)))
                text += token
            sentences.append(Span(start, len(text)))
            predicates += [(number, words[p["token"]], p["factuality"]) for p in row["predicates"]]
        yield Document(text, sentences, predicates)


def happened(reader: Reader, document: Document) -> list[bool]:
    """What the reader thinks of each predicate."""
    if reader.encoder is None:
        before = [document.text[document.sentences[k].start : s.start] for k, s, _ in document.predicates]
        return [not any(pattern("status", c).search(b[-40:]) for c in ("negated", "intended")) for b in before]
    look = reader.encoder.look(document.text, None, document.sentences)
    seen = {s.sentence: s for s in look.sightings()}
    return [bool(seen[k].factual_at(span) >= 0.5) if k in seen else True for k, span, _ in document.predicates]


def score(path: Path, reader: Reader) -> dict[str, float]:
    """The figures of one file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        told = list(documents(map(json.loads, lines)))
    right = total = 0
    for document in told:
        wanted: Sequence[float] = [f for _, _, f in document.predicates]
        for got, f in zip(happened(reader, document), wanted, strict=True):
            total += f != 0
            right += f != 0 and got == (f > 0)
    return {"sign_accuracy": round(right / max(1, total), 4), "predicates": total}


def main() -> None:
    run(__doc__, "status/uds*.jsonl.gz", partial(score, reader=Reader(gated=False)))


if __name__ == "__main__":
    main()
