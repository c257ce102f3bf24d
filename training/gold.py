"""Annotated reports as training material: reports, folds, and where the annotated wordings stand in the text."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mahdar.intake.sentences import split_sentences
from mahdar.model import Span

GoldReport = dict[str, Any]
GoldClaim = dict[str, Any]

FOLDS = 2


def load(path: Path) -> list[GoldReport]:
    """Reports of a gold file (`{"id", "title", "published", "text", "furniture", "claims"}` a line)."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def folds(reports: Sequence[GoldReport]) -> dict[str, int]:
    """Report id -> fold; near-copies and reports of one incident stay together. Seeded, so that a rerun is the same."""
    group: dict[str, str] = {}

    def root(key: str) -> str:
        while group.setdefault(key, key) != key:
            key = group[key]
        return key

    for report in reports:
        for other in [*(report.get("near_copy_of") or []), report.get("incident")]:
            if other:
                group[root(report["id"])] = root(str(other))
    members: dict[str, list[str]] = {}
    for report in reports:
        members.setdefault(root(report["id"]), []).append(report["id"])
    order = sorted(members)
    random.Random(7).shuffle(order)
    sizes = [0] * FOLDS
    out: dict[str, int] = {}
    for key in sorted(order, key=lambda k: -len(members[k])):
        fold = sizes.index(min(sizes))
        sizes[fold] += len(members[key])
        out.update(dict.fromkeys(members[key], fold))
    return out


def sentences(report: GoldReport) -> list[Span]:
    furniture = [Span(f["start"], f["end"]) for f in report.get("furniture") or []]
    return split_sentences(report["text"], furniture)


def find(wording: str, text: str, low: int, high: int) -> tuple[int, int] | None:
    """The longest of the wording's `|` alternatives found in text[low:high], whole words, any case."""
    best: tuple[int, int] | None = None
    for alternative in str(wording).split("|"):
        pattern = r"\W+".join(re.escape(w) for w in re.findall(r"\w+", alternative))
        if not pattern:
            continue
        match = re.compile(r"(?<!\w)" + pattern + r"(?!\w)", re.I).search(text, low, high)
        if match and (best is None or match.end() - match.start() > best[1] - best[0]):
            best = match.span()
    return best


def shared(a: tuple[int, int], b: tuple[int, int]) -> int:
    """Characters two stretches share (negative: the gap between them)."""
    return min(a[1], b[1]) - max(a[0], b[0])


def mentions(report: GoldReport, spans: Sequence[Span]) -> tuple[list[set[str]], list[tuple[str, int, int, int, int]]]:
    """What the finder should find: the types each sentence holds, and triggers as (type, start, end, sentence, claim)."""
    text = report["text"]
    types: list[set[str]] = [set() for _ in spans]
    triggers: list[tuple[str, int, int, int, int]] = []
    for number, claim in enumerate(report["claims"]):
        for evidence in claim["evidence"]:
            low, high = evidence["start"], evidence["end"]
            for k, s in enumerate(spans):
                if shared((s.start, s.end), (low, high)) >= min(15, 0.5 * (high - low)):
                    types[k].add(claim["type"])
            hit = find(claim["trigger"], text, low, high)
            if hit is None:
                continue
            k = next((k for k, s in enumerate(spans) if shared((s.start, s.end), hit) > 0), -1)
            if k >= 0 and not any(t[:4] == (claim["type"], *hit, k) for t in triggers):
                triggers.append((claim["type"], *hit, k, number))
    return types, triggers
