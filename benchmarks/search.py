"""How long a search takes in a record of a million claims, on SQLite and, beside it, on PostgreSQL.

    python -m benchmarks.search --claims 1000000 --where FOLDER [--postgres postgresql://user@host/empty] [--docs]

The record is made in FOLDER and kept there for the next run; `--fill` stops at that. Its first claims come from
`benchmarks.generator` through `Record.store`; beyond `GENERATED` they are copied within the database under other ids and
days, which fills a database as well and takes a tenth of the time. A fresh process then opens it and asks: filters (one to
four at once), words (names, events and what else a person looks for, phrases among them), boxes on the map (from a town
to a continent), each with all facets and a page of fifty. Printed are milliseconds of the clock and of the CPU, and the
most memory the process held. `--docs` puts the table into docs/search.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from benchmarks import report
from benchmarks.generator import readings
from mahdar.model import MahdarError
from mahdar.record import Record, fulltext
from mahdar.record.archive import digest
from mahdar.record.database import FILE, is_address
from mahdar.record.index import follow
from mahdar.record.query import Box, Query
from mahdar.record.search import search
from mahdar.record.tables import CLAIM_VERSIONS, CLAIMS, REPORTS

GENERATED = 50_000
QUERIES = 60
REPORTS_AT_ONCE = 2_000
BARS = {"filters": 150, "words": 200, "box": 150}
MEMORY_BAR = 200


class _NoArchive:
    """Original bytes are not searched: they are hashed and left."""

    @contextmanager
    def putting(self, *data: bytes) -> Iterator[_NoArchive]:
        self.sha256 = [digest(one) for one in data]
        yield self

    def settle(self, *_: object) -> None:
        pass


def filled(where: str, claims: int) -> Record:
    """A record of at least so many claims; what is there already is kept."""
    there = is_address(where) or (Path(where) / FILE).is_file()
    try:
        record = Record.open(where) if there else Record.create(where)
    except MahdarError:
        record = Record.create(where)  # an address with an empty database
    record.archive = _NoArchive()  # type: ignore[assignment]
    with record.reading() as connection:
        held = _highest(connection, "claims")
    made = readings(min(claims, GENERATED))
    stored = 0
    while stored < min(claims, GENERATED) and held < min(claims, GENERATED):
        stored += sum(added.claims for added in record.store(list(islice(made, REPORTS_AT_ONCE))))
        _say(f"{where}: {stored:,} claims")
    with record.reading() as connection:
        claim_step, report_step = _highest(connection, "claims"), _highest(connection, "reports")
        steps = (claim_step, report_step)
    held = claim_step
    for copy in range(1, 100):
        if held >= claims:
            break
        wanted = min(claim_step, claims - held)
        with record.writing() as writer:
            belong = select(CLAIMS.c.report_n).where(CLAIMS.c.n == wanted)
            upto = (wanted, writer.connection.execute(belong).scalar_one())
            for statement in _copies(writer.connection, copy, steps, upto):
                writer.connection.execute(text(statement))
            for table, step, last in ((CLAIM_VERSIONS, claim_step, upto[0]), (REPORTS, report_step, upto[1])):
                fulltext.enter_held(writer.connection, table, (copy * step + 1, copy * step + last))
            writer.log("copied", str(copy), {})
            held = _highest(writer.connection, "claims")
        _say(f"{where}: {held:,} claims")
    return record


def _highest(connection: Connection, table: str) -> int:
    column = {"claims": CLAIMS.c.n, "reports": REPORTS.c.n}[table]
    return int(connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one())


def _copies(connection: Connection, copy: int, steps: tuple[int, int], upto: tuple[int, int]) -> Iterator[str]:
    """SQL that copies the first rows (claims, reports) `upto` those numbers once more, `copy` times 31 days earlier;
    `steps` is how many there were before the first copy."""
    claims, reports = (copy * step for step in steps)
    sqlite = connection.dialect.name == "sqlite"
    id = "lower(hex(randomblob(8)))" if sqlite else "substr(md5(random()::text), 1, 16)"

    def earlier(day: str) -> str:
        back = 31 * copy
        return f"date({day}, '-{back} days')" if sqlite else f"to_char({day}::date - {back}, 'YYYY-MM-DD')"

    new = {
        "reports": {"n": f"n + {reports}", "id": id, "published": earlier("published")},
        "claims": {
            "n": f"n + {claims}",
            "id": id,
            "report_n": f"report_n + {reports}",
            "start": earlier("start"),
            "end": earlier('"end"'),
            "published": earlier("published"),
        },
        "claim_versions": {"claim_n": f"claim_n + {claims}"},
        "claim_actors": {"claim_n": f"claim_n + {claims}"},
        "claim_places": {"claim_n": f"claim_n + {claims}"},
    }
    for name, changed in new.items():
        key = "n" if "n" in changed else "claim_n"
        last = upto[1] if name == "reports" else upto[0]
        columns = [column.name for column in CLAIMS.metadata.tables[name].columns]
        listed = ", ".join(f'"{column}"' for column in columns)
        values = ", ".join(changed.get(column, f'"{column}"') for column in columns)
        yield f"INSERT INTO {name} ({listed}) SELECT {values} FROM {name} WHERE {key} <= {last}"


def queries(record: Record) -> dict[str, list[Query]]:
    """What is asked, by what it measures: drawn, with a fixed seed, from what the record holds."""
    chance = random.Random(7)
    facets = search(record, Query()).facets
    values = {name: [count.value for count in facet.counts] for name, facet in facets.items()}
    fields = {"type": "types", "country": "countries", "area": "areas", "place": "places", "actor": "actors"}
    fields |= {"source": "sources", "outlet": "outlets", "status": "statuses", "scope": "scopes", "review": "reviews"}
    fields = {name: field for name, field in fields.items() if values[name]}

    def filters() -> Query:
        query = Query(sort=chance.choice(("newest", "oldest", "surest", "published")))
        for name in chance.sample(list(fields), chance.choice((1, 1, 2, 3, 4))):
            chosen = chance.sample(values[name], min(len(values[name]), chance.choice((1, 1, 2, 4))))
            query = query.replace(**{fields[name]: tuple(chosen)})
        if chance.random() < 0.4:
            year = chance.choice(values["year"])
            query = query.replace(since=year, until=chance.choice((None, year)))
        return query.replace(surer=chance.choice((None, None, 0.5, 0.8)))

    sample = [row for at in (0, 900, 9_000) for row in search(record, Query(offset=at), facets=()).rows]
    claims = [row.stored.claim for row in sample]  # type: ignore[union-attr]

    def typed() -> Query:
        claim = chance.choice(claims)
        said = [word for word in (part.strip(",.") for part in claim.evidence[0].text.split()) if len(word) > 4]
        actor, place = claim.actors[0].words.text, claim.places[0].words.text
        return Query(
            text=chance.choice(
                (
                    chance.choice(said),
                    " ".join(chance.sample(said, 2)),
                    f'"{actor}"',
                    f"{claim.trigger.text} {place}",
                    f'"{actor}" {place}',
                    f"{said[-1]} -{place}",
                )
            ),
            sort=chance.choice(("newest", "newest", "relevance")),
        )

    def box() -> Query:
        place = chance.choice(claims).places[0]
        size = chance.choice((0.1, 1, 5, 20, 60))
        assert place.lat is not None
        assert place.lon is not None
        south, west = max(-90, place.lat - size / 2), max(-180, place.lon - size / 2)
        return Query(box=Box(west, south, min(180, west + size), min(90, south + size)))

    return {
        "filters": [filters() for _ in range(QUERIES)],
        "words": [typed() for _ in range(QUERIES)],
        "box": [box() for _ in range(QUERIES)],
    }


def measure(where: str) -> dict[str, object]:
    """What one fresh process sees: opening, the first search, each kind of query, and the most memory held."""
    clock = time.perf_counter()
    record = Record.open(where)
    total = search(record, Query()).total
    out: dict[str, object] = {"claims": total, "open": time.perf_counter() - clock}
    for kind, asked in queries(record).items():
        times = []
        for query in asked:
            clock, cpu = time.perf_counter(), time.process_time()
            found = search(record, query).total
            times.append((time.perf_counter() - clock, time.process_time() - cpu, found, query.to_url()))
        out[kind] = times
    out["load"] = os.getloadavg()[0]
    out["memory"] = _most_memory()
    return out


def _most_memory() -> float:
    """The most memory this process held, in MB. Not `ru_maxrss`: that counts the process it was started from as well."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def table(results: dict[str, dict[str, object]]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| | claims | filters, p50 / p95 ms | words, p50 / p95 ms | box, p50 / p95 ms | the same, p95 of CPU ms | "
        "open and first search, s | memory, MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for engine, result in results.items():
        cells, cpus = [], []
        for kind in BARS:
            walls = sorted(1000 * wall for wall, *_ in result[kind])  # type: ignore[attr-defined]
            cpu = sorted(1000 * used for _, used, *_ in result[kind])  # type: ignore[attr-defined]
            cells.append(f"{walls[len(walls) // 2]:.0f} / {walls[int(len(walls) * 0.95)]:.0f}")
            cpus.append(f"{cpu[int(len(cpu) * 0.95)]:.0f}")
        lines.append(
            f"| {engine} | {result['claims']:,} | {' | '.join(cells)} | {', '.join(cpus)} | "
            f"{result['open']:.1f} | {result['memory']:.0f} |"
        )
    lines.append(
        f"| *to reach* | 1,000,000 | {' | '.join(f'{bar} (p95)' for bar in BARS.values())} | | | {MEMORY_BAR} |"
    )
    load = max(result["load"] for result in results.values())  # type: ignore[type-var]
    lines += [
        "",
        f"{os.cpu_count()} cores; the machine's load while measuring was up to {load:.0f}: above the number of ",
    ]
    lines[-1] += "cores, the clock tells of others' work too, the CPU does not."
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument(
        "--where",
        default=str(Path(tempfile.gettempdir()) / "mahdar-search-benchmark"),
        help="folder of the record, kept",
    )
    parser.add_argument("--postgres", help="address of an empty database, or of one that this made before")
    parser.add_argument("--postgres-claims", type=int, help="fewer claims for PostgreSQL than for SQLite")
    parser.add_argument("--fill", action="store_true", help="only make the records, to measure when it is quiet")
    parser.add_argument("--docs", action="store_true", help="put the table into docs/search.md")
    parser.add_argument("--slowest", action="store_true", help="print the slowest queries of each kind")
    parser.add_argument("--measure", help=argparse.SUPPRESS)  # what the fresh process is told
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    results = {}
    for engine, where in (("SQLite", options.where), ("PostgreSQL", options.postgres)):
        if where is None:
            continue
        claims = options.postgres_claims if engine == "PostgreSQL" and options.postgres_claims else options.claims
        record = filled(where, claims)
        clock = time.perf_counter()
        follow(record)  # makes the columns and saves them
        _say(f"{where}: columns in {time.perf_counter() - clock:.1f} s")
        record.close()
        if options.fill:
            continue
        command = [sys.executable, "-m", "benchmarks.search", "--measure", where]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        results[engine] = json.loads(done.stdout)
        if options.slowest:
            for kind in BARS:
                for wall, cpu, found, url in sorted(results[engine][kind], reverse=True)[:5]:
                    _say(f"{engine} {kind}: {1000 * wall:.0f} ms, CPU {1000 * cpu:.0f} ms, {found:,} found: {url}")
    if options.fill:
        return
    page = table(results)
    print(page)
    if options.docs:
        report.put("search", "figures", page.splitlines())


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
