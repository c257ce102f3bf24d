"""Search: every answer as reading claim after claim would give it, on both engines, for any filters together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from mahdar.intake import Document
from mahdar.model import Actor, Claim, Grade, Incident, Place, Reading, Report
from mahdar.record import Record
from mahdar.record import search as searching
from mahdar.record.index import follow
from mahdar.record.query import Box, Near, Query, Sort
from mahdar.record.search import FACETS, FoundClaim, everything, search
from mahdar.record.stored import StoredReport
from mahdar.record.words import split
from mahdar.when.days import day_of
from tests.record.invented import ACTORS, OUTLETS, PLACES, TYPES, WORDS, documents

REPORTS = 60


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """A record of invented reports, on either engine, some claims linked to graded incidents."""
    where = str(tmp_path_factory.mktemp("filled") / "record")
    if request.param == "postgresql":
        where = request.getfixturevalue("postgres").fresh()
    with Record.create(where) as record:
        record.store(documents(REPORTS))
        claims = [stored.claim for stored in record.claims()]
        record.put_incidents([incident(f"i-{at}", claims[at : at + 3]) for at in range(0, len(claims) // 2, 3)])
        yield record


def incident(id: str, claims: list[Claim]) -> Incident:
    first = claims[0]
    return Incident(
        id,
        first.type,
        first.status,
        tuple(c.id for c in claims),
        tuple(dict.fromkeys(c.report for c in claims)),
        actors=first.actors,
        targets=first.targets,
        places=first.places,
        time=first.time,
        grades=(Grade("two-origins", "corroborated" if len({c.report for c in claims}) > 1 else "single"),),
    )


@cache
def everyone(record: Record) -> list[tuple[FoundClaim, Report, str | None]]:
    """Every claim with its report and its incident's grade."""
    reports = {stored.report.id: stored.report for stored in record.reports()}
    grades = {found.incident.id: found.incident.grades[0].grade for found in record.incidents()}
    claims = [found for found in everything(record, Query()) if isinstance(found, FoundClaim)]
    return [(found, reports[found.stored.claim.report], grades.get(found.stored.incident or "")) for found in claims]


# What the query means, claim by claim


def earliest_and_latest(claim: Claim, report: Report) -> tuple[int, int] | None:
    start, end = claim.time.start, claim.time.end
    if start is None and end is None:
        return None
    last = day_of(end, last=True).toordinal() if end else None
    first = day_of(start).toordinal() if start else None
    if last is None:
        assert first is not None
        return first, max(first, day_of(report.published).toordinal()) if report.published else 10**7
    if first is None:
        reach = {1: 0, 2: 6, 3: 30}.get(claim.time.precision or 9)
        first = 0 if reach is None else last - reach
    return first, last


def said(actors: tuple[Actor, ...], value: str, whole: frozenset[str] = frozenset()) -> bool:
    """By id or by words; `whole`: wordings that stand for themselves, as facets count sources nobody knows."""
    if any(value == actor.actor_id for actor in actors):
        return True
    if value in whole:
        return any(value == " ".join(a.words.text.casefold().split()) for a in actors if not a.actor_id)
    wanted = split(value)
    for actor in actors:
        held = split(f"{actor.words.text} | {actor.name or ''}")
        if any(held[at : at + len(wanted)] == wanted for at in range(len(held))):
            return True
    return False


def in_box(box: Box, place: Place) -> bool:
    if place.lat is None or place.lon is None:
        return False
    across = box.west <= place.lon <= box.east if box.west <= box.east else not box.east < place.lon < box.west
    return across and box.south <= place.lat <= box.north


def km(near: Near, place: Place) -> float:
    if place.lat is None or place.lon is None:
        return 10**6
    half = sin(radians(place.lat - near.lat) / 2) ** 2
    half += cos(radians(near.lat)) * cos(radians(place.lat)) * sin(radians(place.lon - near.lon) / 2) ** 2
    return 12742 * asin(sqrt(half))


