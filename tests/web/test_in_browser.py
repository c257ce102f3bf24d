"""The pages in a real browser, as people use them. Every window fails on a request to elsewhere and on script errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from mahdar.record import Record
from mahdar.review.desk import Desk
from mahdar.review.people import People
from mahdar.web import Settings
from tests.review.stories import readings
from tests.web.conftest import Served, foreign

Browse = Callable[..., Any]
READ = readings()
BULLETIN = READ[0].report.id
SHELLING, LOOTING, FLIGHT = READ[0].claims


def press(window: Any, *keys: str) -> None:
    for key in keys:
        window.keyboard.press(key)


def standing(record: Record, report: str) -> dict[str, Any]:
    people = People(record)
    return {c.claim.id: c for c in Desk(record, people).sheet(report).coded()}


MAPPED = "document.getElementById('found').dataset.mapped"


def until(window: Any, expression: str, value: object) -> None:
    """Wait for a script's value; by asking again and again, as our policy lets nobody evaluate strings in the page."""
    for _ in range(150):
        if (held := window.evaluate(expression)) == value:
            return
        window.wait_for_timeout(50)
    raise AssertionError(f"{expression} is {held!r}, not {value!r}")


def said(window: Any, sentence: str) -> None:
    window.locator("#toast", has_text=sentence).wait_for()


def left(window: Any, number: int) -> None:
    """Wait until so many claims of the report are undecided."""
    window.locator("#state b", has_text=str(number)).wait_for()


def test_a_coder_codes_a_whole_report_by_keyboard_alone(team: Served, browse: Browse, record: Record) -> None:
    window = browse(team, "cora")
    window.goto("/inbox?order=doubtful")
    press(window, "j", "Enter")
    window.wait_for_url("**/reports/**")
    claims = window.locator(".claim")
    assert claims.count() == 3
    # the first as it stands
    press(window, "Enter")
    said(window, "Accepted")
    # the second: another place, another type, dated to the week; words are typed and found in the report
    window.locator(".claim.current", has_text="Looting").wait_for()
    press(window, "e")
    window.get_by_label("From (day, month or year)").wait_for()
    window.keyboard.press("Control+A")
    window.keyboard.type("2020-03-01")
    field = window.get_by_label("Event type")
    press_until(window, field)
    window.keyboard.press("Control+A")
    window.keyboard.type("property")
    window.locator("[role=option]", has_text="Looting").wait_for()
    press(window, "Enter")
    press_until(window, window.get_by_label("Add: who did it"))
    window.keyboard.type("a baker")
    window.locator("[role=option]", has_text="a baker").first.wait_for()
    press(window, "Enter")
    press(window, "Control+Enter")
    said(window, "Saved")
    # the third is not coded, with the second reason offered
    press(window, "j")
    press(window, "x")
    window.get_by_role("dialog").wait_for()
    press(window, "2")
    press(window, "Enter")
    said(window, "decided")
    # one is missing: its words are typed, its type by the beginning of its code
    press(window, "a")
    window.get_by_role("dialog").wait_for()
    window.keyboard.type("charred")
    window.locator("[role=option]", has_text="charred").first.wait_for()
    press(window, "Enter")
    window.keyboard.type("attack")
    window.locator("[role=option]", has_text="Attack").first.wait_for()
    press(window, "Enter", "Enter")
    said(window, "Added")
    press(window, "Escape", "d")
    said(window, "Duplicated")
    press(window, "Escape", "u")
    said(window, "Taken back")
    coded = standing(record, BULLETIN)
    assert len(coded) == 4
    assert (coded[SHELLING.id].review, coded[SHELLING.id].by) == ("accepted", "cora")
    looted = coded[LOOTING.id].claim
    assert coded[LOOTING.id].review == "edited"
    assert looted.time.start == "2020-03-01"
    assert [a.words.text for a in looted.actors] == ["Rebels", "a baker"]
    assert (coded[FLIGHT.id].review, coded[FLIGHT.id].why) == ("rejected", "Ordinary crime, an accident or a disaster")
    (added,) = [c for id, c in coded.items() if id not in {SHELLING.id, LOOTING.id, FLIGHT.id}]
    assert (added.claim.type, added.claim.trigger.text) == ("attack", "charred")
    assert not any(c.review == "suggested" for c in coded.values())
    press(window, "]")
    window.wait_for_url(re.compile(f"/reports/(?!{BULLETIN})"))


def press_until(window: Any, field: Any) -> None:
    """Tab until a field has the focus."""
    for _ in range(40):
        window.keyboard.press("Tab")
        if field.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError("the field cannot be reached by keyboard")


