"""Many processes read what one reads, in order; whatever kills one of them costs one report, which is named."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import mahdar
from mahdar import MahdarError, Reading, Report
from mahdar.intake import Refusal
from mahdar.record import Record
from mahdar.scale.pool import AHEAD, Pool
from tests.scale.crashing import NeverOpens, Obedient

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"


@pytest.fixture(scope="module")
def two() -> Iterator[Pool]:
    """Two workers, for all tests that leave them as good as they were."""
    with Pool(2, Obedient()) as workers:
        yield workers


def reports(*texts: str) -> list[Report]:
    return [Report(f"r{n}", text, name=f"report {n}") for n, text in enumerate(texts)]


def names(found: list[Reading | Refusal]) -> list[str]:
    return [one.name if isinstance(one, Refusal) else one.report.name for one in found]


def test_readings_come_in_order_and_are_those_of_one_process(two: Pool) -> None:
    asked = reports("wait 0.2", *(f"read {n}" for n in range(40)))
    assert list(two.read(asked)) == [Obedient().read(report) for report in asked]


def test_refusals_of_intake_stay_where_they_are(two: Pool) -> None:
    first, last = reports("read", "read")
    found = list(two.read([first, Refusal("page.html", "is empty"), last]))
    assert names(found) == ["report 0", "page.html", "report 1"]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("die", "could not be read: it brought its process down (SIGSEGV)"),
        ("exit", "could not be read: it brought its process down (exit code 3)"),
        ("swell", "could not be read: it took more memory than there is"),
        ("fail", "could not be read (ValueError: a bug)"),
        ("refuse", "is not to be read"),
    ],
)
def test_what_a_report_does_to_its_reader_costs_that_report_alone(two: Pool, order: str, reason: str) -> None:
    asked = reports("read a", "read b", order, "read c", "read d")
    found = list(two.read(asked))
    assert names(found) == [report.name for report in asked]
    (refused,) = [one for one in found if isinstance(one, Refusal)]
    assert (refused.name, refused.reason) == ("report 2", reason)


def test_a_process_that_dies_between_reports_costs_none() -> None:
    with Pool(1, Obedient()) as alone:
        before = list(alone.read(reports("read")))
        (worker,) = alone._workers
        assert worker._process is not None
        worker._process.kill()
        worker._process.wait()
        assert list(alone.read(reports("read"))) == before


def test_a_report_that_takes_too_long_costs_that_report_alone() -> None:
    with Pool(2, Obedient(), patience=1.0) as hasty:
        found = list(hasty.read(reports("read a", "wait 60", "read b", "read c")))
    assert names(found) == [f"report {n}" for n in range(4)]
    assert [(one.name, one.reason) for one in found if isinstance(one, Refusal)] == [
        ("report 1", "was not read within 1 seconds")
    ]


def test_what_libraries_print_does_not_disturb(two: Pool) -> None:
    assert len([r for r in two.read(reports("print", "read")) if isinstance(r, Reading)]) == 2


def test_no_more_is_taken_in_than_can_be_under_way(two: Pool) -> None:
    taken = 0

    def endless() -> Iterator[Report]:
        nonlocal taken
        for taken in itertools.count(1):  # the test counts them
            yield Report(f"r{taken}", "wait 0.05" if taken == 1 else "read")

    readings = two.read(endless())
    for _ in range(60):
        next(readings)
    assert taken <= 60 + AHEAD * 2 + 1
    readings.close()  # type: ignore[attr-defined]  # a generator, left before its end


def test_a_reader_that_does_not_open_stops_everything_with_its_reason() -> None:
    with Pool(2, NeverOpens()) as broken, pytest.raises(MahdarError, match="its model is not there"):
        list(broken.read(reports("read")))


def test_a_reader_that_cannot_be_sent_is_told() -> None:
    reader = Obedient()
    reader.lock = lambda: None  # type: ignore[attr-defined]  # what pickle refuses
    with pytest.raises(MahdarError, match="cannot be sent to other processes"):
        Pool(2, reader)


def test_no_workers_cannot_read() -> None:
    with pytest.raises(MahdarError, match="take at least 1"):
        list(mahdar.read(*reports("read"), workers=0))


def test_closing_ends_workers_that_are_busy() -> None:
    workers = Pool(1, Obedient())
    readings = workers.read(reports("read", "wait 60"))
    next(readings)
    begun = time.monotonic()
    workers.close()
    assert time.monotonic() - begun < 10
    (worker,) = workers._workers
    assert worker._process is not None
    assert worker._process.returncode == -signal.SIGKILL


def test_python_reads_with_workers_what_it_reads_without(tmp_path: Path) -> None:
    asked = reports("read a", "die", "read b", "read c", "read d")
    refused: list[Refusal] = []
    found = list(
        mahdar.read(
            *asked, reader=Obedient(), workers=2, skip={"r2"}, limit=3, on_refusal=refused.append, outlet="Wire"
        )
    )
    assert [reading.report.id for reading in found] == ["r0", "r3"], (
        "three were read, one of them to its reader's death"
    )
    assert {reading.report.outlet for reading in found} == {"Wire"}
    assert [refusal.name for refusal in refused] == ["report 1"]


def test_a_record_gets_what_one_process_gives_it(two: Pool, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    for n, order in enumerate(("read", "die", "read", "read")):
        (folder / f"{n}.txt").write_text(f"{order} the news of the town and of its market on day {n}.")
    with Record.create(tmp_path / "record") as record:
        assert [a.state for a in record.add(folder, pool=two)] == ["added", "refused", "added", "added"]
        assert [a.state for a in record.add(folder, pool=two)] == ["known", "refused", "known", "known"]
        assert len(list(record.claims())) == 3
        assert list(record.verify()) == []


def test_a_record_is_read_again_by_many_as_by_one(two: Pool, tmp_path: Path) -> None:
    class Former:
        version = "former"

        def read(self, report: Report) -> Reading:
            return Reading(report, (), (), self.version)

    with Record.create(tmp_path / "record") as record:
        list(record.add(*(f"read {n}".encode() for n in range(5)), b"refuse from now on", reader=Former()))
        done = list(record.reread(Obedient(), pool=two))
        assert [one.reason for one in done] == [""] * 5 + ["is not to be read"]
        assert record.status().readers == {"former": 1, "obedient": 5}
        assert list(record.verify()) == []


def test_the_shipped_reader_claims_the_same_in_other_processes() -> None:
    six = sorted(SAMPLES.iterdir())[:6]
    assert list(mahdar.read(*six, workers=2)) == list(mahdar.read(*six))


ENDLESS = """
import itertools, sys
from mahdar import Report, read
from tests.scale.crashing import Obedient
reports = (Report(str(n), "read") for n in itertools.count())
import mahdar
mahdar._opened = lambda sources, fetch: reports
for n, reading in enumerate(read(reader=Obedient(), workers=2)):
    if n == 5:
        print("reading", flush=True)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_stopped_it_leaves_no_process_behind(how: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", ENDLESS],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a test run in the background ignores it
    )
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"reading\n"
        workers = children_of(parent.pid)
        assert len(workers) == 2
        parent.send_signal(how)
        parent.communicate(timeout=60)
    finally:
        parent.kill()
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in workers if Path(f"/proc/{pid}").exists()] == []


def children_of(parent: int) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            if int((process / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(process.name))
    return found
