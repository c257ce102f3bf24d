"""Nouns that name no one in particular ("troops", "gunmen", "residents"), from `data/groups.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache, cached_property
from typing import Any, Literal

from mahdar.who.names import DATA, key

ActorClass = Literal["armed", "state", "civil", "source", "official", "object"]


@dataclass(frozen=True, slots=True)
class Group:
    """A family of head nouns: what it means (see the table's first lines), its class, and its by-rule entry if any."""

    name: str
    means: str
    cls: ActorClass
    entry: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Words:
    """The word lists of the table, each as spelling keys."""

    modifiers: frozenset[str]
    not_state: frozenset[str]
    links: frozenset[str]
    owners: frozenset[str]
    stops: frozenset[str]
    first_only: frozenset[str]
    never_inside: frozenset[str]
    titles: frozenset[str]
    saying: frozenset[str]
    armed_names: frozenset[str]
    source_names: frozenset[str]

    @cached_property
    def modifying(self) -> frozenset[str]:
        """What may stand before a head in its phrase."""
        return (self.modifiers | self.not_state) - self.never_inside


@cache
def heads() -> dict[str, Group]:
    """Spelling key of a head noun (one or more words) → its group; the first group of the table that lists it."""
    out: dict[str, Group] = {}
    for row in _table()["group"]:
        group = Group(row["name"], row["means"], row["class"], row.get("entry", ""), row.get("kind", ""))
        for head in row["heads"]:
            out.setdefault(key(head), group)
    return out


@cache
def words() -> Words:
    lists = _table()["words"]
    names = [f.name for f in fields(Words)]
    return Words(**{name: frozenset(part for w in lists[name] for part in key(w).split()) for name in names})


@cache
def sizes_by_first_word() -> dict[str, tuple[int, ...]]:
    """First word of a head → how many words the heads that begin so have, the longest first."""
    return sizes(heads())


def sizes(names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """First word of some keys → the word counts of the keys that begin so, the longest first."""
    out: dict[str, set[int]] = {}
    for name in names:
        words_of_name = name.split()
        out.setdefault(words_of_name[0], set()).add(len(words_of_name))
    return {first: tuple(sorted(counts, reverse=True)) for first, counts in out.items()}


@cache
def longest_head() -> int:
    """How many words the longest head has."""
    return max(len(head.split()) for head in heads())


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((DATA / "groups.toml").read_text(encoding="utf-8"))
