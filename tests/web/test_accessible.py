"""axe-core on every page, in light and in dark: nothing serious. WCAG 2.2 A and AA."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mahdar.record import Record
from mahdar.review.desk import Desk
from mahdar.review.people import People
from mahdar.review.sheets import Seen
from tests.review.stories import readings
from tests.web.conftest import Served

AXE = (Path(__file__).with_name("vendor") / "axe.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
READ = readings()
BULLETIN = READ[0].report.id
PAGES = (
    *("/inbox", f"/reports/{BULLETIN}", f"/reports/{BULLETIN}/about", f"/reports/{READ[4].report.id}"),
    *("/incidents/saraqib-market", "/explore?find=claims", "/explore?find=incidents", "/explore?q=nowhere"),
    *("/double", "/agreements", "/agreements/sy-homs-zone-2017", "/actors", "/places", "/places/gn:164816", "/sources"),
    *("/coverage", "/log", "/decisions", "/releases", "/users", "/account", "/codebook", "/api", "/nope"),
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_serious_fault(served: Served, browse: Callable[..., Any], record: Record, theme: str) -> None:
    people = People(record)
    sheet = Desk(record, people).sheet(BULLETIN)
    sheet.accept(people.get("cora"), Seen(READ[0].claims[0].id, 0))
    sheet.reject(people.get("cora"), Seen(READ[0].claims[1].id, 0), "crime")
    window = browse(served, color_scheme=theme)
    faults = []
    for address in PAGES:
        window.goto(address)
        faults += [f"{address}: {fault}" for fault in serious(window)]
        if address == f"/reports/{BULLETIN}":
            window.locator(".claim.current").wait_for()
            window.keyboard.press("e")
            window.get_by_label("Event type").wait_for()
            faults += [f"editor: {fault}" for fault in serious(window)]
        if address == "/explore?find=incidents":
            window.get_by_text("Export …").click()
            faults += [f"export: {fault}" for fault in serious(window)]
    window.goto("/releases")
    window.get_by_label("Week to close").fill("2020-W10")
    window.get_by_role("button", name="Freeze").click()
    window.get_by_role("alert").wait_for()
    faults += [f"what stops a release: {fault}" for fault in serious(window)]
    for box in window.locator("input[name=allow]").all():
        box.check()
    window.get_by_role("button", name="Freeze").click()
    window.wait_for_url("**/releases/0*")
    faults += [f"a release: {fault}" for fault in serious(window)]
    assert not faults, "\n".join(faults)


def serious(window: Any) -> list[str]:
    """What axe-core calls serious or critical, with the first element it means."""
    window.evaluate(AXE)
    found = window.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
