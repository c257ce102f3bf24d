"""The page of one incident: everything that says why it is one, and what people decided."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from mahdar.model import Link
from mahdar.review.people import Right
from mahdar.web.site import Reader, page, site

router = APIRouter()
BAR = 26  # height of a bar


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


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a waterfall: its ends as shares of the width, and what it adds to the log odds."""

    name: str
    shown: str
    left: float
    right: float
    value: float

    @property
    def small(self) -> bool:
        """Whether it rounds to nothing."""
        return abs(self.value) < 0.05


def waterfall(link: Link) -> list[Bar]:
    """The bars of a link, each from where the one before it ends."""
    sums = list(accumulate((part.contribution for part in link.contributions), initial=0.0))
    low = min(sums)
    width = (max(sums) - low) or 1.0
    return [
        Bar(part.feature, part.shown, (min(a, b) - low) / width, (max(a, b) - low) / width, part.contribution)
        for part, a, b in zip(link.contributions, sums, sums[1:], strict=False)
    ]
