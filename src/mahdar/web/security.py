"""What every request passes: who asks, from where, how often; and the headers that every answer carries.

Who: a token (`Authorization: Bearer`), a session's cookie, or, where the record has no accounts, whoever sits at this
machine. A request that writes and comes with a cookie must also come from a page of ours: its `Origin` is ours and it
carries the session's CSRF token. Cookies of other ports of this machine reach us too, so the token is keyed, not copied.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mahdar.review.people import People, Person

COOKIE = "mahdar_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
LARGEST = 2_000_000  # bytes of one request
CLIENTS = 10_000  # whose counts are kept at once


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests at once, and so many more each minute."""

    burst: int
    a_minute: float


READING = Rate(300, 3000)
WRITING = Rate(60, 240)
LOGGING_IN = Rate(8, 6)


class Limiter:
    """Token buckets, one a client and sort of request. Only in memory: a restart forgives."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, Rate], tuple[float, float]] = OrderedDict()

    def wait(self, client: str, rate: Rate) -> float:
        """0 if one more request may pass, else the seconds until it might."""
        now = time.monotonic()
        left, since = self._held.pop((client, rate), (float(rate.burst), now))
        left = min(rate.burst, left + (now - since) * rate.a_minute / 60)
        self._held[client, rate] = (left - 1 if left >= 1 else left, now)
        if len(self._held) > CLIENTS:
            self._held.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) * 60 / rate.a_minute


class Guard:
    """The application's door. What it finds out is in the request's state: `person` (or None) and `csrf`."""

    def __init__(
        self,
        app: ASGIApp,
        people: People,
        *,
        local: Person | None,
        hosts: Iterable[str],
        secure: bool,
        images: str = "",
    ) -> None:
        self.app = app
        self.people = people
        self.local = local
        self.hosts = frozenset(hosts)
        self.secure = secure
        self.limiter = Limiter()
        self._key = secrets.token_bytes(32)
        self._headers = _headers(secure, images)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        cookie: str | None = None

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("Cache-Control", "no-store")
                if cookie is not None:
                    headers.append("Set-Cookie", session_cookie(cookie, secure=self.secure))
            await send(message)

        refused = self._refused(request)
        if refused is not None:
            await refused(scope, receive, answer)
            return
        if scope["path"].startswith("/static/"):
            await self.app(scope, receive, answer)
            return
        held = cookie_parser(request.headers.get("cookie", "")).get(COOKIE)
        person, by_cookie = None, False
        authorization = request.headers.get("authorization", "")
        if authorization:
            scheme, _, token = authorization.partition(" ")
            person = await run_in_threadpool(self.people.by_token, token) if scheme.lower() == "bearer" else None
            if person is None:
                await _sentence(401, "this token is not known, or has ended")(scope, receive, answer)
                return
        elif self.local is not None:
            person, by_cookie = self.local, True
            if held is None or not self._ours(held):
                held = cookie = self._sign(secrets.token_urlsafe(18))
        elif held is not None:
            person, by_cookie = await run_in_threadpool(self.people.by_session, held), True
        if person is None and held is None:
            held = cookie = self._sign(secrets.token_urlsafe(18))  # for the log-in form's CSRF token
        csrf = self.csrf(held or "")
        state = scope.setdefault("state", {})
        state["person"], state["csrf"], state["session"] = person, csrf, held
        client = person.name if person else (scope.get("client") or ("?", 0))[0]
        writes = request.method not in SAFE
        rate = LOGGING_IN if writes and scope["path"] == "/login" else WRITING if writes else READING
        if (delay := self.limiter.wait(client, rate)) > 0:
            slow = _sentence(429, f"too many requests; try again in {delay:.0f} s")
            slow.headers["Retry-After"] = str(int(delay) + 1)
            await slow(scope, receive, answer)
            return
        if writes and (by_cookie or scope["path"] == "/login"):
            receive, given = await _with_token(request, receive)
            if not self._from_us(request) or not hmac.compare_digest(given.encode(), csrf.encode()):
                await _sentence(403, "this request does not come from a page of ours; load the page again")(
                    scope, receive, answer
                )
                return
        await self.app(scope, receive, answer)

    def csrf(self, session: str) -> str:
        """The token that the pages of a session send with what they write."""
        return hmac.new(self._key, session.encode(), hashlib.sha256).hexdigest()

    def _sign(self, value: str) -> str:
        return f"{value}.{self.csrf(f'cookie {value}')[:32]}"

    def _ours(self, cookie: str) -> bool:
        value, _, _ = cookie.partition(".")
        return hmac.compare_digest(self._sign(value).encode(), cookie.encode())

    def _refused(self, request: Request) -> Response | None:
        """Another host's name for us (DNS rebinding), or a body that no page of ours sends."""
        host = request.headers.get("host", "").rpartition("]")
        name = f"{host[0]}]" if host[1] else host[2].partition(":")[0]
        if self.hosts and name.lower() not in self.hosts:
            return _sentence(421, "this server does not go by that name")
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            return _sentence(413, "this request is too large")
        return None

    def _from_us(self, request: Request) -> bool:
        origin = request.headers.get("origin")
        if origin is None:
            return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def session_cookie(session: str, *, secure: bool, gone: bool = False) -> str:
    """The Set-Cookie header of a session."""
    life = "; Max-Age=0" if gone else ""
    return f"{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict{'; Secure' if secure else ''}{life}"


async def _with_token(request: Request, receive: Receive) -> tuple[Receive, str]:
    """The CSRF token of a request, from its header or its form, and the body to be read once more."""
    given = request.headers.get("x-csrf-token", "")
    if given or not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return receive, given
    body, more = b"", True
    while more and len(body) <= LARGEST:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again, fields.get("csrf", "")


def _headers(secure: bool, images: str) -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: {images}".strip(),
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return headers | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})


def _sentence(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status)
