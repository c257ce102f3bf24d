"""What leaves the record: an export of what a query finds, and the releases."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from mahdar.model import MahdarError
from mahdar.publish.formats import FORMATS, format_named
from mahdar.publish.press import Closing, Press, may_have, profiles_for
from mahdar.publish.release import NotReady
from mahdar.publish.validate import Finding
from mahdar.record.query import Query
from mahdar.review.people import Person, Right
from mahdar.web.site import Publisher, Reader, page, site

router = APIRouter()


@router.post("/export")
def export(
    request: Request,
    person: Reader,
    format: Annotated[str, Form()],
    profile: Annotated[str, Form()],
    query: Annotated[str, Form()] = "",
) -> Response:
    return exported(site(request).press, person, format, profile, query)


def exported(press: Press, person: Person, format: str, profile: str, query: str) -> FileResponse:
    """What a query finds as one file, which is removed here once it has been sent. Its name says nothing of the query.

    Raises MahdarError where nothing is found, or the person may not have the profile.
    """
    chosen, asked = format_named(format), Query.from_url(query)
    redactor = press.redactor(profile)
    cases = iter(press.cases(asked, redactor))
    first = next(cases, None)
    if first is None:
        raise MahdarError("no incident is found by this query: there is nothing to export")
    folder = Path(tempfile.mkdtemp(prefix="mahdar-"))
    try:
        name = f"mahdar-{today()}-{profile}{chosen.suffix}"
        made = press.export(
            person,
            chosen,
            chain([first], cases),
            redactor,
            folder / name,
            query=asked if asked.filters else None,
            packed=True,
        )
    except BaseException:
        shutil.rmtree(folder)
        raise
    return sent(folder / made[0].name, BackgroundTask(shutil.rmtree, folder))


def sent(file: Path, afterwards: BackgroundTask | None = None) -> FileResponse:
    """A file to keep, as its bytes are: nothing packs it once more on the way."""
    headers = {"Content-Encoding": "identity"}
    return FileResponse(
        file, filename=file.name, media_type="application/octet-stream", headers=headers, background=afterwards
    )


def today() -> str:
    return datetime.now(UTC).date().isoformat()


@router.get("/releases")
def releases(request: Request, person: Reader) -> Response:
    return _releases(request, person)


@router.post("/releases")
def make(
    request: Request,
    person: Publisher,
    week: Annotated[str, Form()],
    profiles: Annotated[list[str] | None, Form()] = None,
    formats: Annotated[list[str] | None, Form()] = None,
    notes: Annotated[str, Form(max_length=4000)] = "",
    allow: Annotated[list[str] | None, Form()] = None,
) -> Response:
    closing = Closing(week, tuple(profiles or ()), tuple(formats or ()), notes, tuple(allow or ()))
    try:
        made, _ = site(request).press.make(person, closing, today())
    except NotReady as stopped:
        return _releases(request, person, closing, stopped.findings)
    return RedirectResponse(f"/releases/{made.name}", 303)


def _releases(
    request: Request, person: Person, asked: Closing | None = None, stopped: Sequence[Finding] = ()
) -> Response:
    """The releases there are, and the form for the next; with what stops the one that was asked for."""
    here = site(request)
    return page(
        request,
        "releases.html",
        status=422 if stopped else 200,
        releases=here.press.released(),
        exports=here.press.exports(),
        may_make=person.may(Right.publish) and here.press.folder is not None,
        kept=here.press.folder is not None,
        profiles=profiles_for(person),
        formats=FORMATS,
        stopped=stopped,
        asked=asked or Closing(""),
    )


@router.get("/releases/{name}")
def release(request: Request, person: Reader, name: str) -> Response:
    here = site(request)
    one = here.press.published(name)
    allowed = [profile for profile in one.release.profiles if may_have(person, profile)]
    changes = {profile: one.changes(profile) for profile in allowed}
    return page(request, "release.html", one=one, release=one.release, allowed=allowed, changes=changes)


@router.get("/releases/{name}/{profile}/{file}")
def file(request: Request, person: Reader, name: str, profile: str, file: str) -> Response:
    return sent(site(request).press.file(person, name, profile, file))
