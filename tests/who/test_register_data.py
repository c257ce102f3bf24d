"""The register's tables hold together: what a domain expert may break while editing is caught here."""

from __future__ import annotations

import itertools
import re

import pytest

from mahdar.model import MahdarError
from mahdar.who.countries import countries, country_words
from mahdar.who.names import key, tokens
from mahdar.who.register import KINDS, RegisterActor, listed_actors, parse_affiliation, regime_actors, state_support

LISTED = list(listed_actors())
REGIMES = list(regime_actors())
ALL = [*LISTED, *REGIMES]
IDS = {actor.id for actor in ALL}
DATE = re.compile(r"(\d{4}(-\d\d(-\d\d)?)?)?")


def overlap(a: RegisterActor, b: RegisterActor) -> bool:
    def before(end: str, start: str) -> bool:
        return bool(end and start) and end < start[: len(end)] and end[: len(start)] < start

    return not before(a.end, b.start) and not before(b.end, a.start)


def test_at_least_five_hundred_actors_are_listed_by_hand() -> None:
    assert len(LISTED) >= 500
    armed = [a for a in LISTED if not a.is_source]
    assert len(armed) >= 400


def test_ids_are_unique_slugs() -> None:
    ids = [actor.id for actor in ALL]
    assert len(ids) == len(set(ids)), {i for i in ids if ids.count(i) > 1}
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i) for i in ids)


def test_kinds_and_countries_are_known() -> None:
    assert not {a.kind for a in ALL} - set(KINDS)
    assert not {iso for a in ALL for iso in a.countries} - set(countries())


@pytest.mark.parametrize("actor", ALL, ids=lambda a: a.id)
def test_dates_are_iso_and_in_order(actor: RegisterActor) -> None:
    for start, end in [(actor.start, actor.end), *((t.start, t.end) for t in actor.affiliations)]:
        assert DATE.fullmatch(start), start
        assert DATE.fullmatch(end), end
        assert not (start and end) or start <= end or start.startswith(end)


def test_affiliations_refer_to_an_actor_or_to_the_state_of_a_country() -> None:
    known = IDS | set(countries())
    ties = [(a.id, t.other) for a in ALL for t in a.affiliations]
    ties += [(iso, t.other) for iso, supports in state_support().items() for t in supports]
    assert not [tie for tie in ties if tie[1] not in known]
    assert not set(state_support()) - set(countries())


def test_nobody_is_part_of_himself() -> None:
    assert not [a.id for a in ALL for t in a.affiliations if t.other == a.id]


def test_no_alias_is_claimed_twice_in_one_country_and_time_unless_flagged() -> None:
    claims: dict[str, list[RegisterActor]] = {}
    for actor in ALL:
        for alias in {key(a) for a in (actor.name, *actor.aliases)} - actor.shared:
            claims.setdefault(alias, []).append(actor)
    clashes = [
        (alias, a.id, b.id)
        for alias, actors in claims.items()
        for a, b in itertools.combinations(actors, 2)
        if overlap(a, b) and (not a.countries or not b.countries or set(a.countries) & set(b.countries))
    ]
    assert not clashes


def test_no_alias_is_the_name_of_a_country_or_a_people() -> None:
    taken = {
        (actor.id, alias)
        for actor in LISTED
        for alias in actor.aliases
        if key(alias) in country_words() and key(alias) not in actor.shared
    }
    assert not taken


def test_a_key_is_its_tokens_keys() -> None:
    for alias in {alias for actor in ALL for alias in (actor.name, *actor.aliases, *actor.labels)}:
        words = [token.key for token in tokens(alias)]
        assert key(alias) == " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def test_names_are_neutral() -> None:
    loaded = re.compile(r"\b(regime\b|terrorist|thug|gang of|mercenar|puppet|enemy|rebel militia)", re.IGNORECASE)
    assert not [a.name for a in ALL if loaded.search(a.name)]


@pytest.mark.parametrize("words", ["friend_of:hts", "part_of:", "part_of:hts@2017", "hts@2017/2018"])
def test_a_malformed_affiliation_is_refused_with_its_place(words: str) -> None:
    with pytest.raises(MahdarError, match=r"syria\.csv: x"):
        parse_affiliation(words, "syria.csv: x")
