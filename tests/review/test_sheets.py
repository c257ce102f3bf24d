"""Coding on the record's own sheet and on a blind one."""

from __future__ import annotations

import pytest

from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.review.coding import Change, Part, TimeValue, Value
from mahdar.review.desk import Desk
from mahdar.review.double import Choice
from mahdar.review.people import Forbidden, Person
from mahdar.review.sheets import Coded, Seen, Sheet, Stale
from tests.review.stories import readings

READ = readings()
BULLETIN = READ[0].report.id
SHELLING, LOOTING, FLIGHT = (c.id for c in READ[0].claims)


def held(sheet: Sheet, claim: str) -> Coded:
    return next(c for c in sheet.coded() if c.claim.id == claim)


def seen(sheet: Sheet, claim: str) -> Seen:
    return Seen(claim, held(sheet, claim).version)


def test_accepting_and_rejecting_say_who_and_why(desk: Desk, cora: Person) -> None:
    sheet = desk.sheet(BULLETIN)
    sheet.accept(cora, seen(sheet, SHELLING))
    sheet.reject(cora, seen(sheet, LOOTING), "ordinary crime")
    assert (held(sheet, SHELLING).review, held(sheet, SHELLING).by) == ("accepted", "cora")
    assert (held(sheet, LOOTING).review, held(sheet, LOOTING).why) == ("rejected", "ordinary crime")
    assert held(sheet, FLIGHT).review == "suggested", "machine rows are never silently taken as coded"


def test_the_second_of_two_people_is_told_and_sees_the_others_claim(desk: Desk, cora: Person, carl: Person) -> None:
    sheet = desk.sheet(BULLETIN)
    looked = seen(sheet, SHELLING)
    sheet.edit(cora, looked, Change(status="uncertain"))
    with pytest.raises(Stale, match="cora") as conflict:
        sheet.edit(carl, looked, Change(status="denied"))
    assert conflict.value.claim is not None
    assert conflict.value.claim.status == "uncertain"
    assert held(sheet, SHELLING).claim.status == "uncertain", "nothing is lost"


def test_a_merge_is_one_act_and_one_undo(desk: Desk, cora: Person) -> None:
    sheet = desk.sheet(BULLETIN)
    before = sheet.coded()
    sheet.merge(cora, [seen(sheet, SHELLING), seen(sheet, LOOTING)])
    assert held(sheet, LOOTING).review == "rejected"
    assert len(held(sheet, SHELLING).claim.evidence) == 2
    sheet.undo(cora)
    assert [(c.claim, c.review) for c in sheet.coded()] == [(c.claim, c.review) for c in before]


def test_a_split_and_its_undo(desk: Desk, cora: Person) -> None:
    sheet = desk.sheet(BULLETIN)
    first, second = sheet.split(cora, seen(sheet, SHELLING), Part(figures=[0])).claims
    assert not held(sheet, first).claim.figures
    assert held(sheet, second).claim.figures
    sheet.undo(cora)
    assert {c.claim.id for c in sheet.coded()} == {SHELLING, LOOTING, FLIGHT}
    assert held(sheet, SHELLING).claim.figures


def test_what_was_added_and_taken_back_can_be_added_again(desk: Desk, cora: Person) -> None:
    sheet = desk.sheet(BULLETIN)
    (added,) = sheet.add(cora, "attack", Value(text="charred")).claims
    with pytest.raises(MahdarError, match="already"):
        sheet.add(cora, "attack", Value(text="charred"))
    sheet.undo(cora)
    assert added not in {c.claim.id for c in sheet.coded()}
    assert sheet.add(cora, "attack", Value(text="charred")).claims == (added,)
    assert held(sheet, added).review != "rejected"


def test_nobody_takes_back_what_another_did(desk: Desk, cora: Person, carl: Person) -> None:
    sheet = desk.sheet(BULLETIN)
    sheet.accept(cora, seen(sheet, SHELLING))
    with pytest.raises(MahdarError, match="nothing of yours"):
        sheet.undo(carl)
    sheet.edit(carl, seen(sheet, SHELLING), Change(status="denied"))
    with pytest.raises(MahdarError, match="carl"):
        sheet.undo(cora)


def test_a_report_put_down_rejects_its_suggestions_with_the_reason(desk: Desk, cora: Person) -> None:
    sheet = desk.sheet(BULLETIN)
    sheet.accept(cora, seen(sheet, SHELLING))
    sheet.not_coded(cora, 0, "history")
    assert sheet.put_down is not None
    assert [(c.claim.id, c.review) for c in sheet.coded()] == [
        (SHELLING, "accepted"),
        (LOOTING, "rejected"),
        (FLIGHT, "rejected"),
    ]
    sheet.undo(cora)
    assert sheet.put_down is None
    assert held(sheet, LOOTING).review == "suggested"


