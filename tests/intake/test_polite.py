"""robots.txt and the pace of asking."""

import pytest

from mahdar.intake.fetch import FetchError
from mahdar.intake.polite import LONGEST_SPACING, Polite
from tests.intake.server import Answer, Site


class Clock:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def guest(clock: Clock | None = None) -> Polite:
    clock = clock or Clock()
    return Polite(allow_private=True, clock=clock, sleep=clock.sleep)


def closed(get: Polite, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url)
    return caught.value


@pytest.mark.parametrize(
    ("rules", "open_path", "closed_path"),
    [
        ("User-agent: *\nDisallow: /private", "/news", "/private/1"),
        ("User-agent: *\nDisallow: /\nAllow: /news", "/news/1", "/other"),
        ("User-agent: *\nAllow: /\n\nUser-agent: Mahdar\nDisallow: /a", "/b", "/a"),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf.html", "/x/a.pdf"),
    ],
)
def test_robots_rules(site: Site, rules: str, open_path: str, closed_path: str) -> None:
    site["/robots.txt"] = rules.encode()
    site[open_path] = site[closed_path] = "<p>Orim</p>"
    get = guest()
    assert get(f"{site.url}{open_path}").body
    assert not closed(get, f"{site.url}{closed_path}").passing
    assert site.paths() == [open_path]


def test_robots_rules_hold_for_what_a_redirect_leads_to(site: Site) -> None:
    site["/robots.txt"] = b"User-agent: *\nDisallow: /private"
    site["/a"] = Answer(status=301, headers={"Location": "/private/a"})
    assert "robots.txt" in str(closed(guest(), f"{site.url}/a"))
    assert site.paths() == ["/a"]


def test_without_robots_rules_all_is_open_and_they_are_asked_for_once_a_day(site: Site) -> None:
    site["/a"] = "<p>Orim</p>"
    clock = Clock()
    get = guest(clock)
    for _ in range(3):
        get(f"{site.url}/a")
    assert [path for path, _ in site.asked].count("/robots.txt") == 1
    clock.now += 25 * 3600
    get(f"{site.url}/a")
    assert [path for path, _ in site.asked].count("/robots.txt") == 2


def test_a_server_in_trouble_counts_as_closed_for_now(site: Site) -> None:
    site["/robots.txt"] = Answer(status=503)
    site["/a"] = "<p>Orim</p>"
    get = guest()
    assert closed(get, f"{site.url}/a").passing
    site["/robots.txt"] = b""
    assert get(f"{site.url}/a").body


def test_requests_to_a_host_are_spaced_as_it_asks(site: Site) -> None:
    site["/robots.txt"] = b"User-agent: *\nCrawl-delay: 7"
    site["/a"] = "<p>Orim</p>"
    clock = Clock()
    get = guest(clock)
    for _ in range(3):
        get(f"{site.url}/a")
    assert clock.slept == [1.0, 7.0, 7.0]


def test_no_host_can_hold_us_for_long(site: Site) -> None:
    site["/robots.txt"] = b"User-agent: *\nCrawl-delay: 86400"
    site["/a"] = "<p>Orim</p>"
    clock = Clock()
    get = guest(clock)
    get(f"{site.url}/a")
    get(f"{site.url}/a")
    assert clock.slept[-1] == LONGEST_SPACING
