"""Taking over an export: the record that takes it exports the same bytes again, holds together, and what it had stands."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mahdar.cli import main
from mahdar.intake import Refusal
from mahdar.publish import held
from mahdar.publish.case import Withheld
from mahdar.publish.files import export
from mahdar.publish.formats import format_named
from mahdar.publish.redaction import Redactor, profile
from mahdar.publish.release import make
from mahdar.publish.taking import Count, take_over
from mahdar.record import Record
from mahdar.record.joining import link_anew
from tests.publish.cases import market_strike
from tests.publish.test_held import keep
from tests.record.invented import documents

MARKS = (Withheld("Orsk Ford", "place"), Withheld("Nobody Anywhere", "witness"))


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record without anything, to copy: making one takes a second."""
    where = tmp_path_factory.mktemp("blank") / "record"
    Record.create(where).close()
    return where


def exported(record: Record, to: Path) -> bytes:
    """The record's incidents as the house's own JSON lines."""
    redactor = Redactor(profile("internal"), held.marked(record))
    export(held.cases(record), format_named("jsonl"), to, redactor)
    return to.read_bytes()


def taken(record: Record, file: Path) -> tuple[Count, list[Refusal]]:
    parts = list(take_over(record, file))
    return sum((p for p in parts if isinstance(p, Count)), Count()), [p for p in parts if isinstance(p, Refusal)]


def decide_at_random(record: Record, chance: random.Random, times: int) -> None:
    """Decisions of all kinds, on claims, reports and incidents, some taken back; linked anew in between."""
    for _ in range(times):
        claims, incidents = list(record.claims()), list(record.incidents())
        if not claims or not incidents:
            return
        one, incident = chance.choice(claims), chance.choice(incidents)
        of_claim: dict[str, Any] = {"kind": "claim", "subject": one.claim.id, "who": "ann", "expected": one.version}
        of_incident: dict[str, Any] = {"kind": "incident", "subject": incident.incident.id, "who": "bob"}
        of_incident["expected"] = incident.version
        match chance.choice("accept reject edit add comment undo report incident merge split relink".split()):
            case "accept":
                record.decide("accept", **of_claim)
            case "reject" | "comment" as action:
                record.decide(action, why="it says nothing new, “as told”", **of_claim)
            case "edit":
                record.decide("edit", after=replace(one.claim, confidence=chance.random(), status="denied"), **of_claim)
            case "add":
                id = f"{chance.getrandbits(64):016x}"
                added = replace(one.claim, id=id, type="looting_property_destruction")
                record.decide("add", "claim", id, who="ann", expected=0, after=added)
            case "undo":
                if decided := record.decisions("claim", one.claim.id):
                    undone = {d.undoes for d in decided}
                    if left := [d for d in decided if d.id not in undone]:
                        record.decide("undo", undoes=left[-1].id, **of_claim)
            case "report":
                seen = len(record.decisions("report", one.claim.report))
                record.decide("comment", "report", one.claim.report, who="cat", expected=seen, why="a copy?")
            case "incident":
                record.decide("accept", **of_incident)
            case "merge":
                other = chance.choice(incidents).incident.id
                if other != incident.incident.id:
                    record.decide("merge", after=[other], **of_incident)
                    link_anew(record)
            case "split":
                if len(incident.incident.claims) > 1:
                    record.decide("split", after=[[incident.incident.claims[0]]], **of_incident)
                    link_anew(record)
            case "relink":
                link_anew(record)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(0, 12))
def test_an_export_comes_out_of_another_record_as_it_went_in(
    blank: Path, seed: int, reports: int, decisions: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        for name in ("first", "second"):
            shutil.copytree(blank, here / name)
        with Record.open(here / "first") as first, Record.open(here / "second") as second:
            first.store(documents(reports, seed=seed))
            link_anew(first)
            held.mark(first, MARKS)
            decide_at_random(first, random.Random(seed), decisions)
            out = exported(first, here / "one.jsonl")
            count, refused = taken(second, here / "one.jsonl")
            assert (refused, count.left, count.known) == ([], 0, 0)
            assert exported(second, here / "two.jsonl") == out
            assert list(second.verify()) == []
            again, _ = taken(second, here / "one.jsonl")
            assert again == Count(known=count.incidents)
            assert exported(second, here / "three.jsonl") == out


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    with Record.create(tmp_path / "record") as made:
        keep(made, market_strike())
        yield made


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Record]:
    with Record.create(tmp_path / "other") as made:
        yield made


