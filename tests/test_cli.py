"""The command line: formats, files that are never half-written, errors in a sentence, exit codes, and a quick start."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import mahdar
from mahdar.cli import main
from mahdar.model import Reading, Report
from tests.conftest import ReadsStruck

NEWS = "Jets struck the market of the town on Tuesday, and residents said that the roof had fallen in."


def run(*arguments: str | Path) -> int:
    """Exit code of `mahdar ARGUMENTS`."""
    with pytest.raises(SystemExit) as left:
        main([str(a) for a in arguments])
    return int(left.value.code or 0)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Five reports as JSON lines; the fourth yields nothing."""
    file = tmp_path / "corpus.jsonl"
    texts = [NEWS, NEWS, NEWS, NEWS.replace("struck", "left"), NEWS]
    file.write_text("".join(json.dumps({"id": f"r{i}", "text": t}) + "\n" for i, t in enumerate(texts)))
    return file


def reports_in(file: Path) -> list[str]:
    return [json.loads(line)["report"] for line in file.read_text().splitlines()]


def test_a_report_is_read_as_a_table(corpus: Path, struck: ReadsStruck, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("read", corpus) == 0
    page = capsys.readouterr().out
    assert page.count("Air/drone strike") == 4
    assert "no claims" in page
    assert "\x1b" not in page


def test_each_format_is_what_it_says(corpus: Path, struck: ReadsStruck, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("read", corpus, "--format", "jsonl") == 0
    assert [json.loads(x)["report"] for x in capsys.readouterr().out.splitlines()] == ["r0", "r1", "r2", "r4"]
    assert run("read", corpus, "--format", "json") == 0
    assert [r["id"] for r in json.loads(capsys.readouterr().out)["reports"]] == ["r0", "r1", "r2", "r3", "r4"]
    assert run("read", corpus, "--format", "csv") == 0
    assert len(list(csv.DictReader(capsys.readouterr().out.splitlines()))) == 4


@pytest.mark.parametrize(
    ("name", "start"), [("o.jsonl", '{"report"'), ("o.json", '{"reports"'), ("o.csv", "report,id")]
)
def test_the_format_of_a_file_is_told_by_its_name(
    corpus: Path, tmp_path: Path, struck: ReadsStruck, name: str, start: str
) -> None:
    assert run("read", corpus, "-o", tmp_path / name) == 0
    assert (tmp_path / name).read_text().startswith(start)
    assert not list(tmp_path.glob("*.part"))


def test_day_outlet_and_limit_reach_the_reader(corpus: Path, struck: ReadsStruck) -> None:
    assert run("read", corpus, "--published", "2020-04-02", "--outlet", "Wire", "--limit", "2") == 0
    assert [(r.id, r.published, r.outlet) for r in struck.seen] == [
        ("r0", "2020-04-02", "Wire"),
        ("r1", "2020-04-02", "Wire"),
    ]


def test_one_bad_report_is_told_and_the_others_are_read(
    corpus: Path, tmp_path: Path, struck: ReadsStruck, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.jsonl"
    assert run("read", tmp_path / "none.txt", corpus, "-o", out) == 2
    assert reports_in(out) == ["r0", "r1", "r2", "r4"]
    error = capsys.readouterr().err
    assert error.startswith("mahdar: ")
    assert "none.txt: cannot be read" in error
    assert error.count("\n") == 1


def test_where_nothing_can_be_read_the_file_stays_as_it_was(tmp_path: Path, struck: ReadsStruck) -> None:
    out = tmp_path / "o.jsonl"
    out.write_text("before\n")
    assert run("read", tmp_path / "none.txt", "-o", out) == 2
    assert out.read_text() == "before\n"
    assert not list(tmp_path.glob("*.part"))


class BreaksOff(ReadsStruck):
    """Reads so many reports, then what `error` says happens."""

    def __init__(self, after: int, error: type[BaseException]) -> None:
        super().__init__()
        self.after, self.error = after, error

    def read(self, report: Report) -> Reading:
        if len(self.seen) == self.after:
            raise self.error
        return super().read(report)


def test_ctrl_c_leaves_whole_lines_and_the_file_as_it_was(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reader = BreaksOff(2, KeyboardInterrupt)
    monkeypatch.setattr(mahdar, "_reader", lambda: reader)
    assert run("read", corpus, "--format", "jsonl") == 130
    assert [json.loads(x)["report"] for x in capsys.readouterr().out.splitlines()] == ["r0", "r1"]
    out = tmp_path / "o.csv"
    out.write_text("before\n")
    assert run("read", corpus, "-o", out) == 130
    assert out.read_text() == "before\n"
    assert not list(tmp_path.glob("*.part"))


def test_a_batch_that_broke_off_is_taken_up_where_it_was(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.jsonl"
    reader = BreaksOff(3, KeyboardInterrupt)
    monkeypatch.setattr(mahdar, "_reader", lambda: reader)
    assert run("read", corpus, "-o", out) == 130
    assert "--resume goes on" in capsys.readouterr().err
    assert not out.exists()
    part = tmp_path / "o.jsonl.part"
    assert reports_in(part) == ["r0", "r1", "r2"]
    part.write_text(part.read_text()[:-20])
    again = ReadsStruck()
    monkeypatch.setattr(mahdar, "_reader", lambda: again)
    assert run("read", corpus, "-o", out, "--resume") == 0
    assert [r.id for r in again.seen] == ["r1", "r2", "r3", "r4"]  # the one before a cut line may lack lines too
    assert reports_in(out) == ["r0", "r1", "r2", "r4"]
    assert not part.exists()


def test_resuming_a_finished_file_changes_nothing(corpus: Path, tmp_path: Path, struck: ReadsStruck) -> None:
    out = tmp_path / "o.jsonl"
    assert run("read", corpus, "-o", out) == 0
    before = out.read_bytes()
    assert run("read", corpus, "-o", out, "--resume") == 0
    assert out.read_bytes() == before


def test_resuming_with_other_reports_adds_to_the_file(corpus: Path, tmp_path: Path, struck: ReadsStruck) -> None:
    out = tmp_path / "o.jsonl"
    more = tmp_path / "more.jsonl"
    more.write_text(json.dumps({"id": "r9", "text": NEWS}) + "\n")
    assert run("read", corpus, "-o", out) == 0
    assert run("read", more, "-o", out, "--resume") == 0
    assert reports_in(out) == ["r0", "r1", "r2", "r4", "r9"]


@pytest.mark.parametrize("content", ["my notes\n", '{"report": "r0"}\n', "[1]\n", "\n"])
def test_what_is_no_output_of_claims_is_not_taken_up(
    corpus: Path, tmp_path: Path, struck: ReadsStruck, content: str
) -> None:
    out = tmp_path / "o.jsonl"
    out.write_text(content)
    assert run("read", corpus, "-o", out, "--resume") == 2
    assert out.read_text() == content


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--resume"], "--resume goes with"),
        (["--explain", "--format", "csv"], "--explain has no room in csv"),
        (["--published", "soon"], "'soon' is not a day"),
        (["-o", "nowhere/o.json"], "nowhere/o.json: cannot be written"),
        (["-o", "."], "is a folder"),
    ],
)
def test_a_wrong_request_is_told_in_a_sentence(
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("read", corpus, *arguments) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error


def test_an_input_is_never_overwritten(corpus: Path, struck: ReadsStruck, capsys: pytest.CaptureFixture[str]) -> None:
    before = corpus.read_bytes()
    assert run("read", corpus, "-o", corpus) == 2
    assert corpus.read_bytes() == before
    assert "is itself to be read" in capsys.readouterr().err


def test_a_name_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("read", "\x1b[2Jnone.txt") == 2
    assert "\x1b" not in capsys.readouterr().err


def test_what_a_device_gets_is_not_renamed_over_it(corpus: Path, struck: ReadsStruck) -> None:
    if not Path("/dev/null").is_char_device():
        pytest.skip("no /dev/null here")
    assert run("read", corpus, "-o", "/dev/null", "--format", "jsonl") == 0
    assert Path("/dev/null").is_char_device()


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"mahdar {mahdar.__version__}\n"


def test_an_actor_is_found_by_what_sources_call_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("actors", "find", "regime forces", "--country", "sy", "--day", "2020-04-02") == 0
    assert "Military Forces of Syria (2000-2024)" in capsys.readouterr().out
    assert run("actors", "find", "Xyzzy Front") == 2
    assert "is not in the actor register" in capsys.readouterr().err


def test_help_imports_none_of_the_heavy_packages() -> None:
    heavy = "numpy onnxruntime tokenizers trafilatura rich sqlite3 ahocorasick lxml mahdar.reading.reader".split()
    code = (
        "import sys\nfrom mahdar.cli import main\ntry:\n    main(['read', '--help'])\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    path = os.pathsep.join([str(Path(mahdar.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert "--explain" in done.stdout
    assert done.stderr.strip() == "[]"
