"""The word lists of `data/words.toml` and the nationalities of `data/countries.csv`, loaded once."""

from __future__ import annotations

import csv
import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

DATA = files("mahdar.where") / "data"


@cache
def words(group: str, name: str) -> frozenset[str]:
    """One list of words.toml, such as `words("parts", "compass")`."""
    return frozenset(_toml()[group][name])


@cache
def kind_words() -> dict[str, str]:
    """Kind word -> the kind of place it asks for ("governorate" -> "admin1")."""
    return {word: kind for kind, listed in _toml()["kinds"].items() for word in listed}


@cache
def _toml() -> dict[str, Any]:
    return tomllib.loads((DATA / "words.toml").read_text(encoding="utf8"))


@cache
def nationalities() -> dict[str, str]:
    """Adjective or name of a people, in lower case -> ISO alpha-2 ("syrians" -> "SY"). The first country listed keeps one
    shared by two; a Korean is taken for a South Korean."""
    out: dict[str, str] = {}
    for row in _countries():
        for adjective in row["adjectives"].split("|"):
            if adjective:
                out.setdefault(adjective.casefold(), row["country"])
    return out


@cache
def transliterating() -> frozenset[str]:
    """The countries whose place names reach English through another script or in many spellings (ISO alpha-2)."""
    return frozenset(row["country"] for row in _countries() if row["transliterated"])


def _countries() -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / "countries.csv").read_text(encoding="utf8").splitlines()))


@cache
def weights(name: str) -> dict[str, float]:
    """The trained weights in `data/NAME.json`, feature -> weight."""
    found: dict[str, float] = json.loads((DATA / f"{name}.json").read_text(encoding="utf8"))
    return found


@cache
def priors() -> dict[str, float]:
    """Strict key of a single word -> log odds that a use of it in news follows a preposition of place, with a capital."""
    lines = (DATA / "priors.tsv").read_text(encoding="utf8").splitlines()
    return {word: float(value) for word, value in (line.split("\t") for line in lines)}
