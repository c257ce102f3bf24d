"""Countries by name, adjective, people and capital, from `data/countries.csv`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from mahdar.who.names import DATA, key, rows

How = Literal["country", "adjective", "people", "capital"]


@dataclass(frozen=True, slots=True)
class Country:
    """A country: ISO 3166 two-letter code (XK for Kosovo) and the name the register uses."""

    iso: str
    name: str


@cache
def countries() -> dict[str, Country]:
    """ISO code → country."""
    return {row["iso2"]: Country(row["iso2"], row["name"]) for row in _rows()}


@cache
def country_words() -> dict[str, tuple[str, How]]:
    """Spelling key → ISO code and how it names the country.

    The first row of the table that claims a key has it, and a name wins over an adjective, an adjective over the
    people, the people over a capital.
    """
    out: dict[str, tuple[str, How]] = {}
    columns: list[tuple[str, How]] = [
        ("name", "country"),
        ("names", "country"),
        ("adjectives", "adjective"),
        ("people", "people"),
        ("capitals", "capital"),
    ]
    for column, how in columns:
        for row in _rows():
            for word in row[column].split(";"):
                if word:
                    out.setdefault(key(word), (row["iso2"], how))
    return out


@cache
def people_words() -> dict[str, str]:
    """Lower-cased plural of a people ("russians") → ISO code: the plural that a key folds away."""
    return {word.lower(): row["iso2"] for row in _rows() for word in row["people"].split(";") if word.endswith("s")}


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(rows(DATA / "countries.csv"))
