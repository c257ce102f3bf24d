"""The pruned tokenizer: the word pieces that news uses, so that the shipped embedding table stays small.

The base model (all-MiniLM-L6-v2, Apache-2.0) knows 30,522 pieces; `SIZE` of them, the commonest in the given texts plus every
single character, cover news of armed conflict. A word outside falls into smaller pieces that are kept.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer

SIZE = 16_000
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def prune(base: Path, texts: Iterable[str], out: Path) -> list[int]:
    """Write the pruned tokenizer to `out`; returns, for each new id, the base model's id."""
    full = Tokenizer.from_file(str(base / "tokenizer.json"))
    full.no_padding()
    full.no_truncation()
    counts: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == 256:
            counts.update(i for e in full.encode_batch(batch, add_special_tokens=False) for i in e.ids)
            batch = []
    counts.update(i for e in full.encode_batch(batch, add_special_tokens=False) for i in e.ids)
    vocabulary = full.get_vocab()
    keep = {vocabulary[s] for s in SPECIAL}
    keep |= {i for piece, i in vocabulary.items() if len(piece.removeprefix("##")) == 1 and piece.isascii()}
    keep |= {i for i, n in counts.items() if len((full.id_to_token(i) or "").removeprefix("##")) == 1}
    for i, _ in sorted(counts.items(), key=lambda x: (-x[1], x[0])):
        if len(keep) >= SIZE:
            break
        keep.add(i)
    old = sorted(keep)
    spec = json.loads(full.to_str())
    spec["model"]["vocab"] = {full.id_to_token(i): new for new, i in enumerate(old)}
    renumber = {i: new for new, i in enumerate(old)}
    for token in spec["added_tokens"]:
        token["id"] = renumber[token["id"]]
    spec["added_tokens"] = [t for t in spec["added_tokens"] if t["content"] in SPECIAL]
    for token in (spec.get("post_processor") or {}).get("special_tokens", {}).values():
        token["ids"] = [renumber[i] for i in token["ids"]]
    out.write_text(json.dumps(spec, ensure_ascii=False), encoding="utf-8")
    return old