def test_cells_lead_to_words_and_words_to_claims(served: Served, browse: Browse) -> None:
    window = browse(served)
    window.goto(f"/reports/{BULLETIN}")
    window.locator(".claim.current").wait_for()
    window.locator("#text mark", has_text="two bakeries").click()
    assert window.locator(".claim.current").get_attribute("data-id") == LOOTING.id
    window.locator(".claim.current .cell.sources").click()
    picked = "[...CSS.highlights.get('pick')].map(r => r.toString()).join()"
    assert window.evaluate(picked) == "a baker"
    window.keyboard.press("r")
    window.get_by_role("dialog").filter(has_text="Event type").wait_for()


def test_words_selected_in_the_text_fill_the_slot_in_hand(served: Served, browse: Browse, record: Record) -> None:
    window = browse(served)
    window.goto(f"/reports/{BULLETIN}#{LOOTING.id}")
    window.locator(".claim.current").wait_for()
    window.keyboard.press("e")
    window.get_by_label("Add: to whom or what").focus()
    window.locator("#text [data-o]", has_text="Rebels").first.dblclick()
    window.locator(".chip.targets", has_text="Rebels").wait_for()
    window.get_by_label("Add: where").fill("Idlib")
    window.locator("[role=option]").first.wait_for()
    window.keyboard.press("Enter")
    chip = window.locator(".chip.places", has_text="Idlib")
    chip.get_by_title("Choose what it means").click()
    window.locator("[role=option]", has_text="Syria").or_(
        window.locator("[role=option]", has_text="SY")
    ).first.wait_for()
    window.keyboard.press("Enter")
    window.keyboard.press("Control+Enter")
    said(window, "Saved")
    held = standing(record, BULLETIN)[LOOTING.id].claim
    assert [a.words.text for a in held.targets] == ["two bakeries", "Rebels"]
    assert (held.places[1].name, held.places[1].country) == ("Idlib", "SY")


def test_claims_are_merged_and_split_and_the_report_is_put_down(served: Served, browse: Browse, record: Record) -> None:
    window = browse(served)
    window.goto(f"/reports/{BULLETIN}")
    window.locator(".claim.current").wait_for()
    press(window, "m")
    window.get_by_role("checkbox").first.check()
    window.get_by_role("dialog").get_by_role("button", name="Merge", exact=True).click()
    said(window, "Merged")
    assert standing(record, BULLETIN)[LOOTING.id].review == "rejected"
    press(window, "s")
    window.get_by_role("checkbox", name="Actors Rebels").check()
    window.get_by_role("dialog").get_by_role("button", name="Split", exact=True).click()
    said(window, "Split")
    assert len(standing(record, BULLETIN)) == 4
    press(window, "n")
    window.get_by_role("dialog").get_by_role("button", name="Not coded", exact=True).click()
    said(window, "not coded")
    assert window.locator("#state", has_text="not coded").count() == 1


def test_the_second_of_two_people_is_told_and_loses_nothing(team: Served, browse: Browse, record: Record) -> None:
    one, two = browse(team, "cora"), browse(team, "carl")
    for window in (one, two):
        window.goto(f"/reports/{BULLETIN}")
        window.locator(".claim.current").wait_for()
    press(one, "e")
    one.get_by_label("Status").select_option("uncertain")
    press(one, "Control+Enter")
    said(one, "Saved")
    press(two, "e")
    two.get_by_label("Status").select_option("denied")
    press(two, "Control+Enter")
    dialog = two.get_by_role("dialog", name="Somebody else changed this claim")
    dialog.wait_for()
    assert "cora decided on it" in dialog.inner_text()
    assert "uncertain" in dialog.inner_text()
    assert "denied" in dialog.inner_text()
    two.keyboard.press("Escape")
    assert two.get_by_label("Status").input_value() == "denied", "what one has typed is still there"
    assert standing(record, BULLETIN)[SHELLING.id].claim.status == "uncertain"


