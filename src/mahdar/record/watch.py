"""Watching feeds and folders: whatever is new there is added to the record, each report once.

Feeds are asked as a good guest asks: only for what changed since (ETag, Last-Modified), as robots.txt allows, with
growing pauses after failures, and never before a server that wants to be left alone says so. How far a source was
followed is kept in the record, so a watch that was stopped goes on where it was; what it offers a second time the
record knows.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from mahdar.intake import Document, Refusal, open_documents
from mahdar.intake.feeds import Entry, Feed, given_by, is_feed, read_entry, read_feed
from mahdar.intake.fetch import Fetched, FetchError
from mahdar.intake.formats import open_stream
from mahdar.intake.polite import Polite
from mahdar.intake.sources import is_address, report_files
from mahdar.record.adding import Added
from mahdar.record.record import Record
from mahdar.record.tables import META

if TYPE_CHECKING:
    from mahdar.reading.reader import ReadsReports

EVERY = 15 * 60.0  # seconds between two looks at a source
LONGEST = 24 * 3600.0  # seconds to which pauses grow
TRIES = 5  # attempts at a page that fails in a way that may pass
SETTLED = 2.0  # seconds for which a file must not have changed: it may still be being written
_SAVED = 1.0  # seconds between two notes of how far a source was followed


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at `source` met: a report (`added`), or why the source could not be looked at (`failure`)."""

    source: str
    added: Added | None = None
    failure: str = ""


@dataclass(slots=True)
class Following:
    """How far a source was followed; times are seconds since 1970.

    `failures` are those since the last look that went well; `trouble` is the last one's reason if it was the server's.
    `seen` maps an entry or file to the state of it that was taken; `tries` counts failed attempts at an entry's page.
    """

    source: str
    next: float = 0.0
    failures: int = 0
    trouble: str = ""
    etag: str | None = None
    modified: str | None = None
    seen: dict[str, str] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)


