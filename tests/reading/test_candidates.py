"""What rules add to the network's candidates."""

from __future__ import annotations

import pytest

from mahdar.reading.mentions import place_role

TEXT = (
    "They took the goods to Orvan and Telm. Families fled from the town of Sarn to Belm. Rockets hit Dorn. "
    "The shell fell in Telm."
)


@pytest.mark.parametrize(
    ("place", "code", "role"),
    [
        ("Orvan", "looting_property_destruction", "to"),
        ("Telm", "looting_property_destruction", "to"),
        ("Sarn", "displacement", "from"),
        ("Sarn", "shelling_artillery_missile", "from"),
        ("Belm", "displacement", "to"),
        ("Belm", "shelling_artillery_missile", "at"),
        ("Dorn", "shelling_artillery_missile", "at"),
    ],
)
def test_the_preposition_tells_where_a_place_stands_in_a_movement(place: str, code: str, role: str) -> None:
    assert place_role(TEXT, TEXT.index(place), code) == role
