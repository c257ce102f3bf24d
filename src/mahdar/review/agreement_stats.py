"""Agreement between coders: Krippendorff's alpha and Cohen's kappa, with the distances a coded row needs.

Sources: K. Krippendorff, *Computing Krippendorff's Alpha-Reliability* (2011), sections A to E; J. Cohen, *A Coefficient of
Agreement for Nominal Scales* (1960); R. Passonneau, *Measuring Agreement on Set-valued Items* (2006) for the MASI distance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

V = TypeVar("V", bound=Hashable)
Distance = Callable[[V, V], float]


def nominal(left: Hashable, right: Hashable) -> float:
    """0 where equal, else 1."""
    return float(left != right)


def interval(left: float, right: float) -> float:
    """The squared difference of two numbers."""
    return float(left - right) ** 2


def masi(left: frozenset[str], right: frozenset[str]) -> float:
    """Distance of two sets in 0..1: 1 - Jaccard x (1 equal, 2/3 one within the other, 1/3 overlapping, 0 disjoint)."""
    if left == right:
        return 0.0
    shared = len(left & right)
    if not shared:
        return 1.0
    weight = 2 / 3 if left <= right or right <= left else 1 / 3
    return 1 - shared / len(left | right) * weight


def krippendorff_alpha(units: Sequence[Sequence[V | None]], distance: Distance[V] = nominal) -> float | None:
    """Alpha over `units`, each the values that the coders gave it; None where a coder gave none.

    1 is perfect agreement, 0 what chance gives. None where it is not defined: fewer than two paired values, or no
    variation at all (nobody ever chose anything else, so chance explains everything and nothing).
    """
    paired = [values for unit in units if len(values := [value for value in unit if value is not None]) > 1]
    total = Counter(value for values in paired for value in values)
    count = sum(total.values())
    if count < 2:
        return None
    observed = sum(_spread(Counter(values), distance) / (len(values) - 1) for values in paired) / count
    expected = _spread(total, distance) / (count * (count - 1))
    return 1 - observed / expected if expected else None


def _spread(values: Counter[V], distance: Distance[V]) -> float:
    """The sum of distances over all ordered pairs of the values."""
    kinds = list(values.items())
    return 2 * sum(
        left_count * right_count * distance(left, right)
        for index, (left, left_count) in enumerate(kinds)
        for right, right_count in kinds[:index]
    )


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Kappa of two coders over the pairs of their values; None where chance agreement is already complete."""
    if not pairs:
        return None
    count = len(pairs)
    observed = sum(left == right for left, right in pairs) / count
    lefts, rights = Counter(left for left, _ in pairs), Counter(right for _, right in pairs)
    chance = sum(lefts[value] * rights[value] for value in lefts) / count**2
    return (observed - chance) / (1 - chance) if chance < 1 else None


def share_agreed(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """The plain share of pairs that are equal; None without pairs."""
    return sum(left == right for left, right in pairs) / len(pairs) if pairs else None
