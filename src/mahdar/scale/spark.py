"""The same reader and the same linking on a Spark cluster: JSON lines, Parquet or web archives in, Parquet out.

    python -m mahdar.scale.spark reports.jsonl out --master spark://host:7077 --parts 400 --link

Reports are dealt out to parts by the hash of their bytes, so that a part is the same whenever and wherever it is read. The
task that reads a part writes it, whole or not at all (`parts.py` says what); with --link the claims are then put together
into incidents (`linking.py`).

A run that is cut short, or loses a machine, goes on with the parts that are not there yet. `out` must be a folder or an
address that every machine can write to. Each task reads through a `Pool` of one, so that a crash costs one report here too.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
import typer

from mahdar.intake import Refusal, open_reports
from mahdar.model import MahdarError, Report
from mahdar.reading.reader import ReadsReports
from mahdar.scale.parts import finished, place, same_job, write_part
from mahdar.scale.pool import Pool

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PARTS = 200
"""Parts of a job unless told otherwise: a few thousand reports each make a part of minutes, which is what a loss costs."""
_COUNTS = "part long, reports long, claims long, refused long"


def read(
    spark: SparkSession, sources: Sequence[str], out: str, *, parts: int = PARTS, reader: ReadsReports | None = None
) -> dict[str, int]:
    """Read what is not read yet; how many `parts`, `reports`, `claims` and `refused` this run wrote.

    `sources` are paths or addresses that Spark can read: .jsonl (also .gz), .parquet with a column `text` and, where
    known, `id`, `title`, `published`, `outlet` and `country`, .warc (also .gz) or .wacz. Raises MahdarError where `out`
    is of another job, and for a source that is none of these.
    """
    where = place(out)
    version = reader.version if reader else _shipped_version()
    same_job(where, {"reader": version, "parts": parts, "sources": sorted(sources)})
    done = finished(where)
    from pyspark.sql import functions as f

    data = [_opened(spark, source) for source in sources]
    rows = data[0]
    for more in data[1:]:
        rows = rows.unionByName(more)
    hashed = rows.withColumn("hash", f.xxhash64("data"))
    dealt = hashed.withColumn("part", f.pmod("hash", f.lit(parts)).cast("int"))
    left = dealt.filter(~f.col("part").isin(done)) if done else dealt
    dealt_out = left.repartition(max(1, parts - len(done)), "part")
    tasks = dealt_out.sortWithinPartitions("part", "hash", "name")  # a part read again is the same to the byte
    counts = tasks.mapInArrow(partial(_read_parts, out=where, reader=reader), _COUNTS).collect()
    return {"parts": len(counts)} | {
        name: sum(row[name] for row in counts) for name in ("reports", "claims", "refused")
    }


def _opened(spark: SparkSession, source: str) -> DataFrame:
    """A source as rows of `name` and `data`: bytes that intake takes for a report, or for a web archive."""
    from pyspark.sql import functions as f

    plain = source.lower().rstrip("/").removesuffix(".gz")
    name = f.col("_metadata.file_path").alias("name")
    if plain.endswith((".jsonl", ".ndjson")):
        lines = spark.read.text(source).select(name, f.col("value").cast("binary").alias("data"))
        return lines.filter(f.length(f.trim("data")) > 0)
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
        yield pa.RecordBatch.from_pylist([{"part": part, **write_part(out, part, pool.along(_pairs(of_part)))}])


@cache
def _pool(reader: bytes) -> Pool:
    """One for all tasks that this process is given; its worker ends with it."""
    return Pool(1, pickle.loads(reader))


def _pairs(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[tuple[str, Report | Refusal], Report | None]]:
    for row in rows:
        sha256 = hashlib.sha256(row["data"]).hexdigest()
        for found in open_reports(row["data"], name=row["name"]):
            yield (sha256, found), found if isinstance(found, Report) else None


def _shipped_version() -> str:
    from mahdar.reading.reader import Reader

    return Reader().version


def session(master: str) -> SparkSession:
    """A session on a cluster, or on this machine (`local[4]`), where Spark keeps to this Python and to itself."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("mahdar")
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        for key in ("spark.driver.host", "spark.driver.bindAddress"):
            builder = builder.config(key, "127.0.0.1")
    return builder.getOrCreate()


def main(
    sources: Annotated[list[str], typer.Argument(help="Sources, and last the folder to write to.")],
    master: Annotated[str, typer.Option(help="local[N], spark://host:7077 …")] = "local[*]",
    parts: Annotated[int, typer.Option(min=1)] = PARTS,
    link: Annotated[bool, typer.Option("--link", help="Then link all claims into incidents.")] = False,
) -> None:
    """Read reports on a Spark cluster, going on where an earlier run stopped."""
    from mahdar.scale.linking import link_claims

    *given, out = sources
    if not given:
        raise typer.BadParameter("name sources, and last the folder to write to")
    spark = session(master)
    try:
        typer.echo(json.dumps(read(spark, given, out, parts=parts)))
        if link:
            typer.echo(f"{link_claims(spark, out):,} incidents")
    except MahdarError as error:
        typer.echo(f"mahdar: {error}", err=True)
        raise typer.Exit(2) from None
    finally:
        spark.stop()


if __name__ == "__main__":
    from mahdar.scale import spark as importable  # what is sent to other machines must not be of __main__

    typer.run(importable.main)
