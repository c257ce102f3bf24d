"""The actor register: who is who in the conflicts of 2004-2025, from the tables in `data/`.

`data/actors/*.csv` lists armed groups, missions, monitors and outlets one a row; `data/regimes.csv` lists who ruled
when, and each row stands for the Military Forces, Police Forces, Security Forces and Government of that country and
time (names as ACLED writes them). Civilians, protesters, journalists and their like are built by rule for a country.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

from mahdar.model import MahdarError
from mahdar.who.countries import countries
from mahdar.who.names import DATA, key, rows

if TYPE_CHECKING:
    from mahdar.who.resolve import Match, Role

KINDS = (
    *("State forces", "Rebel group", "Political militia", "Identity militia"),
    *("Rioters", "Protesters", "Civilians", "External/Other forces"),
    *("source:agency", "source:monitor", "source:official", "source:ngo", "source:outlet", "source:witness"),
)
RELATIONS = ("part_of", "supports", "governs")
ORGANS = {
    "government": "Government of {}",
    "military": "Military Forces of {}",
    "police": "Police Forces of {}",
    "security": "Security Forces of {}",
}
UNDATED = "2024-01-01"
"""The day that a wording without one is read as of: late enough for wars that go on, before Syria changed in 2024."""
Side = Literal["state", "state_ally", "non_state", "foreign"]


@dataclass(frozen=True, slots=True)
class Affiliation:
    """`relation` to an actor (its id) or to the state of a country (its ISO code) from one ISO date to another."""

    relation: str
    other: str
    start: str = ""
    end: str = ""

    def holds(self, day: str | None) -> bool:
        return within(day, self.start, self.end)


@dataclass(frozen=True, slots=True)
class RegisterActor:
    """One entry. `aliases` name it anywhere; `labels` are what sources call it, and count only in its own countries.

    `start` and `end` are ISO dates, months or years, empty where open. `shared` holds the spelling keys of aliases
    that the table marks with `?`: another actor bears them too, and only country and date tell which is meant.
    """

    id: str
    name: str
    kind: str
    countries: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    aliases: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    shared: frozenset[str] = frozenset()
    people: tuple[str, ...] = ()

    def active(self, day: str | None) -> bool:
        """Whether the entry's period holds `day` (True for no day)."""
        return within(day, self.start, self.end)

    @property
    def is_source(self) -> bool:
        return self.kind.startswith("source:")


def within(day: str | None, start: str, end: str) -> bool:
    """Whether an ISO day, month or year lies from `start` to `end`, each read at its own precision (empty: open)."""
    if not day:
        return True
    return (not start or day[: len(start)] >= start[: len(day)]) and (not end or day[: len(end)] <= end[: len(day)])


