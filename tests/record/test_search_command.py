"""`mahdar search`: the same query as everywhere, printed for a person, a script or a spreadsheet."""

from __future__ import annotations

import csv
import inspect
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mahdar.cli import main
from mahdar.commands import search as command
from mahdar.model import Words
from mahdar.record import Record
from mahdar.record.query import PARAMETERS, Query
from mahdar.record.search import everything
from tests.record.invented import documents

Run = Callable[..., str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    where = tmp_path_factory.mktemp("command") / "record"
    with Record.create(where) as record:
        record.store(documents(20))
    yield where


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MAHDAR_RECORD", str(folder))

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as left:
            main(["search", *arguments])
        out, err = capsys.readouterr()
        return out if left.value.code == 0 else f"{left.value.code}: {err}"

    return run


def test_every_parameter_of_a_query_is_an_option() -> None:
    options = set(inspect.signature(command.search).parameters)
    assert set(PARAMETERS) - options == {"q"}
    assert options - set(PARAMETERS) == {"record", "words", "without", "counts", "format", "archive"}


def test_json_lines_hold_all_that_is_found_one_a_line(run: Run, folder: Path) -> None:
    with Record.open(folder) as record:
        wanted = [found.stored.claim.id for found in everything(record, Query(types=("armed_clash",)))]  # type: ignore[union-attr]
    lines = [json.loads(line) for line in run("--type", "armed_clash", "-f", "jsonl").splitlines()]
    assert [line["id"] for line in lines] == wanted
    assert {line["type"] for line in lines} == {"armed_clash"}
    assert {"review", "incident", "outlet", "published"} <= lines[0].keys()
    limited = run("--type", "armed_clash", "-f", "jsonl", "--limit", "2", "--offset", "1").splitlines()
    assert [json.loads(line)["id"] for line in limited] == wanted[1:3]


def test_csv_has_a_heading_and_a_row_a_claim(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("--status", "denied", "--country", "XA", "-f", "csv"))))
    assert rows
    assert {row["status"] for row in rows} == {"denied"}


def test_json_says_how_many_there_are_and_counts_them(run: Run) -> None:
    page = json.loads(run("drone", "OR", "market", "--counts", "-f", "json", "--limit", "1"))
    assert page["query"] == "q=drone+OR+market&limit=1"
    assert page["total"] > 1 == len(page["rows"])
    assert sum(count for *_, count in page["facets"]["type"]["counts"]) == page["total"]


def test_the_table_begins_with_how_many_and_ends_with_the_counts(run: Run) -> None:
    first, *rest = run("--counts", "--limit", "3").splitlines()
    assert first.endswith("claims, 1 to 3")
    assert any(line.startswith("type: ") for line in rest)
    assert run("nothingofthesort").strip() == "0 claims"


def test_words_can_be_left_out(run: Run) -> None:
    held = json.loads(run("drone", "-f", "json", "--limit", "1"))["total"]
    everywhere = json.loads(run("-f", "json", "--limit", "1"))["total"]
    assert json.loads(run("--without", "drone", "-f", "json", "--limit", "1"))["total"] == everywhere - held


def test_reports_and_incidents_are_found_too(run: Run) -> None:
    assert "reports" in run("--find", "reports").splitlines()[0]
    assert all("archive_sha256" in json.loads(line) for line in run("--find", "reports", "-f", "jsonl").splitlines())
    assert run("--find", "incidents").strip() == "0 incidents"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--type", "raid"], "type=raid"),
        (["--find", "reports", "-f", "csv"], "--format csv prints claims"),
        (["--counts", "-f", "jsonl"], "--counts has no room in jsonl"),
        (["--since", "monday"], "since=monday: not a day"),
        (["--record", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(run: Run, arguments: list[str], told: str) -> None:
    answer = run(*arguments)
    assert answer.startswith("2: mahdar: ")
    assert told in answer
    assert answer.count("\n") == 1


def test_what_a_source_says_cannot_drive_the_terminal(tmp_path: Path, run: Run) -> None:
    document, reading = next(made for made in documents(9) if made[1].claims)
    loud = "\x1b[2Jstruck"
    text = document.report.text.replace("struck", loud)
    claim = reading.claims[0]
    words = Words(claim.trigger.span, loud)
    claim = replace(claim, evidence=(words,), trigger=words)
    report = replace(reading.report, text=text)
    with Record.create(tmp_path / "loud") as record:
        record.store([(replace(document, report=report), replace(reading, report=report, claims=(claim,)))])
    assert "\x1b" not in run("--record", str(tmp_path / "loud"))
