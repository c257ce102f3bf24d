"""The columns: rows put in, taken out and saved give what lists of rows would give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.record.columns import FAR, MISSING, SHAPES, Batch, Chosen, Columns, interval

CLAIMS = SHAPES["claims"]
Rows = dict[int, list[str]]

COUNTRIES = st.lists(st.sampled_from(["", "XA", "XB", "XC"]), max_size=3)
ROWS = st.dictionaries(st.integers(1, 30), COUNTRIES, max_size=12)


def columns_of(rows: Rows, after: Columns) -> Columns:
    zeros: list[int] = [0] * len(rows)
    numbers: dict[str, Any] = dict.fromkeys((*CLAIMS.numbers, *CLAIMS.coded), zeros)
    several = {"country": {n: [(value,) for value in values if value] for n, values in rows.items()}}
    batch = Batch(after)
    numbers |= {name: [None] * len(rows) for name in CLAIMS.coded}
    return after.plus([batch.columns(numbers | {"n": list(rows)}, several)])


def held(columns: Columns) -> dict[int, set[str]]:
    """By number of row, the countries it has."""
    values = columns.values["country"]
    return {
        int(n): {value for code, value in enumerate(values) if code and columns.having("country", [code])[row]}
        for row, n in enumerate(columns["n"])
    }


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_rows_put_in_again_take_the_place_of_what_they_were(batches: list[Rows]) -> None:
    columns = Columns.empty(CLAIMS)
    expected: dict[int, set[str]] = {}
    for rows in batches:
        columns = columns_of(rows, columns.without(columns.numbered(np.array(list(rows), np.int64))))
        expected |= {n: {value for value in values if value} for n, values in rows.items()}
    assert held(columns) == expected


@given(ROWS, st.sets(st.integers(1, 30)))
def test_counts_are_of_rows_however_many_are_chosen(rows: Rows, chosen: set[int]) -> None:
    columns = columns_of(rows, Columns.empty(CLAIMS))
    mask = np.array([n in chosen for n in rows], bool)
    counts = columns.counts("country", Chosen(mask))
    for code, value in enumerate(columns.values["country"]):
        if code:
            assert counts[code] == sum(value in values for n, values in rows.items() if n in chosen)


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    columns = columns_of({3: ["XA", "XB"], 1: [], 2: ["XB", "XB"]}, Columns.empty(CLAIMS))
    columns.save(tmp_path / "c", {"seq": 7})
    loaded, about = Columns.load(tmp_path / "c", CLAIMS)
    assert held(loaded) == held(columns) == {3: {"XA", "XB"}, 1: set(), 2: {"XB"}}
    assert about == {"seq": 7}
    assert [file.name for file in tmp_path.iterdir()] == ["c"]
    for other in ("incidents", "reports"):
        with pytest.raises(ValueError, match="other columns"):
            Columns.load(tmp_path / "c", SHAPES[other])


@pytest.mark.parametrize(
    ("start", "end", "precision", "published", "days"),
    [
        ("1970-01-02", "1970-01-04", 1, None, (1, 3, 3)),
        ("1970-02", "1970-02", 3, None, (31, 58, 58)),
        (None, "1970-01-10", 1, None, (9, 9, 9)),
        (None, "1970-01-10", 2, None, (3, 9, 9)),
        (None, "1970-03-01", 3, None, (29, 59, 59)),
        (None, "1970-01-10", 4, None, (MISSING + 1, 9, 9)),
        ("1970-01-02", None, 1, "1970-01-08", (1, 7, 1)),
        ("1970-01-09", None, 1, "1970-01-08", (8, 8, 8)),
        ("1970-01-02", None, 1, None, (1, FAR, 1)),
        (None, None, None, "1970-01-08", (FAR, MISSING, MISSING)),
        ("soon", None, None, None, (FAR, MISSING, MISSING)),
    ],
)
def test_when_a_claim_may_have_been(
    start: str | None, end: str | None, precision: int | None, published: str | None, days: tuple[int, int, int]
) -> None:
    assert interval(start, end, precision, published)[:3] == days


def test_the_month_is_that_of_the_last_day_known() -> None:
    assert interval("2019-11", "2020-02-03", 4, None)[3] == 2020 * 12 + 1
    assert interval("2019", None, 4, None)[3] == 2019 * 12 + 11
    assert interval(None, None, None, None)[3] == 0
