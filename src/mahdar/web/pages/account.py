"""One's own account: the password, and tokens for programs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mahdar.model import MahdarError
from mahdar.review.people import RIGHTS, Person, Role
from mahdar.web.site import Reader, page, site

router = APIRouter()


def _account(request: Request, person: Person, **values: str) -> Response:
    roles = [role for role in Role if RIGHTS[role] <= RIGHTS[person.role]]
    shown: dict[str, Any] = {"made": None} | values
    return page(request, "account.html", tokens=site(request).people.tokens(person), roles=roles, **shown)


@router.get("/account")
def account(request: Request, person: Reader) -> Response:
    return _account(request, person)


@router.post("/account/password")
def password(request: Request, person: Reader, old: Annotated[str, Form()], new: Annotated[str, Form()]) -> Response:
    people = site(request).people
    if person.n is None or people.log_in(person.name, old) is None:
        raise MahdarError("the old password is not right")
    people.change(person.name, by=person.name, password=new)
    return RedirectResponse("/login", 303)


@router.post("/account/tokens")
def make_token(
    request: Request, person: Reader, name: Annotated[str, Form()], role: Annotated[Role, Form()]
) -> Response:
    made = site(request).people.make_token(person, name, role)
    return _account(request, person, made=made)


@router.post("/account/tokens/{id}/drop")
def drop_token(request: Request, person: Reader, id: str) -> Response:
    site(request).people.drop_token(person, id)
    return RedirectResponse("/account", 303)
