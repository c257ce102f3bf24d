"""How quickly the review page answers, on a large record and with many people at it.

    python -m benchmarks.web [--claims 165000] [--record FOLDER] [--people 20] [--requests 600] [--docs]

Fills a record with made-up reports (`benchmarks.generator`) and links them into incidents, five for every eight claims or so
(at least 100,000 with the default), serves it on this machine, and asks it as coders do: every person asks one page after
another, pausing a second between, as somebody who looks at what came. Prints the first view of each page (nothing cached,
as the server has just started) and the server's 50th and 95th percentile under load. `--record` takes one that is there;
`--docs` puts the figures into docs/review.md.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.generator import readings
from mahdar.model import Claim, Incident, Reading
from mahdar.record import Record
from mahdar.record.rows import incident_row
from mahdar.record.tables import INCIDENT_CLAIMS, INCIDENTS
from mahdar.record.writer import Writer

PAGE = Path(__file__).parents[1] / "docs" / "review.md"
BATCH = 2000  # reports stored at once
PAUSE = 1.0  # seconds that a person looks at a page
PAGES = (  # how often each is asked for, of 100
    (25, "/reports/{report}"),
    (12, "/inbox"),
    (6, "/inbox?order=doubtful"),
    (12, "/explore?find=incidents"),
    (8, "/explore?find=incidents&type=air_drone_strike"),
    (4, "/explore?find=claims&q=market"),
    (10, "/api/v1/map?find=incidents&view={view}&zoom=6"),
    (12, "/incidents/{incident}"),
    (5, "/api/v1/places?q=ale"),
    (3, "/sources"),
    (3, "/actors"),
)
SERVER = """
import sys, uvicorn
from mahdar.record import Record
from mahdar.web import Settings, create_app
from mahdar.web.security import Limiter
Limiter.wait = lambda *_: 0.0  # all people of the benchmark are one address
with Record.open(sys.argv[1]) as record:
    app = create_app(record, Settings("bench"))
    app.state.site.desk.ready(print)  # as `mahdar serve` does
    uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False)
"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=165_000)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--requests", type=int, default=600)
    parser.add_argument("--docs", action="store_true", help="put the figures into docs/review.md")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        where = given.record or Path(folder) / "record"
        if not (where / "record.sqlite").is_file():
            fill(where, given.claims)
        figures = table(held(where), measure(where, given.people, given.requests))
    print(figures)
    if given.docs:
        before, begin, rest = PAGE.read_text(encoding="utf-8").partition("<!-- figures -->\n")
        _, end, after = rest.partition("<!-- end of figures -->\n")
        PAGE.write_text(f"{before}{begin}{figures}\n{end}{after}", encoding="utf-8")


def fill(where: Path, claims: int) -> None:
    """A record of so many claims, each incident of one to three of them."""
    with Record.create(where) as record:
        made = readings(claims)
        while batch := list(islice(made, BATCH)):
            record.store(batch)
            with record.writing() as writer:
                put(writer, incidents(reading for _, reading in batch))
            print(f"\r{batch[-1][1].report.title}", end="", file=sys.stderr)
    print(file=sys.stderr)


def incidents(batch: Iterable[Reading]) -> Iterator[Incident]:
    """Claims in groups by a hash of themselves: no event in the world, only as many and as large as there would be."""
    chance = random.Random(1)
    claims = [claim for reading in batch for claim in reading.claims]
    while claims:
        size = chance.choice((1, 1, 1, 2, 3))
        held, claims = claims[:size], claims[size:]
        yield _incident(held)


def put(writer: Writer, made: Iterable[Incident]) -> None:
    """Incidents that are certainly new, in bulk: `Record.put_incidents` looks each of them up first."""
    rows, members = [], []
    for incident in made:
        n = writer.number(INCIDENTS)
        rows.append({"n": n, **incident_row(incident)})
        members += [{"incident_n": n, "claim": claim, "recalled": False} for claim in incident.claims]
    writer.insert(INCIDENTS, rows)
    writer.insert(INCIDENT_CLAIMS, members)
    writer.log("incidents", "", {"put": {row["id"]: row["sha256"] for row in rows}, "gone": []})


def _incident(held: Sequence[Claim]) -> Incident:
    first = held[0]
    return Incident(
        id=f"inc-{hashlib.sha256(first.id.encode()).hexdigest()[:16]}",
        type=first.type,
        status=first.status,
        claims=tuple(c.id for c in held),
        reports=tuple(dict.fromkeys(c.report for c in held)),
        actors=first.actors,
        targets=first.targets,
        places=first.places,
        geo_precision=first.geo_precision,
        time=first.time,
        figures=first.figures,
    )


