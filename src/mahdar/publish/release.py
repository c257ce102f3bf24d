"""Releases: a week of the record, frozen, checked, numbered and published, with what changed since the last one.

A release holds the incidents of its week and those of earlier releases that have changed since; what was released and is
no longer in the record is listed as deleted.

A release is a folder: `frozen.jsonl` (in the house: the cases as they were, all names in them) beside `public/`, `partner/`
… with the files of each profile, their checksums, notes, changes and deletions. The files are made of the frozen cases, the
number and the day alone, so `rebuild` makes the same bytes at any time, on any machine, with the same mahdar.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path

import mahdar
from mahdar.model import Incident, MahdarError
from mahdar.publish import dossier, pictures
from mahdar.publish.account import account
from mahdar.publish.case import Case, Withheld
from mahdar.publish.files import Written, export, write
from mahdar.publish.formats import FORMATS
from mahdar.publish.lines import parse
from mahdar.publish.redaction import Cleared, Redactor, profile
from mahdar.publish.tabular import Piece, joined, table, written
from mahdar.publish.validate import RULES, Finding, validate
from mahdar.record.rows import dump, load
from mahdar.when.days import days

CHANGES = table("", "What changed since the last release", "changes")
FROZEN, ABOUT, SUMS, NOTES = "frozen.jsonl", "release.json", "SHA256SUMS", "NOTES.md"
_NUMBER = re.compile(r"(\d{4})-\S+")


@dataclass(frozen=True, slots=True)
class Release:
    """What a release is made of, beside its frozen cases: all that its files may depend on."""

    number: int
    week: str
    day: str
    profiles: tuple[str, ...]
    formats: tuple[str, ...]
    deleted: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    notes: str = ""
    version: str = mahdar.__version__

    @property
    def name(self) -> str:
        return f"{self.number:04}-{self.week}"


class NotReady(MahdarError):  # noqa: N818  # it is the release that is not ready
    """The release is stopped by findings."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        stopped = [f for f in findings if f.blocks]
        first = stopped[0]
        super().__init__(
            f"{len(stopped)} findings stop the release; the first: {first.incident}: {first.rule}: {first.told} "
            "(--allow RULE lets a rule's findings pass)"
        )
        self.findings = tuple(findings)


def week_days(week: str) -> tuple[date, date]:
    """Monday and Sunday of an ISO week (`2024-W11`). Raises MahdarError for anything else."""
    try:
        year, number = re.fullmatch(r"(\d{4})-W(\d\d)", week).groups()  # type: ignore[union-attr]
        monday = date.fromisocalendar(int(year), int(number), 1)
    except (AttributeError, ValueError):
        raise MahdarError(f"{week!r} is no week; write it as 2024-W11") from None
    return monday, monday + timedelta(days=6)


def in_week(case: Case, week: str) -> bool:
    """Whether the case's last day (or first, where no last is known) lies in the week."""
    monday, sunday = week_days(week)
    first, last = days(case.incident.time.start, case.incident.time.end)
    told = last or first
    return told is not None and monday <= told <= sunday


def make(
    cases: Iterable[Case],
    folder: Path,
    *,
    week: str,
    day: str,
    profiles: Sequence[str] = ("public",),
    formats: Sequence[str] = tuple(FORMATS),
    withheld: Sequence[Withheld] = (),
    notes: str = "",
    allow: Sequence[str] = (),
) -> tuple[Path, list[Finding]]:
    """Freezes the week's cases, checks them, and publishes them as the next release in `folder`. `cases` are all of the
    record, so that changes and deletions of what was released before are seen.

    Returns the release's folder and what was found but does not stop it. Raises NotReady, with nothing written, where a
    finding stops it and its rule is not among those to `allow`.
    """
    week_days(week)
    if unknown := set(allow) - set(RULES):
        raise MahdarError(f"{min(unknown)!r} is no rule of a release; there are {', '.join(RULES)}")
    earlier = released(folder)
    before = _published(earlier)
    frozen, gone = [], set(before)
    for case in cases:
        gone.discard(case.incident.id)
        if in_week(case, week) or _differing(before.get(case.incident.id, case), case):
            frozen.append(case)
    frozen.sort(key=lambda case: case.incident.id)
    findings = list(validate(frozen, date.fromisoformat(day)))
    if any(f.blocks and f.rule not in allow for f in findings):
        raise NotReady([f for f in findings if f.rule not in allow])
    for name in profiles:
        profile(name)
    number = load_release(earlier[-1]).number + 1 if earlier else 1
    release = Release(
        *(number, week, day, tuple(profiles), tuple(formats), tuple(sorted(gone)), tuple(withheld), notes.strip())
    )
    building = folder / f".{release.name}.part"
    shutil.rmtree(building, ignore_errors=True)
    try:
        building.mkdir(parents=True)
        (building / FROZEN).write_text("".join(dump(case, Case) + "\n" for case in frozen), encoding="utf-8")
        (building / ABOUT).write_text(dump(release, Release) + "\n", encoding="utf-8")
        _build(release, building, earlier)
        building.replace(folder / release.name)
    except OSError as error:
        raise MahdarError(f"{folder}: the release cannot be written ({error.strerror})") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return folder / release.name, findings


def rebuild(release: Path, to: Path) -> list[str]:
    """Makes a release's files again in the folder `to`, and returns the names of those that differ from the published.

    Raises MahdarError where the folder is no release, or another version of mahdar made it.
    """
    about = load_release(release)
    if about.version != mahdar.__version__:
        raise MahdarError(f"{release.name} was made by mahdar {about.version}; this is {mahdar.__version__}")
    earlier = [r for r in released(release.parent) if load_release(r).number < about.number]
    to.mkdir(parents=True, exist_ok=True)
    for name in (FROZEN, ABOUT):
        shutil.copyfile(release / name, to / name)
    _build(about, to, earlier)
    names = {str(f.relative_to(root)) for root in (release, to) for f in root.rglob("*") if f.is_file()}
    return sorted(name for name in names if _bytes(release / name) != _bytes(to / name))


