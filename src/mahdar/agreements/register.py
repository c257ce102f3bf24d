"""The register of agreements: `Agreements.load()` reads the tables of `data/`, and what the user has imported.

The TOML tables are what people edit. Because parsing them takes a third of a second, `data/compiled.json` holds them once
more with the fingerprint of the tables it was made from; where that does not fit, the tables themselves are read.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from mahdar.agreements.areas import MARGIN, Area
from mahdar.codebook.event_types import EVENT_TYPES
from mahdar.folders import user_data
from mahdar.model import MahdarError

DATA = Path(__file__).with_name("data")
COMPILED = DATA / "compiled.json"
KINDS = ("ceasefire", "truce", "zone", "peace", "arrangement")
_DAY = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d)?)?)?")
_LISTS = ("aliases", "seats", "about", "parties", "guarantors", "mediators", "excluded", "sources")
_TEXTS = (
    "signed",
    "in_effect",
    "doubt_from",
    "doubt",
    "ended",
    "how_ended",
    "depends",
    "within",
    "note",
    "parties_text",
)
_OTHER = ("name", "kind", "area", "countries", "units", "forbids", "frame", "pax", "imported")
_AREA = ("countries", "units", "partly", "polygon", "circles", "margin", "note")


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """One entry; what each field means is told in the README beside this file.

    `forbids` are event types, `terms` the words of the table for them. `imported` entries are the user's; their parties
    may be known only in words (`parties_text`).
    """

    id: str
    name: str
    kind: str
    area: Area
    aliases: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    guarantors: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    signed: str = ""
    in_effect: str = ""
    doubt_from: str = ""
    doubt: str = ""
    ended: str = ""
    how_ended: str = ""
    forbids: frozenset[str] = frozenset()
    terms: tuple[str, ...] = ()
    depends: str = ""
    within: str = ""
    frame: bool = False
    pax: int | None = None
    sources: tuple[str, ...] = ()
    note: str = ""
    imported: bool = False
    parties_text: str = ""

    @property
    def countries(self) -> tuple[str, ...]:
        return self.area.countries

    @property
    def began(self) -> str:
        """The day (or month) from which it held, without its hour."""
        return (self.in_effect or self.signed)[:10]


@dataclass(frozen=True, eq=False)
class Agreements:
    """All agreements by id, in order of their beginning; `untold` are the event types of which terms tell nothing."""

    by_id: Mapping[str, Agreement]
    untold: frozenset[str] = frozenset()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, own: Path | None = None) -> Agreements:
        """The shipped register and the user's own at `own` (default `user_path()`, if there is one).

        An entry of the user's with a shipped id stands in its place. Raises MahdarError for a table that cannot be
        understood, naming file, agreement and reason, and for an `own` that is not there.
        """
        if own is not None and not own.is_file():
            raise MahdarError(f"{own}: no such register of agreements")
        path = own or user_path()
        return _with_own(path, path.stat().st_mtime_ns) if path.is_file() else _shipped()

    @classmethod
    def shipped(cls) -> Agreements:
        """The shipped register alone, read on first use and kept."""
        return _shipped()

    def __iter__(self) -> Iterator[Agreement]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    @cached_property
    def by_country(self) -> Mapping[str, Sequence[Agreement]]:
        """Country (ISO code) → the agreements whose area lies in it."""
        out: dict[str, list[Agreement]] = {}
        for a in self:
            for country in a.countries:
                out.setdefault(country, []).append(a)
        return out

    def get(self, agreement_id: str) -> Agreement | None:
        return self.by_id.get(agreement_id)


def merged(register: Agreements, more: Iterator[Agreement]) -> Agreements:
    both = dict(register.by_id) | {a.id: a for a in more}
    ordered = sorted(both.values(), key=lambda a: (a.began, a.id))
    return Agreements({a.id: a for a in ordered}, register.untold, register.groups)


def user_path() -> Path:
    """Where the user's own agreements live: `MAHDAR_AGREEMENTS`, else the platform's data folder."""
    if named := os.environ.get("MAHDAR_AGREEMENTS"):
        return Path(named)
    return user_data() / "agreements.json"


def own_entries(path: Path, groups: Mapping[str, tuple[str, ...]]) -> Iterator[Agreement]:
    """The entries of a user's file. Raises MahdarError if it is none."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        rows = rows.items()
    except (OSError, ValueError, AttributeError) as error:
        raise MahdarError(f"{path}: not a register of agreements ({error})") from error
    for name, row in rows:
        yield checked(name, row, {}, groups, str(path))


@lru_cache(maxsize=2)
def _with_own(path: Path, _changed: int) -> Agreements:
    """The shipped register with the user's, read anew whenever that file has changed."""
    return merged(_shipped(), own_entries(path, _shipped().groups))


@cache
def _shipped() -> Agreements:
    tables = compiled()  # checked when it was compiled
    make = agreement if tables else checked
    tables = tables or parsed()
    terms = tables["terms"]
    groups = {name: tuple(codes) for name, codes in terms.items() if name != "untold"}
    areas = {name: area(row, f"areas.toml: {name}") for name, row in tables["areas"].items()}
    entries = (
        make(name, row, areas, groups, file) for file, rows in tables["register"].items() for name, row in rows.items()
    )
    return merged(Agreements({}, frozenset(terms["untold"]), groups), entries)