def meets(found: FoundClaim, report: Report, grade: str | None, query: Query) -> dict[str, bool]:
    """Filter by filter, by the facet it belongs to, whether a claim meets it."""
    claim = found.stored.claim
    texts = [w.text for w in claim.evidence]
    texts += [f"{who.words.text} {who.name or ''}" for who in (*claim.actors, *claim.targets, *claim.sources)]
    texts += [f"{place.words.text} {place.name or ''}" for place in claim.places]
    held = set(split(" ".join(texts)))
    span = earliest_and_latest(claim, report)
    since = day_of(query.since).toordinal() if query.since else None
    until = day_of(query.until, last=True).toordinal() if query.until else None
    areas = {area for p in claim.places for area in (p.admin1, p.admin2)}
    tests: dict[str, tuple[Any, Callable[[], bool]]] = {
        "q": (query.text, lambda: held >= set(split(query.text))),
        "type": (query.types, lambda: claim.type in query.types),
        "status": (query.statuses, lambda: claim.status in query.statuses),
        "scope": (query.scopes, lambda: claim.scope in query.scopes),
        "review": (query.reviews, lambda: found.stored.review in query.reviews),
        "grade": (query.grades, lambda: grade in query.grades),
        "outlet": (query.outlets, lambda: report.outlet in query.outlets),
        "actor": (query.actors, lambda: any(said(claim.actors, value) for value in query.actors)),
        "target": (query.targets, lambda: any(said(claim.targets, value) for value in query.targets)),
        "source": (
            query.sources,
            lambda: any(said(claim.sources, value, frozenset(("gunmen",))) for value in query.sources),
        ),
        "country": (query.countries, lambda: any(p.country in query.countries for p in claim.places)),
        "area": (query.areas, lambda: bool(areas & set(query.areas))),
        "place": (
            query.places,
            lambda: any(
                value == p.gazetteer_id or said((Actor(p.words, p.gazetteer_id, p.name),), value)
                for p in claim.places
                for value in query.places
            ),
        ),
        "box": (query.box, lambda: any(in_box(query.box, p) for p in claim.places if query.box)),
        "near": (query.near, lambda: any(km(query.near, p) <= query.near.km for p in claim.places if query.near)),
        "day": (
            query.since or query.until,
            lambda: span is not None and (since is None or span[1] >= since) and (until is None or span[0] <= until),
        ),
        "precision": (query.precision, lambda: (claim.time.precision or 9) <= (query.precision or 9)),
        "surer": (query.surer is not None, lambda: claim.confidence >= (query.surer or 0)),
        "unsurer": (query.unsurer is not None, lambda: claim.confidence <= (query.unsurer or 0)),
        "incident": (query.incidents, lambda: (found.stored.incident or "none") in query.incidents),
    }
    return {name: test() for name, (asked, test) in tests.items() if asked}


def values(found: FoundClaim, report: Report, grade: str | None, facet: str) -> set[str | None]:
    claim = found.stored.claim
    day = claim.time.end or claim.time.start
    whole = day_of(day, last=True).isoformat() if day else None
    options: dict[str, set[str | None]] = {
        "type": {claim.type},
        "status": {claim.status},
        "scope": {claim.scope},
        "review": {found.stored.review},
        "grade": {grade},
        "outlet": {report.outlet},
        "country": {p.country for p in claim.places},
        "area": {p.admin1 for p in claim.places},
        "place": {p.gazetteer_id for p in claim.places},
        "actor": {a.actor_id for a in claim.actors},
        "target": {a.actor_id for a in claim.targets},
        "source": {a.actor_id or " ".join(a.words.text.casefold().split()) for a in claim.sources},
        "year": {whole[:4] if whole else None},
        "month": {whole[:7] if whole else None},
    }
    return options[facet] - {None}


