"""Records on both engines. PostgreSQL is a real one, started for the tests where its programs are on the path."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from mahdar.record import Record

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server without the database's name; skips where PostgreSQL is not installed, unless
    `MAHDAR_TEST_POSTGRES` is set: then it must be there."""
    if shutil.which("pg_ctl") is None or shutil.which("initdb") is None:
        if os.environ.get("MAHDAR_TEST_POSTGRES"):
            pytest.fail("pg_ctl and initdb are not on the path")
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="mahdar-pg-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, "nobody")
            shutil.chown(data, "nobody")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        _run("initdb", "-D", str(data), "-A", "trust", "-U", "mahdar", "-E", "UTF8", "--locale=C", "--no-sync")
        _run("pg_ctl", "-D", str(data), "-w", "-t", "120", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://mahdar@127.0.0.1:{port}"
        finally:
            _run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")


def _run(*command: str) -> None:
    if os.geteuid() == 0:
        command = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")


@pytest.fixture(scope="session")
def new_database(postgres: str) -> Callable[[], str]:
    """Makes an empty database at each call and gives its address."""

    def make() -> str:
        name = f"record_{next(_NUMBERS)}"
        server = create_engine(
            f"{postgres}/postgres".replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
        )
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        server.dispose()
        return f"{postgres}/{name}"

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a record can be made: a folder, then a database."""
    if request.param == "sqlite":
        return str(tmp_path / "record")
    address: str = request.getfixturevalue("new_database")()
    return address


@pytest.fixture
def record(where: str) -> Iterator[Record]:
    """An empty record on either engine."""
    with Record.create(where) as record:
        yield record