class Watch:
    """A watch over `sources`: addresses of feeds, and folders or files, each looked at every so many seconds (`every`).

    What it yields has been kept. Raises MahdarError where the record cannot be written. `reader` is as for
    `Record.add`; `polite` fetches; `clock`, `sleep` and `chance` (0 to 1) stand in for time and luck in tests.
    """

    def __init__(
        self,
        record: Record,
        sources: Sequence[str],
        *,
        every: float = EVERY,
        reader: ReadsReports | None = None,
        polite: Polite | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._record = record
        self._sources = list(dict.fromkeys(sources))
        self._every = every
        self._reader = reader
        self._polite = polite or Polite()
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._saved = 0.0

    def once(self) -> Iterator[Seen]:
        """One look at each source; only a server in trouble, or that wants to be left alone, is left until its time."""
        for source in self._sources:
            following = self._load(source)
            if following.trouble and following.next > self._clock():
                yield Seen(source, failure=f"is left alone ({following.trouble}); next attempt {_told(following)}")
            else:
                yield from self._look(following, settled=0.0)

    def forever(self) -> Iterator[Seen]:
        """Look at each source whenever it is due, until stopped."""
        while True:
            due = {source: self._load(source).next for source in self._sources}
            for source in self._sources:
                if due[source] <= self._clock():
                    yield from self._look(self._load(source), settled=SETTLED)
                    due[source] = self._load(source).next
            self._sleep(max(1.0, min(due.values()) - self._clock()))

    def _look(self, following: Following, *, settled: float) -> Iterator[Seen]:
        if is_address(following.source):
            yield from self._look_at_feed(following)
        else:
            yield from self._look_in_folder(following, settled)

    # Feeds

    def _look_at_feed(self, following: Following) -> Iterator[Seen]:
        asked = {"If-None-Match": following.etag, "If-Modified-Since": following.modified}
        try:
            answer = self._polite(following.source, headers={key: value for key, value in asked.items() if value})
            feed = _feed(answer, following.source)
        except (FetchError, Refusal) as error:
            yield self._failed(following, error)
            return
        if feed is None:
            self._done(following)
            return
        waiting = False
        for entry in feed.entries:
            key, state = _mark(entry.id), _mark(f"{entry.link} {entry.changed} {entry.title}")
            if following.seen.get(key) == state:
                continue
            try:
                documents = self._open(feed, entry, answer)
            except FetchError as error:
                if _wants_peace(error):
                    yield self._failed(following, error)
                    return
                following.tries[key] = following.tries.get(key, 0) + 1
                if error.passing and following.tries[key] < TRIES:
                    waiting = True
                    continue
                documents = iter([Refusal(entry.link or entry.id, error.reason)])
            yield from self._add(following.source, documents)
            following.seen[key] = state
            following.tries.pop(key, None)
            self._save(following)
        here = {_mark(entry.id) for entry in feed.entries}
        following.seen = {key: state for key, state in following.seen.items() if key in here}
        following.tries = {key: tries for key, tries in following.tries.items() if key in here}
        # With pages to be tried again the feed must come whole next time, changed or not.
        following.etag = None if waiting else answer.retrieval.header("ETag")
        following.modified = None if waiting else answer.retrieval.header("Last-Modified")
        self._done(following)

    def _open(self, feed: Feed, entry: Entry, answer: Fetched) -> Iterator[Document | Refusal]:
        """The report that an entry leads to or, without a link, holds itself. Raises FetchError at once."""
        source = answer.retrieval.final_url or ""
        if not entry.link:
            return iter([read_entry(feed, entry, answer.body, source, answer.retrieval)])
        page = self._polite(entry.link)
        retrieval = replace(page.retrieval, given=given_by(feed, entry, source))
        return open_stream(io.BytesIO(page.body), entry.link, retrieval)

    # Folders

    def _look_in_folder(self, following: Following, settled: float) -> Iterator[Seen]:
        path = Path(following.source)
        try:
            files = list(report_files(path)) if path.is_dir() else [path]
            marks = {file: f"{(stat := file.stat()).st_size} {stat.st_mtime_ns}" for file in files}
        except OSError as error:
            yield self._failed(following, Refusal(following.source, f"cannot be read ({error.strerror})"))
            return
        for file, mark in marks.items():
            key = _mark(str(file))
            age = self._clock() - int(mark.split()[1]) / 1e9
            if following.seen.get(key) == mark or 0 <= age < settled:
                continue
            yield from self._add(following.source, open_documents(file))
            following.seen[key] = mark
            self._save(following)
        here = {_mark(str(file)) for file in files}
        following.seen = {key: mark for key, mark in following.seen.items() if key in here}
        self._done(following)

    # What became of a look

    def _add(self, source: str, documents: Iterator[Document | Refusal]) -> Iterator[Seen]:
        for found in documents:
            if isinstance(found, Refusal):
                yield Seen(source, Added(found.name, "refused", reason=found.reason))
            else:
                for added in self._record.add(found, reader=self._reader):
                    yield Seen(source, added)

    def _done(self, following: Following) -> None:
        following.failures, following.trouble = 0, ""
        # A little luck, so that a hundred watches do not ask in the same second.
        following.next = self._clock() + self._every * (1 + 0.05 * self._chance())
        self._save(following, at_once=True)

    def _failed(self, following: Following, error: FetchError | Refusal) -> Seen:
        pause = self._every * 2.0 ** min(following.failures, 20)
        told = _retry_after(error.retry_after, self._clock()) if isinstance(error, FetchError) else None
        pause = max(told if told is not None else pause, self._every)
        following.failures += 1
        following.next = self._clock() + min(pause, max(LONGEST, self._every)) * (1 + 0.25 * self._chance())
        following.trouble = error.reason if isinstance(error, FetchError) and error.passing else ""
        self._save(following, at_once=True)
        return Seen(following.source, failure=f"{error.reason}; next attempt {_told(following)}")

    # How far a source was followed

    def _load(self, source: str) -> Following:
        with self._record.reading() as connection:
            row = connection.execute(select(META.c.value).where(META.c.key == _key(source))).first()
        return Following(**json.loads(row.value)) if row else Following(source)

    def _save(self, following: Following, *, at_once: bool = False) -> None:
        """Note it, but not more often than is useful: what is offered twice the record knows."""
        if not at_once and self._clock() - self._saved < _SAVED:
            return
        self._saved = self._clock()
        row = {"key": _key(following.source), "value": json.dumps(asdict(following))}
        with self._record.writing() as writer:
            writer.connection.execute(delete(META).where(META.c.key == row["key"]))
            writer.connection.execute(insert(META).values(row))


def _feed(answer: Fetched, source: str) -> Feed | None:
    """The feed of an answer, None if it has not changed. Raises Refusal."""
    if answer.retrieval.status == 304:
        return None
    if not is_feed(answer.body):
        raise Refusal(source, "is no feed (RSS or Atom)")
    feed = read_feed(answer.body, source, answer.retrieval.final_url)
    if isinstance(feed, Refusal):
        raise feed
    return feed


def _told(following: Following) -> str:
    """When the next look is, for messages."""
    return datetime.fromtimestamp(following.next, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _wants_peace(error: FetchError) -> bool:
    """Whether a server asks to be left alone for a while, rather than that one page fails."""
    return error.status == 429 or (error.status == 503 and error.retry_after is not None)


def _retry_after(told: str | None, now: float) -> float | None:
    """Seconds to wait by a Retry-After header: a number, or a date."""
    if told is None:
        return None
    if told.strip().isdigit():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - now)
    except ValueError:
        return None


def _mark(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def _key(source: str) -> str:
    return f"watch {hashlib.sha256(source.encode('utf-8', 'replace')).hexdigest()[:32]}"
