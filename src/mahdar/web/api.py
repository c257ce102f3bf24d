"""The JSON API: what the pages do, over the same desk. `/api/v1/openapi.json` describes it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from mahdar.model import Claim
from mahdar.publish.formats import FORMATS
from mahdar.publish.press import Closing
from mahdar.publish.redaction import DEFAULT
from mahdar.record.decisions import Conflict
from mahdar.record.query import PARAMETERS
from mahdar.record.query import Query as Search
from mahdar.record.search import FoundClaim
from mahdar.record.stored import StoredIncident, StoredReport
from mahdar.review.coding import Change, Part, Registers, Value
from mahdar.review.explore import box_of
from mahdar.review.sheets import Outcome, Seen, SharedSheet, Sheet, Stale
from mahdar.web.pages.publishing import exported, today
from mahdar.web.site import Coder, Commenter, Publisher, Reader, site
from mahdar.web.values import claim_values, coded_values, incident_values

ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"description": meaning, "content": {"application/json": {"example": {"detail": "a sentence"}}}}
    for code, meaning in {
        401: "who asks is not known",
        403: "who asks may not do this",
        404: "there is no such thing",
        409: "somebody decided in between; `present` is how it is now",
        413: "the request is too large",
        415: "the request is not in the form asked for",
        422: "it cannot be done; `detail` says why",
        429: "too many requests",
    }.items()
}
router = APIRouter(prefix="/api/v1", responses=ERRORS)
Id = Annotated[str, Path(min_length=4, max_length=64, pattern=r"^[\w.:-]+$")]
Number = Annotated[int, Path(ge=1, le=2**53)]
Text = Annotated[str, Field(max_length=4000)]
Typed = Annotated[str, Query(max_length=200)]
FormatName = Annotated[str, Field(max_length=20, json_schema_extra={"enum": [*FORMATS]})]


class Body(BaseModel):
    """What one sends; unknown names are refused."""

    model_config = ConfigDict(extra="forbid")


class Version(Body):
    """The version of a claim, report or incident that was looked at."""

    version: int = Field(ge=0, le=2**53)
    why: Text = ""


class Reason(Version):
    """A version, and why."""

    why: Annotated[str, Field(min_length=1, max_length=4000)]


class Edit(Version):
    """A change of a claim."""

    change: Change


class Split(Version):
    """What goes to a second claim."""

    part: Part


class Added(Body):
    """A claim that the reader missed: its type and the words that name the event."""

    type: str = Field(max_length=60)
    trigger: Value


class SeenClaim(Version):
    """A claim and the version of it that was looked at."""

    id: str = Field(max_length=64)


class Merge(Body):
    """The claims that are one, the one that stays first."""

    claims: list[SeenClaim] = Field(min_length=2, max_length=40)


class Remark(Body):
    """A comment on a claim, or (without one) on the report."""

    claim: str | None = Field(default=None, max_length=64)
    text: Annotated[str, Field(min_length=1, max_length=4000)]


class Together(Version):
    """Other incidents that are the same event."""

    others: list[str] = Field(min_length=1, max_length=40)


class Apart(Version):
    """Claims of an incident that are another event."""

    claims: list[str] = Field(min_length=1, max_length=500)


class Done(BaseModel):
    """What an act came to: the claims, incidents or release to look at next, and a sentence."""

    claims: list[str]
    said: str


class Answer(BaseModel):
    """A list, and how many there are in all where that is known."""

    items: list[dict[str, Any]]
    total: int | None = None


def present(conflict: Conflict) -> dict[str, Any] | None:
    """The claim as it is now, where that is what has changed."""
    claim: Claim | None = conflict.claim if isinstance(conflict, Stale) else None
    return claim_values(claim) if claim else None


def _done(outcome: Outcome) -> Done:
    return Done(claims=list(outcome.claims), said=outcome.said)


def _shared(request: Request, report: str) -> SharedSheet:
    return site(request).desk.sheet(report)


def _blind(request: Request, person: Coder, assignment: int) -> Sheet:
    return site(request).desk.double.sheet(person, assignment)


# Reports and their claims


@router.get("/reports/{report}", tags=["reports"])
def report(request: Request, person: Reader, report: Id) -> dict[str, Any]:  # noqa: ARG001
    """A report with its claims as they stand."""
    return _sheet_values(_shared(request, report))


def _sheet_values(sheet: Sheet) -> dict[str, Any]:
    held = sheet.report
    return {
        "id": held.id,
        "title": held.title,
        "outlet": held.outlet,
        "published": held.published,
        "country": held.country,
        "text": held.text,
        "version": sheet.version,
        "claims": [coded_values(coded) for coded in sheet.coded()],
    }


@router.post("/reports/{report}/claims", tags=["coding"], status_code=201)
def add(request: Request, person: Coder, report: Id, body: Added) -> Done:
    """Add a claim that the reader missed."""
    return _done(_shared(request, report).add(person, body.type, body.trigger))


@router.post("/reports/{report}/claims/{claim}/accept", tags=["coding"])
def accept(request: Request, person: Coder, report: Id, claim: Id, body: Version) -> Done:
    """Accept a claim as it stands."""
    return _done(_shared(request, report).accept(person, Seen(claim, body.version)))


@router.post("/reports/{report}/claims/{claim}/reject", tags=["coding"])
def reject(request: Request, person: Coder, report: Id, claim: Id, body: Reason) -> Done:
    """Reject a claim: not coded because …"""
    return _done(_shared(request, report).reject(person, Seen(claim, body.version), body.why))


@router.post("/reports/{report}/claims/{claim}/edit", tags=["coding"])
def edit(request: Request, person: Coder, report: Id, claim: Id, body: Edit) -> Done:
    """Change a claim. Every value is words of the report."""
    return _done(_shared(request, report).edit(person, Seen(claim, body.version), body.change, body.why))


@router.post("/reports/{report}/claims/{claim}/duplicate", tags=["coding"], status_code=201)
def duplicate(request: Request, person: Coder, report: Id, claim: Id, body: Version) -> Done:
    """Make a copy of a claim, to be changed next."""
    return _done(_shared(request, report).duplicate(person, Seen(claim, body.version)))


@router.post("/reports/{report}/claims/{claim}/split", tags=["coding"], status_code=201)
def split(request: Request, person: Coder, report: Id, claim: Id, body: Split) -> Done:
    """Make two claims of one."""
    return _done(_shared(request, report).split(person, Seen(claim, body.version), body.part))


@router.post("/reports/{report}/merge", tags=["coding"])
def merge(request: Request, person: Coder, report: Id, body: Merge) -> Done:
    """Make one claim of several."""
    return _done(_shared(request, report).merge(person, [Seen(one.id, one.version) for one in body.claims]))


@router.post("/reports/{report}/not-coded", tags=["coding"])
def not_coded(request: Request, person: Coder, report: Id, body: Reason) -> Done:
    """Put the report down as having nothing to code, and why."""
    return _done(_shared(request, report).not_coded(person, body.version, body.why))


@router.post("/reports/{report}/undo", tags=["coding"])
def undo(request: Request, person: Coder, report: Id) -> Done:
    """Take back one's own last act on the report."""
    return _done(_shared(request, report).undo(person))


