"""Whatever is altered behind a record's back is named. `python -m benchmarks.tamper` alters five hundred bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, update

from benchmarks.tamper import PLACES, furnish, run
from mahdar.record import Record
from mahdar.record.archive import FolderArchive
from mahdar.record.tables import CLAIM_ACTORS, DECISIONS, FORMER_CLAIMS, INCIDENT_CLAIMS, LOG, META, READINGS, REPORTS

from .reader import KESH, ORIM, WordReader


def said(record: Record) -> str:
    return "\n".join(str(fault) for fault in record.verify())


@pytest.fixture
def held(record: Record) -> Record:
    list(record.add(ORIM.encode(), KESH.encode(), reader=WordReader()))
    claim = next(record.claims()).claim
    record.decide("accept", "claim", claim.id, who="ann", expected=0)
    assert said(record) == ""
    return record


def test_every_flipped_byte_is_named(record: Record) -> None:
    furnish(record)
    named, missed = run(record, 3 * len(PLACES))
    assert not missed
    assert named.total() == 3 * len(PLACES)


def test_a_head_kept_elsewhere_proves_that_the_end_is_still_there(held: Record) -> None:
    kept = held.head()
    held.note("export", "a table", {"rows": 3})
    assert list(held.verify(expected=kept.hash)) == []
    with held.writing() as writer:
        writer.connection.execute(delete(LOG).where(LOG.c.seq >= kept.seq))
        writer.connection.execute(delete(DECISIONS))
    assert kept.hash in "\n".join(str(fault) for fault in held.verify(expected=kept.hash))


def test_rows_that_nothing_vouches_for_are_named(held: Record) -> None:
    claim = next(held.claims())
    with held.writing() as writer:
        values = {"claim_n": claim.n, "role": "source", "position": 0, "words": "nobody"}
        writer.connection.execute(insert(CLAIM_ACTORS).values(**values))
    assert claim.claim.id in said(held)


def test_what_was_removed_is_named(held: Record) -> None:
    report = next(held.reports()).report
    with held.writing() as writer:
        writer.connection.execute(delete(DECISIONS))
    assert "decision" in said(held)
    assert "logged but missing" in said(held)
    with held.writing() as writer:
        writer.connection.execute(update(READINGS).values(current=False))
    assert report.id in said(held)


def test_a_missing_original_is_named(held: Record) -> None:
    stored = next(held.reports())
    if isinstance(held.archive, FolderArchive):
        held.archive.path(stored.archive_sha256).unlink()
        assert f"archive {stored.archive_sha256}" in said(held)


def test_another_records_database_is_told(held: Record) -> None:
    with held.writing() as writer:
        writer.connection.execute(update(META).where(META.c.key == "record").values(value="another"))
    assert "does not bear the id" in said(held)


def test_an_incident_with_other_claims_beside_it_is_named(record: Record) -> None:
    furnish(record)
    incident = next(record.incidents())
    with record.writing() as writer:
        writer.connection.execute(delete(INCIDENT_CLAIMS).where(INCIDENT_CLAIMS.c.incident_n == incident.n))
    assert f"incident {incident.incident.id}" in said(record)


def test_the_reports_looked_at_are_counted(held: Record) -> None:
    seen: list[tuple[int, int]] = []
    list(held.verify(progress=lambda done, total: seen.append((done, total))))
    assert seen == [(2, 2)]


def test_text_that_is_no_text_any_more_is_named(blank: Callable[[], str]) -> None:
    with Record.open(blank()) as record:
        list(record.add(ORIM.encode(), reader=WordReader()))
        if record.sqlite:
            with record.writing() as writer:
                writer.connection.exec_driver_sql("UPDATE reports SET text = CAST(x'fffe' AS TEXT)")
            report = record.status().reports
            assert report == 1
            assert "text" in said(record)


def test_a_changed_report_row_is_named(held: Record) -> None:
    with held.writing() as writer:
        writer.connection.execute(update(REPORTS).values(outlet="Another Post"))
    for stored in held.lines():
        assert f"report {stored.id}: was altered" in said(held)


def test_a_former_claim_belongs_to_the_reading_that_listed_it(record: Record) -> None:
    list(record.add(ORIM.encode(), reader=WordReader(words={"struck": "attack"})))
    list(record.reread(WordReader("words-2", {"struck": "air_drone_strike"})))
    claim = next(record.claims()).claim
    with record.writing() as writer:
        writer.connection.execute(update(FORMER_CLAIMS).values(reading_n=2))
    assert f"former claim {claim.id}" in said(record)