def test_two_coders_disagree_and_are_adjudicated(team: Served, browse: Browse, record: Record) -> None:
    admin = browse(team, "ada")
    admin.goto("/double")
    admin.get_by_label("Share in per cent").fill("100")
    admin.get_by_role("button", name="Give out").click()
    admin.locator("td", has_text="Shells fall on Saraqib again").first.wait_for()
    for name, status in (("cora", "asserted"), ("carl", "denied")):
        window = browse(team, name)
        window.goto(f"/reports/{BULLETIN}")
        window.wait_for_url("**/double/*")
        window.locator(".claim.current").wait_for()
        if status == "denied":
            press(window, "e")
            window.get_by_label("Status").select_option(status)
            press(window, "Control+Enter")
            left(window, 2)
            press(window, "j")
        else:
            press(window, "Enter")
            left(window, 2)
        press(window, "Enter")
        left(window, 1)
        press(window, "Enter")
        left(window, 0)
        window.get_by_role("button", name="Hand in").click()
        window.get_by_role("dialog").get_by_role("button", name="Hand in").click()
        window.wait_for_url("**/double")
    assert all(c.review == "suggested" for c in standing(record, BULLETIN).values())
    reviewer = browse(team, "rita")
    reviewer.goto("/double")
    row = reviewer.locator("tr", has_text="to adjudicate")
    row.get_by_role("link", name="Adjudicate").click()
    first = reviewer.get_by_role("region", name="Claim 1")
    assert "1 field differs" in first.inner_text()
    first.get_by_label("carl").check()
    reviewer.get_by_label("Why").fill("the ministry denies it")
    reviewer.get_by_role("button", name="Settle").click()
    reviewer.wait_for_url("**/double")
    reviewer.locator("tr", has_text="adjudicated").wait_for()
    assert (
        "50%" in reviewer.locator("tr", has_text="Status").inner_text()
        or "67%" in reviewer.locator("tr", has_text="Status").inner_text()
    )
    coded = standing(record, BULLETIN)
    assert (coded[SHELLING.id].claim.status, coded[SHELLING.id].by) == ("denied", "rita")
    assert {c.review for c in coded.values()} == {"edited", "accepted"}


def test_map_time_line_and_table_agree(served: Served, browse: Browse) -> None:
    window = browse(served)
    for address, number in (("/explore?find=claims", 6), ("/explore?find=claims&type=displacement", 1)):
        window.goto(address)
        until(window, MAPPED, str(number))
        assert window.locator("#told b").first.inner_text() == str(number)
        assert window.locator("#table tbody tr").count() == number
        assert window.locator("#found").get_attribute("data-mapped") == str(number)
        assert f"{number} in the bars" in window.locator("#timeline p").inner_text()
    window.goto("/explore?find=claims")
    until(window, MAPPED, "6")
    window.locator("#facets a", has_text="Shelling").click()
    until(window, MAPPED, "4")
    assert "type=shelling_artillery_missile" in window.url
    assert window.locator("#table tbody tr").count() == 4
    assert "4 in the bars" in window.locator("#timeline p").inner_text()
    window.go_back()
    until(window, MAPPED, "6")
    assert window.locator("#table tbody tr").count() == 6
    window.locator("#timeline a").first.click()
    until(window, "document.querySelectorAll('#table tbody tr').length", 1)
    assert "since=2020-03-02&until=2020-03-02" in window.url


def test_an_incident_is_merged_and_split(served: Served, browse: Browse, record: Record) -> None:
    pytest.importorskip("mahdar.corroboration")
    from mahdar.corroboration import link

    record.relink(link)
    bulletin, arabic = SHELLING.id, READ[4].claims[0].id
    first, other = (record.claim(c).incident for c in (bulletin, arabic))
    if first == other:
        other = record.claim(LOOTING.id).incident
    window = browse(served)
    window.goto(f"/incidents/{first}")
    window.get_by_role("heading", name="Reports side by side").wait_for()
    press(window, "m")
    window.get_by_label("Find another incident").fill(str(other))
    window.locator("[role=option]", has_text="by its id").click()
    window.get_by_role("dialog").get_by_label("Why").fill("the same market")
    window.get_by_role("dialog").get_by_role("button", name="Merge").click()
    window.locator(".history li", has_text="merge").wait_for()
    held = record.claim(bulletin).incident
    merged = next(record.incidents(ids=[str(held)])).incident
    assert len(merged.claims) > 1
    window.goto(f"/incidents/{held}")
    press(window, "s")
    window.get_by_role("checkbox").last.check()
    window.get_by_role("dialog").get_by_label("Why").fill("another day")
    window.get_by_role("dialog").get_by_role("button", name="Split").click()
    window.locator(".history li", has_text="split").wait_for()
    apart = {record.claim(c).incident for c in merged.claims}
    assert len(apart) == 2


def test_an_incident_shows_why_it_is_one(served: Served, browse: Browse, record: Record) -> None:
    window = browse(served)
    window.goto("/incidents/saraqib-market")
    text = window.locator("main").inner_text()
    for part in ("Lantern Monitor", "fair", "two independent origins", "at least 9", "hospital staff", "87 %", "copy"):
        assert part in text, part
    assert window.locator(".reports-beside article").count() == 3
    press(window, "Enter")
    window.locator(".badge", has_text="accepted").wait_for()
    assert next(record.incidents()).review == "accepted"