class Register:
    """All actors by id and by spelling key. Make one with `Register.load()`; it is read once per process."""

    def __init__(self, actors: Sequence[RegisterActor]) -> None:
        self._by_id = {actor.id: actor for actor in actors}

    @classmethod
    def load(cls) -> Register:
        """The register that ships with mahdar, read on first use (tens of milliseconds) and kept."""
        return _shipped()

    def __iter__(self) -> Iterator[RegisterActor]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, actor_id: str) -> RegisterActor | None:
        """The entry with this id, or None. Entries built by rule ("civilians-sy") are made on asking."""
        return self._by_id.get(actor_id)

    @cached_property
    def by_alias(self) -> dict[str, list[RegisterActor]]:
        """Spelling key → the entries it names anywhere (leaders name the government they lead)."""
        index: dict[str, list[RegisterActor]] = {}
        for actor in self:
            # "Military Forces of Syria (2000-2024)" is a register's wording: no report says so.
            own = () if actor.id.partition("-")[0] in ORGANS else (actor.name,)
            for alias in {key(a) for a in (*own, *actor.aliases, *actor.people)}:
                index.setdefault(alias, []).append(actor)
        return index

    @cached_property
    def by_label(self) -> dict[str, list[RegisterActor]]:
        """Spelling key → the entries that sources call so, each in its own countries."""
        index: dict[str, list[RegisterActor]] = {}
        for actor in self:
            for label in {key(a) for a in actor.labels}:
                index.setdefault(label, []).append(actor)
        return index

    @cached_property
    def acronyms(self) -> frozenset[str]:
        """Keys that count only where the text writes capitals: "IS", "SNA", "RSF", and also single words in titles."""
        return frozenset(
            key(alias)
            for actor in self
            for alias in actor.aliases
            if alias.isupper() and " " not in alias and len(alias) <= 6
        )

    def organ(self, country: str, organ: str, day: str | None) -> RegisterActor | None:
        """The `government`, `military`, `police` or `security` entry of a country (ISO code) on a day.

        A year or a month counts as its middle, no day as `UNDATED`. A country without a row in `regimes.csv` has one
        undated entry of each. None where the table says that there is no such organ.
        """
        regimes = self._regimes.get(country, [""])
        day = day + {4: "-07-01", 7: "-15"}.get(len(day), "") if day else UNDATED
        suffix = regimes[0]
        if len(regimes) > 1:
            fit = [r for r in regimes if self._by_id[f"government-{country.lower()}-{r}"].active(day)]
            # On the day of a change both fit: the one that was there acts, the new one is reported from the next day.
            # Between two regimes the last that had begun stands, before the first the first.
            suffix = (fit or [r for r in reversed(regimes) if r <= day[: len(r)]] or regimes)[0]
        actor_id = f"{organ}-{country.lower()}" + (f"-{suffix}" if suffix else "")
        if regimes != [""]:
            return self._by_id.get(actor_id)
        return RegisterActor(actor_id, ORGANS[organ].format(countries()[country].name), "State forces", (country,))

    @cached_property
    def _regimes(self) -> dict[str, list[str]]:
        out: dict[str, list[str]] = {}
        for actor in self:
            if actor.id.startswith("government-"):
                _, country, since = actor.id.split("-", 2)
                out.setdefault(country.upper(), []).append(since)
        return out

    def resolve(
        self,
        wording: str,
        *,
        country: str | None,
        day: str | None,
        focus: Sequence[str] = (),
        role: Role | None = None,
    ) -> Match | None:
        """What `wording` means where and when it was written, or None. See `mahdar.who.resolve.resolve`."""
        from mahdar.who.resolve import resolve

        return resolve(self, wording, country=country, day=day, focus=focus, role=role)

    def side(self, actor_id: str, country: str, day: str | None) -> Side | None:
        """Which side an actor stands on in a country on a day; None for civilians, sources and unknown ids.

        `state`: its own forces and whoever governs it. `state_ally`: acts there in support of the state. `foreign`:
        forces of another state, or of several, that do not. `non_state`: every other armed actor.
        """
        actor = self.get(actor_id)
        if actor is None or actor.is_source or actor.kind in ("Civilians", "Protesters", "Rioters"):
            return None
        relations = self._lineage(actor, day)
        own = actor.kind == "State forces" and country in actor.countries and len(actor.countries) == 1
        if own or ("governs", country) in relations:
            return "state"
        if ("supports", country) in relations:
            return "state_ally"
        home = actor.countries[0] if actor.kind == "State forces" and actor.countries else None
        if home and ("supports", country) in self._state_supports(home, day):
            return "state_ally"
        if actor.kind == "State forces" and own is False and actor.countries and country not in actor.countries[:1]:
            return "foreign"
        return "foreign" if actor.kind == "External/Other forces" else "non_state"

    def _lineage(self, actor: RegisterActor, day: str | None) -> set[tuple[str, str]]:
        """The actor's own relations on a day and those of the bodies it is part of."""
        out: set[tuple[str, str]] = set()
        todo, seen = [actor], set()
        while todo:
            one = todo.pop()
            if one.id in seen:
                continue
            seen.add(one.id)
            for affiliation in one.affiliations:
                if affiliation.holds(day):
                    out.add((affiliation.relation, affiliation.other))
                    parent = self.get(affiliation.other)
                    if parent and affiliation.relation == "part_of":
                        todo.append(parent)
        return out

    def _state_supports(self, iso: str, day: str | None) -> set[tuple[str, str]]:
        return {(a.relation, a.other) for a in state_support().get(iso, ()) if a.holds(day)}


