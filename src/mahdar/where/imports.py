"""A user's own places: `import_file(path, into)` reads a table into the user's gazetteer.

Three sorts of file are told apart by what is in them, not by their name:
- a GeoNames country dump (tab-separated, 19 columns, no header; https://download.geonames.org/export/dump/),
- a table with a header, comma-, semicolon- or tab-separated, such as an OCHA COD table with P-codes,
- JSON lines with the same keys as such a header.
Importing again adds to what is there; an entry with the same source id replaces the earlier one.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from mahdar.model import MahdarError
from mahdar.where import build
from mahdar.where.gazetteer import user_path

GEONAMES_COLUMNS = 19
GEONAMES_KINDS = {
    "A.ADM1": "admin1",
    "A.ADM2": "admin2",
    "A.ADM3": "admin3",
    "A.PCLI": "country",
    "S.AIRP": "airfield",
    "S.AIRB": "airfield",
}
GEONAMES_CLASSES = {"P": "city", "A": "admin3", "H": "water", "T": "mountain", "R": "road", "L": "region", "S": "site"}

# Header names, in order of preference; `*` stands for the finest level there is (ADM3_EN before ADM2_EN).
LAT = ("lat", "latitude", "y", "center_lat", "ylat", "point_y", "lat_y")
LON = ("lon", "lng", "long", "longitude", "x", "center_lon", "xlon", "point_x", "long_x")
NAME = ("name", "name_en", "asciiname", "adm*_en", "admin*name_en", "adm*_ref", "adm*_name", "toponym", "place")
MORE = (
    "name_ar",
    "arabic",
    "adm*_ar",
    "admin*name_ar",
    "aliases",
    "alternatenames",
    "alternate_names",
    "altname",
    "alt_name",
    "adm*_alt1en",
)
CODE = ("pcode", "p_code", "adm*_pcode", "admin*pcode", "geonameid", "id", "code")
COUNTRY = ("country", "iso2", "country_code", "countrycode", "adm0_pcode", "admin0pcode", "iso")
KIND = ("kind", "type", "class")
LEVEL = ("level", "admin_level", "admlevel")
POPULATION = ("population", "pop")


def import_file(path: Path, into: Path | None = None, *, country: str | None = None) -> int:
    """Add the places of a file to the user's gazetteer at `into` (default: `user_path()`); returns how many were read.

    `country` (ISO alpha-2) is used where the file does not say. Raises MahdarError, naming file and line, if the file
    cannot be understood; the gazetteer is then left as it was.
    """
    target = into or user_path()
    try:
        rows = list(_rows(path, country))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MahdarError(f"{path}: cannot be read ({error})") from error
    if not rows:
        raise MahdarError(f"{path}: no places in it")
    fresh = {row.ref: row for row in rows}
    kept = [row for row in _existing(target) if row.ref not in fresh] if target.is_file() else []
    target.parent.mkdir(parents=True, exist_ok=True)
    build.write(target, [*kept, *fresh.values()])
    return len(rows)


def _rows(path: Path, country: str | None) -> Iterator[build.Row]:
    text = path.read_text(encoding="utf-8-sig")
    first = text.split("\n", 1)[0]
    if first.count("\t") == GEONAMES_COLUMNS - 1 and first.split("\t", 1)[0].isdigit():
        yield from _geonames(path, text)
    elif first.lstrip().startswith("{"):
        yield from _table(path, _json_lines(path, text), country)
    else:
        delimiter = max(",;\t", key=first.count)
        yield from _table(path, csv.DictReader(text.splitlines(), delimiter=delimiter), country)


def _json_lines(path: Path, text: str) -> Iterator[dict[str, object]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise MahdarError(f"{path}: line {number} is not JSON ({error})") from error


def _geonames(path: Path, text: str) -> Iterator[build.Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line:
            continue
        cells = line.rstrip("\r").split("\t")
        if len(cells) != GEONAMES_COLUMNS:
            raise MahdarError(f"{path}: line {number} has {len(cells)} columns, a GeoNames dump has {GEONAMES_COLUMNS}")
        feature, code = cells[6], cells[7]
        admin1 = f"{cells[8]}.{cells[10]}" if cells[10] else ""
        yield build.Row(
            f"gn:{cells[0]}", cells[1], cells[8], float(cells[4]), float(cells[5]),
            GEONAMES_KINDS.get(f"{feature}.{code}", GEONAMES_CLASSES.get(feature, "site")), path.name,
            code=admin1 if code == "ADM1" else f"{admin1}.{cells[11]}" if code == "ADM2" else "", admin1=admin1,
            admin2=f"{admin1}.{cells[11]}" if cells[11] else "", population=int(cells[14] or 0), first=[cells[1], cells[2]],
            other=[n for n in cells[3].split(",") if build.useful(n)],
        )  # fmt: skip


def _table(path: Path, rows: Iterable[dict[str, object]], country: str | None) -> Iterator[build.Row]:
    for number, raw in enumerate(rows, 1):
        row = {
            str(k).strip().casefold(): str(v).strip() for k, v in raw.items() if k is not None and v not in (None, "")
        }
        level, name = _finest(row, NAME)
        _, lat = _finest(row, LAT)
        _, lon = _finest(row, LON)
        if not (name and lat and lon):
            missing = "name" if not name else "latitude and longitude"
            raise MahdarError(f"{path}: entry {number} has no {missing} (columns: {', '.join(row)})")
        try:
            place = float(lat.replace(",", ".")), float(lon.replace(",", "."))
        except ValueError as error:
            raise MahdarError(f"{path}: entry {number} ({name}): {lat}, {lon} is not a point") from error
        if not (-90 <= place[0] <= 90 and -180 <= place[1] <= 180):
            raise MahdarError(f"{path}: entry {number} ({name}): {lat}, {lon} is not on the globe")
        _, code = _finest(row, CODE)
        said = _finest(row, COUNTRY)[1] or country or (code[:2] if re.match(r"[A-Z]{2}\d", code) else "")
        number_level = level or _finest(row, LEVEL)[1]
        kind = _finest(row, KIND)[1] or (
            f"admin{number_level}" if number_level.isdigit() and number_level != "0" else "city"
        )
        more = [part for key, value in row.items() if _stands_for(key, MORE) for part in re.split(r"[|;]", value)]
        own_id = code or f"{build.names.normalise(name).replace(' ', '-')}-{said.casefold()}"
        yield build.Row(
            f"user:{own_id}", name, said[:2].upper(), *place,
            kind, path.name, population=int(float(_finest(row, POPULATION)[1] or 0)), first=[name],
            other=[*[p.strip() for p in more if p.strip()], *build.bare([name])], within=_parents(row),
        )  # fmt: skip


def _finest(row: dict[str, str], wanted: tuple[str, ...]) -> tuple[str, str]:
    """The value under the first wanted header present, and the level its header names ("3" of ADM3_EN), finest first."""
    for pattern in wanted:
        if "*" not in pattern:
            if pattern in row:
                return "", row[pattern]
            continue
        for level in "43210":
            if (key := pattern.replace("*", level)) in row:
                return level, row[key]
    return "", ""


def _stands_for(key: str, wanted: tuple[str, ...]) -> bool:
    return any(re.fullmatch(pattern.replace("*", r"\d"), key) for pattern in wanted)


def _parents(row: dict[str, str]) -> str:
    return next((row[key] for key in ("adm2", "within", "adm1", "adm1_en", "admin1name_en") if key in row), "")


def _existing(target: Path) -> Iterator[build.Row]:
    """The rows a user's gazetteer already holds, with the keys its names were found by."""
    with sqlite3.connect(target) as db:
        try:
            keys: dict[int, tuple[list[str], list[str]]] = {}
            for key, ids in db.execute("SELECT key, ids FROM name"):
                for packed in memoryview(ids).cast("I"):
                    keys.setdefault(packed >> 1, ([], []))[packed & 1].append(key)
            db.row_factory = sqlite3.Row
            places = [dict(row) for row in db.execute("SELECT * FROM place")]
        except sqlite3.Error as error:
            raise MahdarError(f"{target}: not a gazetteer ({error})") from error
    db.close()
    for place in places:
        first, other = keys.get(place.pop("id"), ([], []))
        yield build.Row(**place, first=first, other=other)


__all__ = ["import_file"]
