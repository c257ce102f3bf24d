"""Records on both engines, each test with one of its own; a reader that needs no model."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from benchmarks.postgres import Postgres, missing, server
from mahdar.record import Record

ENGINES = ("sqlite", "postgresql")
Blank = Callable[[], str]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of the tests' own."""
    if reason := missing():
        pytest.skip(reason)
    with server() as running:
        yield running


@pytest.fixture(scope="session")
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """A blank record of an engine, made once: migrations take a second."""
    made: dict[str, str] = {}

    def of(engine: str) -> str:
        if engine not in made:
            if engine == "sqlite":
                where = str(tmp_path_factory.mktemp("template") / "record")
            else:
                where = request.getfixturevalue("postgres").fresh()
            Record.create(where).close()
            made[engine] = where
        return made[engine]

    return of


@pytest.fixture(params=ENGINES)
def blank(request: pytest.FixtureRequest, template: Callable[[str], str], tmp_path: Path) -> Iterator[Blank]:
    """Where there is a new blank record, at each call another; once for each engine."""
    source = template(request.param)
    made: list[str] = []

    def new() -> str:
        if request.param == "sqlite":
            where = str(tmp_path / f"record{len(made)}")
            shutil.copytree(source, where)
        else:
            where = request.getfixturevalue("postgres").fresh(make_url(source).database)
        made.append(where)
        return where

    yield new
    if request.param == "postgresql":
        for where in made:
            request.getfixturevalue("postgres").drop(where)


@pytest.fixture
def record(blank: Blank) -> Iterator[Record]:
    """A blank record, once for each engine."""
    with Record.open(blank()) as opened:
        yield opened