def tables() -> list[Path]:
    """The tables that people edit."""
    return [DATA / "areas.toml", DATA / "terms.toml", *sorted((DATA / "register").glob("*.toml"))]


def fingerprint() -> str:
    """SHA-256 over the tables' names and bytes."""
    whole = hashlib.sha256()
    for path in tables():
        whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def compiled() -> dict[str, Any] | None:
    """The tables as last compiled, or None where they have been edited since."""
    if not COMPILED.is_file():
        return None
    held: dict[str, Any] = json.loads(COMPILED.read_text(encoding="utf-8"))
    return held if held.get("fingerprint") == fingerprint() else None


def parsed() -> dict[str, Any]:
    """The tables as TOML tells them. Raises MahdarError, naming the file, where it is not TOML or an id stands twice."""
    held: dict[str, dict[str, Any]] = {}
    for path in tables():
        try:
            held[path.name] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise MahdarError(f"{path}: not a table ({error})") from error
    register = {name: rows for name, rows in held.items() if name not in ("areas.toml", "terms.toml")}
    seen: dict[str, str] = {}
    for name, rows in register.items():
        for agreement_id in rows:
            if agreement_id in seen:
                raise MahdarError(f"{name}: {agreement_id} stands in {seen[agreement_id]} already")
            seen[agreement_id] = name
    return {"areas": held["areas.toml"], "terms": held["terms.toml"], "register": register}


def checked(
    agreement_id: str,
    row: Mapping[str, Any],
    areas: Mapping[str, Area],
    groups: Mapping[str, tuple[str, ...]],
    file: str,
) -> Agreement:
    """One table as an Agreement. Raises MahdarError, naming file, agreement and reason, if it breaks a rule."""
    where = f"{file}: {agreement_id}"
    if unknown := row.keys() - {*_LISTS, *_TEXTS, *_OTHER}:
        raise MahdarError(f"{where}: unknown key {min(unknown)!r}")
    if not row.get("name"):
        raise MahdarError(f"{where}: no name")
    if row.get("kind") not in KINDS:
        raise MahdarError(f"{where}: kind is {row.get('kind')!r}, not one of {', '.join(KINDS)}")
    if not (row.get("signed") or row.get("in_effect")):
        raise MahdarError(f"{where}: neither signed nor in_effect")
    for key in ("signed", "in_effect", "doubt_from", "ended"):
        _check_day(row.get(key, ""), f"{where}: {key}")
    if row.get("area") and row["area"] not in areas:
        raise MahdarError(f"{where}: area {row['area']!r} is not in areas.toml")
    for term in row.get("forbids", ()):
        if term not in groups and term not in EVENT_TYPES:
            raise MahdarError(f"{where}: {term!r} is neither a group of terms.toml nor an event type")
    return agreement(agreement_id, row, areas, groups, file)


def agreement(
    agreement_id: str,
    row: Mapping[str, Any],
    areas: Mapping[str, Area],
    groups: Mapping[str, tuple[str, ...]],
    file: str,
) -> Agreement:
    """One table that keeps the rules as an Agreement."""
    terms = tuple(row.get("forbids", ()))
    fields: dict[str, Any] = {key: tuple(row[key]) for key in _LISTS if key in row}
    fields |= {key: row[key] for key in _TEXTS if key in row}
    return Agreement(
        id=agreement_id,
        name=row["name"],
        kind=row["kind"],
        area=areas[row["area"]] if row.get("area") else area(_part(row), f"{file}: {agreement_id}"),
        forbids=frozenset(code for term in terms for code in groups.get(term, (term,))),
        terms=terms,
        frame=row.get("frame", False),
        pax=row.get("pax"),
        imported=row.get("imported", False),
        **fields,
    )


def _part(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("countries", "units") if key in row}


def area(row: Mapping[str, Any], where: str) -> Area:
    """One table of areas.toml, or an agreement's own `countries` and `units`. Raises MahdarError for a bad shape."""
    if unknown := row.keys() - set(_AREA):
        raise MahdarError(f"{where}: unknown key {min(unknown)!r}")
    polygon = tuple((float(lon), float(lat)) for lon, lat in row.get("polygon", ()))
    if 0 < len(polygon) < 3:
        raise MahdarError(f"{where}: an outline needs three points or more")
    circles = tuple((float(lon), float(lat), float(km)) for lon, lat, km in row.get("circles", ()))
    for lon, lat in (*polygon, *((c[0], c[1]) for c in circles)):
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise MahdarError(f"{where}: {lon}, {lat} is not on the globe (longitude first)")
    return Area(
        tuple(row.get("countries", ())),
        units=dict(_code_and_name(unit) for unit in row.get("units", ())),
        partly=dict(_code_and_name(unit) for unit in row.get("partly", ())),
        polygon=polygon,
        circles=circles,
        margin=float(row.get("margin", MARGIN)),
        note=row.get("note", ""),
    )


def _code_and_name(unit: str) -> tuple[str, str]:
    code, _, name = unit.partition(" ")
    return code, name or code


def _check_day(day: str, where: str) -> None:
    if day and not (_DAY.fullmatch(day) and _is_day((day[:10] + "-01-01")[:10])):
        raise MahdarError(f"{where}: {day!r} is no ISO day, month or year (2020-03-06 or 2020-03-06T00:01)")


def _is_day(iso: str) -> bool:
    try:
        date.fromisoformat(iso)
    except ValueError:
        return False
    return True