@router.post("/reports/{report}/comments", tags=["coding"], status_code=201)
def comment(request: Request, person: Commenter, report: Id, body: Remark) -> Done:
    """Comment on a claim or on the report."""
    return _done(_shared(request, report).comment(person, body.claim, body.text))


# One's own blind sheets


@router.get("/assignments", tags=["double coding"])
def assignments(request: Request, person: Coder) -> Answer:
    """One's own reports to code blind."""
    mine = site(request).desk.double.mine(person)
    items = [{"n": a.n, "report": a.report, "title": a.title, "finished_at": a.finished_at} for a in mine]
    return Answer(items=items, total=len(items))


@router.get("/assignments/{n}", tags=["double coding"])
def assignment(request: Request, person: Coder, n: Number) -> dict[str, Any]:
    """One's own blind sheet of a report."""
    return _sheet_values(_blind(request, person, n))


@router.post("/assignments/{n}/claims", tags=["double coding"], status_code=201)
def blind_add(request: Request, person: Coder, n: Number, body: Added) -> Done:
    """Add a claim to one's blind sheet."""
    return _done(_blind(request, person, n).add(person, body.type, body.trigger))


@router.post("/assignments/{n}/claims/{claim}/accept", tags=["double coding"])
def blind_accept(request: Request, person: Coder, n: Number, claim: Id, body: Version) -> Done:
    """Accept a claim on one's blind sheet."""
    return _done(_blind(request, person, n).accept(person, Seen(claim, body.version)))


