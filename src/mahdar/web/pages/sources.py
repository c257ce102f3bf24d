"""Outlets: their reliability, and what each carries over time."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from mahdar.review.outlets import GAP, RELIABILITY
from mahdar.web.site import Assigner, Reader, page, site

router = APIRouter()
COLUMNS = 104  # weeks or months drawn at most
SHOWN = 60  # outlets drawn
SIZE = 100  # outlets of a page


@router.get("/sources")
def sources(
    request: Request,
    person: Reader,  # noqa: ARG001
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> Response:
    outlets = site(request).desk.outlets.all()
    return page(
        request,
        "sources.html",
        outlets=outlets[offset : offset + SIZE],
        letters=RELIABILITY,
        offset=offset,
        size=SIZE,
        more=len(outlets) > offset + SIZE,
    )


@router.post("/sources")
def judge(
    request: Request,
    person: Assigner,
    name: Annotated[str, Form()],
    reliability: Annotated[str, Form()],
    why: Annotated[str, Form()],
    offset: Annotated[int, Form(ge=0, le=10**6)] = 0,
) -> Response:
    site(request).desk.outlets.judge(person, name, reliability, why)
    return RedirectResponse(f"/sources?offset={offset}" if offset else "/sources", 303)


@router.get("/coverage")
def coverage(request: Request, person: Reader) -> Response:  # noqa: ARG001
    outlets = site(request).desk.outlets.all()
    mondays = [week for o in outlets for week, _ in o.weeks]
    columns: list[str] = []
    if mondays:
        first, last = date.fromisoformat(min(mondays)), date.fromisoformat(max(mondays))
        weeks = (last - first).days // 7 + 1
        step = max(1, -(-weeks // COLUMNS))
        columns = [(first + timedelta(weeks=n)).isoformat() for n in range(0, weeks, step)]
    rows = [(o, _binned(o.weeks, columns), _column(o.added, columns)) for o in outlets[:SHOWN]]
    total = Counter[int]()
    for _, counts, _ in rows:
        total.update(counts)
    most = max((n for _, counts, _ in rows for n in counts.values()), default=1)
    return page(
        request,
        "coverage.html",
        rows=rows,
        columns=columns,
        total=total,
        most=most,
        gap=GAP,
        left_out=len(outlets) - len(rows),
    )


def _binned(weeks: tuple[tuple[str, int], ...], columns: list[str]) -> Counter[int]:
    out: Counter[int] = Counter()
    for week, count in weeks:
        if (column := _column(week, columns)) is not None:
            out[column] += count
    return out


def _column(day: str, columns: list[str]) -> int | None:
    """The column that holds a day; None before the first, and after the last's own stretch."""
    if not columns or day < columns[0]:
        return None
    return sum(c <= day for c in columns) - 1 if day <= _end(columns) else None


def _end(columns: list[str]) -> str:
    step = date.fromisoformat(columns[1]) - date.fromisoformat(columns[0]) if len(columns) > 1 else timedelta(weeks=1)
    return (date.fromisoformat(columns[-1]) + step).isoformat()
