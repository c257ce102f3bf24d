"""The press of one record: what leaves it, for whom, and what the log keeps of that.

The command line, the pages and the API all publish through here, so that the same is asked of everybody: the right to the
profile, the names that are withheld, a row in the log.
"""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import select

from mahdar.model import MahdarError
from mahdar.publish import files, held, release
from mahdar.publish.case import Case, Withheld
from mahdar.publish.files import Written
from mahdar.publish.formats import FORMATS, Format
from mahdar.publish.redaction import DEFAULT, Redactor, profile, profiles
from mahdar.publish.release import NOTES, SUMS, Release, changes_name, load_release, released
from mahdar.publish.validate import Finding
from mahdar.record import Record
from mahdar.record.log import LogRow
from mahdar.record.query import Query
from mahdar.record.tables import LOG
from mahdar.review.cached import Counted
from mahdar.review.people import Person, Right

RIGHTS = {"public": Right.read, "partner": Right.publish}
"""The right that a profile asks for; any other holds names of victims and witnesses, and asks for `disclose`."""

LISTED = 50  # exports


def may_have(person: Person, profile: str) -> bool:
    """Whether somebody may have what leaves under a profile."""
    return person.may(RIGHTS.get(profile, Right.disclose))


def need(person: Person, profile: str) -> None:
    """Raises Forbidden where somebody may not have what leaves under a profile."""
    person.need(RIGHTS.get(profile, Right.disclose))


@dataclass(frozen=True, slots=True)
class Closing:
    """What is asked for with a release: the ISO week to close, for whom, in which formats, what its notes are to say, and
    the rules whose findings may pass."""

    week: str
    profiles: tuple[str, ...] = (DEFAULT,)
    formats: tuple[str, ...] = tuple(FORMATS)
    notes: str = ""
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """A release in its folder, and the files of each profile."""

    folder: Path
    release: Release
    files: dict[str, tuple[Written, ...]]

    @property
    def name(self) -> str:
        return self.folder.name

    def notes(self, profile: str) -> str:
        """The release notes for a profile, in Markdown."""
        return (self.folder / profile / NOTES).read_text(encoding="utf-8")

    def changes(self, profile: str) -> list[dict[str, str]]:
        """What the release changes of those before it, by the columns of its table of changes."""
        with (self.folder / profile / changes_name(self.name, profile)).open(encoding="utf-8-sig", newline="") as table:
            return list(csv.DictReader(table))


@dataclass(frozen=True, slots=True)
class Exported:
    """An export that somebody took: when (ISO), who, the format and the profile, and how many files."""

    at: str
    by: str
    format: str
    profile: str
    all: bool
    files: int


