"""Candidate pairs: only rows that share a block are ever compared, so that cost grows with the rows, not with their square.

A block is everything with one key (a rare word, a place and a week, a five-word run). In a block of up to `SMALL` rows all
pairs are candidates; in a larger one each row meets the `WINDOW` that follow it in the given order, so that no block,
however common its key, costs more than its size times a constant.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mahdar.corroboration.ragged import Ragged, starts, steps, stretches, tally

SMALL = 40
WINDOW = 8
ROWS = 2048
"""Rows that look for rows like them at a time: bounds memory."""

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
    sizes = tally(block)[1]
    follow = np.repeat(sizes, sizes) - steps(sizes) - 1  # how many of the block come after this one
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


def pairs_alike(sets: Ragged, order: Numbers, least: float, window: int) -> Iterator[Pairs]:
    """Pairs of rows whose products of weights over common keys come to at least `least`, each once, some at a time.

    Of the rows that hold a key each meets the `window` that stand before it in the given order. Weights are such that all
    products of a pair come to no more than 1.
    """
    turn = np.argsort(order, kind="stable")
    sets = sets.taken(turn)
    entries = len(sets.keys)
    posted = np.sort(sets.keys.astype(np.uint64) << np.uint64(32) | np.arange(entries, dtype=np.uint64))
    of_key = tally(posted >> np.uint64(32))[1]
    met = np.minimum(steps(of_key), window).astype(np.int32)  # of the rows before it
    posted = posted.astype(np.uint32)
    place = np.empty(entries, dtype=np.uint32)
    place[posted] = np.arange(entries, dtype=np.uint32)
    row, weight = sets.row_of.astype(np.uint64)[posted] << np.uint64(16), sets.weights[posted]
    for begin, end in stretches(sets.offsets, ROWS):
        at = place[sets.offsets[begin] : sets.offsets[end]].astype(np.int64)
        one = np.repeat(at, met[at])
        other = one - 1 - steps(met[at])
        # row, row before it and product in one number: sorting these is many times quicker than sorting pairs with values
        product = (weight[one] * weight[other] * np.float32(0xFFFF)).astype(np.uint64)
        found = np.sort((row[one] - np.uint64(begin << 16)) << np.uint64(28) | row[other] | product)
        pair = found >> np.uint64(16)
        first = starts(pair)
        if len(first):
            total = np.add.reduceat(found & np.uint64(0xFFFF), first)
            pair = pair[first[total >= least * 0xFFFF]]
            left, right = (pair >> np.uint64(28)).astype(np.int64) + begin, (pair & np.uint64((1 << 28) - 1))
            yield pack(turn[left], turn[right.astype(np.int64)])


def mix(*parts: NDArray[np.generic] | int) -> NDArray[np.uint64]:
    """One well-spread 64-bit key of several integer columns."""
    state = np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        mixed: NDArray[np.uint64] | np.uint64 = state
        for part in parts:
            mixed = (mixed ^ np.asarray(part).astype(np.int64).astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = mixed ^ (mixed >> np.uint64(29))
    return np.asarray(mixed, dtype=np.uint64)