def test_a_reviewer_comments_and_does_not_edit(desk: Desk, rita: Person) -> None:
    sheet = desk.sheet(BULLETIN)
    sheet.comment(rita, SHELLING, "which market?")
    assert held(sheet, SHELLING).comments[0].why == "which market?"
    assert held(sheet, SHELLING).review == "suggested"
    with pytest.raises(Forbidden):
        sheet.accept(rita, seen(sheet, SHELLING))


@pytest.fixture
def blind(desk: Desk, ada: Person) -> list[int]:
    assert desk.double.give_blind(ada, [BULLETIN], ["cora", "carl"], 1.0) == 1
    return [a.n for a in desk.double.all()]


def sheets(desk: Desk, *coders: Person) -> list[Sheet]:
    return [desk.double.sheet(coder, desk.double.mine(coder)[0].n) for coder in coders]


@pytest.mark.usefixtures("blind")
def test_blind_coders_see_only_their_own_sheet(desk: Desk, cora: Person, carl: Person, ada: Person) -> None:
    own, others = sheets(desk, cora, carl)
    own.reject(cora, seen(own, LOOTING), "crime")
    assert held(others, LOOTING).review == "suggested"
    assert held(desk.sheet(BULLETIN), LOOTING).review == "suggested", "nothing of it is in the record yet"
    with pytest.raises(Forbidden, match="another coder"):
        desk.double.sheet(ada, desk.double.mine(cora)[0].n)
    with pytest.raises(Forbidden, match="blind"):
        desk.sheet(BULLETIN).accept(cora, seen(desk.sheet(BULLETIN), SHELLING))


@pytest.mark.usefixtures("blind")
def test_a_blind_sheet_is_handed_in_whole_and_once(desk: Desk, cora: Person) -> None:
    (own,) = sheets(desk, cora)
    own.accept(cora, seen(own, SHELLING))
    own.undo(cora)
    with pytest.raises(MahdarError, match="3 of the claims are not decided"):
        desk.double.sheet(cora, desk.double.mine(cora)[0].n).finish(cora)


@pytest.mark.usefixtures("blind")
def test_two_coders_disagree_and_are_adjudicated(
    desk: Desk, record: Record, cora: Person, carl: Person, rita: Person, ada: Person
) -> None:
    one, two = sheets(desk, cora, carl)
    for sheet, coder in ((one, cora), (two, carl)):
        sheet.accept(coder, seen(sheet, SHELLING))
        sheet.accept(coder, seen(sheet, FLIGHT))
    two.edit(
        carl, seen(two, SHELLING), Change(status="uncertain", time=TimeValue(start="2020-03-02", end="2020-03-02"))
    )
    one.accept(cora, seen(one, LOOTING))
    two.reject(carl, seen(two, LOOTING), "crime")
    with pytest.raises(Forbidden, match="not both"):
        desk.double.both(rita, BULLETIN)
    for coder in (cora, carl):
        desk.double.sheet(coder, desk.double.mine(coder)[0].n).finish(coder)
    agreed, reports = desk.double.agreement()
    by_name = {a.name: a for a in agreed}
    assert reports == 1
    assert by_name["coded"].units == 3
    assert by_name["coded"].agreed == pytest.approx(2 / 3)
    assert (by_name["status"].units, by_name["status"].agreed) == (2, 0.5)
    both = desk.double.both(rita, BULLETIN)
    left_is_cora = both.left.person == "cora"
    choices = [
        Choice(0, "left" if left_is_cora else "right", ("status",)),
        Choice(1, "none"),
        Choice(2, "left"),
    ]
    with pytest.raises(MahdarError, match="every claim"):
        desk.double.settle(rita, BULLETIN, choices[:2])
    desk.double.settle(rita, BULLETIN, choices, "the date is cora's, the doubt is carl's")
    final = {c.claim.id: c for c in desk.sheet(BULLETIN).coded()}
    assert (final[SHELLING].claim.status, final[SHELLING].claim.time.start) == ("uncertain", "2020-03-03")
    assert (final[LOOTING].review, final[FLIGHT].review) == ("rejected", "accepted")
    assert final[SHELLING].by == "rita"
    assert "cora's" in final[SHELLING].why
    desk.sheet(BULLETIN).accept(ada, seen(desk.sheet(BULLETIN), FLIGHT))  # open again
    with pytest.raises(MahdarError, match="has been adjudicated"):
        desk.double.settle(rita, BULLETIN, choices)
    assert list(record.verify()) == []


def test_who_gets_what_is_told_by_the_reports_id_alone(desk: Desk, ada: Person) -> None:
    ids = [r.report.id for r in READ]
    assert desk.double.give_blind(ada, ids, ["carl", "cora"], 0.5, "seed") in range(len(ids) + 1)
    first = [(a.report, a.person) for a in desk.double.all()]
    assert desk.double.give_blind(ada, ids, ["cora", "carl"], 0.5, "seed") == 0, "the same again gives nothing new"
    assert [(a.report, a.person) for a in desk.double.all()] == first
