"""The samples as the shipped reader reads them: how much of what is expected is found, and what must hold of every claim."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mahdar import Claim, Reading, Report, Words, read
from mahdar.codebook import EVENT_TYPES
from mahdar.intake import open_reports
from mahdar.reading.encoder import MODEL
from mahdar.reading.reader import Reader

SAMPLES = Path(__file__).parents[1] / "samples"
FLOOR = tomllib.loads(Path(__file__).with_name("samples").joinpath("floor.toml").read_text(encoding="utf-8"))
EXPECTED = {
    row["id"]: row for row in map(json.loads, (SAMPLES / "expected.jsonl").read_text(encoding="utf-8").splitlines())
}
Same = Callable[[dict[str, Any], Claim], bool]


def samples() -> list[Report]:
    """The sample reports by the id they are expected under: a file's stem, a line's `id`."""
    out = list(open_reports(SAMPLES / "reports")) + list(open_reports(SAMPLES / "more.jsonl"))
    return [report for report in out if isinstance(report, Report)]


def key(report: Report) -> str:
    return report.id if report.id in EXPECTED else Path(report.name).stem


@pytest.fixture(scope="module", params=["model", "rules"])
def how(request: pytest.FixtureRequest) -> str:
    """The reader with its network, and the reader by lexicon and rules alone."""
    if request.param == "model" and not MODEL.is_dir():
        pytest.skip("the reading model is not here (make model builds it)")
    return str(request.param)


def reader(how: str) -> Reader:
    return Reader() if how == "model" else Reader(MODEL.with_name("no such model"))


@pytest.fixture(scope="module")
def readings(how: str) -> dict[str, Reading]:
    return {key(reading.report): reading for reading in read(*samples(), reader=reader(how))}


def overlap(gold: dict[str, Any], claim: Claim) -> bool:
    return any(g["start"] < w.span.end and w.span.start < g["end"] for g in gold["evidence"] for w in claim.evidence)


def same_type(gold: dict[str, Any], claim: Claim) -> bool:
    return gold["type"] == claim.type and overlap(gold, claim)


def pairs(gold: list[dict[str, Any]], claims: tuple[Claim, ...], same: Same) -> int:
    """How many expected and read claims pair off one to one: a largest matching, by augmenting paths."""
    taken: dict[int, int] = {}

    def place(g: int, tried: set[int]) -> bool:
        for c, claim in enumerate(claims):
            if c not in tried and same(gold[g], claim):
                tried.add(c)
                if c not in taken or place(taken[c], tried):
                    taken[c] = g
                    return True
        return False

    return sum(place(g, set()) for g in range(len(gold)))


def f1(readings: dict[str, Reading], same: Same) -> float:
    hit = sum(pairs(EXPECTED[name]["claims"], reading.claims, same) for name, reading in readings.items())
    expected = sum(len(row["claims"]) for row in EXPECTED.values())
    found = sum(len(reading.claims) for reading in readings.values())
    return 2 * hit / (expected + found)


def test_all_samples_are_read_and_say_how(readings: dict[str, Reading], how: str) -> None:
    assert set(readings) == set(EXPECTED)
    assert all(how in reading.reader for reading in readings.values())


def test_enough_expected_claims_are_found(readings: dict[str, Reading], how: str) -> None:
    assert f1(readings, overlap) >= FLOOR[how]["detected_f1"]
    assert f1(readings, same_type) >= FLOOR[how]["typed_f1"]


def test_near_misses_yield_next_to_nothing(readings: dict[str, Reading], how: str) -> None:
    read_in_empty = {name: len(readings[name].claims) for name, row in EXPECTED.items() if not row["claims"]}
    assert sum(read_in_empty.values()) <= FLOOR[how]["claims_in_near_misses"], read_in_empty


def words_in(value: object) -> Iterator[Words]:
    """Every Words anywhere inside a value."""
    if isinstance(value, Words):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from words_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from words_in(part)


def test_every_value_stands_on_words_of_the_report(readings: dict[str, Reading]) -> None:
    for reading in readings.values():
        text = reading.report.text
        for words in words_in((reading.claims, reading.relations)):
            assert words.text
            assert text[words.span.start : words.span.end] == words.text


def test_no_claim_stands_on_furniture(readings: dict[str, Reading]) -> None:
    for reading in readings.values():
        for claim in reading.claims:
            spans = [claim.trigger.span, *(w.span for w in claim.evidence)]
            assert not any(s.overlaps(f) for s in spans for f in reading.report.furniture)


def test_every_claim_keeps_the_codebook(readings: dict[str, Reading]) -> None:
    for reading in readings.values():
        for claim in reading.claims:
            assert claim.type in EVENT_TYPES
            assert claim.report == reading.report.id
            assert claim.evidence
            assert any(w.span.start <= claim.trigger.span.start < w.span.end for w in claim.evidence)
            assert claim.scope == "total" or claim.type != "casualty_toll"
            assert 0 <= claim.confidence <= 1
            assert claim.steps
            assert (claim.time.precision is None) == (claim.time.start is None and claim.time.end is None)
            if claim.time.start and claim.time.end:
                shared = min(len(claim.time.start), len(claim.time.end))
                assert claim.time.start[:shared] <= claim.time.end[:shared]
            for figure in claim.figures:
                assert figure.low is not None or figure.high is not None
                assert figure.low is None or figure.high is None or figure.low <= figure.high


def test_days_are_days(readings: dict[str, Reading]) -> None:
    for reading in readings.values():
        for claim in reading.claims:
            for day in filter(None, (claim.time.start, claim.time.end)):
                date.fromisoformat(f"{day}-01-01"[:10] if len(day) == 4 else f"{day}-01"[:10])


def test_a_place_is_resolved_or_says_why_not(readings: dict[str, Reading]) -> None:
    for reading in readings.values():
        for place in (p for claim in reading.claims for p in claim.places):
            assert place.name or place.reason, place.words.text
            assert (place.lat is None) == (place.lon is None)


def test_ids_are_unique(readings: dict[str, Reading]) -> None:
    ids = [claim.id for reading in readings.values() for claim in reading.claims]
    assert len(ids) == len(set(ids))


def test_reading_again_in_another_order_gives_the_same(readings: dict[str, Reading], how: str) -> None:
    again = reader(how)
    for report in sorted(samples(), key=lambda r: r.text)[::3]:
        assert again.read(report) == readings[key(report)]
