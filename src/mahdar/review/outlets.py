"""Outlets: how reliable each is held to be, what it carries, when it came into the record, its gaps and lags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import delete, func, insert, select

from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.record.tables import CLAIMS, OUTLETS, REPORTS
from mahdar.review.cached import Counted
from mahdar.review.people import Person, Right

RELIABILITY = {  # the Admiralty code's first letter
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "cannot be judged",
}
GAP = 4  # weeks without a report, between weeks with some, that count as a gap


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet of the record. Days are ISO; `added` is the day its first report was put into the record.

    `weeks` are reports a week of publication, (Monday, count), oldest first; `gaps` (first, last Monday) without any.
    `lag` is the median of days between what its claims are dated to and publication.
    """

    name: str
    reliability: str
    why: str
    who: str
    reports: int
    claims: int
    first: str | None
    last: str | None
    added: str
    weeks: tuple[tuple[str, int], ...]
    gaps: tuple[tuple[str, str], ...]
    lag: float | None


class Outlets:
    """The outlets of one record."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._counted = Counted(record, self._count)

    def all(self) -> list[Outlet]:
        """Every outlet, most reports first."""
        return self._counted.get()

    def judge(self, person: Person, name: str, reliability: str, why: str) -> None:
        """Judge an outlet. Raises MahdarError on an unknown outlet or letter, or without a reason."""
        person.need(Right.assign)
        if reliability not in RELIABILITY:
            raise MahdarError(f"reliability is one of {', '.join(RELIABILITY)}")
        if not why.strip():
            raise MahdarError("say why the outlet is judged so")
        with self._record.writing() as writer:
            known = writer.connection.execute(select(REPORTS.c.n).where(REPORTS.c.outlet == name).limit(1)).first()
            if known is None:
                raise MahdarError(f"there is no outlet {name!r} in the record")
            values = {"reliability": reliability, "why": why.strip()[:2000], "who": person.name}
            writer.connection.execute(delete(OUTLETS).where(OUTLETS.c.name == name))
            writer.connection.execute(insert(OUTLETS).values(name=name, at=writer.now, **values))
            writer.log("outlet", name, values)
        self._counted.forget()

    def _count(self) -> list[Outlet]:
        r, c = REPORTS.c, CLAIMS.c
        with self._record.reading() as connection:
            rows = connection.execute(
                select(r.outlet, func.count(), func.min(r.published), func.max(r.published), func.min(r.added_at))
                .where(r.outlet.is_not(None))
                .group_by(r.outlet)
            ).all()
            days = connection.execute(
                select(r.outlet, r.published, func.count())
                .where(r.outlet.is_not(None), r.published.is_not(None))
                .group_by(r.outlet, r.published)
            ).all()
            dated = connection.execute(
                select(c.outlet, c.published, c.start, func.count())
                .where(c.outlet.is_not(None), c.published.is_not(None), c.time_precision == 1, c.start.is_not(None))
                .group_by(c.outlet, c.published, c.start)
            ).all()
            counted = connection.execute(select(c.outlet, func.count().label("claims")).group_by(c.outlet))
            claims = {row.outlet: row.claims for row in counted}
            judged = {row.name: row for row in connection.execute(select(OUTLETS))}
        weeks: dict[str, Counter[str]] = {}
        for outlet, published, count in days:
            if monday := _monday(published):
                weeks.setdefault(outlet, Counter())[monday] += count
        lags: dict[str, list[int]] = {}
        for outlet, published, start, count in dated:
            lag = _days_between(start, published)
            if lag is not None and 0 <= lag <= 365:  # later than that is background, not lateness
                lags.setdefault(outlet, []).extend([lag] * count)
        out = []
        for name, count, first, last, added in rows:
            held = judged.get(name)
            by_week = tuple(sorted(weeks.get(name, Counter()).items()))
            out.append(
                Outlet(
                    name,
                    held.reliability if held else "F",
                    held.why if held else "",
                    held.who if held else "",
                    count,
                    claims.get(name, 0),
                    first,
                    last,
                    added[:10],
                    by_week,
                    gaps([week for week, _ in by_week]),
                    median(lags[name]) if name in lags else None,
                )
            )
        return sorted(out, key=lambda o: (-o.reports, o.name))


def gaps(weeks: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The stretches of `GAP` weeks or more without a report between weeks (ISO Mondays, sorted) that have some."""
    out = []
    for before, after in pairwise(weeks):
        left, right = date.fromisoformat(before), date.fromisoformat(after)
        if (right - left).days // 7 - 1 >= GAP:
            out.append(((left + timedelta(weeks=1)).isoformat(), (right - timedelta(weeks=1)).isoformat()))
    return tuple(out)


def _monday(iso: str) -> str | None:
    try:
        day = date.fromisoformat(iso)
    except ValueError:  # a month or a year only
        return None
    return (day - timedelta(days=day.weekday())).isoformat()


def _days_between(start: str, end: str) -> int | None:
    try:
        return (date.fromisoformat(end) - date.fromisoformat(start)).days
    except ValueError:
        return None
