"""Actors, places, agreements, and the log: what the record's claims refer to, and what has happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection, func, select

from mahdar.agreements import Agreements
from mahdar.model import MahdarError
from mahdar.record.decisions import Decision
from mahdar.record.log import LogRow
from mahdar.record.tables import CLAIMS, DECISIONS, INCIDENTS, LOG, REPORTS
from mahdar.review.mentioned import Listing, MentionedActor, MentionedPlace
from mahdar.web.site import Reader, page, site
from mahdar.web.wording import type_label
from mahdar.who.countries import countries

router = APIRouter()
SIZE = 100
KINDS = {  # of rows of the log
    "report": "reports added",
    "reading": "reports read",
    "incidents": "incidents linked",
    "decision": "decisions",
    "assignment": "reports given out",
    "export": "exports",
    "release": "releases",
    "import": "imports",
    "outlet": "outlets judged",
    "person": "accounts",
    "created": "the record made",
    "restored": "the record restored",
    "session": "logins",
    "token": "tokens",
    "stamp": "time stamps",
    "note": "notes",
}
Offset = Annotated[int, Query(ge=0, le=10**9)]


@router.get("/actors")
def actors(request: Request, person: Reader, q: str = "", offset: Offset = 0) -> Response:  # noqa: ARG001
    return _listed(request, "actors.html", site(request).desk.mentioned.actors(), q, offset)


@router.get("/places")
def places(request: Request, person: Reader, q: str = "", offset: Offset = 0) -> Response:  # noqa: ARG001
    return _listed(request, "places.html", site(request).desk.mentioned.places(), q, offset)


def _listed(
    request: Request, template: str, mentioned: Listing[MentionedActor | MentionedPlace], q: str, offset: int
) -> Response:
    """A page of the entries that claims mention and whose names hold `q`, beside the words that no entry stands for."""
    wanted = q.casefold().strip()
    found = [one for one in mentioned.known if any(wanted in name.casefold() for name in one.names)]
    unknown = [one for one in mentioned.unknown if wanted in one.words.casefold()]
    return page(
        request,
        template,
        q=q,
        found=found[offset : offset + SIZE],
        number=len(found),
        unknown=unknown[:SIZE],
        offset=offset,
        size=SIZE,
        more=len(found) > offset + SIZE,
    )


@router.get("/actors/{id}")
def actor(request: Request, person: Reader, id: str) -> Response:  # noqa: ARG001
    here = site(request)
    entry = here.desk.registers.actors.get(id)
    found = here.desk.mentioned.actors().entry(id)
    if entry is None and found is None:
        raise MahdarError(f"there is no actor {id!r}")
    return page(request, "actor.html", id=id, entry=entry, found=found)


@router.get("/places/{id}")
def place(request: Request, person: Reader, id: str) -> Response:  # noqa: ARG001
    gazetteer = site(request).desk.registers.places
    entry = gazetteer.get(id)
    if entry is None:
        raise MahdarError(f"there is no place {id!r} in the gazetteer")
    found = site(request).desk.mentioned.places().entry(id)
    within = [area for code in (entry.admin2, entry.admin1) if code and (area := gazetteer.area(code))]
    return page(request, "place.html", entry=entry, found=found, within=within)


@router.get("/agreements")
def agreements(request: Request, person: Reader, q: str = "", country: str = "") -> Response:  # noqa: ARG001
    wanted = q.casefold().strip()
    held = [
        a
        for a in Agreements.load()
        if (not country or country in a.countries)
        and (not wanted or wanted in " ".join((a.name, *a.aliases, *a.parties)).casefold())
    ]
    countries = sorted({c for a in Agreements.load() for c in a.countries})
    return page(request, "agreements.html", q=q, country=country, held=held, countries=countries)


@router.get("/agreements/{id}")
def agreement(request: Request, person: Reader, id: str) -> Response:  # noqa: ARG001
    held = Agreements.load().get(id)
    if held is None:
        raise MahdarError(f"there is no agreement {id!r} in the register")
    parties = {}
    for party in (*held.parties, *held.guarantors, *held.mediators, *held.excluded):
        entry, state = site(request).desk.registers.actors.get(party), countries().get(party)
        parties[party] = (entry.name if entry else state.name if state else party, entry is not None)
    return page(request, "agreement.html", held=held, parties=parties)


@router.get("/log")
def log(request: Request, person: Reader, before: Offset = 0, kind: str = "") -> Response:  # noqa: ARG001
    record = site(request).record
    chosen = select(LOG).order_by(LOG.c.seq.desc()).limit(SIZE)
    if before:
        chosen = chosen.where(LOG.c.seq < before)
    if kind:
        chosen = chosen.where(LOG.c.kind == kind)
    with record.reading() as connection:
        rows = [LogRow(*row) for row in connection.execute(chosen)]
    return page(request, "log.html", rows=rows, head=record.head(), kind=kind, kinds=KINDS, size=SIZE)


@router.get("/decisions")
def decisions(request: Request, person: Reader, who: str = "", offset: Offset = 0) -> Response:  # noqa: ARG001
    d = DECISIONS.c
    chosen = select(d.id, d.at, d.who, d.kind, d.subject, d.action, d.version, d.why).order_by(d.n.desc())
    if who:
        chosen = chosen.where(d.who == who)
    with site(request).record.reading() as connection:
        rows = connection.execute(chosen.offset(offset).limit(SIZE + 1)).all()
        held = [Decision(**row._mapping) for row in rows[:SIZE]]
        called = _called(connection, held)
    more = len(rows) > SIZE
    return page(request, "decisions.html", decisions=held, called=called, who=who, offset=offset, size=SIZE, more=more)


def _called(connection: Connection, decided: Sequence[Decision]) -> dict[str, str]:
    """What decisions are on, in words, by its id: a claim or incident by its type, a report by its title."""
    called: dict[str, str] = {}
    for kind, table, words in (
        ("claim", CLAIMS, CLAIMS.c.type),
        ("incident", INCIDENTS, INCIDENTS.c.type),
        ("report", REPORTS, func.coalesce(REPORTS.c.title, REPORTS.c.name)),
    ):
        ids = {d.subject for d in decided if d.kind == kind}
        rows = connection.execute(select(table.c.id, words).where(table.c.id.in_(ids)))
        called |= {id: text if kind == "report" else type_label(text) for id, text in rows}
    return called
