import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mahdar.corroboration.blocks import pairs_within, unpack
from mahdar.corroboration.clusters import group

Pair = tuple[int, int]


def labels(size: int, scores: dict[Pair, float], *, together: list[Pair] = [], apart: list[Pair] = []) -> list[int]:  # noqa: B006
    left, right = np.array([a for a, _ in scores], dtype=np.int64), np.array([b for _, b in scores], dtype=np.int64)
    found: list[int] = group(
        size, left, right, np.array(list(scores.values())), 0.0, together=together, apart=apart
    ).tolist()
    return found


def test_likely_pairs_are_joined_and_unlikely_ones_are_not() -> None:
    assert labels(4, {(0, 1): 3.0, (1, 2): -3.0, (2, 3): 2.0}) == [0, 0, 2, 2]


def test_one_likely_pair_does_not_chain_two_groups() -> None:
    inside = {(a, b): 5.0 for a in range(3) for b in range(a)} | {(a, b): 5.0 for a in range(3, 6) for b in range(3, a)}
    assert labels(6, {(min(p), max(p)): s for p, s in inside.items()} | {(2, 3): 4.0}) == [0, 0, 0, 3, 3, 3]


def test_what_people_put_together_is_together_and_what_they_set_apart_is_apart() -> None:
    assert labels(3, {(0, 1): 1.5}, together=[(1, 2)]) == [0, 1, 1]  # likely with one, unlikely with both
    assert labels(3, {(0, 1): 5.0, (1, 2): 5.0, (0, 2): 5.0}, apart=[(0, 2)]) in ([0, 0, 2], [0, 1, 1])


def test_setting_apart_outlasts_every_join() -> None:
    scores = {(a, b): 6.0 for b in range(5) for a in range(b)}
    found = labels(5, scores, apart=[(0, 4)], together=[(0, 1), (3, 4)])
    assert found[0] == found[1] != found[3] == found[4]


@given(st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda p: p[0] < p[1]), st.floats(-6, 6)))
def test_every_label_is_the_lowest_row_of_its_group(scores: dict[Pair, float]) -> None:
    found = labels(8, scores)
    assert all(found[label] == label <= row for row, label in enumerate(found))


@given(st.lists(st.integers(0, 3), max_size=30))
def test_small_blocks_yield_all_their_pairs(blocks: list[int]) -> None:
    rows = np.arange(len(blocks))
    left, right = unpack(pairs_within(np.array(blocks, dtype=np.uint64), rows, rows))
    wanted = {(a, b) for b in range(len(blocks)) for a in range(b) if blocks[a] == blocks[b]}
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == wanted


def test_a_large_block_costs_no_more_than_its_size_times_a_constant() -> None:
    size = 5000
    pairs = pairs_within(np.zeros(size, dtype=np.uint64), np.arange(size), np.arange(size), window=8)
    assert len(pairs) == 8 * size - sum(range(1, 9))


def test_a_pair_never_compared_weighs_less_than_one_found_unlike() -> None:
    assert labels(3, {(0, 1): 6.0, (0, 2): 3.0}) == [0, 0, 0]
    assert labels(3, {(0, 1): 6.0, (0, 2): 3.0, (1, 2): -6.0}) == [0, 0, 2]
