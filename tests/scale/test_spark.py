"""On Spark: the claims and incidents of one machine, whatever is lost on the way."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mahdar
from benchmarks.linking_scale import readings
from mahdar import MahdarError, Reading
from mahdar.corroboration import link
from mahdar.model import Incident
from mahdar.record.rows import load
from tests.scale.crashing import Obedient

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'mahdar[spark]'")
if not shutil.which("java"):
    pytest.skip("Spark needs Java", allow_module_level=True)

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(path or str(Path.cwd()) for path in sys.path))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate()
        )
        yield session
        session.stop()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty reports, of which one brings its reader down."""
    file = tmp_path_factory.mktemp("corpus") / "reports.jsonl"
    orders = ["exit" if n == 7 else "read" for n in range(30)]
    words = "the news of the town and of its market that day"
    file.write_text(
        "".join(json.dumps({"id": f"r{n}", "text": f"{o} {words} {n}."}) + "\n\n" for n, o in enumerate(orders))
    )
    return file


def claims(out: Path) -> list[str]:
    return sorted(row for file in out.glob("claims/part=*/*.parquet") for row in pq.read_table(file)["id"].to_pylist())


def test_claims_are_those_of_one_machine_and_a_crash_costs_one_report(
    spark: SparkSession, corpus: Path, tmp_path: Path
) -> None:
    from mahdar.scale.spark import read

    told = read(spark, [str(corpus)], str(tmp_path / "out"), parts=4, reader=Obedient())
    assert told == {"parts": 4, "reports": 29, "claims": 29, "refused": 1}
    alone = mahdar.read(corpus, reader=Obedient(), workers=2, on_refusal=lambda _: None)
    assert claims(tmp_path / "out") == sorted(claim.id for reading in alone for claim in reading.claims)


def test_only_parts_that_are_missing_are_read_again(spark: SparkSession, corpus: Path, tmp_path: Path) -> None:
    from mahdar.scale.spark import read

    out = tmp_path / "out"
    read(spark, [str(corpus)], str(out), parts=3, reader=Obedient())
    whole = claims(out)
    lost, *kept = sorted(out.glob("claims/part=*"))
    shutil.rmtree(lost)
    written = [file.stat().st_mtime_ns for part in kept for file in part.iterdir()]
    assert read(spark, [str(corpus)], str(out), parts=3, reader=Obedient())["parts"] == 1
    assert claims(out) == whole
    assert written == [file.stat().st_mtime_ns for part in kept for file in part.iterdir()]
    with pytest.raises(MahdarError, match="another job"):
        read(spark, [str(corpus)], str(out), parts=5, reader=Obedient())


def test_parquet_is_read_as_json_lines_are(spark: SparkSession, corpus: Path, tmp_path: Path) -> None:
    import pyarrow as pa

    from mahdar.scale.spark import read

    rows = [json.loads(line) for line in corpus.read_text().splitlines() if line]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "reports.parquet")
    read(spark, [str(tmp_path / "reports.parquet")], str(tmp_path / "out"), parts=2, reader=Obedient())
    assert claims(tmp_path / "out") == sorted(f"r{n}-1" for n in range(30) if n != 7)


def test_incidents_are_those_of_one_machine(spark: SparkSession, tmp_path: Path) -> None:
    from mahdar.scale.linking import link_claims
    from mahdar.scale.parts import place, write_part

    made = list(readings(400))
    found = [Reading(report, (claim,), (), "made up") for report, claim, _ in made]
    for part in range(3):
        write_part(place(str(tmp_path)), part, ((("", r.report), r) for r in found[part::3]))
    write_part(place(str(tmp_path)), 3, ((("", r.report), r) for r in found[:9]))  # these were read twice
    alone = link([claim for _, claim, _ in made], [report for report, _, _ in made])
    assert link_claims(spark, str(tmp_path)) == len(alone) < len(made)
    assert incidents(tmp_path) == alone
    assert link_claims(spark, str(tmp_path)) == len(alone), "linked anew, in place of what was there"


def test_claims_of_many_kinds_come_to_the_incidents_of_one_machine(spark: SparkSession, tmp_path: Path) -> None:
    from mahdar.scale.linking import link_claims
    from mahdar.scale.parts import place, write_part

    found = list(mahdar.read(SAMPLES))
    write_part(place(str(tmp_path)), 0, ((("", r.report), r) for r in found))
    alone = link([claim for r in found for claim in r.claims], [r.report for r in found])
    assert link_claims(spark, str(tmp_path)) == len(alone)
    assert incidents(tmp_path) == alone


def test_nothing_read_cannot_be_linked(spark: SparkSession, tmp_path: Path) -> None:
    from mahdar.scale.linking import link_claims

    with pytest.raises(MahdarError, match="holds no claims to link"):
        link_claims(spark, str(tmp_path))


def incidents(out: Path) -> list[Incident]:
    rows = pq.read_table(out / "incidents")["incident"].to_pylist()
    return [load(Incident, row) for row in rows]
