"""Linking on a Spark cluster: the candidates, features, weights and incidents of one machine.

The driver holds the columns of all claims (`ClaimTable`), which every Python process of the cluster gets a copy of, and the
pairs worth comparing. The rest is dealt out: pairs are scored slice by slice; each slice sends back no more than which claims
hold together in it, from which the driver tells what is connected at all; and what is connected is sorted into groups,
explained and made into incidents by one task. No report or claim itself stays on the driver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mahdar.corroboration.blocks import unpack
from mahdar.corroboration.clusters import connected, group, is_strong
from mahdar.corroboration.copies import Copy, copies_of
from mahdar.corroboration.features import candidates
from mahdar.corroboration.linking import (
    WEIGHTS,
    Joined,
    copies_by_report,
    incident_of,
    links_of,
    log_odds,
    published,
)
from mahdar.corroboration.ragged import CHUNK, Ragged, Rows
from mahdar.corroboration.scorer import Scorer
from mahdar.corroboration.table import ClaimTable, TableBuilder
from mahdar.model import Claim, Incident, Link, MahdarError, Report
from mahdar.record.rows import dump, load
from mahdar.scale.parts import finished, place

if TYPE_CHECKING:
    from pyspark.rdd import RDD
    from pyspark.sql import DataFrame, SparkSession

Shelf = tuple[str, str, list[str]]
"""A report's id, the report and its claims, both as JSON."""
Scored = tuple[Rows, Rows, NDArray[np.float64]]
"""Pairs of rows of the table, with their log odds."""
INCIDENTS = "published string, id string, type string, start string, end string, incident string"


@dataclass(frozen=True)
class Cut:
    """What one task sorts: rows of the table that are connected with each other and with no others, the group of each,
    and the scored pairs within groups."""

    rows: Rows
    labels: Rows
    scored: Scored


def link_claims(spark: SparkSession, out: str) -> int:
    """How many incidents the claims under `out` come to, those that one machine makes of them; they are written to
    out/incidents, first reported first. Raises MahdarError where nothing was read."""
    from pyspark import StorageLevel

    where = place(out)
    if not finished(where):
        raise MahdarError(f"{out}: holds no claims to link")
    shelf = _shelf(spark, where).rdd.map(tuple).persist(StorageLevel.MEMORY_AND_DISK)
    rows = incidents_of(shelf).map(_row)
    table = spark.createDataFrame(rows, INCIDENTS).orderBy("published", "id").drop("published")
    table.write.mode("overwrite").parquet(f"{where}/incidents")
    shelf.unpersist()
    incidents: int = spark.read.parquet(f"{where}/incidents").count()
    return incidents


def _shelf(spark: SparkSession, where: str) -> DataFrame:
    """Every report that holds claims, with them; in the order of `linking.link`. What was read twice stands once."""
    from pyspark.sql import functions as f

    reports = (
        spark.read.parquet(f"{where}/reports").groupBy("id").agg(f.min(f.struct("report", "published")).alias("r"))
    )
    claims = spark.read.parquet(f"{where}/claims").groupBy("id").agg(f.min(f.struct("report", "claim")).alias("c"))
    told = claims.groupBy(f.col("c.report").alias("id")).agg(f.sort_array(f.collect_list("c.claim")).alias("claims"))
    day = f.coalesce(f.nullif("r.published", f.lit("")), f.lit("9"))
    return reports.join(told, "id").orderBy(day, "id").select("id", "r.report", "claims")


def incidents_of(shelf: RDD[Shelf]) -> RDD[tuple[str, Incident]]:
    """The incidents that the claims of reports come to, each with the day it sorts by.

    `shelf` holds every report once, in the order of `linking.link`, and is gone through twice.
    """
    from pyspark import StorageLevel

    spark, tasks = shelf.context, max(shelf.getNumPartitions(), shelf.context.defaultParallelism)
    table = _table(shelf)
    columns = spark.broadcast(_compared(table))
    slices = list(_slices(*unpack(candidates(table))))
    scored = spark.parallelize(slices, max(1, len(slices))).map(lambda pairs: _scored(columns.value, *pairs))
    scored.persist(StorageLevel.MEMORY_AND_DISK)
    forests = scored.map(_forest).collect()
    roots = spark.broadcast(connected(len(table), *_concatenated(forests)))
    cuts = scored.flatMap(lambda pairs: _dealt(pairs, roots.value, tasks)).groupByKey(tasks)
    cut = cuts.map(lambda dealt: _sorted_out(dealt[1])).persist(StorageLevel.MEMORY_AND_DISK)
    labels = np.arange(len(table))
    for rows, of in cut.map(lambda c: (c.rows, c.labels)).collect():
        labels[rows] = of
    links = cut.flatMap(lambda c: _links(columns.value, c))
    copies = spark.parallelize(_copies_by_label(table, labels), tasks)
    held = spark.parallelize(_labels_by_report(table, labels), tasks)
    told = shelf.map(lambda row: (row[0], row[1:])).join(held, tasks).flatMap(lambda row: _by_label(*row[1]))
    return told.groupWith(links, copies).map(lambda group: _incident(*group[1]))


