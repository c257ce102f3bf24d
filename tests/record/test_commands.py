"""The commands, as a person uses them: one record from its making to its restoring."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mahdar
from mahdar.cli import main
from mahdar.record import Record

from .reader import KESH, ORIM, WordReader


@pytest.fixture(autouse=True)
def _reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mahdar, "_reader", WordReader)


def _run(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


def test_a_records_life(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def mahdar_says(*arguments: object, code: int = 0) -> str:
        left, out, err = _run(capsys, tuple(map(str, arguments)))
        assert left == code, (out, err)
        return out + err

    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "orim.txt").write_text(ORIM, encoding="utf-8")
    (tmp_path / "reports" / "kesh.txt").write_text(KESH, encoding="utf-8")
    monkeypatch.setenv("MAHDAR_RECORD", str(tmp_path / "record"))

    assert "a new record" in mahdar_says("init")
    assert "2 reports added with 3 claims" in mahdar_says("add", tmp_path / "reports")
    said = mahdar_says("add", tmp_path / "reports", tmp_path / "nowhere", code=2)
    assert "0 reports added with 0 claims, 2 known already, 1 refused" in said
    assert "nowhere: cannot be read" in said

    listed = [json.loads(line) for line in mahdar_says("list", "-f", "jsonl").splitlines()]
    assert [row["claims"] for row in listed] == [1, 2]
    assert listed[0]["id"] in mahdar_says("list", "--limit", "2")
    shown = mahdar_says("show", listed[1]["id"][:6])
    assert "Air/drone strike" in shown
    assert "absent" in shown
    values = json.loads(mahdar_says("show", listed[1]["id"], "-f", "json"))
    assert values["text"] == ORIM
    claim = values["claims"][0]["id"]

    with Record.open(tmp_path / "record") as record:
        record.decide("reject", "claim", claim, who="ann", expected=0, why="a drill")
    assert "ann  reject: a drill" in mahdar_says("show", claim)
    assert json.loads(mahdar_says("show", claim, "-f", "json"))["review"] == "rejected"
    assert "1 rejected" in mahdar_says("status")
    status = json.loads(mahdar_says("status", "-f", "json"))
    assert (status["reports"], status["claims"], status["decisions"]) == (2, 3, 1)

    monkeypatch.setattr(mahdar, "_reader", lambda: WordReader("words-2", {"struck": "attack"}))
    said = mahdar_says("reread")
    assert f"{claim}  changed (type); what was decided on it stands" in said
    assert "2 reports read again: 0 new, 1 changed, 2 gone claims" in said

    said = mahdar_says("verify", "--head", status["head"]["hash"])
    assert "holds" in said
    assert "copy" in mahdar_says("backup", tmp_path / "copy")
    assert "2 reports" in mahdar_says("restore", tmp_path / "copy", "--record", tmp_path / "again")
    assert "holds" in mahdar_says("verify", "--record", tmp_path / "again")

    original = next((tmp_path / "again" / "archive").rglob("[0-9a-f]*[0-9a-f]/[0-9a-f]*"))
    original.chmod(0o644)
    original.write_bytes(b"something else")
    said = mahdar_says("verify", "--record", tmp_path / "again", code=1)
    assert "was altered" in said
    assert "1 things do not hold" in said


def test_the_original_comes_out_byte_for_byte(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    page = tmp_path / "kesh.txt"
    page.write_bytes(b"\xef\xbb\xbf" + KESH.encode() + b"\r\n")
    with Record.create(tmp_path / "record") as record:
        (added,) = record.add(str(page), reader=WordReader())
    with pytest.raises(SystemExit):
        main(["show", added.report or "", "--original", "--record", str(tmp_path / "record")])
    assert capfdbinary.readouterr().out == page.read_bytes()


def test_what_cannot_be_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = _run(capsys, ("status", "--record", str(tmp_path / "nowhere")))
    assert (code, out) == (2, "")
    assert err == f"mahdar: {tmp_path / 'nowhere'}: is no record; `mahdar init` makes one\n"
