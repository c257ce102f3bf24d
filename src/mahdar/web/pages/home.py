"""The first page, logging in and out, and the codebook."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mahdar.review.guide import RULES
from mahdar.web.security import session_cookie
from mahdar.web.site import Reader, page, site

router = APIRouter()


@router.get("/")
def home(person: Reader) -> Response:  # noqa: ARG001
    return RedirectResponse("/inbox", 303)


@router.get("/login")
def login_form(request: Request, next: str = "/") -> Response:
    if request.state.person:
        return RedirectResponse(_inside(next), 303)
    return page(request, "login.html", sentence="", next=_inside(next))


@router.post("/login")
def login(
    request: Request, name: Annotated[str, Form()], password: Annotated[str, Form()], next: Annotated[str, Form()] = "/"
) -> Response:
    found = site(request).people.log_in(name.strip().lower(), password)
    if found is None:
        return page(request, "login.html", status=401, sentence="Name or password is not right.", next=_inside(next))
    response = RedirectResponse(_inside(next), 303)
    response.headers["Set-Cookie"] = session_cookie(found[1], secure=site(request).secure)
    return response


@router.post("/logout")
def logout(request: Request, person: Reader) -> Response:  # noqa: ARG001
    if request.state.session:
        site(request).people.log_out(request.state.session)
    response = RedirectResponse("/login", 303)
    response.headers["Set-Cookie"] = session_cookie("", secure=site(request).secure, gone=True)
    return response


@router.get("/codebook")
def codebook(request: Request, person: Reader) -> Response:  # noqa: ARG001
    return page(request, "codebook.html", rules=RULES)


@router.get("/api")
def api(request: Request, person: Reader) -> Response:  # noqa: ARG001
    paths = request.app.openapi()["paths"]
    calls = [
        (method.upper(), path, call.get("summary", ""), call.get("description", ""))
        for path, methods in sorted(paths.items())
        for method, call in methods.items()
    ]
    return page(request, "api.html", calls=calls)


def _inside(address: str) -> str:
    """Only ever a page of ours: no other host, no scheme."""
    return address if address.startswith("/") and address[1:2] not in ("/", "\\") else "/"
