"""The same reader and the same linking on a Spark cluster: JSON lines, Parquet or web archives in, Parquet out.

    python -m mahdar.scale.spark reports.jsonl out --master spark://host:7077 --parts 400 --link

Reports are dealt out to parts by the hash of their bytes, so that a part is the same whenever and wherever it is read. The
task that reads a part writes it, whole or not at all:

    out/job.json                        reader, parts and sources: a second run must be of the same job
    out/claims/part=00017/*.parquet     a claim a row: report, id, type, start, end, confidence, and the claim itself as JSON
    out/reports/part=00017/*.parquet    the reports that hold claims: id, published, outlet, and the report itself as JSON
    out/refused/part=00017/*.parquet    what could not be read: name, SHA-256 of its bytes, reason
    out/incidents.parquet               with --link: what the claims come to

A run that is cut short, or loses a machine, goes on with the parts that are not there yet. `out` must be a folder or an
address that every machine can write to. Each task reads through a `Pool` of one, so that a crash costs one report here too.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import typer
from numpy.typing import NDArray
from pyarrow import fs

from mahdar.corroboration.linking import Score, link, log_odds
from mahdar.corroboration.ragged import CHUNK
from mahdar.corroboration.table import ClaimTable
from mahdar.intake import Refusal, open_reports
from mahdar.model import Claim, Incident, MahdarError, Reading, Report
from mahdar.reading.reader import ReadsReports
from mahdar.record.rows import dump, load
from mahdar.scale.pool import Pool

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PARTS = 200
"""Parts of a job unless told otherwise: a few thousand reports each make a part of minutes, which is what a loss costs."""
_COUNTS = "part long, reports long, claims long, refused long"
_TEXT = pa.string()
SCHEMAS = {
    "claims": pa.schema(
        [(name, _TEXT) for name in ("report", "id", "type", "start", "end")]
        + [("confidence", pa.float64()), ("claim", _TEXT)]
    ),
    "reports": pa.schema([(name, _TEXT) for name in ("id", "published", "outlet", "report")]),
    "refused": pa.schema([(name, _TEXT) for name in ("name", "sha256", "reason")]),
}


def read(
    spark: SparkSession, sources: Sequence[str], out: str, *, parts: int = PARTS, reader: ReadsReports | None = None
) -> dict[str, int]:
    """Read what is not read yet; how many `parts`, `reports`, `claims` and `refused` this run wrote.

    `sources` are paths or addresses that Spark can read: .jsonl (also .gz), .parquet with a column `text` and, where
    known, `id`, `title`, `published`, `outlet` and `country`, .warc (also .gz) or .wacz. Raises MahdarError where `out`
    is of another job, and for a source that is none of these.
    """
    where = _place(out)
    version = reader.version if reader else _shipped_version()
    _same_job(where, {"reader": version, "parts": parts, "sources": sorted(sources)})
    done = _done(where)
    from pyspark.sql import functions as f

    data = [_opened(spark, source) for source in sources]
    rows = data[0]
    for more in data[1:]:
        rows = rows.unionByName(more)
    dealt = rows.withColumn("part", f.pmod(f.xxhash64("data"), f.lit(parts)).cast("int"))
    left = dealt.filter(~f.col("part").isin(done)) if done else dealt
    tasks = left.repartition(min(parts, max(1, parts - len(done))), "part").sortWithinPartitions("part")
    counts = tasks.mapInArrow(partial(_read_parts, out=where, reader=reader), _COUNTS).collect()
    return {"parts": len(counts)} | {
        name: sum(row[name] for row in counts) for name in ("reports", "claims", "refused")
    }


def link_claims(spark: SparkSession, out: str) -> list[Incident]:
    """The incidents of all claims under `out`, also written there: those that one machine makes of them."""
    where = _place(out)
    filesystem, path = fs.FileSystem.from_uri(where)

    def column(kind: str, name: str) -> list[str]:
        found: list[str] = pyarrow.dataset.dataset(f"{path}/{kind}", SCHEMAS[kind], "parquet", filesystem).to_table(
            [name]
        )[name]
        return [value.as_py() for value in found]  # type: ignore[attr-defined]  # scalars of pyarrow

    reports = {report.id: report for report in (load(Report, text) for text in column("reports", "report"))}
    claims = {claim.id: claim for claim in (load(Claim, text) for text in column("claims", "claim"))}
    order = sorted(reports.values(), key=lambda r: (r.published or "9", r.id))
    at = {report.id: place for place, report in enumerate(order)}
    told = sorted(claims.values(), key=lambda c: (at[c.report], c.id))
    incidents = link(told, order, score=scores_on(spark))
    table = pa.table(
        {
            "id": [i.id for i in incidents],
            "type": [i.type for i in incidents],
            "start": [i.time.start for i in incidents],
            "end": [i.time.end for i in incidents],
            "incident": [dump(i, Incident) for i in incidents],
        }
    )
    _write(filesystem, f"{path}/incidents.parquet", table)
    return incidents


def scores_on(spark: SparkSession) -> Score:
    """Scores pairs of claims on the cluster, for `corroboration.link`: the table is sent once to each machine."""

    def score(table: ClaimTable, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        shared = spark.sparkContext.broadcast(table)
        slices = [(left[at : at + CHUNK], right[at : at + CHUNK]) for at in range(0, len(left), CHUNK)]
        if not slices:
            return log_odds(table, left, right)
        scored = spark.sparkContext.parallelize(slices, len(slices)).map(lambda s: log_odds(shared.value, *s)).collect()
        shared.destroy()
        return np.concatenate(scored)

    return score


def _opened(spark: SparkSession, source: str) -> DataFrame:
    """A source as rows of `name` and `data`: bytes that intake takes for a report, or for a web archive."""
    from pyspark.sql import functions as f

    plain = source.lower().rstrip("/").removesuffix(".gz")
    name = f.col("_metadata.file_path").alias("name")
    if plain.endswith((".jsonl", ".ndjson")):
        return spark.read.text(source).select(name, f.col("value").cast("binary").alias("data"))
    if plain.endswith(".parquet"):
        rows = spark.read.parquet(source)
        known = [c for c in ("id", "text", "title", "published", "outlet", "country") if c in rows.columns]
        return rows.select(name, f.to_json(f.struct(*known)).cast("binary").alias("data"))
    if plain.endswith((".warc", ".wacz")):
        return spark.read.format("binaryFile").load(source).select(name, f.col("content").alias("data"))
    raise MahdarError(f"{source}: is none of .jsonl, .parquet, .warc and .wacz by its name")


def _read_parts(
    batches: Iterable[pa.RecordBatch], *, out: str, reader: ReadsReports | None
) -> Iterator[pa.RecordBatch]:
    """What a task does: read its parts one after another, and write each."""
    pool = _pool(pickle.dumps(reader))
    rows = (row for batch in batches for row in batch.to_pylist())
    for part, of_part in groupby(rows, key=itemgetter("part")):
        yield pa.RecordBatch.from_pylist([{"part": part, **_write_part(out, part, pool.along(_pairs(of_part)))}])


@cache
def _pool(reader: bytes) -> Pool:
    """One for all tasks that this process is given; its worker ends with it."""
    return Pool(1, pickle.loads(reader))


def _pairs(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[tuple[str, Report | Refusal], Report | None]]:
    for row in rows:
        sha256 = hashlib.sha256(row["data"]).hexdigest()
        for found in open_reports(row["data"], name=row["name"]):
            yield (sha256, found), found if isinstance(found, Report) else None


def _write_part(
    out: str, part: int, found: Iterable[tuple[tuple[str, Report | Refusal], Reading | Refusal | None]]
) -> dict[str, int]:
    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in SCHEMAS}
    reports = 0
    for (sha256, given), read in found:
        result = read or given
        if isinstance(result, Refusal):
            rows["refused"].append({"name": result.name, "sha256": sha256, "reason": result.reason})
        elif isinstance(result, Reading):
            reports += 1
            if result.claims:
                report = result.report
                rows["reports"].append(
                    {
                        "id": report.id,
                        "published": report.published,
                        "outlet": report.outlet,
                        "report": dump(report, Report),
                    }
                )
            rows["claims"] += map(_claim_row, result.claims)
    filesystem, path = fs.FileSystem.from_uri(out)
    for kind in ("refused", "reports", "claims"):  # the claims last: where they are, the part is done
        folder = f"{path}/{kind}/part={part:05}"
        filesystem.create_dir(folder, recursive=True)
        _write(filesystem, f"{folder}/{kind}.parquet", pa.Table.from_pylist(rows[kind], SCHEMAS[kind]))
    return {"reports": reports, "claims": len(rows["claims"]), "refused": len(rows["refused"])}


def _claim_row(claim: Claim) -> dict[str, Any]:
    return {
        "report": claim.report,
        "id": claim.id,
        "type": claim.type,
        "start": claim.time.start,
        "end": claim.time.end,
        "confidence": claim.confidence,
        "claim": dump(claim, Claim),
    }


def _write(filesystem: fs.FileSystem, path: str, table: pa.Table) -> None:
    """Written beside its place and moved there: whoever looks sees all of it or nothing."""
    folder, _, name = path.rpartition("/")
    beside = f"{folder}/_{uuid.uuid4().hex}.{name}"  # a name that readers of Parquet pass over
    with filesystem.open_output_stream(beside) as stream:
        pyarrow.parquet.write_table(table, stream)
    filesystem.move(beside, path)


def _place(out: str) -> str:
    """A folder or address as every machine can open it."""
    return out if "://" in out else Path(out).resolve().as_uri()


def _same_job(out: str, job: dict[str, Any]) -> None:
    filesystem, path = fs.FileSystem.from_uri(out)
    file = f"{path}/job.json"
    if filesystem.get_file_info(file).type is fs.FileType.NotFound:
        filesystem.create_dir(path, recursive=True)
        with filesystem.open_output_stream(file) as stream:
            stream.write(json.dumps(job, indent=1).encode())
        return
    with filesystem.open_input_stream(file) as stream:
        begun = json.loads(stream.read())
    for key, value in job.items():
        if begun.get(key) != value:
            raise MahdarError(f"{out}: is of another job (its {key}: {begun.get(key)}; yours: {value})")


def _done(out: str) -> list[int]:
    """The parts whose claims are there."""
    filesystem, path = fs.FileSystem.from_uri(out)
    wanted = fs.FileSelector(f"{path}/claims", allow_not_found=True, recursive=True)
    files = [info.path for info in filesystem.get_file_info(wanted) if info.path.endswith("/claims.parquet")]
    return sorted(int(file.rpartition("part=")[2].partition("/")[0]) for file in files)


def _shipped_version() -> str:
    from mahdar.reading.reader import Reader

    return Reader().version


def main(
    sources: Annotated[list[str], typer.Argument(help="Sources, and last the folder to write to.")],
    master: Annotated[str, typer.Option(help="local[N], spark://host:7077 …")] = "local[*]",
    parts: Annotated[int, typer.Option(min=1)] = PARTS,
    link: Annotated[bool, typer.Option("--link", help="Then link all claims into incidents.")] = False,
) -> None:
    """Read reports on a Spark cluster, going on where an earlier run stopped."""
    from pyspark.sql import SparkSession

    *given, out = sources
    if not given:
        raise typer.BadParameter("name sources, and last the folder to write to")
    spark = SparkSession.builder.master(master).appName("mahdar").getOrCreate()
    try:
        typer.echo(json.dumps(read(spark, given, out, parts=parts)))
        if link:
            typer.echo(f"{len(link_claims(spark, out)):,} incidents")
    except MahdarError as error:
        typer.echo(f"mahdar: {error}", err=True)
        raise typer.Exit(2) from None
    finally:
        spark.stop()


if __name__ == "__main__":
    typer.run(main)
