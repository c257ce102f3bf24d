"""The inbox: queues of reports."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from mahdar.review.queues import SIZE, Order, Queue, Which
from mahdar.web.site import Reader, page, site

router = APIRouter()


@router.get("/inbox")
def inbox(
    request: Request,
    person: Reader,
    which: Which = Which.left,
    country: str = "",
    outlet: str = "",
    week: str = "",
    order: Order = Order.newest,
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> Response:
    queue = Queue(which, country, outlet, week, order)
    queues = site(request).desk.queues
    waiting, more = queues.page(queue, person, offset=offset)
    return page(
        request, "inbox.html", queue=queue, waiting=waiting, more=more, left=queues.left(), offset=offset, size=SIZE
    )
