"""On a stand-alone cluster of one master and two workers, all on this machine: the result of one process, though the driver
and then a worker are killed half-way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

import mahdar
from mahdar.corroboration import link
from mahdar.intake import Refusal, open_reports
from mahdar.model import Claim, Incident
from mahdar.record.rows import dump, load

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'mahdar[spark]'")
if not shutil.which("java") or not Path("/proc/self/stat").exists():
    pytest.skip("needs Java, and looks for processes in /proc", allow_module_level=True)
pq = pytest.importorskip("pyarrow.parquet")

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
PARTS = 8
CONF = """
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.executor.memory 512m
spark.ui.enabled false
spark.default.parallelism 2
spark.sql.shuffle.partitions 2
"""
PATIENCE = 600


class Cluster:
    """A master and two workers of one core each, in sessions of their own."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self._folder, self._running = folder, running
        (folder / "spark-defaults.conf").write_text(CONF)
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_CONF_DIR": str(folder),
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"spark://127.0.0.1:{port}"
        self._start("master.Master", "--port", str(port))
        wait_until(lambda: reachable(port))
        work = str(folder / "work")
        self.workers = [
            self._start("worker.Worker", "--cores", "1", "--memory", "600m", "--work-dir", work, self.address)
            for _ in range(2)
        ]

    def run(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "mahdar.scale.spark", *arguments, "--master", self.address]
        driver = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)
        self._running.callback(end, driver)
        return driver

    def _start(self, role: str, *options: str) -> subprocess.Popen[bytes]:
        spark = Path(pyspark.__file__).parent / "bin" / "spark-class"
        command = [str(spark), f"org.apache.spark.deploy.{role}", "--host", "127.0.0.1", "--webui-port", "0", *options]
        with (self._folder / f"{role}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True, cwd=self._folder
            )
        self._running.callback(end_session, process)
        return process


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as running:
        yield Cluster(tmp_path, running)


def test_a_lost_driver_and_a_lost_worker_change_nothing(cluster: Cluster, tmp_path: Path) -> None:
    given, out = tmp_path / "reports.jsonl", tmp_path / "out"
    given.write_text("".join(lines()), encoding="utf-8")
    job = (str(given), str(out), "--parts", str(PARTS), "--link")

    driver = cluster.run(*job)
    wait_until(lambda: parts(out), while_runs=driver)
    driver.kill()
    driver.wait()
    before = parts(out)

    driver = cluster.run(*job)
    wait_until(lambda: parts(out).keys() > before.keys(), while_runs=driver)
    lost, _ = cluster.workers
    end_session(lost)
    assert len(parts(out)) < PARTS, "all was done before the worker was lost"
    said, _ = driver.communicate(timeout=PATIENCE)

    alone = list(mahdar.read(given, on_refusal=lambda _: None))
    claims = [claim for reading in alone for claim in reading.claims]
    assert driver.returncode == 0
    assert json.loads(said.splitlines()[0])["parts"] <= PARTS - len(before)
    assert {part: parts(out)[part] for part in before} == before, "what was done was not done again"
    assert column(out, "claims", "claim") == sorted(dump(claim, Claim) for claim in claims)
    incidents = [load(Incident, row) for row in pq.read_table(out / "incidents")["incident"].to_pylist()]
    assert incidents == link(claims, [reading.report for reading in alone])


def lines() -> Iterator[str]:
    for report in open_reports(SAMPLES):
        assert not isinstance(report, Refusal)
        row = {"id": report.id, "text": report.text, "title": report.title, "published": report.published}
        yield json.dumps(row, ensure_ascii=False) + "\n"


def parts(out: Path) -> dict[str, int]:
    """The parts that are done, and when each was."""
    return {file.parent.name: file.stat().st_mtime_ns for file in out.glob("claims/part=*/claims.parquet")}


def column(out: Path, kind: str, name: str) -> list[str]:
    return sorted(row for file in out.glob(f"{kind}/part=*/*.parquet") for row in pq.read_table(file)[name].to_pylist())


def wait_until(so: Callable[[], object], while_runs: subprocess.Popen[str] | None = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < deadline, "nothing happened"
        assert while_runs is None or while_runs.poll() is None, "ended too soon"
        time.sleep(0.05)


def reachable(port: int) -> bool:
    with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def end_session(leader: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started: what a machine does that loses power."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            if int((process / "stat").read_text().rpartition(")")[2].split()[3]) == leader.pid:
                os.kill(int(process.name), signal.SIGKILL)
    leader.wait()
