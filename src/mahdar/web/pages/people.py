"""Accounts, for those who govern the record."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mahdar.model import MahdarError
from mahdar.review.people import Role
from mahdar.web.site import Governor, page, site

router = APIRouter()


@router.get("/users")
def users(request: Request, person: Governor) -> Response:  # noqa: ARG001
    return page(request, "users.html", people=site(request).people.all(), roles=list(Role))


@router.post("/users")
def add(
    request: Request,
    person: Governor,
    name: Annotated[str, Form()],
    role: Annotated[Role, Form()],
    password: Annotated[str, Form()],
) -> Response:
    site(request).people.add(name.strip().lower(), role, password, by=person.name)
    return RedirectResponse("/users", 303)


@router.post("/users/{name}")
def change(
    request: Request,
    person: Governor,
    name: str,
    role: Annotated[Role, Form()],
    active: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    if name == person.name and not active:
        raise MahdarError("you cannot shut yourself out")
    site(request).people.change(name, by=person.name, role=role, active=bool(active), password=password or None)
    return RedirectResponse("/users", 303)