@router.post("/assignments/{n}/claims/{claim}/reject", tags=["double coding"])
def blind_reject(request: Request, person: Coder, n: Number, claim: Id, body: Reason) -> Done:
    """Reject a claim on one's blind sheet."""
    return _done(_blind(request, person, n).reject(person, Seen(claim, body.version), body.why))


@router.post("/assignments/{n}/claims/{claim}/edit", tags=["double coding"])
def blind_edit(request: Request, person: Coder, n: Number, claim: Id, body: Edit) -> Done:
    """Change a claim on one's blind sheet."""
    return _done(_blind(request, person, n).edit(person, Seen(claim, body.version), body.change, body.why))


@router.post("/assignments/{n}/claims/{claim}/duplicate", tags=["double coding"], status_code=201)
def blind_duplicate(request: Request, person: Coder, n: Number, claim: Id, body: Version) -> Done:
    """Copy a claim on one's blind sheet."""
    return _done(_blind(request, person, n).duplicate(person, Seen(claim, body.version)))


@router.post("/assignments/{n}/claims/{claim}/split", tags=["double coding"], status_code=201)
def blind_split(request: Request, person: Coder, n: Number, claim: Id, body: Split) -> Done:
    """Make two claims of one on one's blind sheet."""
    return _done(_blind(request, person, n).split(person, Seen(claim, body.version), body.part))


@router.post("/assignments/{n}/merge", tags=["double coding"])
def blind_merge(request: Request, person: Coder, n: Number, body: Merge) -> Done:
    """Make one claim of several on one's blind sheet."""
    return _done(_blind(request, person, n).merge(person, [Seen(one.id, one.version) for one in body.claims]))


@router.post("/assignments/{n}/undo", tags=["double coding"])
def blind_undo(request: Request, person: Coder, n: Number) -> Done:
    """Take back the last act on one's blind sheet."""
    return _done(_blind(request, person, n).undo(person))


@router.post("/assignments/{n}/finish", tags=["double coding"])
def finish(request: Request, person: Coder, n: Number) -> Done:
    """Hand one's blind sheet in."""
    return _done(site(request).desk.double.sheet(person, n).finish(person))


# Incidents


@router.get("/incidents/{incident}", tags=["incidents"])
def incident(request: Request, person: Reader, incident: Id) -> dict[str, Any]:  # noqa: ARG001
    """An incident with its origins, disagreements, grades and claims."""
    case = site(request).desk.incidents.case(incident)
    return incident_values(case.stored) | {"held": [claim_values(s.claim) for s in case.claims]}


@router.post("/incidents/{incident}/accept", tags=["incidents"])
def accept_incident(request: Request, person: Coder, incident: Id, body: Version) -> Done:
    """Accept an incident as linked."""
    site(request).desk.incidents.accept(person, incident, body.version)
    return Done(claims=[incident], said="Accepted.")


