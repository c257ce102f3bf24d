"""The formats of an export by name: what each is, the file it makes, the tables that stand beside it.

A format is a module with `render(cases) -> pieces` over cleared cases, and `TABLES` if it is made of tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from mahdar.model import MahdarError
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece, Table

Render = Callable[[Iterable[Cleared]], Iterator[Piece]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `suffix` is what its file is called by where nobody names it."""

    name: str
    module: str
    suffix: str
    about: str

    @property
    def render(self) -> Render:
        return cast(Render, import_module(self.module).render)

    @property
    def tables(self) -> tuple[Table, ...]:
        return cast(tuple[Table, ...], getattr(import_module(self.module), "TABLES", ()))


FORMATS = {
    name: Format(name, f"mahdar.publish.{module}", suffix, about)
    for name, module, suffix, about in [
        ("acled", "acled", ".acled.csv", "ACLED's 31 columns, with the rules that fired and what was left out"),
        ("ucdp", "ucdp", ".ucdp.csv", "UCDP GED's 49 columns, with what was left out"),
        ("hxl", "hxl", ".hxl.csv", "a table with HXL hashtags"),
        ("geojson", "geojson", ".geojson", "points on a map, for GIS programs"),
        ("parquet", "parquet", ".parquet", "typed columns, for pandas, polars, DuckDB and Spark"),
        ("jsonl", "lines", ".jsonl", "everything, one incident a line, with W3C Web Annotations"),
        ("prov", "prov", ".prov.json", "where everything comes from, as W3C PROV"),
        ("ftm", "ftm", ".ftm.jsonl", "FollowTheMoney entities"),
        ("huridocs", "huridocs", ".huridocs.csv", "who did what to whom, in five tables"),
    ]
}


def format_named(name: str) -> Format:
    """The format of that name. Raises MahdarError for one that there is not."""
    try:
        return FORMATS[name]
    except KeyError:
        raise MahdarError(f"{name!r} is no format; there are {', '.join(FORMATS)}") from None
