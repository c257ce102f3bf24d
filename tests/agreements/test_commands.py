"""`mahdar agreements`: what holds where and when, one agreement, and import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mahdar.cli import main
from tests.agreements.test_imports import ROW, table


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["agreements", *arguments])
    out, err = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, out, err


def test_what_holds_at_a_place_on_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--on", "2020-04-02", "--at", "Saraqib", "--country", "SY")
    assert code == 0
    assert out.startswith("yes     Moscow protocol on Idlib (5 March 2020)  [sy-moscow-2020]")
    assert "Saraqib lies in its area" in out


def test_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--on", "2020-04-02", "--at", "35.86,36.80", "--country", "SY", "--format", "json")
    assert [x["agreement"] for x in json.loads(out)] == ["sy-moscow-2020", "sy-sochi-2018", "sy-idlib-zone-2017"]


def test_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys)
    assert "ua-minsk-2015" in out
    assert "2015-02-15 to 2022-02-22" in out


def test_one_of_them_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "show", "ye-stockholm-2018")
    assert "18 December 2018, 00:00" in out
    assert "Houthi Movement" in out
    assert "resolution 2451" in out


def test_nothing_in_force_is_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--on", "2010-01-01", "--at", "Reykjavik")[:2] == (0, "no agreement of the register\n")


def test_import_says_what_it_took(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, "import", str(table(tmp_path, ROW)))
    assert code == 0
    assert out.startswith("1 agreements taken from")
    assert "Truce of the Two Mills" in run(capsys)[1]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--at", "Idlib"), "--at goes with --on DATE"),
        (("--on", "yesterday"), "'yesterday' is not a day, month or year"),
        (("--on", "2020", "--at", "Nowhereville-on-Sea"), "is not in the gazetteer"),
        (("--on", "2020", "--at", "95,10", "--country", "SY"), "is not on the globe"),
        (("show", "nope"), "'nope' is not in the register"),
        (("import", "missing.csv"), "missing.csv: cannot be read"),
    ],
)
def test_a_wrong_request_is_told_in_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], reason: str
) -> None:
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert reason in err
    assert err.count("\n") == 1
