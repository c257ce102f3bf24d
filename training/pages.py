"""Annotations of real pages whose text is not ours to keep: claims by offsets, the text looked up in the public sets.

`training/pages.jsonl` holds a page a line: `id`, `published`, `furniture` and `claims` as gold has them (`training/annotate.py`),
but every wording as the `[start, end]` of each of its equally good ways, evidence and furniture as one such pair. Annotated once,
by the codebook, without a second reader: worth less than gold.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

from training.gold import GoldReport

FILE = Path(__file__).with_name("pages.jsonl")
# Beginning of a page's id -> the set it is from. An id is what the set calls the page, with that beginning if it has none.
SETS = {
    "mix": "corpus/mixed.jsonl.gz",
    "case2021": "type/case2021.jsonl.gz",
    "indiapolice": "relevance/indiapolice.jsonl.gz",
    "muc4": "templates/muc4_train.jsonl.gz",
    "polnear": "says/polnear_train.jsonl.gz",
    "timebank": "when/timebank.jsonl.gz",
    "aquaint": "when/aquaint.jsonl.gz",
    "gwn": "where/gwn.jsonl.gz",
    "lgl": "where/lgl.jsonl.gz",
    "ecbplus": "corroboration/ecbplus_train.jsonl.gz",
}
_WHOLE = ("mix", "case2021", "indiapolice")  # sets whose paragraphs are lines; in the others lines are broken anywhere
_BEGINNING = re.compile(r"[^-:]+")


def load(bench: Path, path: Path = FILE) -> list[GoldReport]:
    """The annotated pages as gold reports, their text taken from the public sets under `bench`."""
    pages = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    wanted = {_set(page["id"]) for page in pages}
    rows: dict[str, dict[str, Any]] = {}
    for name in sorted(wanted):
        with gzip.open(bench / SETS[name], "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                own = str(row.get("id") or row.get("doc_id") or row["docid"])
                rows[own if own.startswith(name) else f"{name}-{own}"] = row
    return [_whole(page, _text(page["id"], rows[page["id"]]), rows[page["id"]].get("title")) for page in pages]


def _set(id: str) -> str:
    return _BEGINNING.match(id)[0]  # type: ignore[index]


def _text(id: str, row: dict[str, Any]) -> str:
    """A set's page as one text; one that comes in sentences (texts or words) gets a line for each."""
    if "text" not in row:
        return "\n".join(" ".join(s) if isinstance(s, list) else s["text"].strip() for s in row["sentences"])
    text: str = row["text"]
    if _set(id) in _WHOLE:
        return text
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip())


def _whole(page: dict[str, Any], text: str, title: str | None) -> GoldReport:
    def said(ways: list[list[int]]) -> str:
        return "|".join(text[start:end] for start, end in ways)

    def spans(pairs: list[list[int]]) -> list[dict[str, Any]]:
        return [{"start": start, "end": end, "text": text[start:end]} for start, end in pairs]

    claims = []
    for claim in page["claims"]:
        whole = {**claim, "evidence": spans(claim["evidence"]), "trigger": said(claim["trigger"])}
        for slot in ("actors", "targets", "sources"):
            whole[slot] = [said(ways) for ways in claim[slot]]
        for slot in ("places", "figures"):
            whole[slot] = [{**filler, "text": said(filler["text"])} for filler in claim[slot] if filler["text"]]
        whole["agreement"] = said(claim["agreement"]) if claim["agreement"] else None
        claims.append(whole)
    return {
        "id": page["id"],
        "text": text,
        "title": title,
        "published": page["published"],
        "furniture": spans(page["furniture"]),
        "claims": claims,
        "incident": None,
        "near_copy_of": [],
    }
