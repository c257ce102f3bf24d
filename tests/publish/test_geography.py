"""Countries as ACLED and UCDP have them: numbers, names, regions; grid cells."""

from __future__ import annotations

import pytest

from mahdar.publish.geography import countries, country, grid_cell

# UCDP's codebook: each region is a stretch of Gleditsch and Ward's numbers.
REGIONS = {
    "Americas": (2, 199),
    "Europe": (200, 399),
    "Africa": (400, 626),
    "Middle East": (630, 699),
    "Asia": (700, 999),
}


def test_every_state_lies_in_the_region_that_its_number_belongs_to() -> None:
    for state in countries().values():
        if state.gwno:
            low, high = REGIONS[state.ucdp_region]
            assert low <= state.gwno <= high, state


def test_no_two_states_share_a_number() -> None:
    numbers = [state.gwno for state in countries().values() if state.gwno]
    assert len(numbers) == len(set(numbers)) == 195


@pytest.mark.parametrize(
    ("iso", "number"),
    [
        *(("SY", 652), ("IQ", 645), ("YE", 678), ("IL", 666), ("LB", 660), ("TR", 640), ("EG", 651), ("IR", 630)),
        *(("AF", 700), ("PK", 770), ("IN", 750), ("MM", 775), ("PH", 840), ("TH", 800), ("LK", 780), ("CN", 710)),
        *(("NG", 475), ("SO", 520), ("SD", 625), ("SS", 626), ("CD", 490), ("ML", 432), ("BF", 439), ("NE", 436)),
        *(("ET", 530), ("CM", 471), ("MZ", 541), ("CF", 482), ("LY", 620), ("DZ", 615), ("TD", 483), ("KE", 501)),
        *(("UA", 369), ("RU", 365), ("AZ", 373), ("AM", 371), ("GE", 372), ("RS", 340), ("XK", 347), ("BA", 346)),
        *(("CZ", 316), ("SK", 317), ("DE", 260), ("GB", 200), ("ME", 341), ("MK", 343), ("MD", 359), ("US", 2)),
        *(("CO", 100), ("MX", 70), ("VE", 101), ("HT", 41), ("BR", 140), ("PE", 135), ("SV", 92), ("HN", 91)),
        *(("PS", None), ("EH", None), ("TW", 713), ("VN", 816), ("TL", 860), ("ID", 850)),
    ],
)
def test_states_bear_gleditsch_and_wards_number(iso: str, number: int | None) -> None:
    state = country(iso)
    assert state is not None
    assert state.gwno == number


def test_ucdp_writes_some_names_with_what_the_state_was_called_before() -> None:
    told = {iso: state.ucdp_name for iso, state in countries().items() if state.ucdp_name != state.name}
    assert told["CD"] == "DR Congo (Zaire)"
    assert told["YE"] == "Yemen (North Yemen)"
    assert "SY" not in told


@pytest.mark.parametrize(
    ("lat", "lon", "cell"),
    [(-90, -180, 1), (90, 180, 259200), (0, 0, 129961), (35.86, 36.8, 181154), (-0.1, 0.1, 129241)],
)
def test_grid_cells_are_counted_from_the_south_west(lat: float, lon: float, cell: int) -> None:
    assert grid_cell(lat, lon) == cell