@dataclass(frozen=True)
class Figures:
    """What was measured: seconds until the server listened, of the first view of each page, and of each request under load
    by page; its CPU seconds under load.
    """

    start: float
    first: dict[str, float]
    people: int
    times: dict[str, list[float]]
    length: float
    cpu: float


def held(where: Path) -> dict[str, int]:
    """How many of each the record holds."""
    with Record.open(where) as record, record.reading() as connection:
        names = ("reports", "claims", "incidents")
        return {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in names}


def measure(where: Path, people: int, requests: int) -> Figures:
    """Serve a record and ask it."""
    addresses = list(asked(where, requests))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.perf_counter()
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(where), str(port)], stdout=sys.stderr)
    try:
        base = f"http://127.0.0.1:{port}"
        wait(base)
        start = time.perf_counter() - begun
        pages = ["/inbox", "/explore?find=incidents", *[a for a in addresses if a.startswith(("/rep", "/inc"))][:2]]
        first = {kind(page): get(base + page) for page in pages}
        for address in dict.fromkeys(addresses[:60]):  # as a server that has run for a while
            get(base + address)
        times: dict[str, list[float]] = {}
        threads = [
            threading.Thread(target=one_person, args=(base, addresses[n::people], times, n / people))
            for n in range(people)
        ]
        spent, begun = cpu_of(server.pid), time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        length = time.perf_counter() - begun
        if not times:
            raise SystemExit("no request was answered")
        return Figures(start, first, people, times, length, cpu_of(server.pid) - spent)
    finally:
        server.terminate()
        server.wait()


def cpu_of(process: int) -> float:
    """CPU seconds that a process has used so far; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def kind(address: str) -> str:
    """The page that an address is of, whichever report or incident."""
    path = address.partition("?")[0]
    return "/".join(path.split("/")[:2]) if not path.startswith("/api") else path


def table(counts: dict[str, int], figures: Figures) -> str:
    """What the documentation shows."""
    every = [one for times in figures.times.values() for one in times]
    size = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    rows = [
        f"{size}; {figures.people} people who look at a page for a second before they ask for the next, "
        f"{len(every)} requests, {len(every) / figures.length:.0f} a second; the server took {figures.start:.1f} s to start "
        f"and {1000 * figures.cpu / len(every):.0f} ms of CPU a request.",
        "",
        "| page | first view | median | 95 % within |",
        "|---|---|---|---|",
    ]
    for page in sorted(figures.times, key=lambda page: -len(figures.times[page])):
        first = f"{figures.first[page]:.2f} s" if page in figures.first else ""
        rows.append(f"| `{page}` | {first} | {within(figures.times[page], 50)} | {within(figures.times[page], 95)} |")
    rows.append(f"| all | | {within(every, 50)} | **{within(every, 95)}** |")
    return "\n".join(rows)


def within(times: list[float], percent: int) -> str:
    """The time that so many per cent of requests took at most."""
    ranked = sorted(times)
    return f"{1000 * ranked[min(len(ranked) - 1, len(ranked) * percent // 100)]:.0f} ms"


def asked(where: Path, requests: int) -> Iterator[str]:
    """Addresses in the mix of `PAGES`, over reports and incidents drawn from the record."""
    chance = random.Random(7)
    with Record.open(where) as record, record.reading() as connection:
        known = {
            name: [str(id) for id in connection.exec_driver_sql(f"SELECT id FROM {name} LIMIT 400").scalars()]
            for name in ("reports", "incidents")
        }
        box = connection.exec_driver_sql("SELECT avg(lat), avg(lon) FROM claims").one()
    kinds = [(n, page if known["incidents"] else without_incidents(page)) for n, page in PAGES]
    weights, pages = zip(*kinds, strict=True)
    for page in chance.choices(pages, weights, k=requests):
        lat, lon = box[0] + chance.uniform(-4, 4), box[1] + chance.uniform(-4, 4)
        view = ",".join(f"{x:.2f}" for x in (lon - 12, lat - 6, lon + 12, lat + 6))
        yield page.format(
            report=chance.choice(known["reports"]),
            incident=chance.choice(known["incidents"] or [""]),
            view=urllib.parse.quote(view),
        )


def without_incidents(page: str) -> str:
    """What is asked of a record whose claims nobody has linked."""
    return page.replace("find=incidents", "find=claims").replace("/incidents/{incident}", "/reports/{report}")


def one_person(base: str, addresses: Sequence[str], times: dict[str, list[float]], late: float) -> None:
    time.sleep(late * PAUSE)
    for address in addresses:
        times.setdefault(kind(address), []).append(get(base + address))
        time.sleep(PAUSE)


def get(address: str) -> float:
    begun = time.perf_counter()
    with urllib.request.urlopen(address, timeout=60) as answer:
        answer.read()
    return time.perf_counter() - begun


def wait(base: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{base}/api/v1/openapi.json", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
