"""A PostgreSQL server of one's own for tests and benchmarks: made in a new folder, reached by a socket in it, gone after.

    with server() as postgres:
        address = postgres.fresh()      # postgresql://… of a new, empty database

PostgreSQL refuses to run as root, so root runs it as an unprivileged user of the machine.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

SECONDS = 60  # that a server may take to start
USERS = ("postgres", "nobody")
ROOM = 3 * 2**30  # bytes


def program(name: str) -> str | None:
    """The path of one of PostgreSQL's programs, on PATH or where Debian keeps them; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


def missing() -> str | None:
    """Why no server can be started here; None where one can."""
    if program("initdb") is None or program("postgres") is None:
        return "PostgreSQL's server (initdb, postgres) is not installed"
    if os.getuid() == 0 and _user() is None:
        return "PostgreSQL does not run as root, and no unprivileged user was found"
    return None


@dataclass(slots=True)
class Postgres:
    """A running server."""

    socket: Path
    _number: Iterator[int] = field(default_factory=count)

    def address(self, database: str) -> str:
        return f"postgresql://mahdar@/{database}?host={self.socket}"

    def fresh(self, template: str = "template1") -> str:
        """The address of a new database, empty or a copy of another that nobody is connected to."""
        import psycopg

        name = f"record{next(self._number)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')  # names are our own
        return self.address(name)

    def drop(self, address: str) -> None:
        """Remove a database that `fresh` made, whoever is connected to it."""
        import psycopg

        name = address.partition("@/")[2].partition("?")[0]
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def server(*, durable: bool = False) -> Iterator[Postgres]:
    """Start one and stop it after. `durable`: with what a power cut asks for, which benchmarks of writing must pay."""
    user = _user() if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="mahdar-postgres-", dir=None if durable else _memory()))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = folder / "data"
        _run(
            ["initdb", "-D", str(data), "-U", "mahdar", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"], user, folder
        )
        settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "shared_buffers": "256MB"}
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with _started(["postgres", "-D", str(data), *arguments], user, folder) as process:
            postgres = Postgres(folder)
            _wait(postgres, process, folder)
            yield postgres
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(command: list[str], user: pwd.struct_passwd | None, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([_path(command[0]), *command[1:]], stdout=log, stderr=log, **_as(user, folder))
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown: clients are cut off
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _memory() -> Path | None:
    """A folder in memory with room for some hundred small databases, if the machine has one."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > ROOM else None


def _wait(postgres: Postgres, process: subprocess.Popen[bytes], folder: Path) -> None:
    import psycopg

    deadline = time.monotonic() + SECONDS
    while True:
        try:
            psycopg.connect(postgres.address("postgres")).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "log").read_text(errors="replace")) from None
            time.sleep(0.05)
        else:
            return


def _run(command: list[str], user: pwd.struct_passwd | None, folder: Path) -> None:
    done = subprocess.run(
        [_path(command[0]), *command[1:]], capture_output=True, text=True, check=False, **_as(user, folder)
    )
    if done.returncode:
        raise RuntimeError(done.stderr)


def _path(name: str) -> str:
    found = program(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed")
    return found


def _as(user: pwd.struct_passwd | None, folder: Path) -> dict[str, Any]:
    if user is None:
        return {"cwd": folder}
    return {"cwd": folder, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _user() -> pwd.struct_passwd | None:
    for name in USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
