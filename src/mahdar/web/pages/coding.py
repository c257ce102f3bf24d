"""The coding page: one report, the shared sheet or one coder's blind one."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from mahdar.codebook import EVENT_TYPES
from mahdar.model import MahdarError
from mahdar.record.decisions import holding
from mahdar.review.coding import FIGURES, STATUSES
from mahdar.review.guide import REASONS, RULES
from mahdar.review.marking import pieces
from mahdar.review.people import Forbidden, Person, Right
from mahdar.review.queues import Order, Queue, Which
from mahdar.review.sheets import Sheet
from mahdar.web.site import Coder, Reader, page, site
from mahdar.web.values import coded_values
from mahdar.web.wording import params

router = APIRouter()
TYPES = [{"code": t.code, "label": t.label, "event": t.acled_event} for t in EVENT_TYPES.values()]


@router.get("/reports/{report}")
def report(
    request: Request,
    person: Reader,
    report: str,
    which: Which = Which.left,
    country: str = "",
    outlet: str = "",
    week: str = "",
    order: Order = Order.newest,
) -> Response:
    desk = site(request).desk
    sheet = desk.sheet(report)
    blind = desk.double.blind(person, sheet.report.id)
    if blind is not None:
        return RedirectResponse(f"/double/{blind}", 303)
    queue = Queue(which, country, outlet, week, order)
    beside = desk.queues.beside(queue, person, sheet.report.id)
    before, after = (f"/reports/{id}{params(queue.params())}" if id else None for id in beside)
    decisions = holding(desk.record.decisions("report", sheet.report.id))
    return _page(
        request,
        person,
        sheet,
        f"/api/v1/reports/{sheet.report.id}",
        before=before,
        after=after,
        put_down=sheet.put_down,
        remarks=[d for d in decisions if d.action == "comment"],
        stored=True,
    )


@router.get("/double/{assignment}")
def blind(request: Request, person: Coder, assignment: int) -> Response:
    sheet = site(request).desk.double.sheet(person, assignment)
    return _page(request, person, sheet, f"/api/v1/assignments/{assignment}", blind=True)


def _page(request: Request, person: Person, sheet: Sheet, base: str, **values: Any) -> Response:
    closed = ""
    may_decide = person.may(Right.decide)
    if may_decide:
        try:
            sheet.check_open(person)
        except Forbidden as why:
            closed, may_decide = str(why), False
    coded = sheet.coded()
    may_comment = person.may(Right.comment) and not values.get("blind")
    report = sheet.report
    data = {
        "base": base,
        "text": report.text,
        "country": report.country or next((p.country for c in coded for p in c.claim.places if p.country), None),
        "version": sheet.version,
        "claims": [{"number": n, **coded_values(one)} for n, one in enumerate(coded, 1)],
        "may": {"decide": may_decide, "comment": may_comment},
        "types": TYPES,
        "figures": FIGURES,
        "statuses": STATUSES,
        "rules": RULES,
        "reasons": REASONS,
    }
    usual: dict[str, Any] = {
        "blind": False,
        "before": None,
        "after": None,
        "put_down": None,
        "remarks": [],
        "stored": False,
    }
    return page(
        request,
        "report.html",
        report=report,
        pieces=pieces(report, [c.claim for c in coded]),
        coded=coded,
        closed=closed,
        may_decide=may_decide,
        may_comment=may_comment,
        data=data,
        **(usual | values),
    )


@router.get("/reports/{report}/about")
def about(request: Request, person: Reader, report: str) -> Response:  # noqa: ARG001
    desk = site(request).desk
    sheet = desk.sheet(report)
    decisions = [*desk.record.decisions("report", sheet.report.id)]
    for coded in sheet.coded():
        decisions += desk.record.decisions("claim", coded.claim.id)
    decisions.sort(key=lambda d: (d.at, d.version), reverse=True)
    try:
        size = len(desk.record.original(sheet.report.id))
    except MahdarError:
        size = None
    return page(request, "about.html", stored=sheet.stored, report=sheet.report, decisions=decisions, size=size)
