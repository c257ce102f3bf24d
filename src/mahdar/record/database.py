"""The database of a record: SQLite in a folder, or PostgreSQL at an address. How they differ is told here and nowhere else.

Reading sees one state from begin to end. Writing is for one at a time, across threads and processes: whoever writes
holds the head of the log.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from mahdar.model import MahdarError

FILE = "record.sqlite"
MIGRATIONS = Path(__file__).with_name("migrations")
BUSY = 120_000  # milliseconds that a writer waits for another
CACHE = 32_000  # KB of pages that one connection to SQLite keeps
BESIDE = 32_000  # pages in the file beside before SQLite takes them over; many were written several times by then
_LOCK = 0x6D61686461720001  # PostgreSQL's advisory lock: "mahdar", 1


def is_address(where: str | Path) -> bool:
    """Whether a record is named by a database address and not by a folder."""
    return "://" in str(where)


class Database:
    """Connections to one database. `name` is how messages call it: no password is ever in it."""

    def __init__(self, engine: Engine, name: str, *, writable: bool) -> None:
        self.engine = engine
        self.name = name
        self.writable = writable

    @property
    def sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def _driver_error(self) -> type[Exception]:
        """What the driver raises where it is used directly (`Writer.insert`)."""
        error: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        return error

    @classmethod
    def in_folder(cls, folder: Path) -> Database:
        """SQLite in a folder; on read-only media it can be read."""
        file = folder / FILE
        writable = os.access(folder, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))
        query = {"uri": "true"} | ({} if writable else _reading_only(file))
        engine = create_engine(URL.create("sqlite", database=file.absolute().as_uri(), query=query))
        if "vfs" in query:
            event.listen(engine, "connect", _prepare_lonely_sqlite)
        event.listen(engine, "connect", _prepare_sqlite)
        if writable:
            event.listen(engine, "connect", _prepare_writing_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return cls(engine, str(folder), writable=writable)

    @classmethod
    def at(cls, address: str) -> Database:
        """PostgreSQL at `postgresql://user@host/name`."""
        try:
            url = make_url(address)
            if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
                raise MahdarError(f"{url.drivername}://…: a record is a folder or an address postgresql://…")
            engine = create_engine(url.set(drivername="postgresql+psycopg"))
        except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
            raise MahdarError(f"{address.partition('://')[0]}://…: is no database address") from error
        except (ImportError, NoSuchModuleError) as error:
            raise MahdarError("PostgreSQL needs its driver: pip install 'mahdar[postgres]'") from error
        return cls(engine, url.render_as_string(hide_password=True), writable=True)

    @contextmanager
    def reading(self, *, verbatim: bool = False) -> Iterator[Connection]:
        """One consistent state of everything, however long it takes; `verbatim`: texts that are no UTF-8 are no error."""
        with self.told(), self.engine.connect() as connection:
            if not self.sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin(), _verbatim(connection) if verbatim and self.sqlite else nullcontext():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The only writer there is until the end; kept as a whole, or not at all if anything is raised."""
        if not self.writable:
            raise MahdarError(f"{self.name}: cannot be written; it is on read-only media")
        with self.told(), self.engine.connect() as connection:
            connection = connection.execution_options(writing=True)
            with connection.begin():
                if not self.sqlite:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
                yield connection

    @contextmanager
    def told(self) -> Iterator[None]:
        """What the disk or the database complain about, told in one sentence."""
        try:
            yield
        except OSError as error:
            raise MahdarError(f"{self.name}: {_disk(error)}") from error
        except DBAPIError as error:
            raise MahdarError(f"{self.name}: {_complaint(error.orig)}") from error
        except self._driver_error as error:
            raise MahdarError(f"{self.name}: {_complaint(error)}") from error
        except SQLAlchemyError as error:
            raise MahdarError(f"{self.name}: {str(error).splitlines()[0]}") from error

    def check_empty(self, connection: Connection) -> None:
        """Raises MahdarError where there is a record."""
        if inspect(connection).has_table("meta"):
            raise MahdarError(f"{self.name}: is a record already")

    def bring_up_to_date(self) -> None:
        """Upgrade an older record in place. Raises MahdarError where there is none, or a newer mahdar made it."""
        with self.reading() as connection:
            if not inspect(connection).has_table("meta"):
                raise MahdarError(f"{self.name}: is no record; `mahdar init` makes one")
            version = _version(connection)
        if version == newest():
            return
        if version > newest():
            raise MahdarError(f"{self.name}: was made by a newer mahdar; this one would damage it")
        with self.writing() as connection:
            if _version(connection) != newest():  # another process may have been first
                upgrade(connection)

    def close(self) -> None:
        self.engine.dispose()


def newest() -> str:
    """The migration that this version of mahdar works with: the last file of the folder."""
    return max(file.name for file in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _version(connection: Connection) -> str:
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def upgrade(connection: Connection) -> None:
    """Bring the tables to `newest()` within the connection's transaction, from wherever they are."""
    from alembic import command  # a third of a second, which only a new or an older record costs
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin as `_begin_sqlite` says, not as the driver thinks
    for pragma in (
        f"busy_timeout={BUSY}",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{CACHE}",
        f"wal_autocheckpoint={BESIDE}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_writing_sqlite(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")


def _reading_only(file: Path) -> dict[str, str]:
    """How SQLite opens a file that it cannot write to. What was written last may still stand in a file beside it."""
    beside = file.with_name(f"{file.name}-wal")
    if not beside.is_file() or not beside.stat().st_size:
        return {"mode": "ro", "immutable": "1"}
    if file.with_name(f"{file.name}-shm").is_file():
        return {"mode": "ro"}
    return {"mode": "ro", "vfs": "unix-none"}  # a copy: nobody else has it open, and no place for the locks


def _prepare_lonely_sqlite(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # its index of the file beside is kept in memory then


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def _verbatim(connection: Connection) -> Iterator[None]:
    """Texts as SQLite holds them, bytes that are no UTF-8 as lone surrogates."""
    driver: Any = connection.connection.dbapi_connection
    driver.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str


def _disk(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; what was being written is not kept, everything before it is"
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"cannot be written ({error.strerror})"
    return f"the disk fails ({error.strerror or error})"


def _complaint(error: BaseException | None) -> str:
    words = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "disk is full" in words or getattr(error, "sqlstate", None) == "53100":
        return "the disk is full; what was being written is not kept, everything before it is"
    if "readonly database" in words or getattr(error, "sqlstate", None) == "25006":
        return "cannot be written; it is read-only"
    if "is locked" in words:
        return f"somebody else has been writing for more than {BUSY // 1000} seconds; try again"
    if isinstance(error, sqlite3.DatabaseError) and ("malformed" in words or "not a database" in words):
        return f"the database is damaged ({words}); restore a backup"
    return f"the database says: {words}"