class Press:
    """Publishing from one record. `releases` is the folder that keeps its releases; without one there are none."""

    def __init__(self, record: Record, releases: Path | None = None) -> None:
        self.record = record
        self.folder = releases
        self._busy = threading.Lock()
        self._exports = Counted(record, self._list_exports)

    def redactor(self, name: str, more: Iterable[Withheld] = ()) -> Redactor:
        """What clears cases for a profile: the names withheld in the record, and `more`."""
        return Redactor(profile(name), [*held.marked(self.record), *more])

    def cases(self, query: Query | None, redactor: Redactor) -> Iterator[Case]:
        """The incidents that a query finds (by default all), with what the profile lets along."""
        return held.cases(self.record, query, texts=redactor.profile.text)

    def export(
        self,
        person: Person,
        format: Format,
        cases: Iterable[Case],
        redactor: Redactor,
        target: Path,
        *,
        query: Query | None,
        packed: bool = False,
    ) -> list[Written]:
        """Writes the cases of a query to `target` and what belongs beside it; `packed`: to one file, for a download.

        Raises Forbidden where the person may not have the profile, and MahdarError where another export is being made.
        """
        name = redactor.profile.name
        need(person, name)
        with self._one_at_a_time():
            made = (files.pack if packed else files.export)(cases, format, target, redactor)
        self.left(person, format.name, redactor, query, made)
        self._exports.forget()
        return made

    def make(self, person: Person, closing: Closing, day: str) -> tuple[Path, list[Finding]]:
        """Freezes a week, checks it and publishes it, as of an ISO day: the release's folder, and what was found but does
        not stop it.

        Raises Forbidden without the right to publish, or to one of the profiles; NotReady where findings stop it.
        """
        person.need(Right.publish)
        for name in closing.profiles:
            profile(name)
            need(person, name)
        if not closing.profiles or not closing.formats:
            raise MahdarError("a release is for somebody, in some format: choose a profile and a format")
        with self._one_at_a_time():
            made, findings = release.make(
                held.cases(self.record),
                self._releases(),
                day=day,
                withheld=held.marked(self.record),
                **asdict(closing),
            )
        told = {"day": day, "profiles": list(closing.profiles), "allowed": sorted(closing.allow)}
        self._note("release", made.name, person, told)
        return made, findings

    def released(self) -> list[Published]:
        """The releases there are, the last first."""
        return [_published(folder) for folder in reversed(released(self.folder))] if self.folder else []

    def published(self, name: str) -> Published:
        """Raises MahdarError where there is no such release."""
        for folder in released(self.folder) if self.folder else ():
            if folder.name == name:
                return _published(folder)
        raise MahdarError(f"there is no release {name!r}")

    def file(self, person: Person, name: str, profile: str, file: str) -> Path:
        """A file of a release. Raises Forbidden where the person may not have the profile, MahdarError where it is not there."""
        need(person, profile)
        one = self.published(name)
        if file not in {f.name for f in one.files.get(profile, ())}:
            raise MahdarError(f"there is no file {file!r} of release {name} for {profile}")
        return one.folder / profile / file

    def left(self, person: Person, what: str, redactor: Redactor, query: Query | None, made: Sequence[Written]) -> None:
        """Keeps in the log that files left the record, and who took them."""
        about = held.about(what, redactor.profile.name, query, [(f.name, f.sha256) for f in made])
        self._note("export", what, person, about)

    def _note(self, kind: str, subject: str, person: Person, values: Mapping[str, object]) -> None:
        if self.record.writable:
            self.record.note(kind, subject, {**values, "by": person.name})

    def exports(self) -> list[Exported]:
        """The last exports that the log knows of, the latest first."""
        return self._exports.get()

    def _list_exports(self) -> list[Exported]:
        chosen = select(LOG).where(LOG.c.kind == "export").order_by(LOG.c.seq.desc()).limit(LISTED)
        with self.record.reading() as connection:
            rows = [LogRow(*row) for row in connection.execute(chosen)]
        return [
            Exported(row.at, told.get("by", ""), told["format"], told["profile"], told["all"], len(told["files"]))
            for row in rows
            for told in [row.values]
        ]

    def _releases(self) -> Path:
        if self.folder is None:
            raise MahdarError("no folder keeps releases here; `mahdar serve --releases FOLDER` names one")
        return self.folder

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Each reads the whole record, and two releases would take the same number."""
        if not self._busy.acquire(blocking=False):
            raise MahdarError("something else is being published just now; try again in a minute")
        try:
            yield
        finally:
            self._busy.release()


def profiles_for(person: Person) -> dict[str, str]:
    """The profiles that somebody may have what leaves under, the strictest first, and what each is for."""
    return {name: one.about for name, one in reversed(profiles().items()) if may_have(person, name)}


def _published(folder: Path) -> Published:
    about = load_release(folder)
    return Published(folder, about, {name: tuple(_listed(folder / name)) for name in about.profiles})


def _listed(folder: Path) -> Iterator[Written]:
    """The files that the checksums of a profile's folder name, and the checksums themselves last."""
    sums = folder / SUMS
    if not sums.is_file():
        return
    for line in sums.read_text(encoding="utf-8").splitlines():
        sha256, _, name = line.partition("  ")
        if (folder / name).is_file():
            yield Written(name, sha256, (folder / name).stat().st_size)
    yield Written(SUMS, "", sums.stat().st_size)
