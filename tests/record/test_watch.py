"""Watching feeds and folders: politely, each report once, on after a stop."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from mahdar.intake.polite import Polite
from mahdar.record import Record
from mahdar.record.watch import LONGEST, TRIES, Seen, Watch
from tests.conftest import ReadsStruck
from tests.intake.server import Answer, Site, serve

MINUTES = 60.0
START = 1_700_000_000.0


class Clock:
    """Time that passes only in sleep; what is to happen meanwhile happens then."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Record]:
    """A record in a folder; `record` is one on each engine."""
    with Record.create(tmp_path / "record") as made:
        yield made


def watch(record: Record, clock: Clock, *sources: str) -> Watch:
    return Watch(
        record,
        sources,
        every=15 * MINUTES,
        reader=ReadsStruck(),
        polite=Polite(allow_private=True, spacing=0, clock=clock, sleep=clock.sleep),
        clock=clock,
        sleep=clock.sleep,
        chance=lambda: 0.0,
    )


def page(text: str) -> str:
    text = f"A drone struck the bridge at {text} on Monday, two residents and the mayor told reporters."
    return f"<html><body><article><p>{text}</p><p>{text}</p></article></body></html>"


def publish(site: Site, *towns: str, changed: str = "2021-03-04T05:06:07Z", **headers: str) -> None:
    """A feed at /feed that leads to a page for each town."""
    entries = "".join(
        f'<entry><id>{town}</id><title>{town}</title><link href="{site.url}/{town}"/><updated>{changed}</updated></entry>'
        for town in towns
    )
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Post</title>{entries}</feed>'
    site["/feed"] = Answer(feed.encode(), headers={"Content-Type": "application/atom+xml", **headers})
    for town in towns:
        site.answers.setdefault(f"/{town}", Answer(page(town).encode(), headers={"Content-Type": "text/html"}))


def states(seen: Iterator[Seen]) -> list[str]:
    return [each.added.state if each.added else each.failure.partition(";")[0] for each in seen]


def test_each_report_of_a_feed_is_added_once_with_how_it_was_come_by(site: Site, record: Record, clock: Clock) -> None:
    publish(site, "Orim", "Kessat")
    watching = watch(record, clock, f"{site.url}/feed")
    assert states(watching.once()) == ["added", "added"]
    assert states(watching.once()) == []
    publish(site, "Orim", "Kessat", "Belen")
    assert states(watching.once()) == ["added"]
    assert site.paths() == ["/feed", "/Orim", "/Kessat", "/feed", "/feed", "/Belen"]
    first = next(record.reports())
    assert first.retrieval.final_url == f"{site.url}/Orim"
    assert dict(first.retrieval.given)["feed"] == f"{site.url}/feed"
    assert first.report.published == "2021-03-04"
    assert record.original(first.report.id) == page("Orim").encode()
    assert len(list(record.claims())) == 3
    assert list(record.verify()) == []


def test_only_what_has_changed_is_asked_for(site: Site, here: Record, clock: Clock) -> None:
    publish(site, "Orim", ETag='"1"', **{"Last-Modified": "Thu, 04 Mar 2021 05:06:07 GMT"})
    watching = watch(here, clock, f"{site.url}/feed")
    assert states(watching.once()) == ["added"]
    assert states(watching.once()) == []
    first, again = (headers for path, headers in site.asked if path == "/feed")
    assert "if-none-match" not in first
    assert again["if-none-match"] == '"1"'
    assert again["if-modified-since"] == "Thu, 04 Mar 2021 05:06:07 GMT"


def test_a_page_that_was_changed_is_a_report_of_its_own(site: Site, here: Record, clock: Clock) -> None:
    publish(site, "Orim")
    watching = watch(here, clock, f"{site.url}/feed")
    assert states(watching.once()) == ["added"]
    publish(site, "Orim", changed="2021-03-05T05:06:07Z")
    assert states(watching.once()) == ["known"]
    site["/Orim"] = page("Orim, five kilometres off")
    publish(site, "Orim", changed="2021-03-06T05:06:07Z")
    assert states(watching.once()) == ["added"]


def test_a_watch_goes_on_after_a_stop_where_it_was(site: Site, record: Record, clock: Clock) -> None:
    publish(site, "Orim", "Kessat", "Belen", ETag='"1"')
    seen = watch(record, clock, f"{site.url}/feed").once()
    assert next(seen).added
    clock.now += 5
    assert next(seen).added
    del seen  # stopped between the second report and the third
    assert states(watch(record, clock, f"{site.url}/feed").once()) in (["added"], ["known", "added"])
    assert len(list(record.reports())) == 3
    assert states(watch(record, clock, f"{site.url}/feed").once()) == []


def test_a_page_in_trouble_is_tried_again_and_given_up_in_the_end(site: Site, here: Record, clock: Clock) -> None:
    publish(site, "Orim", "Kessat", ETag='"1"')
    site["/Orim"] = Answer(status=500)
    watching = watch(here, clock, f"{site.url}/feed")
    assert states(watching.once()) == ["added"]
    for _ in range(TRIES - 2):
        assert states(watching.once()) == []
    (seen,) = watching.once()
    assert seen.added is not None
    assert seen.added.reason == "could not be fetched (500 Internal Server Error)"
    assert states(watching.once()) == []
    assert site.paths().count("/Orim") == TRIES
    assert site.paths().count("/Kessat") == 1


