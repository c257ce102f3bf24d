"""What rules add to the network's candidates."""

from __future__ import annotations

import pytest

from mahdar.reading.mentions import place_role
from mahdar.reading.trimming import trimmed

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


@pytest.mark.parametrize(
    ("said", "role", "expected"),
    [
        ("However, the northern brigade", "actor", ["the northern brigade"]),
        ("villagers who", "target", ["villagers"]),
        ("army units backed by local guards", "actor", ["army units", "local guards"]),
        ("the market of the", "target", ["the market"]),
        ("Monday", "time", ["Monday"]),
        ("of the", "target", ["of"]),
        ("known as Telm", "at", ["Telm"]),
        ("On Friday, Abu Zaki, who led the council", "source", ["Abu Zaki"]),
    ],
)
def test_wordings_lose_loose_ends_and_backers_stand_alone(said: str, role: str, expected: list[str]) -> None:
    assert [said[a:b] for a, b in trimmed(role, said, 0, len(said))] == expected


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("a mine killed at least 14 army recruits in Orvan", "at least 14", "at least 14 army recruits"),
        ("about 40 people died", "about 40", "about 40 people"),
        ("two million were driven out", "two million", "two million"),
        ("they shot six guards", "guards", "guards"),
    ],
)
def test_a_count_is_taken_with_what_is_counted(text: str, marked: str, expected: str) -> None:
    start = text.index(marked)
    assert [text[a:b] for a, b in trimmed("target", text, start, start + len(marked))] == [expected]
