"""Backup and restore. A backup is itself a record in a folder, whatever the record is kept in: it can be opened, searched
and verified where it lies, and restored into a folder or a database.

The copy is of one state, taken while others go on reading and writing. It appears whole or not at all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select, update

from mahdar.intake.document import tool
from mahdar.model import MahdarError
from mahdar.record import fulltext
from mahdar.record.archive import Archive, DatabaseArchive, FolderArchive
from mahdar.record.database import Database, is_address, upgrade
from mahdar.record.tables import BLOBS, CLAIM_VERSIONS, META, METADATA, REPORTS
from mahdar.record.writer import Writer

if TYPE_CHECKING:
    from mahdar.record.record import Record

Progress = Callable[[int, int], None]
_ROWS = 2000  # copied at a time
_FILES = 16  # whose bytes are held at a time


def backup(record: Record, to: Path, progress: Progress | None = None) -> None:
    """Copy a record into a folder that is new or empty. Raises MahdarError where it cannot be, leaving nothing there."""
    with _new_folder(to) as part:
        _fill_folder(record, part, progress, restored=False)


def restore(
    record: Record, where: str | Path, archive: str | Path | None = None, progress: Progress | None = None
) -> None:
    """Copy a backup (`record`) to where there is no record yet; `archive` as for `Record.create`. Logged as restored."""
    if not is_address(where):
        with _new_folder(Path(where)) as part:
            _fill_folder(record, part, progress, restored=True)
        return
    database = Database.at(str(where))
    store: Archive = FolderArchive(Path(archive)) if archive else DatabaseArchive(database.engine)
    try:
        with record.reading() as source, database.writing() as target:
            database.check_empty(target)
            _copy(record, source, target, store, progress, restored=True)
    finally:
        database.close()


def _fill_folder(record: Record, folder: Path, progress: Progress | None, *, restored: bool) -> None:
    database = Database.in_folder(folder)
    try:
        with record.reading() as source, database.writing() as target:
            _copy(record, source, target, FolderArchive(folder / "archive", synced=False), progress, restored=restored)
    finally:
        database.close()
    os.sync()  # once for all, instead of file by file


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill that takes its name when it is full."""
    part = folder.with_name(f".{folder.name}.part")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise MahdarError(f"{folder}: is there already; name a new folder")
        shutil.rmtree(part, ignore_errors=True)  # of a run that was cut short
        part.mkdir(parents=True)
    except OSError as error:
        raise MahdarError(f"{folder}: cannot be written ({error.strerror})") from error
    try:
        yield part
        part.replace(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _copy(
    record: Record,
    source: Connection,
    target: Connection,
    archive: Archive,
    progress: Progress | None,
    *,
    restored: bool,
) -> None:
    upgrade(target)
    for table in METADATA.sorted_tables:
        if table is BLOBS:
            continue
        target.execute(delete(table))  # what a migration may have put in
        rows = source.execute(select(table), execution_options={"yield_per": _ROWS})
        for part in rows.partitions():
            target.execute(insert(table), [row._asdict() for row in part])
    for table in (CLAIM_VERSIONS, REPORTS):
        fulltext.enter_held(target, table)
    _copy_archive(record, source, target, archive, progress)
    kind = "folder" if isinstance(archive, FolderArchive) else "database"
    target.execute(update(META).where(META.c.key == "archive").values(value=kind))
    if restored:
        writer = Writer(target, archive)
        writer.log("restored", record.id, {"tool": tool(), "archive": kind})
        writer.done()


def _copy_archive(
    record: Record, source: Connection, target: Connection, archive: Archive, progress: Progress | None
) -> None:
    total = source.execute(select(func.count(REPORTS.c.archive_sha256.distinct()))).scalar_one()
    names = source.execute(select(REPORTS.c.archive_sha256).distinct(), execution_options={"yield_per": _FILES})
    done = 0
    for part in names.scalars().partitions():
        with archive.putting(*map(record.archive.get, part)) as arriving:
            for name, held in zip(part, arriving.sha256, strict=True):
                if name != held:
                    raise MahdarError(f"{record.where}: the archived bytes {name} were altered; see `mahdar verify`")
            arriving.settle(part, target)
        done += len(part)
        if progress:
            progress(done, total)