def test_graphic_words_fold_and_the_theme_stays(served: Served, browse: Browse) -> None:
    window = browse(served, color_scheme="light")
    window.goto(f"/reports/{BULLETIN}")
    word = window.locator("#text .graphic")
    assert word.inner_text() == "charred"
    shown = "e => getComputedStyle(e).color"
    before = word.evaluate(shown)
    window.get_by_text("me", exact=True).first.click()
    window.get_by_label("Fold graphic words").check()
    window.get_by_label("Colours").select_option("dark")
    assert word.evaluate(shown) == "rgba(0, 0, 0, 0)"
    window.reload()
    assert window.evaluate("document.documentElement.dataset.theme") == "dark"
    assert word.evaluate(shown) == "rgba(0, 0, 0, 0)"
    word.click()
    assert word.evaluate(shown) not in ("rgba(0, 0, 0, 0)", before), "shown at a click, in dark colours"


def test_the_palette_leads_anywhere(served: Served, browse: Browse) -> None:
    window = browse(served)
    window.goto("/inbox")
    window.keyboard.press("Control+k")
    window.keyboard.type("cover")
    window.locator("[role=option]", has_text="Coverage").wait_for()
    window.keyboard.press("Enter")
    window.wait_for_url("**/coverage")
    window.keyboard.press("?")
    window.get_by_role("dialog", name="Keys").wait_for()


def test_right_to_left_text_runs_right_to_left(served: Served, browse: Browse) -> None:
    window = browse(served)
    window.goto(f"/reports/{READ[4].report.id}")
    assert window.locator("#text").evaluate("e => getComputedStyle(e).direction") == "rtl"
    assert window.locator(".cell.actors").first.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_leaving_the_editor_loses_nothing(served: Served, browse: Browse, record: Record) -> None:
    window = browse(served)
    window.goto(f"/reports/{BULLETIN}")
    window.locator(".claim.current").wait_for()
    press(window, "e")
    window.get_by_label("Status").select_option("denied")
    press(window, "Escape")
    said(window, "not lost")
    press(window, "e")
    assert window.get_by_label("Status").input_value() == "denied"
    press(window, "Control+Enter")
    window.locator(".claim .badge", has_text="edited").wait_for()
    assert standing(record, BULLETIN)[SHELLING.id].claim.status == "denied"


def test_what_is_explored_is_exported(team: Served, browse: Browse, record: Record) -> None:
    window = browse(team, "vera")
    window.goto("/explore?find=incidents&q=Saraqib")
    window.get_by_text("Export …").click()
    assert window.locator("input[name=profile]").count() == 1, "a viewer takes what anybody may have"
    window.get_by_label("Format").select_option("geojson")
    with window.expect_download() as waiting:
        window.get_by_role("button", name="Export").click()
    assert waiting.value.suggested_filename.endswith("-public.geojson")
    (feature,) = json.loads(waiting.value.path().read_text("utf-8"))["features"]
    assert feature["geometry"]["coordinates"] == [36.8, 35.9], "to a tenth of a degree"
    row = list(record.log())[-1]
    assert (row.kind, row.values["by"]) == ("export", "vera")


def test_a_release_is_stopped_looked_at_and_made(team: Served, browse: Browse, record: Record) -> None:
    window = browse(team, "rita")
    window.goto("/releases")
    window.get_by_label("Week to close").fill("2020-W10")
    window.get_by_role("button", name="Freeze").click()
    window.get_by_role("alert").filter(has_text="3 of 3 claims").wait_for()
    window.get_by_label("undecided claims").check()
    window.get_by_role("button", name="Freeze").click()
    window.wait_for_url("**/releases/0001-2020-W10")
    window.locator("td", has_text="added").wait_for()
    with window.expect_download() as waiting:
        window.get_by_role("link", name="NOTES.md").click()
    assert "1 incidents" in waiting.value.path().read_text("utf-8")
    assert list(record.log())[-1].kind == "release"


def test_tiles_come_from_where_the_user_says_and_nowhere_else(record: Record, chromium: Any) -> None:
    """The one thing that a page asks another machine for, and only its map does."""
    server = Served(record, Settings("me", tiles="https://tiles.example.org/{z}/{x}/{y}.png"))
    try:
        window = chromium.new_context(base_url=server.base).new_page()
        asked: list[str] = []
        window.on("request", lambda request: asked.append(request.url) if foreign(request.url, server) else None)
        window.route(re.compile("^https:"), lambda route: route.abort())
        window.goto("/inbox")
        assert asked == []
        window.goto("/explore?find=claims")
        until(window, "document.querySelectorAll('.leaflet-tile').length > 0", True)
        window.wait_for_timeout(500)
        assert asked
        assert all(re.fullmatch(r"https://tiles\.example\.org/\d+/\d+/\d+\.png", url) for url in asked)
    finally:
        server.stop()
