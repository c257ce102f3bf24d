"""Queues, outlets, what is mentioned, explore, the pieces of a text."""

from __future__ import annotations

import pytest

from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.record.query import Box, Query
from mahdar.review.desk import Desk
from mahdar.review.explore import box_of
from mahdar.review.marking import pieces
from mahdar.review.outlets import gaps
from mahdar.review.people import Forbidden, Person
from mahdar.review.queues import Order, Queue, Which
from mahdar.review.sheets import Seen
from tests.review.stories import readings

READ = readings()
BULLETIN, COURIER, WIRE, DULL, ARABIC = (r.report.id for r in READ)
WORLD = Box(-180, -90, 180, 90)


def ids(desk: Desk, person: Person, **queue: object) -> list[str]:
    return [one.id for one in desk.queues.page(Queue(**queue), person)[0]]  # type: ignore[arg-type]


def test_a_report_leaves_the_queue_when_nothing_is_left(desk: Desk, cora: Person) -> None:
    assert set(ids(desk, cora)) == {BULLETIN, COURIER, WIRE, ARABIC}
    sheet = desk.sheet(COURIER)
    sheet.accept(cora, Seen(sheet.coded()[0].claim.id, 0))
    assert COURIER not in ids(desk, cora)
    assert ids(desk, cora, which=Which.done) == [COURIER]
    assert desk.queues.left().claims == 5


def test_empty_reports_wait_until_somebody_confirms_them(desk: Desk, cora: Person) -> None:
    assert ids(desk, cora, which=Which.empty) == [DULL]
    desk.sheet(DULL).not_coded(cora, 0, "no event")
    assert ids(desk, cora, which=Which.empty) == []
    desk.sheet(DULL).undo(cora)
    assert ids(desk, cora, which=Which.empty) == [DULL]


def test_queues_go_by_week_outlet_country_and_order(desk: Desk, cora: Person) -> None:
    assert ids(desk, cora, which=Which.all, week="2020-W06") == [DULL]
    assert ids(desk, cora, outlet="Cedar Wire") == [WIRE]
    assert ids(desk, cora, country="LB") == []
    assert ids(desk, cora, order=Order.doubtful)[0] == BULLETIN
    assert ids(desk, cora, order=Order.gravest)[0] == COURIER
    with pytest.raises(MahdarError, match="not a week"):
        ids(desk, cora, week="2020-W77")


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("which", list(Which))
def test_an_order_changes_no_queue_s_content(desk: Desk, cora: Person, ada: Person, which: Which, order: Order) -> None:
    """Each order has a way of its own to be quick, over the whole queue and over a week of it."""
    desk.double.give(ada, [WIRE, ARABIC], "cora")
    desk.sheet(COURIER).accept(cora, Seen(desk.sheet(COURIER).coded()[0].claim.id, 0))
    for week in ("", "2020-W10", "2020-W11"):
        assert sorted(ids(desk, cora, which=which, week=week, order=order)) == sorted(
            ids(desk, cora, which=which, week=week)
        )
    queue = Queue(which=which, order=order)
    pages = [one.id for at in range(5) for one in desk.queues.page(queue, cora, offset=at, size=1)[0]]
    assert pages == ids(desk, cora, which=which, order=order)


def test_the_least_sure_come_first_in_a_week_and_among_ones_own(desk: Desk, cora: Person, ada: Person) -> None:
    desk.double.give(ada, [WIRE, BULLETIN], "cora")
    for queue in ({"which": Which.mine}, {"week": "2020-W10"}):
        assert ids(desk, cora, order=Order.doubtful, **queue)[0] == BULLETIN


def test_a_server_says_what_it_gets_ready(desk: Desk) -> None:
    said: list[str] = []
    desk.ready(said.append)
    assert said == ["getting 6 claims ready to be searched …"]


def test_what_is_given_to_a_coder_is_in_their_queue(desk: Desk, cora: Person, ada: Person) -> None:
    desk.double.give(ada, [WIRE], "cora")
    assert ids(desk, cora, which=Which.mine) == [WIRE]
    assert ids(desk, ada, which=Which.mine) == []


def test_the_report_after_this_one(desk: Desk, cora: Person) -> None:
    queue = ids(desk, cora)
    assert desk.queues.beside(Queue(), cora, queue[1]) == (queue[0], queue[2])
    assert desk.queues.beside(Queue(), cora, DULL) == (None, queue[0])


