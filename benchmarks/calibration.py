"""Is a confidence of .8 right eight times in ten? Reliability of what the reader says of its own claims and fillers.

A claim counts as right where it pairs with an annotated claim of its type; a filler, of a claim that pairs, where the annotation
has it too (the scorer's own rules). Expected calibration error: the mean gap between confidence and share right over ten equal
bins, weighted by their size (Naeini et al. 2015).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks import score

BINS = 10
SLOTS = ("claim", *score.SLOTS)
Told = list[tuple[float, bool]]  # confidence, right


def told(rows: Sequence[dict[str, Any]], predicted: dict[str, list[dict[str, Any]]]) -> dict[str, Told]:
    """What was said with which confidence, and whether it was right, by slot. `predicted`: claims as JSON."""
    out: dict[str, Told] = {slot: [] for slot in SLOTS}
    for slot, _, confidence, right in judged(rows, predicted):
        out[slot].append((confidence, right))
    return out


def judged(
    rows: Sequence[dict[str, Any]], predicted: dict[str, list[dict[str, Any]]]
) -> Iterator[tuple[str, Any, float, bool]]:
    """The slot, what fills it (of `claim` and `time` the claim), with which confidence, and whether that is right."""
    for row in rows:
        claims = predicted.get(row["id"], [])
        paired = {j: row["claims"][i] for i, j in score.pair(row["claims"], claims)}
        for j, claim in enumerate(claims):
            gold = paired.get(j)
            yield "claim", claim, claim["confidence"], gold is not None and gold["type"] == claim["type"]
            if gold is not None:
                for slot in score.SLOTS:
                    for filler, confidence, right in _fillers(slot, claim, gold):
                        yield slot, filler, confidence, right


def _fillers(slot: str, claim: dict[str, Any], gold: dict[str, Any]) -> Iterator[tuple[Any, float, bool]]:
    same: Any = score.SAME[slot]
    wanted = score.fillers(gold, slot)
    for filler, confidence in zip(score.fillers(claim, slot), _confidences(slot, claim), strict=False):
        yield filler, confidence, any(same(g, filler) for g in wanted)


def _confidences(slot: str, claim: dict[str, Any]) -> list[float]:
    if slot == "time":
        return [claim["time"]["confidence"]]
    fillers = claim[slot] if slot in ("places", "figures") else claim["resolved"][slot]
    return [f["confidence"] for f in fillers]


def error(pairs: Told) -> float:
    """Expected calibration error, 0 to 1; 0 for nothing told."""
    gaps = [abs(sum(c for c, _ in b) - sum(r for _, r in b)) for b in _bins(pairs)]
    return sum(gaps) / max(1, len(pairs))


def _bins(pairs: Told) -> list[Told]:
    out: list[Told] = [[] for _ in range(BINS)]
    for confidence, right in pairs:
        out[min(BINS - 1, int(confidence * BINS))].append((confidence, right))
    return out


def table(by_slot: dict[str, Told]) -> list[str]:
    """A reliability table in Markdown: for each bin of confidence the share right and how many."""
    heads = [f".{i}" for i in range(BINS)]
    lines = ["| confidence from | " + " | ".join(heads) + " | error |", "|---" * (BINS + 2) + "|"]
    for slot, pairs in by_slot.items():
        cells = [f"{sum(r for _, r in b) / len(b):.2f} ({len(b)})" if b else "" for b in _bins(pairs)]
        lines.append(f"| {slot} | " + " | ".join(cells) + f" | {error(pairs):.3f} |")
    return lines
