"""The shipped tables: whoever edits them learns here what they have to keep to."""

from __future__ import annotations

from datetime import date

import pytest

from mahdar.agreements import Agreements, register
from mahdar.agreements.parties import is_state
from mahdar.when import days
from mahdar.where import Gazetteer
from mahdar.who import Register
from mahdar.who.countries import countries

ALL = list(Agreements.shipped())
LOADED = ("regime", "terror", "rebel", "militant", "occup")


def test_there_are_more_than_sixty_between_2004_and_2025() -> None:
    assert sum("2004" <= a.began[:4] <= "2025" for a in ALL) >= 150


def test_the_compiled_copy_is_that_of_the_tables() -> None:
    """Run `python -m mahdar.agreements.build` after an edit."""
    assert register.compiled() is not None
    held = register.compiled()
    assert held is not None
    assert held["register"] == register.parsed()["register"]


def test_every_party_is_a_state_an_actor_of_the_register_or_a_plain_name() -> None:
    actors = Register.load()
    unknown = [
        (a.id, party)
        for a in ALL
        for party in (*a.parties, *a.guarantors, *a.mediators, *a.excluded)
        if (is_state(party) and party not in countries()) or (party[:1].islower() and not actors.get(party))
    ]
    assert unknown == []
    assert [a.id for a in ALL if not a.parties] == []


def test_dates_follow_each_other() -> None:
    def first(iso: str) -> date | None:
        return days(iso[:10] or None, None)[0]

    for a in ALL:
        begins, doubt, ends = first(a.in_effect), first(a.doubt_from), first(a.ended)
        assert begins is not None, a.id
        assert a.signed, a.id
        assert begins <= (doubt or begins) <= (ends or doubt or begins), a.id


def test_an_end_and_a_doubt_come_with_their_reason_and_an_entry_with_its_sources() -> None:
    for a in ALL:
        assert bool(a.ended) == bool(a.how_ended), a.id
        assert bool(a.doubt_from) == bool(a.doubt), a.id
        assert a.sources, a.id
        assert a.within == "" or Agreements.shipped().get(a.within), a.id
        assert a.countries, a.id
        assert all(c in countries() for c in a.countries), a.id


def test_names_take_no_side() -> None:
    assert [a.id for a in ALL if any(word in a.name.lower() for word in LOADED)] == []


def test_areas_of_the_gazetteer_are_there_and_bear_the_names_that_the_table_gives() -> None:
    """A wrong code would put an agreement into another province."""
    wrong = []
    with Gazetteer.open() as gazetteer:
        for a in ALL:
            for code, name in (a.area.units | a.area.partly).items():
                entry = gazetteer.get(code) if ":" in code else gazetteer.area(code)
                so_called = {c for e in gazetteer.find(name, code[:2]) for c in (e.code, e.admin1)}
                if entry is None or not (":" in code or name in (code, entry.name) or code in so_called):
                    wrong.append((a.id, code, name))
    assert wrong == []


@pytest.mark.parametrize(
    ("agreement_id", "signed", "in_effect"),
    [
        ("sy-astana-2017", "2017-05-04", "2017-05-06T00:00"),
        ("sy-sochi-2018", "2018-09-17", "2018-09-17"),
        ("sy-moscow-2020", "2020-03-05", "2020-03-06T00:01"),
        ("sy-cessation-2016", "2016-02-22", "2016-02-27T00:00"),
        ("ua-minsk-2015", "2015-02-12", "2015-02-15T00:00"),
    ],
)
def test_dates_that_much_hangs_on(agreement_id: str, signed: str, in_effect: str) -> None:
    found = Agreements.shipped().get(agreement_id)
    assert found is not None
    assert (found.signed, found.in_effect) == (signed, in_effect)
