"""Making and opening records: what is there, what is older, what is newer, what cannot be written."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.record.database import FILE, MIGRATIONS, Database, newest
from mahdar.record.query import Query
from mahdar.record.search import search
from mahdar.record.tables import METADATA

from .reader import CALM, KESH, ORIM, WordReader


def test_migrations_make_the_tables_that_the_code_works_with(record: Record) -> None:
    with record.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _ours, "compare_type": False})
        assert compare_metadata(context, METADATA) == []


def _ours(name: str | None, kind: str, _: Any) -> bool:
    return kind != "table" or not (name or "").startswith("fts_")


def test_there_is_one_record_in_one_place(blank: Callable[[], str]) -> None:
    where = blank()
    with pytest.raises(MahdarError, match="is a record already"):
        Record.create(where)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(MahdarError, match=r"holds other things \(thesis.txt\)"):
        Record.create(tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_creation_that_was_killed_can_be_done_again(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    (tmp_path / "archive").mkdir()
    Record.create(tmp_path).close()
    with Record.open(tmp_path) as record:
        assert list(record.verify()) == []


@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        ("nowhere", "is no record"),
        ("mysql://host/db", "a folder or an address postgresql://"),
        ("postgresql://host:port/db", "no database address"),
        ("postgresql://nobody:secret@/none?host=/nowhere", "the database says"),
    ],
)
def test_what_is_no_record_is_told_without_passwords(where: str, wrong: str) -> None:
    with pytest.raises(MahdarError, match=wrong) as error:
        Record.open(where)
    assert "secret" not in str(error.value)


def test_a_record_of_a_newer_mahdar_is_not_touched(blank: Callable[[], str]) -> None:
    where = blank()
    with Record.open(where) as record, record.writing() as writer:
        writer.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MahdarError, match="newer mahdar"):
        Record.open(where)


def older(where: str | Path, version: str) -> Record:
    """A new record as the mahdar of that migration made it."""
    from alembic import command
    from alembic.config import Config

    def upgrade(connection: Any) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, version)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mahdar.record.record.upgrade", upgrade)
        return Record.create(where)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_full_text_goes_on_where_an_older_record_stood(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = str(tmp_path / "old") if engine == "sqlite" else request.getfixturevalue("postgres").fresh()
    with older(where, "0003") as record, monkeypatch.context() as patch:
        patch.setattr("mahdar.record.fulltext.entering", lambda *_: nullcontext())  # triggers did it
        list(record.add(ORIM.encode(), reader=WordReader()))
    with Record.open(where) as record:
        list(record.add(KESH.encode(), reader=WordReader()))
        assert [search(record, Query(text=word)).total for word in ("Orim", "Kesh")] == [1, 1]
        list(record.reread(WordReader("words-2", {})))
        assert [search(record, Query(text=word)).total for word in ("Orim", "Kesh")] == [0, 0]
        assert search(record, Query(find="reports", text="Orim OR Kesh")).total == 2


def test_an_older_record_is_brought_up_to_date_in_place(tmp_path: Path) -> None:
    older(tmp_path / "old", "0001").close()
    assert newest() > "0001"
    with Record.open(tmp_path / "old") as record:
        list(record.add(ORIM.encode(), reader=WordReader()))
        assert list(record.verify()) == []
    database = Database.in_folder(tmp_path / "old")
    with database.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest()
    database.close()


def test_a_full_disk_is_told_and_loses_only_the_report_in_flight(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(record.add(ORIM.encode(), reader=WordReader()))

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if record.sqlite:
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(MahdarError, match="the disk is full"):
            list(record.add(KESH.encode(), reader=WordReader()))
        monkeypatch.undo()
        assert not list(Path(record.where).rglob("*.part")), "nothing half-written is left"
        with record.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        record.engine.dispose()
        _limit_pages(record, pages)
        with pytest.raises(MahdarError, match="the disk is full"):
            for number in range(200):
                list(record.add(f"{KESH} {number} {'They waited for news. ' * 200}".encode(), reader=WordReader()))
    assert len(list(record.reports())) >= 1
    assert list(record.verify()) == []


def _limit_pages(record: Record, pages: int) -> None:
    """Let SQLite think that the disk ends after so many pages and a few more."""
    from sqlalchemy import event

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages + 40}")

    event.listen(record.engine, "connect", limit)


def test_a_record_on_read_only_media_is_read_and_not_written(
    blank: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    where = blank()
    with Record.open(where) as record:
        list(record.add(ORIM.encode(), reader=WordReader()))
        if not record.sqlite:
            return
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.W_OK)
    with Record.open(where) as record:
        assert not record.writable
        assert len(list(record.claims())) == 2
        assert list(record.verify()) == []
        with pytest.raises(MahdarError, match="read-only media"):
            list(record.add(KESH.encode(), reader=WordReader()))


@pytest.mark.parametrize("whole", [True, False], ids=["with its index", "without its index"])
def test_what_was_written_last_is_read_from_read_only_media_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    with Record.create(tmp_path / "record") as record:
        list(record.add(ORIM.encode(), reader=WordReader()))
        with record.reading():  # a copy of a record in use: SQLite has not yet put all into one file
            shutil.copytree(tmp_path / "record", tmp_path / "copy")
    assert (tmp_path / "copy" / f"{FILE}-wal").stat().st_size
    if not whole:
        (tmp_path / "copy" / f"{FILE}-shm").unlink()
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.W_OK)
    with Record.open(tmp_path / "copy") as record:
        assert len(list(record.claims())) == 2
        assert list(record.verify()) == []


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    with pytest.raises(MahdarError, match=r"damaged|says"):
        Record.open(tmp_path)


ADDER = """
import sys
from mahdar.record import Record
from tests.record.reader import WordReader
where, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Record.open(where) as record:
    for number in range(count):
        text = f"Rebels shelled the village of {name}{number} at dawn, killing nobody, the mayor said."
        for added in record.add(text.encode(), b"Both report that rebels shelled Kesh at noon.", reader=WordReader()):
            assert added.state in ("added", "known"), added
"""


def test_two_processes_add_at_once(blank: Callable[[], str]) -> None:
    where = blank()
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    adders: list[subprocess.Popen[bytes]] = [
        subprocess.Popen([sys.executable, "-c", ADDER, where, name, "12"], env=environment, stderr=subprocess.PIPE)
        for name in ("Kesh", "Orim")
    ]
    for adder in adders:
        complaint: IO[bytes] | None = adder.stderr
        assert complaint is not None
        words = complaint.read()
        assert adder.wait() == 0, words.decode()
    with Record.open(where) as record:
        assert len(list(record.reports())) == 25
        assert list(record.verify()) == []


def test_many_read_while_one_writes(record: Record) -> None:
    list(record.add(ORIM.encode(), reader=WordReader()))
    reports = record.reports()
    next(reports)
    list(record.add(KESH.encode(), CALM.encode(), reader=WordReader()))
    assert list(reports) == [], "a reader sees the state at its beginning"
    assert len(list(record.reports())) == 3
