"""What is fetched, within which limits, and where fetching refuses to go."""

import gzip
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from mahdar.intake import fetch as fetch_module
from mahdar.intake.fetch import Fetched, FetchError, fetch, is_private
from tests.intake.server import Answer, Site

PAGE = "<html><body><p>Shells fell on Orim.</p></body></html>"
PUBLIC = "93.184.216.34"


def get(url: str) -> Fetched:
    return fetch(url, allow_private=True)


def refused(url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(url, allow_private=True)
    return caught.value


def test_an_answer_keeps_what_the_server_said(site: Site) -> None:
    site["/orim"] = PAGE
    answer = get(f"{site.url}/orim")
    kept = answer.retrieval
    assert answer.body == PAGE.encode()
    assert (kept.requested_url, kept.final_url, kept.status) == (f"{site.url}/orim", f"{site.url}/orim", 200)
    assert (kept.method, kept.server, kept.charset) == ("address", "127.0.0.1", "utf-8")
    assert kept.header("content-length") == str(len(PAGE))
    assert kept.retrieved_at is not None
    assert kept.retrieved_at.endswith("Z")
    assert kept.absent == ("a capture of the full page",)


def test_redirects_are_followed_and_told(site: Site) -> None:
    site["/a"] = Answer(status=301, headers={"Location": "/b"})
    site["/b"] = Answer(status=302, headers={"Location": f"{site.url}/c"})
    site["/c"] = PAGE
    kept = get(f"{site.url}/a").retrieval
    assert kept.redirects == (f"{site.url}/a", f"{site.url}/b")
    assert kept.final_url == f"{site.url}/c"


def test_redirects_in_a_ring_end(site: Site) -> None:
    site["/a"] = Answer(status=301, headers={"Location": "/a"})
    assert "more than 5 redirects" in str(refused(f"{site.url}/a"))
    assert len(site.asked) == 6


@pytest.mark.parametrize("to", ["file:///etc/passwd", "ftp://post.example/x", "javascript:alert(1)", "http:///x"])
def test_a_redirect_leads_to_pages_only(site: Site, to: str) -> None:
    site["/a"] = Answer(status=302, headers={"Location": to})
    refused(f"{site.url}/a")


def test_an_error_tells_whether_it_may_pass(site: Site) -> None:
    site["/busy"] = Answer(status=429, headers={"Retry-After": "120"})
    gone = refused(f"{site.url}/gone")
    busy = refused(f"{site.url}/busy")
    assert (gone.status, gone.passing) == (404, False)
    assert str(gone) == f"{site.url}/gone: could not be fetched (404 Not Found)"
    assert (busy.status, busy.passing, busy.retry_after) == (429, True, "120")


def test_an_answer_too_large_is_not_taken(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_module, "LARGEST", 2 * 2**20)
    site["/big"] = b"x" * (2 * 2**20 + 1)
    site["/bomb"] = Answer(gzip.compress(bytes(3 * 2**20)), headers={"Content-Encoding": "gzip"})
    assert "is larger than 2 MB" in str(refused(f"{site.url}/big"))
    assert "is larger than 2 MB" in str(refused(f"{site.url}/bomb"))


def test_a_server_that_drips_is_left_in_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_module, "SECONDS", 0.6)
    site["/slow"] = Answer(b"x" * 1000, drip=0.05)
    started = time.monotonic()
    error = refused(f"{site.url}/slow")
    assert "took longer than 0.6 seconds" in str(error)
    assert error.passing
    assert time.monotonic() - started < 3


def test_an_answer_that_breaks_off_is_not_taken_for_whole(site: Site) -> None:
    site["/short"] = Answer(b"Shells fell", length=500)
    assert "broke off after 11 bytes" in str(refused(f"{site.url}/short"))


def test_zipped_unasked_is_unzipped(site: Site) -> None:
    site["/zip"] = Answer(gzip.compress(PAGE.encode()), headers={"Content-Encoding": "gzip"})
    assert get(f"{site.url}/zip").body == PAGE.encode()


def test_letters_beyond_ascii_in_an_address_are_quoted(site: Site) -> None:
    site["/orim%20b%C3%A9"] = PAGE
    assert get(f"{site.url}/orim bé").body == PAGE.encode()


def test_the_part_of_an_address_that_servers_never_see_is_left_out(site: Site) -> None:
    site["/a"] = PAGE
    kept = get(f"{site.url}/a#orim").retrieval
    assert (kept.requested_url, kept.final_url) == (f"{site.url}/a#orim", f"{site.url}/a")


def test_a_name_and_password_never_reach_the_record(site: Site) -> None:
    assert "user name" in str(refused(f"http://ann:secret@{site.url.removeprefix('http://')}/x"))


def test_nothing_on_this_machine_is_asked_unless_allowed(site: Site) -> None:
    with pytest.raises(FetchError, match="private address"):
        fetch(f"{site.url}/x")
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 "
    "::1 :: fe80::1%eth0 fc00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 2002:7f00:1:: 64:ff9b::7f00:1".split(),
)
def test_private_addresses(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"])
def test_public_addresses(address: str) -> None:
    assert not is_private(address)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A resolver of our own: each look-up of a name takes the next of its addresses, the last one for good."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *args: Any, **more: Any) -> Any:
        if host in known:
            host = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        return real(host, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch, site: Site) -> list[str]:
    """Every connection goes to the server on this machine; the addresses asked for are kept."""
    asked: list[str] = []
    real: Callable[..., socket.socket] = socket.create_connection

    def connect(address: tuple[str, int], **more: Any) -> socket.socket:
        asked.append(address[0])
        return real(("127.0.0.1", int(site.url.rpartition(":")[2])), **more)

    monkeypatch.setattr(socket, "create_connection", connect)
    return asked


def test_a_redirect_to_a_private_address_is_refused(
    site: Site, names: dict[str, list[str]], dialled: list[str]
) -> None:
    names["post.example"] = [PUBLIC]
    site["/a"] = Answer(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
    with pytest.raises(FetchError, match=r"private address \(169\.254\.169\.254\)"):
        fetch("http://post.example/a")
    assert dialled == [PUBLIC]


def test_a_name_that_changes_its_address_cannot_lead_inside(
    site: Site, names: dict[str, list[str]], dialled: list[str]
) -> None:
    names["rebinding.example"] = [PUBLIC, "127.0.0.1"]
    site["/a"] = PAGE
    assert fetch("http://rebinding.example/a").body == PAGE.encode()
    assert dialled == [PUBLIC]
    assert site.asked[0][1]["host"] == "rebinding.example"
    with pytest.raises(FetchError, match="private address"):
        fetch("http://rebinding.example/a")


def test_a_name_with_one_private_address_among_its_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in (PUBLIC, "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(FetchError, match="private address"):
        fetch("http://both.example/")


def test_a_proxy_of_the_environment_is_used_and_looks_the_name_up_itself(
    site: Site, monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]
) -> None:
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.setenv("no_proxy", "")
    site["http://post.example/a"] = PAGE
    answer = fetch("http://post.example/a")
    assert answer.body == PAGE.encode()
    assert answer.retrieval.server is None
    with pytest.raises(FetchError, match="private address"):
        fetch("http://127.0.0.1/a")
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:9050")
    with pytest.raises(Exception, match="a proxy that mahdar cannot use"):
        fetch("http://post.example/a")
