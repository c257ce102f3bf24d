"""What the pages and the API share: the record's services, templates, and who asks with which right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from mahdar.codebook import EVENT_TYPES
from mahdar.publish.press import Press
from mahdar.record import Record
from mahdar.review.desk import Desk
from mahdar.review.people import People, Person, Right, Role
from mahdar.web import wording

HERE = Path(__file__).parent

NAVIGATION = (  # address, label, right
    ("/inbox", "Inbox", Right.read),
    ("/explore", "Explore", Right.read),
    ("/double", "Double coding", Right.comment),
    ("/agreements", "Agreements", Right.read),
    ("/actors", "Actors", Right.read),
    ("/places", "Places", Right.read),
    ("/sources", "Sources", Right.read),
    ("/coverage", "Coverage", Right.read),
    ("/log", "Log", Right.read),
    ("/releases", "Releases", Right.read),
    ("/users", "Users", Right.govern),
)


class NotLoggedIn(Exception):  # noqa: N818  # what it is
    """Somebody unknown asked for something that needs an account."""


@dataclass(slots=True)
class Site:
    """One running application."""

    record: Record
    people: People
    desk: Desk
    press: Press
    local: Person | None
    secure: bool = False
    tiles: str | None = None
    templates: Environment = field(default_factory=lambda: _templates())


def site(request: Request) -> Site:
    return cast(Site, request.app.state.site)


def needs(right: Right) -> Callable[[Request], Person]:
    """The person who asks, if that person has the right. Every route has one of these."""

    def asker(request: Request) -> Person:
        person: Person | None = request.state.person
        if person is None:
            raise NotLoggedIn
        person.need(right)
        return person

    return asker


Reader = Annotated[Person, Depends(needs(Right.read))]
Commenter = Annotated[Person, Depends(needs(Right.comment))]
Coder = Annotated[Person, Depends(needs(Right.decide))]
Adjudicator = Annotated[Person, Depends(needs(Right.adjudicate))]
Publisher = Annotated[Person, Depends(needs(Right.publish))]
Assigner = Annotated[Person, Depends(needs(Right.assign))]
Governor = Annotated[Person, Depends(needs(Right.govern))]


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from its template. What every page needs is added here."""
    here = site(request)
    person: Person | None = request.state.person
    path = request.url.path
    shared = {
        "person": person,
        "local": here.local is not None,
        "csrf": request.state.csrf,
        "path": path,
        "query": request.url.query,
        "navigation": [(a, label) for a, label, right in NAVIGATION if person and person.may(right)],
        "looks": {name: request.cookies.get(f"mahdar_{name}", usual) for name, usual in LOOKS.items()},
        "Right": Right,
        "Role": Role,
    }
    made = here.templates.get_template(template).render(shared | values)
    return HTMLResponse(made, status)


LOOKS = {"theme": "auto", "fold": "off"}  # how the page looks, kept in cookies, with what is usual


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= wording.FILTERS
    environment.globals |= {"EVENT_TYPES": EVENT_TYPES}
    return environment
