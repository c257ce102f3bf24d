"""Candidate pairs: only rows that share a block are ever compared, so that cost grows with the rows, not with their square.

A block is everything with one key (a rare word, a place and a week, a five-word run). In a block of up to `SMALL` rows all
pairs are candidates; in a larger one each row meets the `WINDOW` that follow it in the given order, so that no block,
however common its key, costs more than its size times a constant.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SMALL = 40
WINDOW = 8

Pairs = NDArray[np.uint64]
"""Pairs of rows, each as `left << 32 | right` with left < right."""
Numbers = NDArray[np.int64] | NDArray[np.int32]


def pack(left: Numbers, right: Numbers) -> Pairs:
    low, high = np.minimum(left, right), np.maximum(left, right)
    return (low.astype(np.uint64) << np.uint64(32)) | high.astype(np.uint64)


def unpack(pairs: Pairs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)


def pairs_within(
    blocks: NDArray[np.uint64],
    rows: Numbers,
    order: Numbers,
    *,
    small: int = SMALL,
    window: int = WINDOW,
) -> Pairs:
    """Pairs of `rows` (not distinct ones: a pair stands once for every block both are in) that share a block.

    `order` sorts the rows of a block too large to be taken whole.
    """
    by = np.lexsort((order, blocks))
    block, row = blocks[by], rows[by]
    starts = np.flatnonzero(np.concatenate(([True], block[1:] != block[:-1]))) if len(block) else np.zeros(0, np.int64)
    sizes = np.diff(np.concatenate((starts, [len(block)])))
    position = np.arange(len(block)) - np.repeat(starts, sizes)
    follow = np.repeat(sizes, sizes) - position - 1  # how many of the block come after this one
    follow = np.where(np.repeat(sizes, sizes) > small, np.minimum(follow, window), follow)
    out = []
    at = np.flatnonzero(follow > 0)
    step = 1
    while len(at):
        left, right = row[at], row[at + step]
        apart = left != right
        out.append(pack(left[apart], right[apart]))
        step += 1
        at = at[follow[at] >= step]
    return np.concatenate(out) if out else np.zeros(0, np.uint64)


def mix(*parts: NDArray[np.generic] | int) -> NDArray[np.uint64]:
    """One well-spread 64-bit key of several integer columns."""
    state = np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        mixed: NDArray[np.uint64] | np.uint64 = state
        for part in parts:
            mixed = (mixed ^ np.asarray(part).astype(np.int64).astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = mixed ^ (mixed >> np.uint64(29))
    return np.asarray(mixed, dtype=np.uint64)
