"""Many small sets as three flat arrays, compared a hundred thousand pairs at a time."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
CHUNK = 100_000
"""Pairs compared at a time: bounds memory."""


@dataclass(frozen=True)
class Ragged:
    """Row i holds the keys `keys[offsets[i]:offsets[i + 1]]`, each once and ascending, with their weights."""

    offsets: NDArray[np.int64]
    keys: NDArray[np.uint32]
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        return np.diff(self.offsets)

    @cached_property
    def row_of(self) -> NDArray[np.int32]:
        """The row each key stands in."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.sizes)

    @cached_property
    def _places(self) -> NDArray[np.uint64]:
        return (self.row_of.astype(np.uint64) << np.uint64(32)) | self.keys

    @cached_property
    def norms(self) -> NDArray[np.float32]:
        squares = np.bincount(self.row_of, weights=self.weights.astype(np.float64) ** 2, minlength=len(self))
        return np.sqrt(squares).astype(np.float32)

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """The rank of each key in its row by weight, the heaviest 0."""
        by = np.lexsort((-self.weights, self.row_of))
        rank = np.empty(len(by), dtype=np.int64)
        rank[by] = np.arange(len(by)) - np.repeat(self.offsets[:-1], self.sizes)
        return rank

    def dot(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        """For each pair of rows, the sum over their common keys of the product of weights."""
        out = np.zeros(len(left), dtype=np.float32)
        for begin in range(0, len(left), CHUNK):
            out[begin : begin + CHUNK] = self._dot(left[begin : begin + CHUNK], right[begin : begin + CHUNK])
        return out

    def _dot(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        swap = self.sizes[left] > self.sizes[right]  # look the shorter row up in the longer
        short, long = np.where(swap, right, left), np.where(swap, left, right)
        sizes = self.sizes[short]
        pair = np.repeat(np.arange(len(short)), sizes)
        if not len(pair):
            return np.zeros(len(left), dtype=np.float32)
        ends = np.cumsum(sizes)
        at = np.arange(ends[-1]) - np.repeat(ends - sizes, sizes) + np.repeat(self.offsets[short], sizes)
        wanted = (long[pair].astype(np.uint64) << np.uint64(32)) | self.keys[at]
        found = np.minimum(np.searchsorted(self._places, wanted), len(self._places) - 1)
        same = self._places[found] == wanted
        products = self.weights[at[same]].astype(np.float64) * self.weights[found[same]]
        dots: NDArray[np.float32] = np.bincount(pair[same], weights=products, minlength=len(left)).astype(np.float32)
        return dots

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

    def kept(self, keep: NDArray[np.bool_]) -> Ragged:
        """Only the keys where `keep` holds."""
        sizes = np.bincount(self.row_of[keep], minlength=len(self))
        return Ragged(np.concatenate(([0], np.cumsum(sizes))), self.keys[keep], self.weights[keep])

    def counts(self) -> NDArray[np.float32]:
        """In how many rows each key (where it stands) is found."""
        _, inverse, counts = np.unique(self.keys, return_inverse=True, return_counts=True)
        return counts[inverse].astype(np.float32)


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
