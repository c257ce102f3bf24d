"""What adding to a record does, and what it never does."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mahdar.intake import Document, open_documents
from mahdar.model import MahdarError, Reading, Report
from mahdar.record import Record
from mahdar.record.adding import identified

from .invented import documents
from .reader import CALM, KESH, ORIM, WordReader


def test_a_report_is_kept_with_its_bytes_its_retrieval_and_its_claims(record: Record, tmp_path: Path) -> None:
    file = tmp_path / "orim.txt"
    file.write_text(ORIM, encoding="utf-8")
    (added,) = record.add(str(file), reader=WordReader())
    assert (added.state, added.claims) == ("added", 2)
    assert added.report is not None
    stored = record.report(added.report)
    assert stored.report.text == ORIM
    assert record.original(added.report) == ORIM.encode()
    assert stored.retrieval.requested_url == str(file)
    assert stored.retrieval.absent, "what the Berkeley Protocol asks for and a file has not is told"
    assert [c.claim.type for c in record.claims()] == ["air_drone_strike", "looting_property_destruction"]
    assert list(record.verify()) == []


def test_what_comes_out_is_what_went_in(record: Record) -> None:
    (document,) = open_documents(ORIM.encode(), name="orim")
    assert isinstance(document, Document)
    read = WordReader().read(identified(document))
    record.store([(document, read)])
    assert record.report(read.report.id).report == read.report
    assert tuple(c.claim for c in record.claims(report=read.report.id)) == read.claims
    claim = read.claims[0]
    assert record.claim(claim.id).claim == record.claim(claim.id[:6]).claim == claim


def test_adding_the_same_report_twice_changes_nothing(record: Record) -> None:
    list(record.add(ORIM.encode(), KESH.encode(), reader=WordReader()))
    before = record.head(), list(record.claims())
    again = WordReader()
    assert [a.state for a in record.add(KESH.encode(), ORIM.encode(), reader=again)] == ["known", "known"]
    assert again.read_so_far == 0, "what is known is not read again"
    assert (record.head(), list(record.claims())) == before


def test_the_same_words_of_another_outlet_are_another_report(record: Record) -> None:
    rows = [{"text": KESH, "outlet": outlet, "published": "2021-03-04"} for outlet in ("Valley Post", "Hill News")]
    lines = "\n".join(map(json.dumps, [*rows, rows[0]])).encode()
    assert [a.state for a in record.add(lines, reader=WordReader())] == ["added", "added", "known"]
    assert len({c.claim.id for c in record.claims()}) == 2


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({"outlet": "Valley Post", "published": "2021-03-04"}, {}),
        ({}, {"outlet": "Valley Post", "published": "2021-03-04"}),
        ({"outlet": "Valley Post"}, {"published": "2021-03-04"}),
        ({"published": "2021-03-04"}, {"published": "2021-03-05"}),
    ],
)
def test_the_same_bytes_are_the_same_report_unless_an_outlet_is_another(
    record: Record, first: dict[str, str], again: dict[str, str]
) -> None:
    list(record.add(KESH.encode(), reader=WordReader(), **first))  # type: ignore[arg-type]
    before = record.head()
    (added,) = record.add(KESH.encode(), reader=WordReader(), **again)  # type: ignore[arg-type]
    assert (added.state, record.head()) == ("known", before)


def test_the_same_bytes_of_another_outlet_or_other_bytes_of_another_day_are_another_report(record: Record) -> None:
    for outlet in ("Valley Post", "Hill News"):
        assert [a.state for a in record.add(KESH.encode(), reader=WordReader(), outlet=outlet)] == ["added"]
    told = [json.dumps({"text": ORIM, "published": day}).encode() for day in ("2021-03-04", "2021-03-05", "2021-03-05")]
    assert [a.state for a in record.add(*told, reader=WordReader())] == ["added", "added", "known"]


def test_a_page_that_comes_again_under_another_day_is_known_by_its_address(record: Record) -> None:
    (document,) = open_documents(KESH.encode())
    assert isinstance(document, Document)
    retrieval = replace(document.retrieval, final_url="https://news.example/kesh")
    for day, state in (("2021-03-04", "added"), ("2021-03-05", "known")):
        page = replace(document, data=f"<p>{KESH}<p>{day}".encode(), retrieval=retrieval)
        assert [a.state for a in record.add(page, reader=WordReader(), published=day)] == [state]


def test_a_batch_holds_each_report_once(record: Record) -> None:
    (document,) = open_documents(KESH.encode())
    assert isinstance(document, Document)
    told = replace(document, report=replace(document.report, outlet="Valley Post"))
    pairs = [(d, WordReader().read(identified(d))) for d in (document, told, document)]
    assert [added.state for added in record.store(pairs)] == ["added", "known", "known"]


def test_a_refused_report_stops_no_other(record: Record, tmp_path: Path) -> None:
    sources: list[str | bytes] = [str(tmp_path / "nowhere.txt"), b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 600, ORIM.encode()]
    added = list(record.add(*sources, reader=WordReader()))
    assert [a.state for a in added] == ["refused", "refused", "refused", "added"]
    assert all(a.reason for a in added[:3])


def test_a_reading_whose_words_do_not_stand_in_the_text_is_refused(record: Record) -> None:
    class Inventor(WordReader):
        def read(self, report: Report) -> Reading:
            reading = super().read(report)
            other = Report("x", report.text.upper())
            claims = tuple(replace(claim, trigger=other.words(0, 4)) for claim in reading.claims)
            return replace(reading, claims=claims)

    (added,) = record.add(ORIM.encode(), reader=Inventor())
    assert (added.state, "does not stand there" in added.reason) == ("refused", True)
    assert not record.knows(added.report or "")


def test_text_that_no_database_holds_is_refused(record: Record) -> None:
    (document,) = open_documents(CALM.encode(), name="calm")
    assert isinstance(document, Document)
    for character in ("\x00", "\ud800"):
        broken = Document(Report("x", CALM + character, name="broken"), b"broken")
        (added,) = record.add(broken, reader=WordReader())
        assert (added.state, added.name) == ("refused", "broken")


def test_the_id_that_the_input_gave_finds_the_report(record: Record) -> None:
    (added,) = record.add(json.dumps({"id": "dev-12", "text": ORIM}).encode(), reader=WordReader())
    assert record.report("dev-12").report.id == added.report


def test_ids_that_mean_none_or_several_are_told(record: Record) -> None:
    for text in (ORIM, KESH):
        list(record.add(json.dumps({"id": "same", "text": text}).encode(), reader=WordReader()))
    with pytest.raises(MahdarError, match="more than one report"):
        record.report("same")
    with pytest.raises(MahdarError, match="no report"):
        record.report("none")
    with pytest.raises(MahdarError, match="no claim"):
        record.claim("none")


def test_published_and_outlet_hold_for_every_report(record: Record) -> None:
    list(record.add(ORIM.encode(), KESH.encode(), reader=WordReader(), published="2021-03-05", outlet="Hill News"))
    assert {(s.report.published, s.report.outlet) for s in record.reports()} == {("2021-03-05", "Hill News")}


def test_what_was_yielded_is_kept_even_if_the_rest_never_comes(blank: Callable[[], str]) -> None:
    where = blank()
    with Record.open(where) as record:
        first = next(record.add(ORIM.encode(), KESH.encode(), reader=WordReader()))
    with Record.open(where) as record:
        assert [s.report.id for s in record.reports()] == [first.report]
        assert list(record.verify()) == []


def test_nothing_of_a_batch_is_kept_if_one_of_it_cannot_be(record: Record) -> None:
    documents = [d for text in (ORIM, KESH) for d in open_documents(text.encode()) if isinstance(d, Document)]
    good, bad = ((d, WordReader().read(identified(d))) for d in documents)
    double = Reading(bad[1].report, bad[1].claims * 2, (), "words-1")
    with pytest.raises(MahdarError):
        record.store([good, (bad[0], double)])
    assert list(record.reports()) == []
    assert list(record.verify()) == []


def test_of_a_batch_that_the_disk_did_not_take_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    batch = documents(5)
    with Record.create(tmp_path / "record") as record:
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", full)
            with pytest.raises(MahdarError, match="the disk is full"):
                record.store(batch)
        assert not list((tmp_path / "record" / "archive").rglob("*.part")), "nothing half-written"
        assert record.status().claims == 0
        assert [added.state for added in record.store([*batch, *batch])] == ["added"] * 5 + ["known"] * 5
        assert list(record.verify()) == []
