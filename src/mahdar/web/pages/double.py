"""Double coding: what is given to whom, how far coders agree, adjudication side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mahdar.review.double import Choice, Side, by_report
from mahdar.review.pairing import FIELDS, differing, kept
from mahdar.review.people import Right
from mahdar.review.queues import Order, Queue, Which
from mahdar.web.site import Adjudicator, Assigner, Commenter, page, site

router = APIRouter()
MOST = 2000


@router.get("/double")
def double(request: Request, person: Commenter) -> Response:
    here = site(request)
    agreed, reports = here.desk.double.agreement()
    all = by_report(here.desk.double.all()) if person.may(Right.adjudicate) else {}
    coders = [p for p in here.people.all() if p.may(Right.decide)]
    mine = here.desk.double.mine(person)
    left = here.desk.queues.left()
    return page(
        request, "double.html", mine=mine, all=all, agreed=agreed, reports=reports, coders=coders, left=left, said=None
    )


@router.post("/double/give")
def give(
    request: Request,
    person: Assigner,
    coders: Annotated[list[str] | None, Form()] = None,
    percent: Annotated[float, Form(ge=0.1, le=100)] = 10.0,
    country: Annotated[str, Form()] = "",
    week: Annotated[str, Form()] = "",
    how: Annotated[str, Form()] = "blind",
) -> Response:
    desk = site(request).desk
    queue = Queue(Which.left, country, "", week, Order.newest)
    waiting, _ = desk.queues.page(queue, person, size=MOST)
    reports = [one.id for one in waiting]
    if how == "blind":
        desk.double.give_blind(person, reports, coders or [], percent / 100, week)
    else:
        for coder in coders or []:
            desk.double.give(person, reports, coder)
    return RedirectResponse("/double", 303)


@router.get("/adjudicate/{report}")
def adjudicate(request: Request, person: Adjudicator, report: str) -> Response:
    both = site(request).desk.double.both(person, report)
    rows = []
    for left, right in both.pairs:
        a, b = (coded.claim if coded and kept(coded) else None for coded in (left, right))
        rows.append((left, right, differing(a, b) if a and b else []))
    return page(request, "adjudicate.html", both=both, rows=rows, fields=FIELDS, report=both.sheet.report)


@router.post("/adjudicate/{report}")
async def settle(request: Request, person: Adjudicator, report: str) -> Response:
    form = await request.form()
    sides: dict[int, Side] = {}
    fields: dict[int, list[str]] = {}
    for name, value in form.multi_items():
        number, _, field = name.removeprefix("pair-").partition("-")
        if not name.startswith("pair-") or not number.isdigit() or not isinstance(value, str):
            continue
        if not field and value in ("left", "right", "none"):
            sides[int(number)] = value  # type: ignore[assignment]
        elif field:
            fields.setdefault(int(number), []).append(field if value == "other" else "")
    choices = [Choice(n, side, tuple(f for f in fields.get(n, []) if f)) for n, side in sorted(sides.items())]
    site(request).desk.double.settle(person, report, choices, str(form.get("why", "")))
    return RedirectResponse("/double", 303)