def test_a_page_that_is_gone_or_closed_is_told_once(site: Site, here: Record, clock: Clock) -> None:
    publish(site, "Orim", "Kessat")
    site["/robots.txt"] = b"User-agent: mahdar\nDisallow: /Kessat"
    site["/Orim"] = Answer(status=410)
    watching = watch(here, clock, f"{site.url}/feed")
    assert states(watching.once()) == ["refused", "refused"]
    assert states(watching.once()) == []
    assert site.paths().count("/Kessat") == 0


def test_pauses_grow_while_a_feed_fails_and_end_when_it_is_back(site: Site, here: Record, clock: Clock) -> None:
    site["/feed"] = Answer(status=500)
    watching = watch(here, clock, f"{site.url}/feed")
    waited = []
    looks = watching.forever()
    for _ in range(10):
        seen = next(looks)
        assert "500 Internal Server Error); next attempt 20" in seen.failure
        waited.append(clock.now - START)
    pauses = [(b - a) / MINUTES for a, b in pairwise(waited)]
    assert pauses[:4] == [15, 30, 60, 120]
    assert pauses[-1] == LONGEST / MINUTES
    publish(site, "Orim")
    assert states(iter([next(looks)])) == ["added"]
    publish(site, "Orim", "Kessat")
    before = clock.now
    assert states(iter([next(looks)])) == ["added"]
    assert clock.now - before == 15 * MINUTES


@pytest.mark.parametrize("date", [False, True])
def test_a_server_that_wants_to_be_left_alone_is(site: Site, here: Record, clock: Clock, date: bool) -> None:
    until = format_datetime(datetime.fromtimestamp(START + 7200, UTC), usegmt=True)
    site["/feed"] = Answer(status=429, headers={"Retry-After": until if date else "7200"})
    watching = watch(here, clock, f"{site.url}/feed")
    assert states(watching.once()) == ["could not be fetched (429 Too Many Requests)"]
    publish(site, "Orim")
    clock.now = START + 7100
    (seen,) = watching.once()  # not even when asked to look once more
    assert "is left alone (could not be fetched (429 Too Many Requests)); next attempt 2023" in seen.failure
    assert len(site.paths()) == 1
    clock.now = START + 7201
    assert states(watching.once()) == ["added"]


def test_a_page_that_says_wait_stops_the_look_at_its_feed(site: Site, here: Record, clock: Clock) -> None:
    publish(site, "Orim", "Kessat", "Belen")
    site["/Kessat"] = Answer(status=429, headers={"Retry-After": "3600"})
    watching = watch(here, clock, f"{site.url}/feed")
    assert states(watching.once()) == ["added", "could not be fetched (429 Too Many Requests)"]
    assert "/Belen" not in site.paths()
    site["/Kessat"] = page("Kessat")
    clock.now += 3601
    assert states(watching.once()) == ["added", "added"]
    assert site.paths().count("/Orim") == 1


def test_what_is_no_feed_is_told(site: Site, here: Record, clock: Clock) -> None:
    site["/feed"] = page("Orim")
    assert states(watch(here, clock, f"{site.url}/feed").once()) == ["is no feed (RSS or Atom)"]


def test_nothing_private_is_fetched_for_a_feed_unless_allowed(site: Site, here: Record, clock: Clock) -> None:
    publish(site, "Orim")
    (seen,) = Watch(here, [f"{site.url}/feed"], clock=clock, sleep=clock.sleep).once()
    assert "private address" in seen.failure
    assert site.asked == []


def test_files_that_come_into_a_folder_are_added_once(tmp_path: Path, here: Record, clock: Clock) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.html").write_text(page("Orim"))
    (folder / "b.txt").write_text("")
    watching = watch(here, clock, str(folder))
    assert states(watching.once()) == ["added", "refused"]
    assert states(watch(here, clock, str(folder)).once()) == []
    (folder / "sub").mkdir()
    (folder / "sub" / "c.html").write_text(page("Kessat"))
    assert states(watching.once()) == ["added"]
    (folder / "a.html").write_text(page("Belen"))
    assert states(watching.once()) == ["added"]


def test_a_file_that_may_still_be_being_written_is_left_for_the_next_look(
    tmp_path: Path, here: Record, clock: Clock
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.html").write_text(page("Orim"))
    os.utime(folder / "a.html", (START - 1, START - 1))
    looks = watch(here, clock, str(folder)).forever()
    assert states(iter([next(looks)])) == ["added"]
    assert clock.now - START >= 15 * MINUTES


def test_a_folder_that_is_not_there_yet_stops_nothing(tmp_path: Path, here: Record, clock: Clock) -> None:
    (tmp_path / "b.html").write_text(page("Orim"))
    watching = watch(here, clock, str(tmp_path / "none"), str(tmp_path / "b.html"))
    assert states(watching.once()) == ["cannot be read (No such file or directory)", "added"]
