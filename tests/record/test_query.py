"""A query: read from an address, written to one, and refused where it cannot be meant."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.codebook import EVENT_TYPES
from mahdar.model import MahdarError
from mahdar.record.decisions import Review
from mahdar.record.query import MOST, PARAMETERS, Box, Near, Query, Sort, Unit

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
SEVERAL = st.lists(WORDS, max_size=3).map(tuple)
DEGREES = st.floats(-90, 90)


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=3).map(tuple)


QUERIES = st.builds(
    Query,
    find=st.sampled_from(get_args(Unit)),
    text=st.lists(st.from_regex(r"\w{1,8}", fullmatch=True).filter(lambda w: w.strip("_")), max_size=3).map(" ".join),
    types=some(tuple(EVENT_TYPES)),
    actors=SEVERAL,
    targets=SEVERAL,
    sources=SEVERAL,
    outlets=SEVERAL,
    countries=SEVERAL,
    areas=SEVERAL,
    places=SEVERAL,
    box=st.none()
    | st.tuples(DEGREES, DEGREES, DEGREES, DEGREES).map(lambda d: Box(d[0], min(d[1:3]), d[3], max(d[1:3]))),
    near=st.none() | st.builds(Near, DEGREES, DEGREES, st.floats(0.001, 20_000)),
    since=st.none() | st.sampled_from(["2011", "2012-02", "2012-02-29"]),
    until=st.none() | st.sampled_from(["2012-02-29", "2012-03", "2019"]),
    precision=st.none() | st.integers(1, 4),
    statuses=some(("asserted", "denied", "intended", "uncertain")),
    scopes=some(("event", "total")),
    reviews=some(get_args(Review)),
    surer=st.none() | st.floats(0, 1),
    unsurer=st.none() | st.floats(0, 1),
    grades=SEVERAL,
    incidents=SEVERAL,
    reports=SEVERAL,
    sort=st.sampled_from(get_args(Sort)),
    limit=st.integers(1, MOST),
    offset=st.integers(0, 10**9),
)


@given(QUERIES)
def test_an_address_says_the_whole_query(query: Query) -> None:
    assert Query.from_url(query.to_url()) == query
    assert Query.from_params(query.to_params()) == query


@given(QUERIES)
def test_equal_queries_have_one_address(query: Query) -> None:
    turned = query.replace(offset=query.offset, types=tuple(reversed(query.types)) * 2)
    assert turned == query
    assert turned.to_url() == query.to_url()


def test_every_field_has_a_name_in_addresses() -> None:
    assert {p.field for p in PARAMETERS.values()} == set(Query.__dataclass_fields__)


def test_the_query_of_all_claims_has_an_empty_address() -> None:
    assert Query().to_url() == ""
    assert Query.from_url("") == Query()


def test_a_form_sends_its_empty_fields_too() -> None:
    assert Query.from_url("q=&type=&since=&box=&limit=") == Query()


def test_a_mapping_may_hold_lists() -> None:
    query = Query.from_params({"type": ["attack", "grenade"], "country": "sy", "limit": 10, "near": None})
    assert query == Query(types=("grenade", "attack"), countries=("SY",), limit=10)


def test_spaces_around_and_between_words_do_not_matter() -> None:
    assert Query(text="  barrel   bomb ", actors=(" HTS ", "")) == Query(text="barrel bomb", actors=("HTS",))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("colour=red", "colour: no such search parameter"),
        ("types=attack", "did you mean type?"),
        ("type=shelling_artillery", "type=shelling_artillery: did you mean shelling_artillery_missile?"),
        ("status=said", "status=said"),
        ("box=1,2,3", "box=1,2,3: not west,south,east,north in degrees"),
        ("box=10,40,20,30", "box=10,40,20,30: not west,south,east,north"),
        ("box=nan,1,2,3", "box=nan,1,2,3"),
        ("near=35,36,0", "near=35,36,0: not latitude,longitude,kilometres"),
        ("since=yesterday", "since=yesterday: not a day"),
        ("until=2019-02-30", "until=2019-02-30: not a day"),
        ("since=2020&until=2019", "begins after its end"),
        ("surer=2", "surer=2: not between 0 and 1"),
        ("surer=nan", "surer=nan: not between 0 and 1"),
        ("limit=0", "limit=0: not between 1 and"),
        ("limit=many", "limit=many: not how many"),
        ("limit=1&limit=2", "limit: given 2 times"),
        ("offset=-1", "offset=-1"),
        ("precision=5", "precision=5: not between 1 and 4"),
        ("actor=a%00b", "actor: holds characters that no text has"),
        ("q=drone+OR", "OR stands between two words"),
    ],
)
def test_what_cannot_be_meant_is_told_by_its_name(address: str, told: str) -> None:
    with pytest.raises(MahdarError) as refused:
        Query.from_url(address)
    assert told in str(refused.value)


@given(st.lists(st.tuples(st.sampled_from(list(PARAMETERS)) | WORDS, WORDS), max_size=4))
def test_anything_is_either_a_query_or_refused_in_one_sentence(pairs: list[tuple[str, str]]) -> None:
    try:
        query = Query.from_params(pairs)
    except MahdarError as refused:
        assert str(refused)
    else:
        assert Query.from_url(query.to_url()) == query


def test_a_facets_value_is_put_in_and_taken_out() -> None:
    query = Query(types=("attack",), offset=100)
    more = query.toggle("type", "grenade")
    assert more == Query(types=("attack", "grenade"))
    assert more.toggle("type", "attack") == Query(types=("grenade",))
    assert query.toggle("year", "2019") == Query(types=("attack",), since="2019", until="2019")
    assert query.toggle("year", "2019").toggle("year", "2019") == Query(types=("attack",))
    with pytest.raises(MahdarError):
        query.toggle("sort", "newest")


def test_another_filter_leads_back_to_the_first_page() -> None:
    assert Query(offset=50).replace(text="raid").offset == 0
    assert Query(limit=20).page(3).offset == 40


def test_filters_are_what_narrows() -> None:
    assert Query(text="raid", sort="oldest", limit=3, since="2019").filters == ("q", "since")


def test_days_run_from_the_first_of_the_first_to_the_last_of_the_last() -> None:
    assert Query(since="1970", until="1970-01").days() == (0, 30)
    assert Query().days() == (None, None)