@router.post("/incidents/{incident}/reject", tags=["incidents"])
def reject_incident(request: Request, person: Coder, incident: Id, body: Reason) -> Done:
    """Reject an incident, and why."""
    site(request).desk.incidents.reject(person, incident, body.version, body.why)
    return Done(claims=[incident], said="Rejected.")


@router.post("/incidents/{incident}/merge", tags=["incidents"])
def merge_incidents(request: Request, person: Coder, incident: Id, body: Together) -> Done:
    """Decide that incidents are one event; the answer names the one that holds their claims now."""
    held = site(request).desk.incidents.merge(person, incident, body.version, body.others, body.why)
    return Done(claims=[held], said="Merged.")


@router.post("/incidents/{incident}/split", tags=["incidents"])
def split_incident(request: Request, person: Coder, incident: Id, body: Apart) -> Done:
    """Decide that some of an incident's claims are another event; the answer names the incidents that hold them now."""
    held = site(request).desk.incidents.split(person, incident, body.version, body.claims, body.why)
    return Done(claims=held, said="Split.")


@router.post("/incidents/{incident}/undo", tags=["incidents"])
def undo_incident(request: Request, person: Coder, incident: Id, body: Version) -> Done:
    """Take back one's own last decision on the incident."""
    held = site(request).desk.incidents.undo(person, incident, body.version)
    return Done(claims=held, said="Taken back.")


@router.post("/incidents/{incident}/comments", tags=["incidents"], status_code=201)
def comment_incident(request: Request, person: Commenter, incident: Id, body: Reason) -> Done:
    """Comment on an incident."""
    site(request).desk.incidents.comment(person, incident, body.version, body.why)
    return Done(claims=[incident], said="Commented.")


# What leaves the record


class Asked(Body):
    """An export: the format, for whom (`public`, `partner`, `internal`), and the query as in an address."""

    format: FormatName
    profile: str = Field(default=DEFAULT, max_length=40)
    query: Text = ""


class Week(Body):
    """A release: the week to close (`2024-W11`), for whom, the formats, what to say, the rules whose findings may pass."""

    week: str = Field(max_length=8)
    profiles: tuple[Annotated[str, Field(max_length=40)], ...] = Field(default=(DEFAULT,), max_length=10)
    formats: tuple[FormatName, ...] = Field(default=(*FORMATS,), max_length=40)
    notes: Text = ""
    allow: tuple[Annotated[str, Field(max_length=100)], ...] = Field(default=(), max_length=40)


@router.post("/exports", tags=["publishing"], response_class=FileResponse)
def export(request: Request, person: Reader, body: Asked) -> Response:
    """Export the incidents that a query finds, as one file. It is kept in the log."""
    return exported(site(request).press, person, body.format, body.profile, body.query)


@router.get("/releases", tags=["publishing"])
def releases(request: Request, person: Reader) -> Answer:  # noqa: ARG001
    """The releases there are, the last first; a file is at `/releases/{name}/{profile}/{file}`."""
    items = [
        {"name": one.name, "number": one.release.number, "week": one.release.week, "day": one.release.day}
        | {"notes": one.release.notes}
        | {"files": {profile: [asdict(file) for file in files] for profile, files in one.files.items()}}
        for one in site(request).press.released()
    ]
    return Answer(items=items, total=len(items))


@router.post("/releases", tags=["publishing"], status_code=201)
def release(request: Request, person: Publisher, body: Week) -> Done:
    """Freeze a week, check it, publish it. The answer names the release; `said` counts what was found and let pass."""
    made, findings = site(request).press.make(person, Closing(**body.model_dump()), today())
    told = "; ".join(f"{count:,} of {rule!r}" for rule, count in Counter(f.rule for f in findings).items())
    return Done(claims=[made.name], said=f"Published.{f' Let pass: {told}.' if told else ''}")


# Search, and what pages type ahead

