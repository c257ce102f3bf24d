"""A user's own agreements: `import_file(path)` takes a table of the PA-X database into the user's register.

PA-X (Peace Agreements Database, University of Edinburgh, https://www.peaceagreements.org) comes as CSV, one agreement a
row. Its releases name and order columns differently; what is read is found by name: `AgtId`, `Agt`, `Dat`, `Con`, and
where they are there `Stage`, `Part`, `ThrdPart`, `Ce`, `CeProv`. Importing again adds to what is there and replaces what
has the same number. An agreement that the shipped register has already stays as shipped: it is known by its
PA-X number, or by its day and country and a name of the shipped entry in its title.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mahdar.agreements.register import Agreements, own_entries, user_path
from mahdar.model import MahdarError
from mahdar.who import Register
from mahdar.who.countries import country_words
from mahdar.who.names import key

REQUIRED = ("AgtId", "Agt", "Dat", "Con")
_DATES = ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y")
# PA-X's stages: ceasefires and related; comprehensive and partial agreements on substance. The rest is process.
_KINDS = {"Cea": "ceasefire", "SubComp": "peace", "SubPar": "peace", "Sub": "peace"}
_LONGEST = 200  # characters of a name; PA-X's titles can be whole sentences
_NONE = ("", "na", "n/a")


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows were taken, left to the shipped register, and left out because they are dated before `since`."""

    taken: int
    shipped: int
    older: int


def import_file(path: Path, into: Path | None = None, *, since: str = "2004-01-01") -> Imported:
    """Take the agreements of a PA-X table signed from `since` (ISO day) on into the user's register at `into`.

    `into` is `user_path()` unless told. Raises MahdarError, naming file and row, if the table cannot be understood; the
    user's register is then as it was.
    """
    target = into or user_path()
    shipped = Agreements.shipped()
    theirs = {a.pax for a in shipped if a.pax is not None}
    fresh: dict[str, dict[str, Any]] = {}
    left = older = 0
    for number, row in _rows(path):
        day = _day(row["Dat"], f"{path}: row {number}")
        if day < since:
            older += 1
        elif int(row["AgtId"]) in theirs or _is_shipped(row, day, shipped):
            left += 1
        else:
            fresh[f"pax-{row['AgtId']}"] = _entry(row, day)
    if not (fresh or left or older):
        raise MahdarError(f"{path}: no agreements in it")
    held = _held(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".new")
    draft.write_text(json.dumps({**held, **fresh}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(target)
    return Imported(len(fresh), left, older)


def _is_shipped(row: Mapping[str, str], day: str, shipped: Agreements) -> bool:
    title = row["Agt"].lower()
    return any(
        a.signed == day and any(name.lower() in title for name in (*a.aliases, *a.seats, *a.about))
        for country in _countries(row["Con"])
        for a in shipped.by_country.get(country, ())
    )


def _held(target: Path) -> dict[str, Any]:
    """The user's register as it is. Raises MahdarError if it is none, rather than write over it."""
    if not target.is_file():
        return {}
    for _ in own_entries(target, Agreements.shipped().groups):
        pass
    held: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return held


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows that have a number, counted from the one under the header."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = [name for name in REQUIRED if name not in (table.fieldnames or ())]
            if missing:
                raise MahdarError(f"{path}: not a PA-X table (no column {missing[0]})")
            for number, row in enumerate(table, 1):
                if not (row["AgtId"] or "").strip().isdigit():
                    raise MahdarError(f"{path}: row {number}: {row['AgtId']!r} is no agreement number")
                yield number, {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MahdarError(f"{path}: cannot be read ({error})") from error


def _day(written: str, where: str) -> str:
    for form in _DATES:
        try:
            return datetime.strptime(written, form).date().isoformat()
        except ValueError:
            continue
    raise MahdarError(f"{where}: {written!r} is no date (want 31/12/2015 or 2015-12-31)")


def _entry(row: Mapping[str, str], day: str) -> dict[str, Any]:
    """One row as a table of the register. When it took effect is not told: its signature stands for it, and says so."""
    name = re.sub(r"\s+", " ", row["Agt"])
    countries = _countries(row["Con"])
    parties = row.get("Part", "")
    ceasefire = row.get("Ce", "").isdigit() and int(row["Ce"]) > 0
    entry: dict[str, Any] = {
        "name": name if len(name) <= _LONGEST else f"{name[:_LONGEST].rsplit(' ', 1)[0]} …",
        "kind": _KINDS.get(row.get("Stage", ""), "arrangement"),
        "countries": countries,
        "parties": _parties(parties, countries, day),
        "signed": day,
        "doubt_from": day,
        "doubt": "the imported entry tells only its signature, not when it took effect or whether it still held",
        "forbids": ["hostilities"] if ceasefire else [],
        "pax": int(row["AgtId"]),
        "sources": [f"PA-X {row['AgtId']}"],
        "imported": True,
    }
    if parties.lower() not in _NONE:
        entry["parties_text"] = re.sub(r"\s+", " ", parties)
    return entry


def _countries(conflict: str) -> list[str]:
    """ISO codes of the countries in PA-X's name of a conflict ("Sudan/Darfur", "(East Timor)")."""
    named = (country_words().get(key(part.strip("() "))) for part in conflict.split("/"))
    return list(dict.fromkeys(found[0] for found in named if found and found[1] == "country"))


def _parties(words: str, countries: list[str], day: str) -> list[str]:
    """The parties that the words name beyond doubt: the state, and armed actors of the register in these countries."""
    found = []
    if re.search(r"\b(?:government|gouvernement|gobierno|president|prime minister|minister)\b", words, re.I):
        found += countries[:1]
    for actor in Register.load():
        if actor.is_source or actor.kind == "State forces" or not set(actor.countries) & set(countries):
            continue
        if actor.active(day) and any(_stands(name, words) for name in (actor.name, *actor.aliases)):
            found.append(actor.id)
    return found


def _stands(name: str, words: str) -> bool:
    """Whether a name stands in the words as it is written; short ones only as acronyms."""
    return (len(name) > 4 or name.isupper()) and re.search(rf"(?<!\w){re.escape(name)}(?![\w-])", words) is not None


__all__ = ["Imported", "import_file"]