def _table(shelf: RDD[Shelf]) -> ClaimTable:
    builder = TableBuilder()
    for _, report, claims in shelf.toLocalIterator(prefetchPartitions=True):
        builder.add(load(Report, report), [load(Claim, claim) for claim in claims])
    return builder.build()


def _compared(table: ClaimTable) -> ClaimTable:
    """What pairs of claims are scored by: all but the five-word runs, which only tell near-copies."""
    none = Ragged(np.zeros(len(table.texts) + 1, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32))
    return replace(table, texts=replace(table.texts, runs=none))


def _slices(left: Rows, right: Rows) -> Iterator[tuple[Rows, Rows]]:
    for at in range(0, max(1, len(left)), CHUNK):
        yield left[at : at + CHUNK], right[at : at + CHUNK]


def _scored(table: ClaimTable, left: Rows, right: Rows) -> Scored:
    return left, right, log_odds(table, left, right)


def _forest(scored: Scored) -> tuple[Rows, Rows]:
    """As few pairs as connect what the strong ones among these do."""
    left, right, odds = scored
    strong = is_strong(odds, Scorer.load(WEIGHTS).bar)
    rows, at = np.unique(np.concatenate((left[strong], right[strong])), return_inverse=True)
    one, other = np.split(at, 2)
    root = connected(len(rows), one, other)
    child = np.flatnonzero(root != np.arange(len(rows)))
    return rows[child], rows[root[child]]


def _dealt(scored: Scored, roots: Rows, tasks: int) -> Iterator[tuple[int, Scored]]:
    """The pairs that are connected, each to the task that has all that its rows are connected with."""
    inside = roots[scored[0]] == roots[scored[1]]
    left, right, odds = (of[inside] for of in scored)
    task = roots[left] % tasks
    for number in np.unique(task).tolist():
        own = task == number
        yield number, (left[own], right[own], odds[own])


def _sorted_out(dealt: Iterable[Scored]) -> Cut:
    left, right, odds = _concatenated(dealt)
    by = np.lexsort((right, left))  # sums of floats depend on their order: that of one machine
    left, right, odds = left[by], right[by], odds[by]
    rows, at = np.unique(np.concatenate((left, right)), return_inverse=True)
    one, other = np.split(at, 2)
    label = group(len(rows), one, other, odds, Scorer.load(WEIGHTS).bar)
    same = label[one] == label[other]
    return Cut(rows, rows[label], (left[same], right[same], odds[same]))


def _concatenated(columns: Iterable[tuple[NDArray[Any], ...]]) -> tuple[NDArray[Any], ...]:
    return tuple(map(np.concatenate, zip(*columns, strict=True)))


def _links(table: ClaimTable, cut: Cut) -> Iterable[tuple[int, list[Link]]]:
    labels = np.arange(len(table))
    labels[cut.rows] = cut.labels
    return links_of(table, Joined(labels, *cut.scored)).items()


def _labels_by_report(table: ClaimTable, labels: Rows) -> list[tuple[str, dict[str, int]]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for id, report, label in zip(table.ids, table.report.tolist(), labels.tolist(), strict=True):
        found[report][id] = label
    return [(table.texts.ids[report], of) for report, of in found.items()]


def _copies_by_label(table: ClaimTable, labels: Rows) -> list[tuple[int, list[Copy]]]:
    """The near-copies among the reports of each group, in order."""
    groups: dict[str, set[int]] = defaultdict(set)
    for report, label in zip(table.report.tolist(), labels.tolist(), strict=True):
        groups[table.texts.ids[report]].add(label)
    found: dict[int, list[Copy]] = defaultdict(list)
    for copy in copies_of(table.texts):
        for label in groups[copy.left] & groups[copy.right]:
            found[label].append(copy)
    return list(found.items())


def _by_label(shelf: tuple[str, list[str]], labels: dict[str, int]) -> Iterator[tuple[int, tuple[str, list[Claim]]]]:
    """A report to every group that a claim of it is in, with those claims. Totals are in none."""
    report, texts = shelf
    found: dict[int, list[Claim]] = defaultdict(list)
    for claim in (load(Claim, text) for text in texts):
        if claim.id in labels:
            found[labels[claim.id]].append(claim)
    for label, claims in found.items():
        yield label, (report, claims)


def _incident(
    told: Iterable[tuple[str, list[Claim]]], links: Iterable[list[Link]], copies: Iterable[list[Copy]]
) -> tuple[str, Incident]:
    members = [(load(Report, report), claims) for report, claims in told]
    reports = {report.id: report for report, _ in members}
    claims = [claim for _, of in members for claim in of]
    among = copies_by_report(copy for of in copies for copy in of)
    incident = incident_of(claims, reports, among, [link for of in links for link in of])
    return published(reports[incident.reports[0]]), incident


def _row(dated: tuple[str, Incident]) -> tuple[str | None, ...]:
    day, incident = dated
    time = incident.time
    return day, incident.id, incident.type, time.start, time.end, dump(incident, Incident)
