"""Fetching as a good guest, for addresses that nobody asked for one by one: robots.txt is obeyed (RFC 9309) and requests
to one host are spaced.

protego is imported with the first robots.txt.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from mahdar.intake.fetch import Fetched, FetchError, fetch

if TYPE_CHECKING:
    from protego import Protego

TOKEN = "mahdar"  # what robots.txt may call us
SPACING = 1.0  # seconds between two requests to a host
LONGEST_SPACING = 60.0  # however long a Crawl-delay asks for
_KEPT = 24 * 3600.0  # seconds after which robots.txt is asked for again: RFC 9309, 2.4
_LARGEST = 500 * 1024  # bytes of robots.txt that count: RFC 9309, 2.5


class Ask(Protocol):
    """What `fetch` and its stand-ins are."""

    def __call__(
        self, url: str, *, headers: Mapping[str, str] | None = None, before: Callable[[str], None] | None = None
    ) -> Fetched: ...


class Polite:
    """A fetcher that asks robots.txt first and never hurries a host. Remembers both while it lives.

    Calling it raises FetchError as `fetch` does, and for an address that robots.txt closes; where robots.txt itself
    cannot be had (a server error, a time-out) the host counts as closed for now.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        spacing: float = SPACING,
        ask: Ask | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ask = ask
        self._allow_private = allow_private
        self._spacing = spacing
        self._clock = clock
        self._sleep = sleep
        self._rules: dict[str, tuple[float, Protego]] = {}
        self._free: dict[str, float] = {}  # when a host may be asked again

    def __call__(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        return self._get(url, headers, self._before)

    def _get(self, url: str, headers: Mapping[str, str] | None, before: Callable[[str], None]) -> Fetched:
        if self._ask:
            return self._ask(url, headers=headers, before=before)
        return fetch(url, allow_private=self._allow_private, headers=headers, before=before)

    def _before(self, url: str) -> None:
        rules = self._robots(url)
        if not rules.can_fetch(url, TOKEN):
            raise FetchError(url, "is closed to programs by the site's robots.txt")
        delay = rules.crawl_delay(TOKEN)
        self._wait(url, min(max(delay or 0.0, self._spacing), LONGEST_SPACING))

    def _wait(self, url: str, spacing: float) -> None:
        host = urlsplit(url).netloc
        wait = self._free.get(host, 0.0) - self._clock()
        if wait > 0:
            self._sleep(wait)
        self._free[host] = self._clock() + spacing

    def _robots(self, url: str) -> Protego:
        from protego import Protego

        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        asked, rules = self._rules.get(site, (0.0, None))
        if rules is None or self._clock() - asked > _KEPT:
            rules = Protego.parse(self._robots_text(f"{site}/robots.txt", url))
            self._rules[site] = self._clock(), rules
        return rules

    def _robots_text(self, robots: str, url: str) -> str:
        try:
            answer = self._get(robots, None, lambda at: self._wait(at, self._spacing))
        except FetchError as error:
            if error.status is not None and 400 <= error.status < 500 and not error.passing:
                return ""  # there is none: all is open
            raise FetchError(
                url,
                f"is not fetched while the site's robots.txt cannot be read ({error.reason})",
                passing=error.passing,
                retry_after=error.retry_after,
            ) from error
        return answer.body[:_LARGEST].decode("utf-8", "replace").removeprefix("\ufeff")
