"""Annotations of real pages whose text is not ours to keep: claims by offsets, the text looked up in the corpus when training.

`training/pages.jsonl` holds a page a line: `id`, `published`, `furniture` and `claims` as gold has them (`training/annotate.py`), but
evidence and furniture as `[start, end]` only. Annotated once, by the codebook, without a second reader: worth less than gold.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from training.gold import GoldReport

FILE = Path(__file__).with_name("pages.jsonl")


def load(corpus: Path, path: Path = FILE) -> list[GoldReport]:
    """The annotated pages as gold reports, their text taken from the corpus (gzip of JSON lines with `id` and `text`)."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        texts = {row["id"]: row for row in map(json.loads, lines)}
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        page = json.loads(line)
        text = texts[page["id"]]["text"]
        for claim in page["claims"]:
            claim["evidence"] = [{"start": a, "end": b, "text": text[a:b]} for a, b in claim["evidence"]]
        page["furniture"] = [{"start": a, "end": b, "text": text[a:b]} for a, b in page["furniture"]]
        out.append(
            {**page, "text": text, "title": texts[page["id"]].get("title"), "incident": None, "near_copy_of": []}
        )
    return out
