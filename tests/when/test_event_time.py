"""What speaks for a time being an event's time."""

from __future__ import annotations

from mahdar.when import read_times
from mahdar.when.event_time import time_features

TEXT = "Shells hit the town on Monday, an officer said on Tuesday. It was shelled in 2012."
PUBLISHED = "2020-04-02"


def features(trigger: str, words: str) -> dict[str, float]:
    start = TEXT.index(trigger)
    found = next(t for t in read_times(TEXT, PUBLISHED) if t.text == words)
    return time_features(TEXT, (start, start + len(trigger)), found, PUBLISHED)


def test_a_time_beside_a_verb_of_saying_is_told_apart() -> None:
    assert features("hit", "Tuesday")["reported"] == 1
    assert features("hit", "Monday")["reported"] == 0


def test_a_time_of_the_same_clause_is_nearer_than_one_of_another() -> None:
    monday, tuesday = features("hit", "Monday"), features("hit", "Tuesday")
    assert (monday["same_clause"], tuesday["same_clause"]) == (1, 0)
    assert monday["near"] > tuesday["near"]


def test_what_is_long_past_is_old() -> None:
    assert features("shelled", "2012")["old"] == 1
    assert features("hit", "Monday")["old"] == 0
