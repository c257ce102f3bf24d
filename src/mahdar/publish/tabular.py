"""Tables: columns as data (`columns/*.csv`), rows as CSV that no spreadsheet runs, and the data package that describes them.

A column list is a CSV with `name,type,description`, in the format's own order; HXL's has `tag` as well. The description
that travels with a table is a Frictionless data package (https://specs.frictionlessdata.io/data-package/); GeoJSON and
Parquet hold theirs inside.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mahdar.publish.redaction import Profile

COLUMNS = Path(__file__).with_name("columns")
BATCH = 500  # rows written at a time
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Piece = tuple[str, str | bytes]
"""A piece of an export: the part it belongs to ("" the file asked for, else one that stands beside it) and its content."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    description: str
    tag: str = ""

    def described(self) -> dict[str, str]:
        """As a field of a Frictionless table schema."""
        return {"name": self.name, "type": self.type, "description": self.description}


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an export: `part` is what its file is called beside the file asked for ("" for that file itself)."""

    part: str
    title: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def hashtags(self) -> dict[str, list[int]]:
        """In the dialect of a table with a row of hashtags: that this row is no data."""
        return {"commentRows": [2]} if any(column.tag for column in self.columns) else {}

    def heading(self) -> str:
        return rows_text([self.names])


@cache
def columns(name: str) -> tuple[Column, ...]:
    """The columns of `columns/NAME.csv`, in their order."""
    with (COLUMNS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Column(r["name"], r["type"], r["description"], r.get("tag") or "") for r in csv.DictReader(file))


def table(part: str, title: str, name: str) -> Table:
    return Table(part, title, columns(name))


_SUSPECT = frozenset((" ", *FORMULA))
"""What a text begins with that may have to be made neutral."""


def neutral(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection)."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value


def rows_text(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV (RFC 4180: quotes where needed, lines end in CRLF), every cell neutral."""
    out = io.StringIO()
    csv.writer(out).writerows(
        [neutral(cell) if isinstance(cell, str) and cell[:1] in _SUSPECT else cell for cell in row] for row in rows
    )
    return out.getvalue()


def joined(parts: Iterable[str | None], by: str = "; ") -> str:
    """Texts in one cell, each once, line ends and runs of spaces as one space."""
    return by.join(dict.fromkeys([" ".join(part.split()) for part in parts if part]))


def written(tables: Sequence[Table], rows: Iterable[tuple[str, Sequence[Any]]]) -> Iterator[Piece]:
    """The tables' headings, then rows in batches: `rows` are pairs of a part and its cells in the columns' order."""
    waiting: dict[str, list[Sequence[Any]]] = {t.part: [] for t in tables}
    for t in tables:
        yield t.part, t.heading()
    for part, row in rows:
        waiting[part].append(row)
        if len(waiting[part]) >= BATCH:
            yield part, rows_text(waiting[part])
            waiting[part].clear()
    for part, left in waiting.items():
        if left:
            yield part, rows_text(left)


def data_package(name: str, title: str, files: Sequence[tuple[str, Table]], profile: Profile) -> str:
    """The data package of an export: `files` are pairs of file name and table. Nothing of the clock or machine is in it."""
    return (
        json.dumps(
            {
                "profile": "tabular-data-package",
                "name": name,
                "title": title,
                "description": f"Written by mahdar. Profile {profile.name}. {profile.about}",
                "resources": [
                    {
                        "profile": "tabular-data-resource",
                        "name": t.part.replace(".", "-") or "rows",
                        "path": file,
                        "title": t.title,
                        "format": "csv",
                        "mediatype": "text/csv",
                        "encoding": "utf-8",
                        "dialect": {"header": True, "delimiter": ",", "lineTerminator": "\r\n"} | t.hashtags,
                        "schema": {
                            "fields": [column.described() for column in t.columns],
                            "missingValues": [""],
                        },
                    }
                    for file, t in files
                ],
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    )
