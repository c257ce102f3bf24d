"""Whether a place lies in an area: by outline for points, by name for areas."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.agreements.areas import Area, Placing, distance, inside
from mahdar.model import Place
from tests.agreements.conftest import said

SQUARE = ((10.0, 20.0), (11.0, 20.0), (11.0, 21.0), (10.0, 21.0))
ZONE = Area(("SY",), {"SY.12": "Idlib"}, {"SY.10": "Hama"}, SQUARE)


def place(lon: float | None = None, lat: float | None = None, **more: object) -> Place:
    return dataclasses.replace(Place(said("there"), country="SY", lat=lat, lon=lon, kind="town"), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lon", "lat", "placing"),
    [(10.5, 20.5, "inside"), (10.01, 20.5, "border"), (9.99, 20.5, "border"), (9.0, 20.5, "outside")],
)
def test_a_point_counts_by_the_outline(lon: float, lat: float, placing: Placing) -> None:
    assert ZONE.place(place(lon, lat)) == placing


def test_a_town_outside_the_outline_is_outside_whatever_province_it_lies_in() -> None:
    assert ZONE.place(place(9.0, 20.5, admin1="SY.12")) == "outside"


@pytest.mark.parametrize(("code", "placing"), [("SY.12", "inside"), ("SY.10", "partly"), ("SY.13", "outside")])
def test_a_province_named_as_a_whole_counts_by_name(code: str, placing: Placing) -> None:
    assert ZONE.place(place(13.0, 24.0, kind="admin1", admin1=code)) == placing


def test_a_country_named_alone_is_only_partly_in_a_zone() -> None:
    assert ZONE.place(place(10.5, 20.5, kind="country")) == "partly"


def test_a_place_that_did_not_resolve_is_unknown_and_one_abroad_is_outside() -> None:
    assert ZONE.place(Place(said("somewhere"))) == "unknown"
    assert ZONE.place(place(country="IQ")) == "outside"


def test_without_a_shape_the_whole_country_counts() -> None:
    whole = Area(("SY",), {}, {})
    assert whole.place(place()) == "inside"
    assert whole.place(place(country="LB")) == "outside"


def test_a_circle_is_drawn_in_kilometres() -> None:
    town = Area(("SY",), {}, {}, circles=((10.0, 20.0, 10.0),), margin=2)
    assert town.place(place(10.0, 20.05)) == "inside"
    assert town.place(place(10.0, 20.09)) == "border"
    assert town.place(place(10.0, 20.5)) == "outside"


def test_units_alone_count_towns_by_the_province_they_lie_in() -> None:
    provinces = Area(("SY",), {"SY.06": "Daraa"}, {})
    assert provinces.place(place(36.1, 32.6, admin1="SY.06")) == "inside"
    assert provinces.place(place(36.1, 32.6, admin1="SY.05")) == "outside"
    assert provinces.place(place(36.1, 32.6)) == "unknown"


@given(st.floats(9, 12), st.floats(19, 22))
def test_a_square_holds_what_its_sides_hold(lon: float, lat: float) -> None:
    on_edge = lon in (10.0, 11.0) or lat in (20.0, 21.0)
    assert on_edge or inside((lon, lat), SQUARE) == (10 < lon < 11 and 20 < lat < 21)


@given(st.integers(0, 3), st.floats(9, 12), st.floats(19, 22))
def test_where_an_outline_starts_does_not_matter(turn: int, lon: float, lat: float) -> None:
    turned = (*SQUARE[turn:], *SQUARE[:turn])
    assert inside((lon, lat), turned) == inside((lon, lat), SQUARE)


@given(st.floats(7, 14), st.floats(17, 24))
def test_the_short_way_for_places_far_off_never_calls_a_near_one_far(lon: float, lat: float) -> None:
    edges = zip(SQUARE, (*SQUARE[1:], SQUARE[0]), strict=True)
    along = [(a[0] + (b[0] - a[0]) * t / 20, a[1] + (b[1] - a[1]) * t / 20) for a, b in edges for t in range(21)]
    assert abs(ZONE.distance((lon, lat))) <= min(distance((lon, lat), spot) for spot in along) + 0.5


def test_distances_are_those_of_the_globe() -> None:
    assert distance((0.0, 0.0), (0.0, 1.0)) == pytest.approx(111.2, rel=0.01)
    assert distance((0.0, 60.0), (1.0, 60.0)) == pytest.approx(55.6, rel=0.01)
