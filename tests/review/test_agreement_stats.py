"""The coefficients of agreement, against values worked out in the papers that define them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.review.agreement_stats import (
    cohen_kappa,
    interval,
    krippendorff_alpha,
    masi,
    share_agreed,
)

# Krippendorff (2011), section C: four observers, twelve units, values missing.
_: int | None = None
FOUR_OBSERVERS = list(
    zip(
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
        strict=True,
    )
)


def test_nominal_alpha_of_the_published_example() -> None:
    assert krippendorff_alpha(FOUR_OBSERVERS) == pytest.approx(0.743, abs=5e-4)


def test_interval_alpha_of_the_published_example() -> None:
    assert krippendorff_alpha(FOUR_OBSERVERS, interval) == pytest.approx(0.849, abs=5e-4)


def test_alpha_of_binary_data_of_the_published_example() -> None:
    meg = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    owen = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(list(zip(meg, owen, strict=True))) == pytest.approx(0.095, abs=5e-4)


def test_kappa_of_a_worked_table() -> None:
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed .7, by chance .5, kappa .4."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)
    assert share_agreed(pairs) == pytest.approx(0.7)


def test_without_variation_or_pairs_there_is_no_coefficient() -> None:
    assert krippendorff_alpha([("a", "a")] * 5) is None
    assert krippendorff_alpha([("a", None), (None, "b")]) is None
    assert cohen_kappa([("a", "a")] * 5) is None
    assert cohen_kappa([]) is None
    assert share_agreed([]) is None


def test_masi_of_passonneaus_cases() -> None:
    ab, a, bc, c = (frozenset(letters) for letters in ("ab", "a", "bc", "c"))
    assert masi(ab, ab) == 0
    assert masi(ab, a) == pytest.approx(1 - 1 / 2 * 2 / 3)
    assert masi(ab, bc) == pytest.approx(1 - 1 / 3 * 1 / 3)
    assert masi(ab, c) == 1
    assert masi(frozenset(), frozenset()) == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40))
def test_alpha_and_kappa_do_not_depend_on_the_order_of_units_or_coders(pairs: list[tuple[str, str]]) -> None:
    turned = [(right, left) for left, right in reversed(pairs)]
    assert krippendorff_alpha(pairs) == pytest.approx(krippendorff_alpha(turned))
    assert cohen_kappa(pairs) == pytest.approx(cohen_kappa(turned))


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=40).filter(lambda values: len(set(values)) > 1))
def test_coders_who_always_agree_reach_one(values: list[str]) -> None:
    pairs = [(value, value) for value in values]
    assert krippendorff_alpha(pairs) == pytest.approx(1)
    assert cohen_kappa(pairs) == pytest.approx(1)
