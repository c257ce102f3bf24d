"""Backups are records; what is restored is what was backed up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.postgres import Postgres
from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.record.archive import DatabaseArchive
from mahdar.record.query import Query
from mahdar.record.search import search

from .reader import KESH, ORIM, WordReader


@pytest.fixture
def filled(record: Record) -> Record:
    list(record.add(ORIM.encode(), KESH.encode(), reader=WordReader()))
    record.decide("accept", "claim", next(record.claims()).claim.id, who="ann", expected=0)
    return record


def test_a_backup_is_a_record_with_the_same_head(filled: Record, tmp_path: Path) -> None:
    filled.backup(tmp_path / "copy")
    with Record.open(tmp_path / "copy") as copy:
        assert (copy.id, copy.head()) == (filled.id, filled.head())
        assert list(copy.claims()) == list(filled.claims())
        assert list(copy.reports()) == list(filled.reports())
        assert list(copy.verify()) == []


def test_it_is_restored_on_either_engine_and_says_so(
    filled: Record, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    filled.backup(tmp_path / "copy")
    postgres: Postgres = request.getfixturevalue("postgres")
    for where, archive in (
        (str(tmp_path / "new"), None),
        (postgres.fresh(), None),
        (postgres.fresh(), tmp_path / "bytes"),
    ):
        with Record.restore(tmp_path / "copy", where, archive=archive) as restored:
            assert list(restored.claims()) == list(filled.claims())
            assert [row.kind for row in restored.log(since=filled.head().seq)] == ["restored"]
            assert list(restored.verify(expected=filled.head().hash)) == []
            report = next(restored.reports()).report
            assert restored.original(report.id) == filled.original(report.id)
            assert search(restored, Query(text="Kesh")).total == search(filled, Query(text="Kesh")).total == 1
            assert search(restored, Query(find="reports", text="mayor")).total == 1
            list(restored.add(f"{KESH} Again.".encode(), reader=WordReader()))
            assert list(restored.verify()) == []


def test_nothing_is_overwritten(filled: Record, tmp_path: Path, blank: Callable[[], str]) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "thesis.txt").write_text("three years of work")
    with pytest.raises(MahdarError, match="is there already"):
        filled.backup(tmp_path / "there")
    filled.backup(tmp_path / "copy")
    with pytest.raises(MahdarError, match="already"):
        Record.restore(tmp_path / "copy", blank())


def test_a_backup_that_fails_leaves_nothing(filled: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(self: object, sha256: str) -> bytes:
        return b"something else"

    monkeypatch.setattr(type(filled.archive), "get", damaged)
    with pytest.raises(MahdarError, match="were altered"):
        filled.backup(tmp_path / "backups" / "copy")
    assert list((tmp_path / "backups").iterdir()) == []


def test_what_a_killed_backup_left_is_no_hindrance(filled: Record, tmp_path: Path) -> None:
    (tmp_path / ".copy.part").mkdir()
    (tmp_path / ".copy.part" / "record.sqlite").write_bytes(b"half")
    filled.backup(tmp_path / "copy")
    assert not (tmp_path / ".copy.part").exists()


def test_a_record_in_a_database_may_keep_its_originals_in_a_folder(postgres: Postgres, tmp_path: Path) -> None:
    where = postgres.fresh()
    with Record.create(where, archive=tmp_path / "bytes") as record:
        (added,) = record.add(ORIM.encode(), reader=WordReader())
        assert record.original(added.report or "") == ORIM.encode()
    with pytest.raises(MahdarError, match="name it"):
        Record.open(where)
    with Record.open(where, archive=tmp_path / "bytes") as record:
        assert not isinstance(record.archive, DatabaseArchive)
        assert list(record.verify()) == []
