"""A record of one's own for every test, copied from one that is made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mahdar.record import Record
from mahdar.review.coding import Registers
from mahdar.review.desk import Desk
from mahdar.review.people import People, Person, Role
from tests.review.stories import make_record

PASSWORD = "a long enough password"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stories with four accounts: vera the viewer, cora and carl who code, rita the reviewer, ada the admin."""
    folder = tmp_path_factory.mktemp("record") / "made"
    with make_record(folder) as record:
        people = People(record)
        for name, role in (
            ("vera", "viewer"),
            ("cora", "coder"),
            ("carl", "coder"),
            ("rita", "reviewer"),
            ("ada", "admin"),
        ):
            people.add(name, Role(role), PASSWORD, by="test")
    return folder


@pytest.fixture
def record(made: Path, tmp_path: Path) -> Iterator[Record]:
    shutil.copytree(made, tmp_path / "record")
    with Record.open(tmp_path / "record") as opened:
        yield opened


@pytest.fixture
def people(record: Record) -> People:
    return People(record)


@pytest.fixture
def desk(record: Record, people: People) -> Desk:
    return Desk(record, people)


@pytest.fixture
def registers(desk: Desk) -> Registers:
    return desk.registers


@pytest.fixture
def cora(people: People) -> Person:
    return people.get("cora")


@pytest.fixture
def carl(people: People) -> Person:
    return people.get("carl")


@pytest.fixture
def ada(people: People) -> Person:
    return people.get("ada")


@pytest.fixture
def rita(people: People) -> Person:
    return people.get("rita")
