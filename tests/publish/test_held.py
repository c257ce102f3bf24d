"""Exports of a record: its incidents as cases, over a query, by the command line, logged, without the names it withholds."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mahdar.cli import main
from mahdar.intake import Document as Taken
from mahdar.intake import Retrieval
from mahdar.model import Reading, Report
from mahdar.publish import held, lines
from mahdar.publish.case import Case, Withheld
from mahdar.publish.redaction import Redactor, profile
from mahdar.record import Record
from mahdar.record.query import Query
from mahdar.record.rows import report_id
from tests.publish.cases import TEXTS, market_strike


def keep(record: Record, case: Case) -> None:
    """Puts a case into a record as if its reports had been read there."""
    ids: dict[str, str] = {}
    for document in case.documents:
        text = TEXTS[document.id]
        report = Report("", text, document.title, document.outlet, document.published, name=f"{document.id}.txt")
        report = replace(report, id=report_id(report))
        ids[document.id] = report.id
        claims = [replace(c, report=report.id) for c in case.claims if c.report == document.id]
        taken = Taken(report, text.encode(), Retrieval(document.url or "", retrieved_at=document.retrieved))
        record.store([(taken, Reading(report, tuple(claims), (), "mahdar-test"))])
    one = case.incident
    origins = tuple(replace(o, reports=tuple(ids[r] for r in o.reports)) for o in one.origins)
    record.put_incidents([replace(one, reports=tuple(ids.values()), origins=origins)])
    for claim, state in case.states:
        if state in ("accepted", "edited"):
            record.decide("accept", "claim", claim, who="a coder", expected=0)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    with Record.create(tmp_path / "record") as made:
        keep(made, market_strike())
        yield made


def test_a_record_gives_its_incidents_as_cases(record: Record) -> None:
    [case] = held.cases(record)
    assert case.incident.id == "inc-market"
    assert [c.id for c in case.claims] == ["c1", "c2", "c3"]
    assert {d.outlet for d in case.documents} == {"Meridian Wire", "The Courier", "State Radio"}
    assert {state for _, state in case.states} == {"accepted"}
    assert all(d.sha256 and d.text_sha256 and d.text for d in case.documents)
    assert case.reader == "mahdar-test"
    assert case.edited_at


def test_a_query_chooses_among_them(record: Record) -> None:
    assert [c.incident.id for c in held.cases(record, Query.from_url("country=SY&type=air_drone_strike"))] == [
        "inc-market"
    ]
    assert list(held.cases(record, Query.from_url("country=YE"))) == []


def test_json_lines_into_a_record_and_out_again_are_the_same(record: Record, tmp_path: Path) -> None:
    """What a line says of its claims and incident makes the same record again, and the same line."""
    internal = Redactor(profile("internal"))
    written = [str(text) for _, text in lines.render(internal.clear_all(held.cases(record)))]
    [case] = lines.parse(written)
    assert [str(text) for _, text in lines.render([internal.clear(case)])] == written
    with Record.create(tmp_path / "again") as second:
        copied = replace(case, documents=tuple(replace(d, text_sha256=None, sha256=None) for d in case.documents))
        _keep_again(second, copied)
        [back] = held.cases(second)
    assert (back.incident, back.claims) == (case.incident, case.claims)
    assert [(d.id, d.text, d.text_sha256) for d in back.documents] == [
        (d.id, d.text, d.text_sha256) for d in case.documents
    ]


def _keep_again(record: Record, case: Case) -> None:
    for document in case.documents:
        report = Report(document.id, document.text or "", document.title, document.outlet, document.published)
        claims = tuple(c for c in case.claims if c.report == document.id)
        taken = Taken(report, (document.text or "").encode(), Retrieval(document.url or ""))
        record.store([(taken, Reading(report, claims, (), case.reader))])
    record.put_incidents([case.incident])


def test_marked_names_are_kept_with_the_record_and_leave_in_no_export(record: Record, tmp_path: Path) -> None:
    table = tmp_path / "names.csv"
    table.write_text("name,role\nLina Haddad,victim\n", encoding="utf-8")
    main_(["withhold", str(table), "--record", record.where])
    assert held.marked(record) == (Withheld("Lina Haddad", "victim"),)
    out = tmp_path / "out.jsonl"
    main_(["export", "jsonl", "-o", str(out), "--record", record.where, "--profile", "partner"])
    assert "Lina" not in out.read_text("utf-8")


def main_(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert not left.value.code


def test_export_writes_the_table_and_what_belongs_beside_it_and_is_logged(record: Record, tmp_path: Path) -> None:
    out = tmp_path / "week.csv"
    main_(["export", "acled", "-o", str(out), "--record", record.where, "--query", "country=SY"])
    assert {p.name for p in tmp_path.glob("week*")} == {
        "week.csv",
        "week.rules.csv",
        "week.left-out.csv",
        "week.datapackage.json",
    }
    [row] = csv.DictReader(out.open(encoding="utf-8", newline=""))
    assert row["country"] == "Syria"
    last = list(record.log())[-1]
    assert (last.kind, last.subject) == ("export", "acled")


def test_a_dossier_and_pictures_by_command(record: Record, tmp_path: Path) -> None:
    main_(["dossier", "inc-market", "-o", str(tmp_path / "d.html"), "--record", record.where, "--day", "2019-07-21"])
    assert "Tell Qamar" in (tmp_path / "d.html").read_text("utf-8")
    main_(["picture", "counts", "--by", "type", "-o", str(tmp_path / "c.svg"), "--record", record.where])
    assert (tmp_path / "c.svg").read_text("utf-8").startswith("<svg")


def test_a_week_is_released_and_checked_by_command(record: Record, tmp_path: Path) -> None:
    to = str(tmp_path / "releases")
    how = ["--record", record.where, "--to", to, "--day", "2019-07-22", "--format", "acled"]
    main_(["release", "make", "2019-W29", *how])
    main_(["release", "check", f"{to}/0001-2019-W29"])


def test_another_record_is_compared_by_command(
    record: Record, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main_(["export", "acled", "-o", str(tmp_path / "theirs.csv"), "--record", record.where])
    main_(["compare", str(tmp_path / "theirs.csv"), "-o", str(tmp_path / "c.csv"), "--record", record.where])
    assert "both 1 (1 differ), only ours 0, only theirs 0" in capsys.readouterr().out
    assert [row.kind for row in record.log()][-1] == "import"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["export", "xls", "-o", "x"], "'xls' is no format"),
        (["export", "wacz", "-o", "x"], "mahdar wacz"),
        (["export", "hxl", "-o", "x", "--profile", "secret"], "'secret' is no profile"),
        (["export", "hxl", "-o", "no/such/folder/x.csv"], "cannot be written"),
        (["dossier", "-o", "x.pdf"], "one incident or of a --query"),
        (["dossier", "inc-market", "-o", "x.doc"], "NAME.pdf or NAME.html"),
        (["picture", "map", "-o", "x.gif"], "NAME.svg or NAME.png"),
        (["dossier", "-q", "country=YE", "-o", "x.html"], "none was found"),
        (["release", "make", "soon"], "is no week"),
    ],
)
def test_a_wrong_request_is_told_in_one_sentence_and_nothing_is_written(
    record: Record,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("x*"))
    with pytest.raises(SystemExit) as left:
        main([*arguments, "--record", record.where])
    assert left.value.code == 2
    assert told in capsys.readouterr().err
    assert sorted(tmp_path.rglob("x*")) == before