def released(folder: Path) -> list[Path]:
    """The releases in a folder, first to last."""
    return sorted(p for p in folder.glob("*") if p.is_dir() and _NUMBER.fullmatch(p.name)) if folder.is_dir() else []


def stem_of(release: str, profile: str) -> str:
    """What the files of a release for a profile are called by."""
    return f"mahdar-{release}-{profile}"


def changes_name(release: str, profile: str) -> str:
    """The name of a release's table of changes."""
    return f"{stem_of(release, profile)}.changes.csv"


def _build(release: Release, to: Path, earlier: Sequence[Path]) -> None:
    cases = list(_frozen(to))
    before = _published(earlier)
    old = [before[id] for id in (*(c.incident.id for c in cases), *release.deleted) if id in before]
    for name in release.profiles:
        place = to / name
        place.mkdir()
        redactor = Redactor(profile(name), release.withheld)
        stem = stem_of(release.name, name)
        files: list[Written] = []
        for format in release.formats:
            files += export(cases, FORMATS[format], place / f"{stem}{FORMATS[format].suffix}", redactor)
        cleared = [redactor.clear(case) for case in cases]
        changes = list(_changes(cleared, [redactor.clear(case) for case in old]))
        pieces = written((CHANGES,), (("", row) for row in changes))
        files += write(pieces, (CHANGES,), place / changes_name(release.name, name), CHANGES.title, redactor)
        if 0 < len(cleared) <= dossier.MOST:
            page = dossier.pdf(cleared, day=release.day, title=f"Release {release.number}, week {release.week}")
            files += write([("", page)], (), place / f"{stem}.pdf", "Dossier", redactor)
        drawn: Iterator[Piece] = iter([("", pictures.draw_map(pictures.places(cleared)))])
        files += write(drawn, (), place / f"{stem}.map.svg", "Map", redactor)
        notes = _notes(release, cleared, changes, files)
        if redactor.reveals(notes):
            raise MahdarError(
                f"the notes of release {release.number} hold a name that {name} withholds; word them otherwise"
            )
        files += write([("", notes)], (), place / NOTES, "Notes", redactor)
        sums = "".join(f"{f.sha256}  {f.name}\n" for f in sorted(files, key=lambda f: f.name))
        (place / SUMS).write_text(sums, encoding="utf-8")


def _changes(now: Sequence[Cleared], before: Sequence[Cleared]) -> Iterator[list[str]]:
    """Rows of added, changed and deleted incidents; of a change, which fields."""
    old = {c.case.incident.id: c for c in before}
    new = {c.case.incident.id: c for c in now}
    for id in sorted(old.keys() | new.keys()):
        if id not in old:
            yield [id, "added", "", account(new[id].case)]
        elif id not in new:
            yield [id, "deleted", "", account(old[id].case)]
        elif differing := _differing(old[id].case, new[id].case):
            yield [id, "changed", joined(differing), account(new[id].case)]


def _published(releases: Sequence[Path]) -> dict[str, Case]:
    """Every incident as it was last released, those deleted since left out."""
    held: dict[str, Case] = {}
    for release in releases:
        held |= {case.incident.id: case for case in _frozen(release)}
        for id in load_release(release).deleted:
            held.pop(id, None)
    return held


def _differing(old: Case, new: Case) -> list[str]:
    """The fields in which a case says something else now. Why its claims are held to be of one event, and when and by what
    its reports were read, is none of what it says."""
    told = [f.name for f in fields(Incident) if f.name != "links"]
    differing = [name for name in told if getattr(old.incident, name) != getattr(new.incident, name)]
    differing += [name for name in ("claims", "states") if getattr(old, name) != getattr(new, name)]
    before, after = ([replace(d, custody=None) for d in case.documents] for case in (old, new))
    return [*differing, *(["documents"] if before != after else [])]


def _notes(release: Release, cases: Sequence[Cleared], changes: Sequence[list[str]], files: Sequence[Written]) -> str:
    told = [f"{sum(row[1] == kind for row in changes)} {kind}" for kind in ("added", "changed", "deleted")]
    bars = pictures.counted(cases, "type")
    about = cases[0].profile.about if cases else profile(release.profiles[0]).about
    return "\n".join(
        [
            f"# Release {release.number}: week {release.week}",
            "",
            f"{release.day} · mahdar {release.version} · {about}",
            "",
            *([release.notes, ""] if release.notes else []),
            f"{len(cases)} incidents. Since the releases before: {', '.join(told)}.",
            "",
            "| type | incidents | of them in doubt |",
            "|---|---|---|",
            *(f"| {bar.name} | {bar.sure + bar.unsure} | {bar.unsure} |" for bar in bars),
            "",
            "| file | bytes |",
            "|---|---|",
            *(f"| {f.name} | {f.size} |" for f in files),
            "",
            f"Checksums: `{SUMS}` (`sha256sum -c {SUMS}`).",
            "",
        ]
    )


def _frozen(release: Path) -> Iterator[Case]:
    try:
        with (release / FROZEN).open(encoding="utf-8", newline="\n") as lines:
            yield from parse(lines)
    except OSError as error:
        raise MahdarError(f"{release}: is no release ({error.strerror})") from error


def load_release(release: Path) -> Release:
    """What a release's folder says it is made of. Raises MahdarError where it is none."""
    try:
        return load(Release, (release / ABOUT).read_text(encoding="utf-8"))
    except OSError as error:
        raise MahdarError(f"{release}: is no release ({error.strerror})") from error


def _bytes(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
