"""The page of one incident: everything that says why it is one, and what people decided."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from mahdar.model import Link
from mahdar.review.people import Right
from mahdar.web.site import Reader, page, site

router = APIRouter()
BAR = 26  # height of a bar of a waterfall


@router.get("/incidents/{incident}")
def incident(request: Request, person: Reader, incident: str) -> Response:
    desk = site(request).desk
    case = desk.incidents.case(incident)
    if case.stored.incident.id != incident:
        return RedirectResponse(f"/incidents/{case.stored.incident.id}", 303)
    links = [
        (link, case.claim(link.left), case.claim(link.right), waterfall(link)) for link in case.stored.incident.links
    ]
    return page(
        request,
        "incident.html",
        case=case,
        incident=case.stored.incident,
        links=links,
        bar=BAR,
        may_decide=person.may(Right.decide) and desk.record.writable,
        may_comment=person.may(Right.comment) and desk.record.writable,
    )


@router.get("/claims/{claim}")
def claim(request: Request, person: Reader, claim: str) -> Response:  # noqa: ARG001
    held = site(request).desk.record.claim(claim).claim
    return RedirectResponse(f"/reports/{held.report}#{held.id}", 303)


def waterfall(link: Link) -> list[tuple[str, str, float, float, float]]:
    """The bars of a link: name, shown value, left and right end as shares of the width, contribution in log odds."""
    at, bars = 0.0, []
    for part in link.contributions:
        bars.append((part.feature, part.shown, at, at + part.contribution, part.contribution))
        at += part.contribution
    ends = [0.0, *(x for bar in bars for x in bar[2:4])]
    low, high = min(ends), max(ends)
    width = (high - low) or 1.0
    return [
        (name, shown, (min(a, b) - low) / width, (max(a, b) - low) / width, value) for name, shown, a, b, value in bars
    ]
