"""Many small sets as flat arrays: what they compute is what one would compute row by row."""

from __future__ import annotations

import numpy as np
import pytest

from mahdar.corroboration import ragged
from mahdar.corroboration.blocks import pairs_alike, unpack
from mahdar.corroboration.ragged import CountedBuilder, Ragged, RaggedBuilder


def rows(count: int, seed: int = 1) -> list[dict[int, float]]:
    """Rows of up to nine of thirty keys, some of them empty."""
    chance = np.random.default_rng(seed)
    return [
        {int(key): float(chance.integers(1, 9)) / 8 for key in chance.choice(30, chance.integers(0, 10), replace=False)}
        for _ in range(count)
    ]


def held(of: list[dict[int, float]]) -> Ragged:
    builder = RaggedBuilder()
    for row in of:
        builder.add(row, row.values())
    return builder.build()


def dot(one: dict[int, float], other: dict[int, float]) -> float:
    return sum(weight * other[key] for key, weight in one.items() if key in other)


def test_products_are_those_of_row_and_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ragged, "IN_CACHE", 7)
    of = rows(40)
    left, right = np.triu_indices(40, 1)
    expected = [dot(of[a], of[b]) for a, b in zip(left, right, strict=True)]
    assert held(of).dot(left, right) == pytest.approx(expected)


def test_the_heaviest_of_each_row_are_kept_and_of_equals_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ragged, "AT_ONCE", 20)
    of = rows(50)
    sets = held(of)
    kept = sets.kept(sets.heaviest(3))
    for at, row in enumerate(of):
        expected = sorted(sorted(row), key=lambda key: -row[key])[:3]
        assert kept.keys[kept.offsets[at] : kept.offsets[at + 1]].tolist() == sorted(expected)


def test_how_many_rows_hold_a_key_is_told_where_the_key_stands() -> None:
    of = rows(20)
    sets = held(of)
    assert sets.counts().tolist() == [sum(int(key) in row for row in of) for key in sets.keys]


def test_keys_that_stand_in_a_row_more_than_once_are_counted() -> None:
    builder = CountedBuilder()
    builder.add(3, np.array([0, 0, 0, 2], np.uint64), np.array([5, 4, 5, 4], np.uint64))
    builder.add(1, np.array([0], np.uint64), np.array([9], np.uint64))
    counted = builder.build()
    assert counted.sizes.tolist() == [2, 0, 1, 1]
    assert list(zip(counted.keys.tolist(), counted.weights.tolist(), strict=True)) == [(4, 1), (5, 2), (4, 1), (9, 1)]


def test_pairs_alike_are_all_pairs_of_enough_weight() -> None:
    of = [{key: weight / 9 for key, weight in row.items()} for row in rows(60)]
    found = {
        pair for some in pairs_alike(held(of), np.arange(60), 0.02, 60) for pair in zip(*unpack(some), strict=True)
    }
    products = {(a, b): dot(of[a], of[b]) for a in range(60) for b in range(a + 1, 60)}
    assert {pair for pair, product in products.items() if product > 0.0205} <= found
    assert found <= {pair for pair, product in products.items() if product >= 0.02}


def test_a_row_meets_only_so_many_that_stand_before_it() -> None:
    sets = held([{1: 1.0}] * 10)
    order = np.array([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    found = sorted(pair for some in pairs_alike(sets, order, 0.5, 2) for pair in zip(*unpack(some), strict=True))
    assert found == sorted([(at, at + step) for at in range(10) for step in (1, 2) if at + step < 10])