def several(options: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.just(()) | st.just(()) | st.lists(st.sampled_from(options), min_size=1, max_size=2).map(tuple)


WHO = several(("x-north", "x-dawn", "gunmen", "Dawn Brigade", "northern", "nobody"))
QUERIES = st.builds(
    Query,
    text=st.just("") | st.lists(st.sampled_from([*WORDS, "orsk"]), max_size=2).map(" ".join),
    types=several(TYPES),
    actors=WHO,
    targets=WHO,
    sources=WHO,
    outlets=several(tuple(o for o in OUTLETS if o)),
    countries=several(("XA", "XB")),
    areas=several(("XA.01", "XA.02", "XA.01.7", "XZ.09")),
    places=several(("t:1", "Far Atoll", "ford", "nowhere")),
    box=st.none() | st.sampled_from([Box(20, 10, 21, 11), Box(20.25, 10.5, 20.25, 10.5), Box(179, -6, -179, 0)]),
    near=st.none() | st.sampled_from([Near(10.5, 20.25, 1), Near(10.5, 20.25, 40), Near(-5, 180, 70)]),
    since=st.none() | st.sampled_from(["2018-12", "2019-03-04", "2019-05-15"]),
    until=st.none() | st.sampled_from(["2019-05-15", "2019", "2020-02-01"]),
    precision=st.none() | st.integers(1, 4),
    statuses=several(("asserted", "denied")),
    scopes=several(("event", "total")),
    reviews=several(("suggested", "accepted")),
    surer=st.none() | st.sampled_from([0.25, 0.7, 0.9]),
    unsurer=st.none() | st.sampled_from([0.5, 0.7]),
    grades=several(("corroborated", "single")),
    incidents=several(("none", "i-0", "i-3")),
    sort=st.sampled_from([s for s in get_args(Sort) if s != "relevance"]),
)


# Each example puts a hundred claims to the test: what fails is told as found, for shrinking it would take minutes.
@settings(max_examples=60, phases=(Phase.generate,))
@given(query=QUERIES)
def test_all_and_only_what_meets_every_filter_is_found_and_counted(filled: Record, query: Query) -> None:
    judged = [(*known, meets(*known, query)) for known in everyone(filled)]
    page = search(filled, query.replace(limit=1000))
    wanted = {found.stored.claim.id for found, _, _, met in judged if all(met.values())}
    assert {row.stored.claim.id for row in page.rows if isinstance(row, FoundClaim)} == wanted
    assert page.total == len(page.rows) == len(wanted)
    for name, facet in page.facets.items():
        own = "day" if name in ("year", "month") else name
        counted: Counter[str | None] = Counter()
        for found, report, grade, met in judged:
            if all(ok for other, ok in met.items() if other != own):
                counted.update(values(found, report, grade, name))
        assert {c.value: c.count for c in facet.counts} == dict(counted), name
        assert facet.distinct == len(counted)


ORDER: dict[str, Callable[[FoundClaim], Any]] = {
    "newest": lambda f: day_or_none(f, -1),
    "oldest": lambda f: -day_or_none(f, 10**7),
    "published": lambda f: f.report.published or "",
    "added": lambda f: 0,
    "surest": lambda f: f.stored.claim.confidence,
    "doubtful": lambda f: -f.stored.claim.confidence,
}


def day_or_none(found: FoundClaim, none: int) -> int:
    day = found.stored.claim.time.end or found.stored.claim.time.start
    return day_of(day, last=True).toordinal() if day else none


@pytest.mark.parametrize("sort", ORDER)
def test_pages_follow_each_other_in_one_order_with_nothing_twice(filled: Record, sort: Sort) -> None:
    whole = [row for row in everything(filled, Query(sort=sort)) if isinstance(row, FoundClaim)]
    assert whole == sorted(whole, key=lambda f: (ORDER[sort](f), f.stored.n), reverse=True)
    paged: list[Any] = []
    for number in range(1, 100):
        page = search(filled, Query(sort=sort, limit=7).page(number), facets=())
        assert page.total == len(whole)
        paged += page.rows
        if len(page.rows) < 7:
            break
    assert paged == whole


def test_relevance_puts_first_who_says_it_most(record: Record) -> None:
    (document, reading), *_ = (made for made in documents(9) if len(made[1].claims) > 1)
    record.store([(document, reading)])
    claim = next(iter(record.claims())).claim
    # The person's claim has the word again and again.
    text = document.report.text
    at = text.index("struck")
    again = replace(
        claim, id="f" * 16, evidence=tuple([replace(claim.trigger, span=type(claim.trigger.span)(at, at + 6))] * 9)
    )
    record.decide("add", "claim", again.id, who="a coder", expected=0, after=again)
    page = search(record, Query(text="struck", sort="relevance"))
    assert page.total == len(reading.claims) + 1
    assert isinstance(page.rows[0], FoundClaim)
    assert page.rows[0].stored.claim.id == again.id


def test_a_search_sees_what_was_added_decided_and_linked_since(record: Record) -> None:
    made = documents(12)
    assert search(record, Query()).total == 0
    record.store(made[:6])
    assert search(record, Query()).total == sum(len(reading.claims) for _, reading in made[:6])
    record.store(made[6:])
    claims = [stored.claim for stored in record.claims()]
    page = search(record, Query())
    assert page.total == len(claims) == sum(c.count for c in page.facets["type"].counts)

    record.decide("accept", "claim", claims[3].id, who="a coder", expected=0)
    page = search(record, Query(reviews=("accepted",)))
    assert [row.stored.claim.id for row in page.rows if isinstance(row, FoundClaim)] == [claims[3].id]
    assert {c.value: c.count for c in page.facets["review"].counts} == {"suggested": len(claims) - 1, "accepted": 1}

    changed = replace(claims[3], type="displacement" if claims[3].type != "displacement" else "armed_clash", places=())
    record.decide("edit", "claim", claims[3].id, who="a coder", expected=1, after=changed)
    assert search(record, Query(types=(changed.type,), reviews=("edited",))).total == 1

    record.put_incidents([incident("i-1", claims[:2]), incident("i-2", claims[2:4])])
    assert search(record, Query(incidents=("i-1",))).total == 2
    assert search(record, Query(find="incidents")).total == 2
    record.put_incidents([incident("i-3", claims[:3])], gone=["i-1", "i-2"])
    assert search(record, Query(incidents=("none",))).total == len(claims) - 3
    assert search(record, Query(find="incidents")).total == 1
    assert search(record, Query(incidents=("i-3",))).total == 3


class _Forgetful:
    """A reader that finds only the first of the claims that were in each report before."""

    version = "forgetful"

    def __init__(self, made: list[tuple[Document, Reading]]) -> None:
        self._claims = {reading.report.id: reading.claims[:1] for _, reading in made}

    def read(self, report: Report) -> Reading:
        return Reading(report, self._claims[report.id], (), self.version)


def test_the_columns_after_many_changes_are_those_made_from_scratch(
    blank: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, where = documents(20), blank()
    with Record.open(where) as record:
        record.store(made[:3])
        search(record, Query())
        list(record.reread(_Forgetful(made)))  # the last claims go, and their numbers with them
        for batch in (made[3:11], made[11:]):
            record.store(batch)
            search(record, Query())
        claims = [stored.claim for stored in record.claims()]
        for claim in claims[::5]:
            record.decide("reject", "claim", claim.id, who="a coder", expected=0, why="not an event")
            search(record, Query())
        record.put_incidents([incident("i-1", claims[:4])])
        kept = search(record, Query(limit=1000))
    monkeypatch.setattr("mahdar.record.index.Columns.load", nothing_saved)
    with Record.open(where) as again:
        made_anew = search(again, Query(limit=1000))
    assert made_anew.rows == kept.rows
    assert {name: set(f.counts) for name, f in made_anew.facets.items()} == {
        name: set(f.counts) for name, f in kept.facets.items()
    }


def nothing_saved(path: Path, _: object) -> None:
    raise FileNotFoundError(path)


def test_after_an_import_only_what_came_is_read(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mahdar.record.index.MANY", 5)
    made = documents(40)
    counts = []
    for batch in (made[:30], made[30:]):
        added = sum(one.claims for one in record.store(batch))
        told: list[tuple[int, int]] = []
        follow(record, lambda done, total, told=told: told.append((done, total)))  # type: ignore[misc]
        counts.append((told, [(added, added)]))
    assert all(told == expected for told, expected in counts)
    assert search(record, Query(limit=1)).total == len(list(record.claims()))


def test_saved_columns_are_used_only_with_the_log_they_were_made_of(tmp_path: Path) -> None:
    made = documents(12)
    for name, batch in (("one", made[:6]), ("two", made[6:])):
        with Record.create(tmp_path / name) as record:
            record.store(batch)
            search(record, Query())
    saved = sorted(file.name for file in (tmp_path / "one" / "cache").iterdir())
    assert saved == ["claims.columns", "incidents.columns", "reports.columns"]
    for file in saved:  # another record's, then none at all, then half of one
        (tmp_path / "one" / "cache" / file).write_bytes((tmp_path / "two" / "cache" / file).read_bytes())
    claims = sum(len(reading.claims) for _, reading in made[:6])
    with Record.open(tmp_path / "one") as record:
        assert search(record, Query()).total == claims
    whole = (tmp_path / "one" / "cache" / saved[0]).read_bytes()
    for broken in (b"", b"mahdar", whole[: len(whole) // 2]):
        (tmp_path / "one" / "cache" / saved[0]).write_bytes(broken)
        with Record.open(tmp_path / "one") as record:
            assert search(record, Query()).total == claims


def test_incidents_answer_for_themselves_and_through_their_claims(filled: Record) -> None:
    incidents = {found.incident.id: found for found in filled.incidents()}
    claims = {stored.claim.id: stored.claim for stored in filled.claims()}
    outlets = {stored.report.id: stored.report.outlet for stored in filled.reports()}
    query = Query(find="incidents", types=("armed_clash",), outlets=("Vell Courier",), limit=1000)
    wanted = {
        id
        for id, found in incidents.items()
        if found.incident.type == "armed_clash"
        and any(outlets[claims[c].report] == "Vell Courier" for c in found.incident.claims)
    }
    page = search(filled, query)
    assert {
        row.incident.id for row in page.rows if not isinstance(row, FoundClaim) and hasattr(row, "incident")
    } == wanted
    assert wanted
    assert page.facets.keys() == set(FACETS["incidents"])


def report_ids(page: searching.Page) -> set[str]:
    return {row.report.id for row in page.rows if isinstance(row, StoredReport)}


def test_reports_are_found_by_their_text_and_through_their_claims(filled: Record) -> None:
    reports = list(filled.reports())
    drone = {r.report.id for r in reports if "drone" in split(r.report.text)}
    page = search(filled, Query(find="reports", text="drone", limit=1000))
    assert report_ids(page) == drone
    assert {c.value for c in page.facets["outlet"].counts} == {
        r.report.outlet for r in reports if r.report.id in drone
    } - {None}
    displaced = {stored.claim.report for stored in filled.claims() if stored.claim.type == "displacement"}
    both = search(filled, Query(find="reports", text="drone", types=("displacement",), limit=1000))
    assert report_ids(both) == drone & displaced
    assert search(filled, Query(find="reports", since="2020", limit=1000)).total == sum(
        r.report.published == "2020-02-03" for r in reports
    )


def test_phrases_alternatives_and_exclusions(filled: Record) -> None:
    texts = {s.claim.id: " ".join(split(s.claim.evidence[0].text)) for s in filled.claims()}

    def ids(typed: str) -> set[str]:
        rows = search(filled, Query(text=typed, limit=1000)).rows
        return {row.stored.claim.id for row in rows if isinstance(row, FoundClaim)}

    assert ids('"orsk ford"') == {id for id, text in texts.items() if "orsk ford" in text or "the ford" in text}
    assert ids("bridge OR flour") == {id for id, text in texts.items() if {"bridge", "flour"} & set(text.split())}
    assert ids("-bridge") == ids("struck -bridge") == {id for id, text in texts.items() if "bridge" not in text.split()}
    assert ids("mark*") == {id for id, text in texts.items() if "market" in text.split()}
    assert ids("BRÍDGE") == ids("bridge") != set()


def test_an_actor_is_found_by_an_alias_of_the_register(record: Record) -> None:
    (document, reading), *_ = (made for made in documents(9) if made[1].claims and made[1].claims[0].actors)
    claim = reading.claims[0]
    known = replace(claim.actors[0], actor_id="hayat-tahrir-al-sham", name="Hayat Tahrir al-Sham")
    from mahdar.who import Register

    match = Register.load().resolve("HTS", country="SY", day="2019")
    assert match is not None
    known = replace(known, actor_id=match.actor.id, name=match.actor.name)
    claim = replace(claim, actors=(known,))
    record.store([(document, replace(reading, claims=(claim,)))])
    assert search(record, Query(actors=("HTS",))).total == 1
    assert search(record, Query(actors=(match.actor.id,))).total == 1
    assert search(record, Query(targets=("HTS",))).total == 0
    facet = search(record, Query()).facets["actor"]
    assert [(c.value, c.label) for c in facet.counts] == [(match.actor.id, match.actor.name)]


def test_an_area_is_found_by_its_name_and_the_answer_says_which_was_taken(record: Record) -> None:
    (document, reading), *_ = (made for made in documents(9) if made[1].claims and made[1].claims[0].places)
    claim = reading.claims[0]
    place = replace(claim.places[0], country="SY", admin1="SY.12")
    record.store([(document, replace(reading, claims=(replace(claim, places=(place,)),)))])
    page = search(record, Query(areas=("Idlib",)))
    assert page.total == 1
    assert page.notes == ("area Idlib: taken as Idlib (SY.12)",)
    unknown = search(record, Query(areas=("Nowhereshire",)))
    assert (unknown.total, unknown.notes) == (0, ("area Nowhereshire: no area of that name is known",))


def test_a_map_gets_the_place_each_claim_is_put_at(filled: Record) -> None:
    points = searching.points(filled, Query(countries=("XA",)))
    claims = {s.n: s.claim for s in filled.claims()}
    wanted = {n for n, c in claims.items() if any(p.country == "XA" for p in c.places) and any(p.lat for p in c.places)}
    assert set(points.n.tolist()) == wanted
    assert len(points.n) == len(wanted)
    for n, lat, lon, code in zip(points.n, points.lat, points.lon, points.type, strict=True):
        places = [p for p in claims[n].places if p.lat is not None]
        here = [p for p in places if p.role == "at"] or places
        assert (round(lat, 6), round(lon, 6)) in {(p.lat, p.lon) for p in here}
        assert points.types[code] == claims[n].type


def test_a_time_line_gets_the_days_each_claim_may_have_been(filled: Record) -> None:
    days = searching.days(filled, Query())
    claims = {s.n: s.claim for s in filled.claims()}
    assert set(days.n.tolist()) == {n for n, c in claims.items() if c.time.start or c.time.end}
    exact = [at for at, n in enumerate(days.n) if claims[n].time.start == claims[n].time.end == "2019-03-04"]
    assert exact
    assert {date.fromordinal(int(days.first[at]) + date(1970, 1, 1).toordinal()) for at in exact} == {date(2019, 3, 4)}


def test_ids_of_numbers_keep_their_order(filled: Record) -> None:
    claims = list(filled.claims())
    numbers = [claims[5].n, claims[2].n, 10**6]
    assert searching.ids(filled, Query(), numbers) == [claims[5].claim.id, claims[2].claim.id]


def test_words_beyond_what_can_be_weighed_come_newest_first_and_say_so(
    filled: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "RANKED", 5)
    page = search(filled, Query(text="struck", sort="relevance"))
    assert page.rows == search(filled, Query(text="struck", sort="newest")).rows
    assert page.notes == ("more than 5 hold these words: the newest first, not the most relevant",)


def test_the_sample_world_has_all_that_is_asked_for() -> None:
    claims = [claim for _, reading in documents(REPORTS) for claim in reading.claims]
    assert {a.words.text for c in claims for a in c.actors} == {words for words, *_ in ACTORS}
    assert {p.words.text for c in claims for p in c.places} == {words for words, *_ in PLACES}
    assert any(len({p.gazetteer_id for p in c.places}) < len(c.places) for c in claims)
