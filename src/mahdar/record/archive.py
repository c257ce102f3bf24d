"""The archive: original bytes under the SHA-256 of their content, written once and never again.

A folder (`archive/ab/cdef…`) or, for a record on PostgreSQL that wants it so, rows of the database.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert

from mahdar.model import MahdarError
from mahdar.record.tables import BLOBS

WAITING = 16  # files that wait for the disk at a time


def _read_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o444)


def _sync(path: str) -> None:
    """Make what a file or a folder holds last through a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest(data: bytes) -> str:
    """The SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


class Arriving(Protocol):
    """Bytes on their way into an archive."""

    @property
    def sha256(self) -> list[str]:
        """The SHA-256 of each, in order."""
        ...

    def settle(self, wanted: Collection[str], connection: Connection, /) -> None:
        """At the end of the transaction that names them: once it is committed, those `wanted` are there for good."""
        ...


class Archive(Protocol):
    """What either kind offers. Errors of the disk come as OSError, those of the database as SQLAlchemyError."""

    def putting(self, *data: bytes) -> AbstractContextManager[Arriving]:
        """Around the transaction that names them: let bytes go to the disk, if that is where they go, while it works."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes as they are there now, altered or not. Raises MahdarError where they are missing."""
        ...

    def held(self) -> Iterator[str]:
        """The SHA-256 of everything there, by name."""
        ...


class FolderArchive:
    """Bytes as files. A file appears whole or not at all: written beside, synced, renamed, its folder synced.

    Without `synced` (a copy that is synced as a whole when it is done) each is left to the system to put on the disk.
    """

    def __init__(self, folder: Path, *, synced: bool = True) -> None:
        self.folder = folder
        self._synced = synced

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:]

    @contextmanager
    def putting(self, *data: bytes) -> Iterator[Arriving]:
        names = [digest(one) for one in data]
        with ThreadPoolExecutor(1) as aside:
            yield _Files(names, aside.submit(self._write, dict(zip(names, data, strict=True))))

    def _write(self, given: Mapping[str, bytes]) -> None:
        # Plain calls here: pathlib's would cost as much as the system's.
        folders = {name: f"{self.folder}/{name[:2]}" for name in given}
        new = [name for name, folder in folders.items() if not os.path.exists(f"{folder}/{name[2:]}")]  # noqa: PTH110
        written_by = f"{os.getpid()}.{threading.get_ident()}"
        parts = {name: f"{folders[name]}/.{name[2:]}.{written_by}.part" for name in new}
        try:
            with ThreadPoolExecutor(WAITING) as pool:  # the disk is waited for together, not file by file
                self._make(folders.values())
                for name, part in parts.items():
                    with open(part, "wb", opener=_read_only) as file:
                        file.write(given[name])
                self._sync(pool, parts.values())
                for name, part in parts.items():
                    os.replace(part, f"{folders[name]}/{name[2:]}")  # noqa: PTH105
                self._sync(pool, set(folders.values()))  # of those that were there too: who put them may be at it still
        except OSError:
            for part in parts.values():
                with suppress(OSError):
                    os.unlink(part)  # noqa: PTH108
            raise

    def _make(self, folders: Iterable[str]) -> None:
        missing = {folder for folder in folders if not os.path.isdir(folder)}  # noqa: PTH112
        for folder in missing:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        if missing and self._synced:
            _sync(str(self.folder))

    def _sync(self, pool: ThreadPoolExecutor, paths: Iterable[str]) -> None:
        if self._synced:
            list(pool.map(_sync, paths))

    def get(self, sha256: str) -> bytes:
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise MahdarError(f"{self.folder}: holds no bytes with SHA-256 {sha256}") from None
        except OSError as error:
            raise MahdarError(f"{self.path(sha256)}: cannot be read ({error.strerror})") from error

    def held(self) -> Iterator[str]:
        for file in sorted(self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f]*")):
            yield file.parent.name + file.name


@dataclass(frozen=True, slots=True)
class _Files:
    """Bytes that are being written to files."""

    sha256: list[str]
    written: Future[None]

    def settle(self, _wanted: Collection[str], _connection: Connection, /) -> None:
        self.written.result()


class DatabaseArchive:
    """Bytes as rows, in the transaction of what they belong to."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def putting(self, *data: bytes) -> Iterator[Arriving]:
        yield _Rows([digest(one) for one in data], data)

    def get(self, sha256: str) -> bytes:
        with self._engine.connect() as connection:
            row = connection.execute(select(BLOBS.c.bytes).where(BLOBS.c.sha256 == sha256)).first()
        if row is None:
            raise MahdarError(f"the record's database holds no bytes with SHA-256 {sha256}")
        return bytes(row[0])

    def held(self) -> Iterator[str]:
        with self._engine.connect() as connection:
            for (sha256,) in connection.execute(select(BLOBS.c.sha256).order_by(BLOBS.c.sha256)):
                yield sha256


@dataclass(frozen=True, slots=True)
class _Rows:
    """Bytes that will be rows."""

    sha256: list[str]
    data: Sequence[bytes]

    def settle(self, wanted: Collection[str], connection: Connection, /) -> None:
        given = zip(self.sha256, self.data, strict=True)
        rows = [{"sha256": sha256, "bytes": data} for sha256, data in given if sha256 in wanted]
        if rows:
            connection.execute(insert(BLOBS).on_conflict_do_nothing(), rows)