def test_outlets_have_weeks_and_are_judged_with_a_reason(desk: Desk, ada: Person, cora: Person) -> None:
    bulletin = next(o for o in desk.outlets.all() if o.name == "Idlib Bulletin")
    assert (bulletin.reports, bulletin.claims, bulletin.reliability) == (2, 3, "F")
    assert bulletin.weeks == (("2020-02-03", 1), ("2020-03-02", 1))
    with pytest.raises(MahdarError, match="why"):
        desk.outlets.judge(ada, "Idlib Bulletin", "B", " ")
    with pytest.raises(Forbidden):
        desk.outlets.judge(cora, "Idlib Bulletin", "B", "right so far")
    desk.outlets.judge(ada, "Idlib Bulletin", "B", "right so far")
    assert next(o for o in desk.outlets.all() if o.name == "Idlib Bulletin").reliability == "B"


def test_a_gap_is_four_weeks_without_a_report() -> None:
    assert gaps(["2020-01-06", "2020-01-13", "2020-02-17"]) == (("2020-01-20", "2020-02-10"),)
    assert gaps(["2020-01-06", "2020-02-03"]) == ()


def test_words_that_no_register_knows_are_listed(desk: Desk) -> None:
    listed = desk.mentioned.actors()
    actors, unknown = listed.known, listed.unknown
    assert actors == []
    assert (unknown[0].words, unknown[0].claims) in {("Army artillery", 2), ("Lantern Monitor", 2), ("market", 2)}
    places = desk.mentioned.places().known
    assert (places[0].name, places[0].claims) == ("Saraqib", 4)


def test_map_time_line_and_table_agree(desk: Desk, record: Record) -> None:
    for query in (Query(), Query(types=("shelling_artillery_missile",)), Query(text="bakeries")):
        found = desk.explorer.search(query)
        clusters, inside, mapped = desk.explorer.clusters(query, WORLD, 6)
        timeline = desk.explorer.timeline(query, found.total, ("SY",))
        assert found.total == len(found.rows) == sum(c.count for c in clusters) == inside == mapped
        assert found.total == timeline.drawn + timeline.vague + timeline.undated


def test_clusters_part_when_one_looks_closer(desk: Desk) -> None:
    far, _, _ = desk.explorer.clusters(Query(), WORLD, 1)
    near, inside, mapped = desk.explorer.clusters(Query(), Box(36.7, 35.8, 36.9, 35.9), 12)
    assert len(far) == 2, "areas do not mix with settlements"
    assert (len(near), near[0].count, inside, mapped) == (1, 4, 4, 6)
    (alone,) = desk.explorer.clusters(Query(types=("looting_property_destruction",)), WORLD, 3)[0]
    assert alone.id == READ[0].claims[1].id


def test_the_agreements_then_lie_under_the_bars(desk: Desk) -> None:
    timeline = desk.explorer.timeline(Query(), 6, ("SY",))
    assert timeline.unit == "day"
    assert any("Sochi" in deal.name for deal in timeline.deals)
    assert all(0 <= deal.left <= deal.right <= 1 for deal in timeline.deals)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("-200,-95,200,95", Box(-180, -90, 180, 90)),
        ("170,-10,190,10", Box(170, -10, -170, 10)),
        ("1,2,3,4", Box(1, 2, 3, 4)),
    ],
)
def test_a_maps_box_is_cut_to_the_world(text: str, box: Box) -> None:
    assert box_of(text) == box


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "1,5,2,4", "nan,0,1,1", "0,0,inf,1"])
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(MahdarError, match="box="):
        box_of(text)


def test_pieces_make_up_the_text_and_say_whose_words_they_are() -> None:
    for reading in READ:
        cut = pieces(reading.report, reading.claims)
        assert "".join(piece.text for piece in cut) == reading.report.text
        assert all(reading.report.text[p.start : p.start + len(p.text)] == p.text for p in cut)
    shelling = READ[0].claims[0]
    cut = pieces(READ[0].report, READ[0].claims)
    actor = next(p for p in cut if p.text == "Army artillery")
    assert actor.keys == (f"{shelling.id}:evidence", f"{shelling.id}:actors")
    assert [p.text for p in cut if p.graphic] == ["charred"]
