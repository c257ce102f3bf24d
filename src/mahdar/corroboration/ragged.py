"""Many small sets as three flat arrays, compared a hundred thousand pairs at a time."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
CHUNK = 100_000
"""Pairs compared at a time: bounds memory."""
IN_CACHE = 4096
"""Pairs whose keys are merged at a time: fewer cost more calls, more leave the processor's cache."""
AT_ONCE = 1_000_000
"""Keys looked at at a time, for the same reason."""


@dataclass(frozen=True)
class Ragged:
    """Row i holds the keys `keys[offsets[i]:offsets[i + 1]]`, each once and ascending, with their weights."""

    offsets: NDArray[np.int64]
    keys: NDArray[np.uint32]
    weights: NDArray[np.float32] | NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)

    @property
    def row_of(self) -> NDArray[np.int32]:
        """The row each key stands in."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.sizes)

    @cached_property
    def norms(self) -> NDArray[np.float32]:
        norms = np.empty(len(self), dtype=np.float32)
        for begin, end in stretches(self.offsets):
            row = np.repeat(np.arange(end - begin), self.sizes[begin:end])
            squares = self.weights[self.offsets[begin] : self.offsets[end]].astype(np.float64) ** 2
            norms[begin:end] = np.sqrt(np.bincount(row, weights=squares, minlength=end - begin))
        return norms

    def heaviest(self, most: int) -> NDArray[np.bool_]:
        """For each key, whether it is among so many of its row that weigh most, of equals the first. Weights must not be
        negative."""
        among = np.empty(len(self.keys), dtype=np.bool_)
        bits = max(int(self.sizes.max(initial=1)).bit_length(), 12)  # row, weight and place in the row, in one number
        for begin, end in stretches(self.offsets, 1 << (32 - bits)):
            first, last = self.offsets[begin], self.offsets[end]
            sizes = self.sizes[begin:end]
            row, place = np.repeat(np.arange(end - begin, dtype=np.uint64), sizes), steps(sizes)
            weights = self.weights[first:last].astype(np.float32)
            light = (~weights.view(np.uint32)).astype(np.uint64)  # floats from 0 up go as their bits go
            ordered = np.sort(row << np.uint64(32 + bits) | light << np.uint64(bits) | place.astype(np.uint64))
            there = (ordered & np.uint64((1 << bits) - 1)).astype(np.int64)
            among[np.repeat(self.offsets[begin:end], sizes) + there] = place < most
        return among

    def dot(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        """For each pair of rows, the sum over their common keys of the product of weights."""
        out = np.zeros(len(left), dtype=np.float32)
        for begin in range(0, len(left), IN_CACHE):
            out[begin : begin + IN_CACHE] = self._dot(left[begin : begin + IN_CACHE], right[begin : begin + IN_CACHE])
        return out

    def _dot(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        (at, one), (there, other) = self._in_pairs(left), self._in_pairs(right)
        both = np.sort(np.concatenate((one, other)), kind="stable")  # merges what is sorted already
        common = both[1:][both[1:] == both[:-1]]
        here = self.weights[at[np.searchsorted(one, common)]].astype(np.float64)
        products = here * self.weights[there[np.searchsorted(other, common)]]
        pair = (common >> np.uint64(32)).astype(np.int64)
        dots: NDArray[np.float32] = np.bincount(pair, weights=products, minlength=len(left)).astype(np.float32)
        return dots

    def _in_pairs(self, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Where the keys of some rows stand, and each key with the number of its pair, ascending."""
        sizes = self.sizes[rows]
        at = steps(sizes) + np.repeat(self.offsets[rows], sizes)
        pair = np.repeat(np.arange(len(rows), dtype=np.uint64) << np.uint64(32), sizes)
        return at, pair | self.keys[at]

    def cosine(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        """Cosine of each pair of rows, 0 where one is empty."""
        norms = self.norms[left] * self.norms[right]
        none = np.zeros(len(left), dtype=np.float32)
        cosine: NDArray[np.float32] = np.divide(self.dot(left, right), norms, out=none, where=norms > 0)
        return cosine

    def containment(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        """The share of the smaller row's keys that the other has; weights must be 1."""
        smaller = np.minimum(self.sizes[left], self.sizes[right])
        shared = self.dot(left, right)
        return np.divide(shared, smaller, out=np.zeros(len(left), dtype=np.float32), where=smaller > 0)

    def reweighted(self, weights: NDArray[np.float32]) -> Ragged:
        return Ragged(self.offsets, self.keys, weights)

    def taken(self, rows: Rows) -> Ragged:
        """These rows in this order."""
        sizes = self.sizes[rows]
        at = steps(sizes) + np.repeat(self.offsets[rows], sizes)
        return Ragged(np.concatenate(([0], np.cumsum(sizes))), self.keys[at], self.weights[at])

    def kept(self, keep: NDArray[np.bool_]) -> Ragged:
        """Only the keys where `keep` holds."""
        sizes = np.zeros(len(self), dtype=np.int64)
        for begin, end in stretches(self.offsets):
            row = np.repeat(np.arange(end - begin), self.sizes[begin:end])
            held = keep[self.offsets[begin] : self.offsets[end]]
            sizes[begin:end] = np.bincount(row[held], minlength=end - begin)
        return Ragged(np.concatenate(([0], np.cumsum(sizes))), self.keys[keep], self.weights[keep])

    def told(self, of: Callable[[NDArray[np.uint32], NDArray[np.int64]], NDArray[Any]]) -> NDArray[np.float32]:
        """What `of` says of each distinct key and the number of rows that hold it, where the key stands."""
        keys, rows = tally(np.sort(self.keys))
        values = of(keys, rows)
        found = np.empty(len(self.keys), dtype=np.float32)
        for begin in range(0, len(self.keys), AT_ONCE):
            found[begin : begin + AT_ONCE] = values[np.searchsorted(keys, self.keys[begin : begin + AT_ONCE])]
        return found

    def counts(self) -> NDArray[np.float32]:
        """In how many rows each key (where it stands) is found."""
        return self.told(lambda _, rows: rows)


Key = TypeVar("Key", np.uint32, np.uint64)
Size = TypeVar("Size", np.int32, np.int64)


def tally(ordered: NDArray[Key]) -> tuple[NDArray[Key], NDArray[np.int64]]:
    """Each of some sorted numbers once, and how often it stands there."""
    first = starts(ordered)
    return ordered[first], np.diff(np.append(first, len(ordered)))


def starts(ordered: NDArray[Key]) -> NDArray[np.int64]:
    """Where each of some sorted numbers stands first."""
    return np.flatnonzero(np.concatenate((ordered[:1] == ordered[:1], ordered[1:] != ordered[:-1])))


def steps(sizes: NDArray[Size]) -> NDArray[np.int64]:
    """0, 1, … anew for each of some sizes."""
    return np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def stretches(offsets: NDArray[np.int64], most: int = 1 << 20) -> Iterator[tuple[int, int]]:
    """Rows from … to …, of all rows in turn: at most so many, and with about AT_ONCE keys."""
    begin, last = 0, len(offsets) - 1
    while begin < last:
        end = int(np.searchsorted(offsets, offsets[begin] + AT_ONCE, side="right")) - 1
        end = min(max(end, begin + 1), begin + most, last)
        yield begin, end
        begin = end


class RaggedBuilder:
    """Collects rows one by one."""

    def __init__(self) -> None:
        self._offsets = array("q", [0])
        self._keys = array("I")
        self._weights = array("f")

    def add(self, keys: Iterable[int], weights: Iterable[float] | None = None) -> None:
        """A row. Keys are distinct; without weights, each weighs 1."""
        if weights is None:
            self._keys.extend(sorted(keys))
            self._weights.extend([1.0] * (len(self._keys) - self._offsets[-1]))
        else:
            pairs = sorted(zip(keys, weights, strict=True))
            self._keys.extend([k for k, _ in pairs])
            self._weights.extend([w for _, w in pairs])
        self._offsets.append(len(self._keys))

    def build(self) -> Ragged:
        return Ragged(
            np.frombuffer(self._offsets, dtype=np.int64).copy(),
            np.frombuffer(self._keys, dtype=np.uint32).copy() if self._keys else np.zeros(0, np.uint32),
            np.frombuffer(self._weights, dtype=np.float32).copy() if self._weights else np.zeros(0, np.float32),
        )


class CountedBuilder:
    """Collects the keys of many rows, repeated as often as they occur; the counts are the weights, or 1 if not `counted`."""

    def __init__(self, *, counted: bool = True) -> None:
        self._counted = counted
        self._sizes: list[NDArray[np.int64]] = []
        self._keys: list[NDArray[np.uint32]] = []
        self._counts: list[NDArray[np.uint16]] = []

    def add(self, rows: int, row: NDArray[np.uint64], keys: NDArray[np.uint64]) -> None:
        """So many rows at once: the row that each key stands in, and the keys."""
        found, counts = tally(np.sort(row << np.uint64(32) | keys))
        self._sizes.append(np.bincount((found >> np.uint64(32)).astype(np.int64), minlength=rows))
        self._keys.append(found.astype(np.uint32))
        if self._counted:
            self._counts.append(np.minimum(counts, 0xFFFF).astype(np.uint16))

    def build(self) -> Ragged:
        """The rows; the builder is empty then."""
        offsets = np.cumsum(np.concatenate([np.zeros(1, np.int64), *self._sizes]))
        keys = np.concatenate([np.zeros(0, np.uint32), *self._keys])
        self._keys.clear()  # many rows fill the memory: no second copy of them
        if not self._counted:
            return Ragged(offsets, keys, np.broadcast_to(np.float32(1), len(keys)))
        counts = np.concatenate([np.zeros(0, np.uint16), *self._counts])
        self._counts.clear()
        return Ragged(offsets, keys, counts)
