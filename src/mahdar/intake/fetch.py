"""A page from its address: one polite GET with limits, and never to a machine inside the user's own network unless
allowed.
"""

from __future__ import annotations

import ipaddress
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from mahdar.model import MahdarError

LARGEST = 20 * 1024 * 1024
SECONDS = 30
REDIRECTS = 5
AGENT = "mahdar (reads news reports a person asked for)"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered: body, declared character set and the address after redirects."""

    body: bytes
    charset: str | None
    url: str


Fetch = Callable[[str], Fetched]


def fetch(url: str, *, allow_private: bool = False) -> Fetched:
    """The answer to one GET of an http or https address.

    Raises MahdarError on another scheme, a private or loopback address (unless `allow_private`), a failure, more than
    5 redirects, more than 20 MB or more than 30 seconds.
    """
    _check(url, allow_private)
    opener = urllib.request.build_opener(_Redirects(allow_private))
    request = urllib.request.Request(
        url, headers={"User-Agent": AGENT, "Accept": "text/html,text/plain;q=0.9,*/*;q=0.1"}
    )
    deadline = time.monotonic() + SECONDS
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            parts: list[bytes] = []
            size = 0
            while part := answer.read(65536):
                parts.append(part)
                size += len(part)
                if size > LARGEST:
                    raise MahdarError(f"{url}: is larger than {LARGEST // 2**20} MB")
                if time.monotonic() > deadline:
                    raise MahdarError(f"{url}: took longer than {SECONDS} seconds")
            return Fetched(b"".join(parts), answer.headers.get_content_charset(), answer.geturl())
    except (urllib.error.URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise MahdarError(f"{url}: could not be fetched ({reason})") from error


def _check(url: str, allow_private: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise MahdarError(f"{url}: is not an http or https address")
    if allow_private:
        return
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except OSError as error:
        raise MahdarError(f"{url}: has a host that cannot be found ({error})") from error
    for *_, address in found:
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            raise MahdarError(f"{url}: leads to a private address ({address[0]}), which is not fetched unless allowed")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, each checked as the first address was."""

    max_redirections = REDIRECTS

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Any:
        _check(newurl, self._allow_private)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
