"""The archive: original bytes under the SHA-256 of their content, written once and never again.

A folder (`archive/ab/cdef…`) or, for a record on PostgreSQL that wants it so, rows of the database.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, insert, select

from mahdar.model import MahdarError
from mahdar.record.tables import BLOBS

WAITING = 16  # files that wait for the disk at a time


def _read_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o444)


def digest(data: bytes) -> str:
    """The SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


class Archive(Protocol):
    """What either kind offers. Errors of the disk come as OSError, those of the database as SQLAlchemyError."""

    def write(self, *data: bytes) -> list[str]:
        """Before the transaction: put the bytes on the disk, if that is where they go. The SHA-256 of each."""
        ...

    def enter(self, sha256: str, data: bytes, connection: Connection) -> None:
        """Within the transaction: put the bytes into the database, if that is where they go."""
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

    def write(self, *data: bytes) -> list[str]:
        names = [digest(one) for one in data]
        new = {name: one for name, one in zip(names, data, strict=True) if not self.path(name).exists()}
        folders = {self.path(name).parent for name in new}
        if missing := [folder for folder in folders if not folder.is_dir()]:
            for folder in missing:
                folder.mkdir(parents=True, exist_ok=True)
            self._sync(self.folder)
        if len(new) < 2:
            for name, one in new.items():
                self._write(name, one)
        else:  # the disk is waited for together, not file by file
            with ThreadPoolExecutor(min(WAITING, len(new))) as pool:
                list(pool.map(self._write, new, new.values()))
        for folder in folders:
            self._sync(folder)
        return names

    def _write(self, sha256: str, data: bytes) -> None:
        # Plain calls: pathlib's would cost as much as the system's.
        target = str(self.path(sha256))
        part = f"{self.folder}/{sha256[:2]}/.{sha256[2:]}.{os.getpid()}.{threading.get_ident()}.part"
        try:
            with open(part, "wb", opener=_read_only) as file:
                file.write(data)
                if self._synced:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(part, target)  # noqa: PTH105
        except OSError:
            with suppress(OSError):
                os.unlink(part)  # noqa: PTH108
            raise

    def enter(self, sha256: str, data: bytes, connection: Connection) -> None:
        pass  # it is on the disk

    def get(self, sha256: str) -> bytes:
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise MahdarError(f"{self.folder}: holds no bytes with SHA-256 {sha256}") from None
        except OSError as error:
            raise MahdarError(f"{self.path(sha256)}: cannot be read ({error.strerror})") from error

    def _sync(self, folder: Path) -> None:
        """Make a new name in a folder last through a power cut."""
        if self._synced:
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def held(self) -> Iterator[str]:
        for file in sorted(self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f]*")):
            yield file.parent.name + file.name


class DatabaseArchive:
    """Bytes as rows, in the transaction of what they belong to."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, *data: bytes) -> list[str]:
        return [digest(one) for one in data]

    def enter(self, sha256: str, data: bytes, connection: Connection) -> None:
        known = select(BLOBS.c.sha256).where(BLOBS.c.sha256 == sha256)
        if connection.execute(known).first() is None:
            connection.execute(insert(BLOBS).values(sha256=sha256, bytes=data))

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