@cache
def _shipped() -> Register:
    return Register([*regime_actors(), *listed_actors()])


def listed_actors() -> Iterator[RegisterActor]:
    """The rows of `data/actors/*.csv`.

    Raises MahdarError, naming file and row, for an unknown kind or a malformed affiliation.
    """
    for table in sorted((DATA / "actors").iterdir(), key=lambda path: path.name):
        if not table.name.endswith(".csv"):
            continue
        for row in rows(table):
            if row["kind"] not in KINDS:
                raise MahdarError(f"{table.name}: {row['id']}: unknown kind {row['kind']!r}")
            aliases = split(row["aliases"])
            yield RegisterActor(
                row["id"],
                row["name"],
                row["kind"],
                split(row["country"]),
                row["from"],
                row["to"],
                tuple(alias.lstrip("?") for alias in aliases),
                split(row["labels"]),
                tuple(parse_affiliation(a, f"{table.name}: {row['id']}") for a in split(row["affiliations"])),
                frozenset(key(alias) for alias in aliases if alias.startswith("?")),
            )


def regime_actors() -> Iterator[RegisterActor]:
    """Four entries for each row of `data/regimes.csv`: government, military, police, security forces."""
    seen: set[str] = set()
    for row in rows(DATA / "regimes.csv"):
        iso, start, end = row["country"], row["from"], row["to"]
        years = f" ({start[:4]}-{end[:4]})"
        suffix = f"{iso.lower()}-{start[:4]}"
        if suffix in seen:  # a second change in one year: the month tells them apart
            suffix = f"{iso.lower()}-{start[:7]}"
        seen.add(suffix)
        forces, government = split(row["forces_words"]), split(row["government_words"])
        for organ, name in ORGANS.items():
            if organ in split(row["without"]):  # the Palestinian Authority has no army
                continue
            # "junta" and "interim authorities" are labels, "Palestinian Authority" a name: capitals tell.
            called = government if organ == "government" else forces if organ == "military" else ()
            names = _names(called)
            yield RegisterActor(
                f"{organ}-{suffix}",
                name.format(countries()[iso].name) + years,
                "State forces",
                (iso,),
                start,
                end,
                names,
                tuple(word for word in called if word not in names),
                () if organ == "government" else (Affiliation("part_of", f"government-{suffix}", start, end),),
                people=split(row["leaders"]) if organ == "government" else (),
            )


@cache
def state_support() -> dict[str, tuple[Affiliation, ...]]:
    """ISO code of a state → the states and actors its forces support by force, with dates, from `data/support.csv`."""
    out: dict[str, tuple[Affiliation, ...]] = {}
    for row in rows(DATA / "support.csv"):
        tie = Affiliation("supports", row["supported"], row["from"], row["to"])
        out[row["state"]] = (*out.get(row["state"], ()), tie)
    return out


def parse_affiliation(words: str, where: str) -> Affiliation:
    """`part_of:hts@2017-01/2025-01` as an Affiliation; either date may be missing."""
    relation, _, rest = words.partition(":")
    other, at, period = rest.partition("@")
    start, slash, end = period.partition("/")
    if relation not in RELATIONS or not other or (at and not slash):
        raise MahdarError(f"{where}: not an affiliation: {words!r} (want relation:actor@from/to)")
    return Affiliation(relation, other, start, end)


def split(cell: str) -> tuple[str, ...]:
    """A `;`-separated cell as its parts, empty ones left out."""
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _names(words: Sequence[str]) -> tuple[str, ...]:
    """The words that are proper names: every long word capitalised."""
    return tuple(w for w in words if all(part[:1].isupper() for part in w.split() if len(part) > 3) and w[0].isupper())
