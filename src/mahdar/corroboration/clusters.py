"""Groups from scored pairs: average linkage, so that one likely pair does not chain two stories into one.

Two groups are as close as the mean log odds over all pairs between them; a pair that no block brought together counts
`UNSEEN`. What people put together starts together; what they set apart never meets, whatever else links it.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FLOOR = -6.0
"""Scores are cut at this and its opposite, so that no pair outweighs many."""
UNSEEN = -2.0
"""Log odds of a pair that was never compared: unlikely, but not refuted as one that was compared can be."""
NEVER = -1e9


def group(
    size: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    bar: float,
    *,
    together: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> NDArray[np.int64]:
    """A label for each of `size` rows: the lowest row of its group. `left`, `right` and `log_odds` are the scored pairs,
    each pair once; `together` wins over scores, `apart` over everything."""
    apart = list(apart)
    start = _start(size, together, apart)
    weights = _weights(log_odds)
    a, b = start[left], start[right]
    between = a != b
    a, b, weights = a[between], b[between], weights[between]
    strong = is_strong(log_odds[between], bar)
    label = connected(size, a[strong], b[strong])
    inside = label[a] == label[b]
    a, b, weights = a[inside], b[inside], weights[inside]
    if not len(a):
        return start
    by = np.argsort(label[a], kind="stable")
    a, b, weights, component = a[by], b[by], weights[by], label[a][by]
    bounds = np.flatnonzero(np.concatenate(([True], component[1:] != component[:-1], [True])))
    members = np.bincount(start, minlength=size)  # rows that start in each group
    barred = defaultdict(list)
    for one, other in apart:
        x, y = int(start[one]), int(start[other])
        if x != y:
            barred[int(label[x])].append((x, y))
    parent = np.arange(size)
    for begin, end in pairwise(bounds.tolist()):
        triples = list(zip(a[begin:end].tolist(), b[begin:end].tolist(), weights[begin:end].tolist(), strict=True))
        _agglomerate(triples, barred.get(int(component[begin]), ()), members, bar, parent)
    return _lowest(parent[start])


def is_strong(log_odds: NDArray[np.float64], bar: float) -> NDArray[np.bool_]:
    """Which pairs would by themselves be joined: nothing is that no chain of them connects."""
    return _weights(log_odds) > bar - UNSEEN


def _weights(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """What pairs add to a sum over pairs never compared."""
    weights: NDArray[np.float64] = np.clip(log_odds, FLOOR, -FLOOR) - UNSEEN
    return weights


class _Forest:
    """Disjoint sets; the root of each is its lowest row."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, row: int) -> int:
        while self._parent[row] != row:
            self._parent[row] = row = self._parent[self._parent[row]]
        return row

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._parent[high] = low

    def roots(self) -> NDArray[np.int64]:
        return _lowest(np.array(self._parent, dtype=np.int64))


def _start(size: int, together: Iterable[tuple[int, int]], apart: list[tuple[int, int]]) -> NDArray[np.int64]:
    """Groups before any score: what belongs together by decision, unless that would join what is set apart."""
    forest = _Forest(size)
    enemies: dict[int, set[int]] = defaultdict(set)  # of each root
    for one, other in apart:
        enemies[one].add(other)
        enemies[other].add(one)
    for one, other in together:
        low, high = sorted((forest.root(one), forest.root(other)))
        if low != high and not any(forest.root(enemy) == high for enemy in enemies.get(low, ())):
            forest.join(low, high)
            if high in enemies:
                enemies[low] |= enemies.pop(high)
    return forest.roots()


def connected(size: int, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """A label for each of `size` rows, the lowest row that pairs connect it with. Given the strong pairs, the groups that
    anything can be joined in."""
    forest = _Forest(size)
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        forest.join(one, other)
    return forest.roots()


def _agglomerate(
    triples: list[tuple[int, int, float]],
    barred: Iterable[tuple[int, int]],
    members: NDArray[np.int64],
    bar: float,
    parent: NDArray[np.int64],
) -> None:
    """Join the closest two groups of one component while their mean is above the bar; the result goes into `parent`."""
    sums: dict[int, dict[int, float]] = defaultdict(dict)
    for one, other, weight in triples:
        sums[one][other] = sums[other][one] = sums[one].get(other, 0.0) + weight
    for one, other in barred:
        sums[one][other] = sums[other][one] = NEVER
    size = {node: int(members[node]) for node in sums}
    heap: list[tuple[float, int, int, int]] = []  # nearest pair first: (-mean, x, y, rows of both)

    def push(x: int, y: int) -> None:
        mean = UNSEEN + sums[x][y] / (size[x] * size[y])
        if mean > bar:
            heapq.heappush(heap, (-mean, min(x, y), max(x, y), size[x] + size[y]))

    for x, near in sums.items():
        for y in near:
            if x < y:
                push(x, y)
    while heap:
        _, x, y, joint = heapq.heappop(heap)
        if x not in size or y not in size or size[x] + size[y] != joint:
            continue  # one of them has been joined to something since
        near = sums.pop(y)
        for z, weight in near.items():
            del sums[z][y]
            if z != x:
                sums[x][z] = sums[z][x] = sums[x].get(z, 0.0) + weight
        size[x] += size.pop(y)
        parent[y] = x
        for z in sums[x]:
            push(x, z)


def _lowest(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every row's root; a parent is never higher than its child."""
    while not np.array_equal(parent, parent[parent]):
        parent = parent[parent]
    return parent