def test_how_a_report_was_come_by_is_told_as_it_was_and_its_bytes_as_what_was_handed_over(
    record: Record, other: Record, tmp_path: Path
) -> None:
    exported(record, tmp_path / "one.jsonl")
    taken(other, tmp_path / "one.jsonl")
    for before, after in zip(record.reports(), other.reports(), strict=True):
        assert after.retrieval == replace(before.retrieval, original=before.archive_sha256)
        assert (after.extractor, after.report) == (before.extractor, replace(before.report, name=after.report.name))
        assert json.loads(other.original(after.report.id))["text"] == before.report.text
    assert [row.kind for row in other.log()][-1] == "import"


def test_names_that_are_marked_there_are_withheld_here(record: Record, other: Record, tmp_path: Path) -> None:
    pell = Withheld("Jory Pell", "witness", ("J. Pell",))
    held.mark(record, [pell, Withheld("Nobody Anywhere")])
    exported(record, tmp_path / "one.jsonl")
    held.mark(other, [Withheld("Lina Haddad", "victim")])
    taken(other, tmp_path / "one.jsonl")
    assert held.marked(other) == (Withheld("Lina Haddad", "victim"), pell)


def test_decisions_that_follow_on_those_here_are_taken_and_others_are_not(
    record: Record, other: Record, tmp_path: Path
) -> None:
    exported(record, tmp_path / "one.jsonl")
    taken(other, tmp_path / "one.jsonl")
    for claim in ("c1", "c2"):
        record.decide("reject", "claim", claim, who="ann", expected=1, why="a copy")
    other.decide("comment", "claim", "c2", who="eve", expected=1, why="is it?")
    exported(record, tmp_path / "two.jsonl")
    count, _ = taken(other, tmp_path / "two.jsonl")
    assert count == Count(decisions=1, known=1)
    assert {c.claim.id: c.review for c in other.claims()} == {"c1": "rejected", "c2": "accepted", "c3": "accepted"}
    assert list(other.verify()) == []


def test_an_incident_that_is_linked_otherwise_here_is_left_to_linking(
    record: Record, other: Record, tmp_path: Path
) -> None:
    exported(record, tmp_path / "one.jsonl")
    taken(other, tmp_path / "one.jsonl")
    [mine] = other.incidents()
    other.put_incidents([replace(mine.incident, id="inc-mine")], gone=["inc-market"])
    count, _ = taken(other, tmp_path / "one.jsonl")
    assert count == Count(left=1)
    assert [i.incident.id for i in other.incidents()] == ["inc-mine"]


def test_what_is_no_whole_export_or_was_altered_is_refused_by_its_line(
    record: Record, other: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = exported(record, tmp_path / "one.jsonl").decode()
    public = tmp_path / "public.jsonl"
    export(held.cases(record), format_named("jsonl"), public, Redactor(profile("public")))
    bad = [
        "{",
        public.read_text(encoding="utf-8").strip(),
        line.strip().replace("killing at least 14", "killing at least 44", 1).replace("\n", ""),
        line.strip().replace('"text":"14 or more"', '"text":"15 or more"').replace("at least 14", "at least 15"),
        line.strip().replace('"id":"c1"', '"id":"c9"'),
    ]
    file = tmp_path / "bad.jsonl"
    file.write_text("\n".join(bad) + "\n", encoding="utf-8")
    count, refused = taken(other, file)
    assert count == Count(refused=len(bad))
    assert [refusal.name for refusal in refused] == [f"bad.jsonl, line {n}" for n in range(1, len(bad) + 1)]
    assert "profile internal" in refused[1].reason
    assert "was altered" in refused[2].reason
    with pytest.raises(SystemExit, match="2"):
        main(["import", str(file), "--record", other.where])
    assert "bad.jsonl, line 2: leaves texts out" in capsys.readouterr().err


def test_the_command_tells_what_it_took_over(
    record: Record, other: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exported(record, tmp_path / "one.jsonl")
    with pytest.raises(SystemExit, match="0"):
        main(["import", str(tmp_path / "one.jsonl"), "--record", other.where])
    assert "1 incidents, 3 reports, 3 claims, 3 decisions taken over" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["partner", "public"])
def test_custody_and_decisions_stay_in_the_house(record: Record, tmp_path: Path, name: str) -> None:
    export(held.cases(record), format_named("jsonl"), tmp_path / "e.jsonl", Redactor(profile(name)))
    line = (tmp_path / "e.jsonl").read_text(encoding="utf-8")
    told = json.loads(line)
    assert {document["custody"] for document in told["documents"]} == {None}
    assert told["decisions"] == []
    assert "a coder" not in line


def test_a_frozen_release_can_be_taken_over(record: Record, other: Record, tmp_path: Path) -> None:
    made, _ = make(held.cases(record), tmp_path, week="2019-W29", day="2019-07-22", formats=["hxl"])
    count, refused = taken(other, made / "frozen.jsonl")
    assert (count.incidents, refused) == (1, [])
