"""What a coder does to a claim."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mahdar.model import Claim, MahdarError, Report
from mahdar.review import coding
from mahdar.review.coding import Change, Part, Registers, Value
from tests.review.stories import readings

READING = readings()[0]
REPORT: Report = READING.report
SHELLING, LOOTING, FLIGHT = READING.claims


def change(registers: Registers, **fields: object) -> Claim:
    return coding.edit(REPORT, SHELLING, Change.model_validate(fields), registers)


def test_what_is_left_out_of_a_change_stays(registers: Registers) -> None:
    edited = change(registers, status="denied")
    assert edited == replace(SHELLING, status="denied")


def test_typed_words_become_the_occurrence_nearest_to_the_trigger(registers: Registers) -> None:
    edited = change(registers, targets=[{"text": "SARAQIB"}])
    (target,) = edited.targets
    assert target.words.text == "Saraqib"
    assert REPORT.text[target.words.span.start : target.words.span.end] == "Saraqib"
    assert target.words.span.start > REPORT.text.index("market"), "not the one in the title"


def test_words_that_the_report_does_not_say_are_refused(registers: Registers) -> None:
    with pytest.raises(MahdarError, match="does not say 'Homs'"):
        change(registers, places=[{"text": "Homs"}])
    with pytest.raises(MahdarError, match="does not say 'Saraqib' at that place"):
        change(registers, places=[{"text": "Saraqib", "start": 0}])


def test_an_actor_resolves_by_its_words_or_by_the_entry_that_was_chosen(registers: Registers) -> None:
    by_words = change(registers, actors=[{"text": "Army"}]).actors[0]
    assert by_words.name == "Military Forces of Syria (2000-2024)"
    chosen = change(registers, actors=[{"text": "Rebels", "actor_id": by_words.actor_id}]).actors[0]
    assert (chosen.words.text, chosen.name) == ("Rebels", by_words.name)
    with pytest.raises(MahdarError, match="not in the actor register"):
        change(registers, actors=[{"text": "Rebels", "actor_id": "nobody-knows"}])


def test_a_place_takes_point_and_precision_of_its_entry(registers: Registers) -> None:
    entry = registers.places.find("Ariha", "SY")[0]
    edited = change(registers, places=[{"text": "Ariha", "gazetteer_id": entry.ref}])
    (place,) = edited.places
    assert (place.lat, place.lon, place.country) == (entry.lat, entry.lon, "SY")
    assert edited.geo_precision == 1
    unknown = change(registers, places=[{"text": "the market"}]).places[0]
    assert unknown.lat is None
    assert unknown.reason


@pytest.mark.parametrize(
    ("time", "kept"),
    [
        ({"start": "2020-03-03", "end": "2020-03-05"}, ("2020-03-03", "2020-03-05", 2)),
        ({"start": "2020-03", "end": "2020-03"}, ("2020-03", "2020-03", 3)),
        ({"start": "2020-03-03", "end": "2020-03-03", "precision": 2}, ("2020-03-03", "2020-03-03", 2)),
        ({}, (None, None, None)),
    ],
)
def test_dates_carry_their_precision(
    registers: Registers, time: dict[str, object], kept: tuple[str | None, str | None, int | None]
) -> None:
    edited = change(registers, time=time).time
    assert (edited.start, edited.end, edited.precision) == kept


@pytest.mark.parametrize(
    "fields",
    [
        {"time": {"start": "2020-03-05", "end": "2020-03-03"}},
        {"time": {"start": "2020-13"}},
        {"type": "airstrike"},
        {"figures": [{"what": "killed", "text": "9"}]},
        {"figures": [{"what": "killed", "text": "9", "low": 9, "high": 3}]},
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(registers: Registers, fields: dict[str, object]) -> None:
    with pytest.raises(MahdarError):
        change(registers, **fields)


def test_types_are_typed_by_their_beginning() -> None:
    assert coding.known_type("Loot") == "looting_property_destruction"
    assert coding.known_type("attack") == "attack"
    with pytest.raises(MahdarError, match="several"):
        coding.known_type("a")


def test_a_missed_claim_has_its_sentence_as_evidence() -> None:
    claim = coding.new_claim(REPORT, "attack", Value(text="charred"))
    assert claim.evidence[0].text == "The bodies were charred, a medic said."
    assert claim == coding.new_claim(REPORT, "attack", Value(text="charred")), "its id comes from its content"


def test_merging_unites_evidence_and_slots_and_keeps_the_finest_time() -> None:
    vague = replace(LOOTING, time=replace(LOOTING.time, precision=3))
    merged = coding.merge([vague, SHELLING])
    assert merged.id == vague.id
    assert merged.time == SHELLING.time
    assert [w.text for w in merged.evidence] == [SHELLING.evidence[0].text, LOOTING.evidence[0].text]
    assert {a.words.text for a in merged.actors} == {"Rebels", "Army artillery"}
    assert merged.figures == SHELLING.figures


def test_splitting_moves_what_is_named_and_leaves_the_rest_in_both() -> None:
    both = coding.merge([SHELLING, LOOTING])
    first, second = coding.split(both, Part(type="attack", actors=[1], evidence=[1]), {both.id})
    assert [a.words.text for a in first.actors] == ["Army artillery"]
    assert [a.words.text for a in second.actors] == ["Rebels"]
    assert first.targets == second.targets == both.targets
    assert (first.id, second.type) == (both.id, "attack")
    assert second.id != first.id


def test_a_split_needs_something_to_part() -> None:
    with pytest.raises(MahdarError, match="needs something"):
        coding.split(SHELLING, Part(), {SHELLING.id})
    with pytest.raises(MahdarError, match="must keep"):
        coding.split(SHELLING, Part(evidence=[0]), {SHELLING.id})
    with pytest.raises(MahdarError, match="no such actors"):
        coding.split(SHELLING, Part(actors=[7]), {SHELLING.id})


def test_copies_have_ids_of_their_own() -> None:
    one = coding.duplicate(SHELLING, {SHELLING.id})
    two = coding.duplicate(SHELLING, {SHELLING.id, one.id})
    assert len({SHELLING.id, one.id, two.id}) == 3
    assert replace(two, id=SHELLING.id) == SHELLING
