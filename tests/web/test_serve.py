"""`mahdar serve` and `mahdar user`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mahdar import cli
from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.web import Settings, create_app

VENDOR = Path(cli.__file__).parent / "web" / "static"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code of a command, and what it said."""
    try:
        cli.main(arguments)
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    said = capsys.readouterr()
    return code, said.out + said.err


def test_others_are_not_let_in_without_accounts(capsys: pytest.CaptureFixture[str], record: Record) -> None:
    code, said = run(capsys, "serve", "--record", record.where, "--host", "0.0.0.0")
    assert code == 2
    assert "start it with --accounts" in said


def test_accounts_need_one(tmp_path: Path) -> None:
    with Record.create(tmp_path / "new") as record, pytest.raises(MahdarError, match="mahdar user add"):
        create_app(record, Settings())


@pytest.mark.parametrize("tiles", ["tiles.example.org", "https://tiles.example.org/", "file:///{z}/{x}/{y}.png"])
def test_odd_addresses_of_tiles_are_refused(capsys: pytest.CaptureFixture[str], record: Record, tiles: str) -> None:
    assert run(capsys, "serve", "--record", record.where, "--tiles", tiles)[0] == 2


def test_only_tiles_that_the_user_named_may_be_asked_for(record: Record) -> None:
    app = create_app(record, Settings("me", frozenset(), tiles="https://tiles.example.org/{z}/{x}/{y}.png"))
    policy = TestClient(app).get("/explore").headers["content-security-policy"]
    assert "img-src 'self' data: https://tiles.example.org;" in policy
    assert policy.count("https://") == 1


def test_accounts_are_made_and_changed_on_the_command_line(
    capsys: pytest.CaptureFixture[str], record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("a password from a file\n"))
    assert run(capsys, "user", "add", "otto", "--record", record.where, "--role", "reviewer") == (
        0,
        "otto may log in as reviewer\n",
    )
    assert run(capsys, "user", "change", "otto", "--close", "--record", record.where)[0] == 0
    assert "otto  reviewer  closed" in run(capsys, "user", "list", "--record", record.where)[1]
    code, said = run(capsys, "user", "add", "eve", "--record", record.where, "--role", "queen")
    assert code == 2
    assert "'queen' is no role" in said


def test_all_that_pages_load_is_in_the_wheel() -> None:
    """No address of another machine in anything of our own, and every file that a page names is there."""
    templates = VENDOR.parent / "templates"
    ours = [*templates.glob("*.html"), *(VENDOR / "js").glob("*.js"), VENDOR / "style.css"]
    assert len(ours) > 25
    for file in ours:
        text = file.read_text(encoding="utf-8")
        for address in re.findall(r"https?://[^\s\"'`<)]+", text):
            assert address == "https://leafletjs.com", f"{file.name}: {address}"  # a link that names the library
        for name in re.findall(r"[\"'`(]/static/([\w./-]+)[\"'`)]", text):
            assert (VENDOR / name).is_file(), f"{file.name}: {name}"
    for library in (VENDOR / "vendor").iterdir():
        assert library.is_file() or (library / "LICENSE").is_file(), library.name
