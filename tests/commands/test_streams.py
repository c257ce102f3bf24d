"""`mahdar watch` and `mahdar wacz` as a person runs them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from mahdar.cli import main
from mahdar.publish.case import Withheld
from mahdar.publish.held import mark
from mahdar.record import Record
from tests.conftest import ReadsStruck
from tests.intake.server import Answer, serve

TEXT = "A drone struck the bridge at {} on Monday, two residents and the mayor told reporters there."


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, struck: ReadsStruck) -> Path:
    """An empty record, the one in use, with the small reader of the tests."""
    folder = tmp_path / "record"
    Record.create(folder).close()
    monkeypatch.setenv("MAHDAR_RECORD", str(folder))
    for module in ("record", "alone"):
        monkeypatch.setattr(f"mahdar.record.{module}.shipped_reader", lambda: struck)
    return folder


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "orim.txt").write_text(TEXT.format("Orim"))
    return folder


def run(*arguments: str) -> int:
    try:
        main(list(arguments))
    except SystemExit as left:
        return int(left.code or 0)
    return 0


def test_a_folder_is_watched_once(record: Path, inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("watch", str(inbox), "--once") == 0
    assert f"1 claims  {inbox / 'orim.txt'}" in capsys.readouterr().out
    assert run("watch", str(inbox), "--once") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", ["add", "read"])
def test_a_page_on_this_machine_is_taken_only_if_allowed(
    record: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve() as site:
        site["/1"] = f"<html><body><p>{TEXT.format('Orim')}</p></body></html>"
        assert run(command, f"{site.url}/1") == 2
        assert "private address" in capsys.readouterr().err
        assert run(command, f"{site.url}/1", "--allow-private") == 0
        assert "private address" not in capsys.readouterr().err


def test_a_feed_on_this_machine_is_watched_only_if_allowed(record: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve() as site:
        feed = f'<rss version="2.0"><channel><item><guid>1</guid><link>{site.url}/1</link></item></channel></rss>'
        site["/feed"] = Answer(feed.encode())
        site["/1"] = f"<html><body><p>{TEXT.format('Orim')}</p></body></html>"
        assert run("watch", f"{site.url}/feed", "--once") == 2
        assert "private address" in capsys.readouterr().err
        with Record.open(record) as opened:
            assert list(opened.reports()) == []
        assert run("watch", f"{site.url}/feed", "--once", "--allow-private") == 0
        assert f"1 claims  {site.url}/1" in capsys.readouterr().out


@pytest.mark.parametrize("every", ["10s", "soon", "15", "-5m"])
def test_how_often_is_told_with_a_unit_and_not_too_often(
    record: Path, inbox: Path, every: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("watch", str(inbox), "--every", every) == 2
    assert "at least one minute" in capsys.readouterr().err


def test_what_the_record_holds_is_exported_and_logged(
    record: Path, inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("watch", str(inbox), "--once")
    assert run("wacz", str(tmp_path / "a.wacz")) == 0
    assert "1 page written" in capsys.readouterr().out
    run("wacz", str(tmp_path / "b.wacz"))
    assert (tmp_path / "a.wacz").read_bytes() == (tmp_path / "b.wacz").read_bytes()
    assert zipfile.is_zipfile(tmp_path / "a.wacz")
    with Record.open(record) as opened:
        assert [row.kind for row in opened.log()][-2:] == ["export", "export"]


@pytest.mark.parametrize("marked", [True, False], ids=["marked in the record", "named in a file"])
def test_reports_that_name_somebody_withheld_are_left_out(
    marked: bool, record: Path, inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inbox / "pell.txt").write_text(TEXT.format("Jory Pell's bakery"))
    names = tmp_path / "names.csv"
    names.write_text("name,role\nJory Pell,witness\n")
    run("watch", str(inbox), "--once")
    if marked:
        with Record.open(record) as opened:
            mark(opened, [Withheld("Jory Pell", "witness")])
    assert run("wacz", str(tmp_path / "a.wacz"), *([] if marked else ["--withhold", str(names)])) == 0
    assert "1 page written" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "a.wacz") as whole:
        assert "Pell" not in whole.read("pages/pages.jsonl").decode()


def test_without_a_record_there_is_nothing_to_watch_for(inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("watch", str(inbox), "--once") == 2
    assert "--record" in capsys.readouterr().err