SEARCHED = {
    "parameters": [
        {
            "name": name,
            "in": "query",
            "description": parameter.meaning,
            "schema": {"type": "array", "items": {"type": "string"}} if parameter.many else {"type": "string"},
        }
        for name, parameter in PARAMETERS.items()
        if name != "box"
    ]
}


@router.get("/search", tags=["search"], openapi_extra=SEARCHED)
def search(request: Request, person: Reader) -> dict[str, Any]:  # noqa: ARG001
    """Claims, incidents or reports, with counts by facet: the query object of the command line and of Python."""
    here = site(request)
    found = here.desk.explorer.search(Search.from_params(request.query_params.multi_items()))
    return {
        "total": found.total,
        "notes": list(found.notes),
        "items": [_found(row) for row in found.rows],
        "facets": {
            name: [{"value": c.value, "label": c.label, "count": c.count} for c in facet.counts]
            for name, facet in found.facets.items()
        },
    }


def _found(row: FoundClaim | StoredIncident | StoredReport) -> dict[str, Any]:
    if isinstance(row, FoundClaim):
        return claim_values(row.stored.claim) | {"review": row.stored.review, "outlet": row.report.outlet}
    if isinstance(row, StoredIncident):
        return incident_values(row)
    held = row.report
    return {"id": held.id, "title": held.title, "outlet": held.outlet, "published": held.published}


@router.get("/map", tags=["search"], openapi_extra=SEARCHED)
def map(
    request: Request,
    person: Reader,  # noqa: ARG001
    view: Annotated[str, Query(description="west,south,east,north in degrees", max_length=100)] = "-180,-90,180,90",
    zoom: Annotated[int, Query(ge=0, le=20, description="of web maps")] = 2,
) -> dict[str, Any]:
    """What a query finds, in clusters for a map at a zoom."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name not in ("view", "zoom")]
    query = Search.from_params(pairs)
    found, inside, mapped = site(request).desk.explorer.clusters(query, box_of(view), zoom)
    return {
        "find": query.find,
        "inside": inside,
        "mapped": mapped,
        "items": [
            {"lat": c.lat, "lon": c.lon, "count": c.count, "precision": c.precision, "type": c.type, "id": c.id}
            | {"box": c.box}
            for c in found
        ],
    }


@router.get("/towns", tags=["registers"])
def towns(
    request: Request,
    person: Reader,  # noqa: ARG001
    box: Annotated[str, Query(max_length=100, description="west,south,east,north in degrees")],
) -> Answer:
    """The largest towns within a box, for a map without tiles."""
    b = box_of(box)
    if b.west > b.east:
        return Answer(items=[])
    found = _registers(request).places.inside(b.south, b.west, b.north, b.east, 60)
    return Answer(items=[{"name": e.name, "lat": e.lat, "lon": e.lon, "population": e.population} for e in found])


@router.get("/places", tags=["registers"])
def places(
    request: Request,
    person: Reader,  # noqa: ARG001
    q: Typed,
    country: Annotated[str, Query(max_length=2)] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 12,
) -> Answer:
    """Places whose name begins so, those of the country first."""
    found = _registers(request).places.complete(q, country.upper() or None, limit)
    gazetteer = _registers(request).places
    items = []
    for e in found:
        area = gazetteer.area(e.admin1) if e.admin1 and e.kind != "admin1" else None
        items.append(
            {"gazetteer_id": e.ref, "name": e.name, "kind": e.kind, "country": e.country or None}
            | {"lat": e.lat, "lon": e.lon, "within": area.name if area else e.within, "population": e.population}
        )
    return Answer(items=items)


@router.get("/actors", tags=["registers"])
def actors(
    request: Request,
    person: Reader,  # noqa: ARG001
    q: Typed,
    country: Annotated[str, Query(max_length=2)] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 12,
) -> Answer:
    """Actors of the register by a part of their name or an alias, those of the country first."""
    return Answer(items=site(request).desk.actors_like(q, country.upper(), limit))


def _registers(request: Request) -> Registers:
    return site(request).desk.registers
