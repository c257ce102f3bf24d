"""The commands of incidents, as a person uses them: link what was read, list it, look at one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mahdar
from mahdar.cli import main
from mahdar.record import Record
from tests.record.reader import WordReader

FIRST = "Army jets struck the town of Orim on Wednesday, killing 4 people by the mill and burning the granary, a baker said."
SECOND = (
    "The granary of Orim burned and its mill fell as planes struck the town of Orim, killing 9 people, a nurse said."
)
ELSEWHERE = "Rebels shelled the village of Kesh at dawn, killing 7 herders on the road, the mayor said."


@pytest.fixture(autouse=True)
def _reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mahdar, "_reader", WordReader)


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three reports of two events; `MAHDAR_RECORD` names it."""
    where = tmp_path / "record"
    with Record.create(where) as made:
        for number, text in enumerate((FIRST, SECOND, ELSEWHERE)):
            list(
                made.add(
                    text.encode(), reader=WordReader(), published=f"2021-03-0{4 + number}", outlet=f"Courier {number}"
                )
            )
    monkeypatch.setenv("MAHDAR_RECORD", str(where))
    return where


def says(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """What a command prints; what it says aside with it where it fails."""
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    said = capsys.readouterr()
    assert int(left.value.code or 0) == code, said
    return said.err if code else said.out


def test_a_record_is_linked_listed_and_looked_into(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert says(capsys, "incidents", "--format", "json").strip() == "[]"
    assert says(capsys, "incident", "link") == "2 incidents\n"
    listed = sorted(says(capsys, "incidents").splitlines(), key=lambda line: line.split()[1])
    assert len(listed) == 2
    assert "air_drone_strike  2021-03-03  Orim  2 reports, 2 origins: Courier 0; Courier 1" in listed[0]
    assert listed[0].endswith("[fair]")
    assert listed[1].endswith("[weak]")

    id = listed[0].split()[0]
    page = says(capsys, "incident", "show", id[:8])
    assert "update on killed:\n    4 (Courier 0, 2021-03-04)\n    9 (Courier 1, 2021-03-05)" in page
    assert "likely one event" in page
    assert "same_place: a place in common" in page

    (strike,) = json.loads(says(capsys, "incidents", "--origins", "2", "--format", "json"))
    shown = json.loads(says(capsys, "incident", "show", id, "--format", "json"))
    assert shown == strike
    assert shown["id"] == id
    (tie,) = shown["links"]
    assert {tie["left"], tie["right"]} == set(shown["claims"])


def test_linking_again_or_anew_keeps_ids(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    says(capsys, "incident", "link")
    before = says(capsys, "incidents")
    for again in ((), ("--anew",)):
        assert says(capsys, "incident", "link", *again) == "2 incidents\n"
        assert says(capsys, "incidents") == before


def test_an_incident_that_is_not_there_is_told(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "zzzz: no incident of the record" in says(capsys, "incident", "show", "zzzz", code=2)
