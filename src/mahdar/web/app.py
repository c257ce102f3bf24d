"""The application: pages, API and static files over one record, behind the guard."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

import mahdar
from mahdar.model import MahdarError
from mahdar.publish.press import Press
from mahdar.record import Record
from mahdar.record.decisions import Conflict
from mahdar.review.desk import Desk
from mahdar.review.people import Forbidden, People, local_person
from mahdar.web import api, pages
from mahdar.web.security import LOOPBACK, Guard
from mahdar.web.site import HERE, NotLoggedIn, Site, page

DESCRIPTION = (
    "Everything the pages do, as JSON. Authorise with `Authorization: Bearer <token>` (make one under Users). "
    "A refusal is a sentence in `detail`; 409 means that somebody decided in between."
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a record is served. `user` is the name that the one local user's decisions carry; None asks for accounts.

    `hosts` are the names that the server goes by; `secure` says that people reach it by https; `tiles` is the address
    of map tiles (`https://…/{z}/{x}/{y}.png`) that the user wants, the only thing a page would ask another machine for;
    `releases` is the folder where releases are kept, which nobody can make without one.
    """

    user: str | None = None
    hosts: frozenset[str] = LOOPBACK
    secure: bool = False
    tiles: str | None = None
    releases: Path | None = None


def create_app(record: Record, settings: Settings) -> FastAPI:
    """The application over an open record. Raises MahdarError where accounts are asked for and there is none."""
    people = People(record)
    if settings.user is None and not people.any():
        raise MahdarError("the record has no account yet; `mahdar user add NAME --role admin` makes the first")
    local = local_person(settings.user) if settings.user is not None else None
    desk = Desk(record, people)

    @asynccontextmanager
    async def begun(_: FastAPI) -> AsyncIterator[None]:
        """Count over the record before somebody asks, so that the first view is as quick as the next."""
        counting = threading.Thread(target=desk.warm, daemon=True)
        counting.start()
        yield
        await run_in_threadpool(counting.join)

    app = FastAPI(
        lifespan=begun,
        title="mahdar",
        version=mahdar.__version__,
        description=DESCRIPTION,
        docs_url=None,  # its pages would be fetched from another machine
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.site = Site(
        record, people, desk, Press(record, settings.releases), local, settings.secure, settings.tiles
    )
    app.mount("/static", _Static(directory=HERE / "static"), name="static")
    for router in pages.ROUTERS:
        app.include_router(router, include_in_schema=False)
    app.include_router(api.router)
    app.add_exception_handler(MahdarError, _refused)
    app.add_exception_handler(NotLoggedIn, _log_in)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    images = "{0.scheme}://{0.netloc}".format(urlsplit(settings.tiles.replace("{s}.", ""))) if settings.tiles else ""
    app.add_middleware(GZipMiddleware, minimum_size=2000, compresslevel=4)
    app.add_middleware(Guard, people=people, local=local, hosts=settings.hosts, secure=settings.secure, images=images)
    return app


class _Static(StaticFiles):
    """The wheel's own files; they change only with mahdar's version, which pages put into their addresses."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/")


async def _refused(request: Request, error: Exception) -> Response:
    status = 403 if isinstance(error, Forbidden) else 409 if isinstance(error, Conflict) else 422
    if (
        "no report of the record" in str(error)
        or "no claim of the record" in str(error)
        or "there is no " in str(error)
    ):
        status = 404
    if _wants_json(request):
        body: dict[str, object] = {"detail": str(error)}
        if isinstance(error, Conflict):
            body["present"] = api.present(error)
        return JSONResponse(body, status)
    return page(request, "refused.html", status=status, sentence=str(error))


async def _log_in(request: Request, _: Exception) -> Response:
    if _wants_json(request):
        return JSONResponse({"detail": "log in, or send a token"}, 401, {"WWW-Authenticate": "Bearer"})
    if request.method not in ("GET", "HEAD"):
        return page(request, "refused.html", status=401, sentence="Your session has ended; log in again.")
    onward = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(onward)}", 303)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if _wants_json(request):
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
    said = "There is no such page." if error.status_code == 404 else str(error.detail)
    return page(request, "refused.html", status=error.status_code, sentence=said)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    sentence = f"{where}: {first['msg']}" if where else str(first["msg"])
    if _wants_json(request):
        return JSONResponse({"detail": sentence}, 422)
    return page(request, "refused.html", status=422, sentence=sentence)
