"""Queues: which report a coder takes up next, and what is left to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.record.tables import ASSIGNMENTS, CLAIMS, DECISIONS, REPORTS
from mahdar.review.cached import Counted
from mahdar.review.people import Person

SIZE = 30


class Which(StrEnum):
    """What of the record a queue shows."""

    left = "left"  # with a suggestion nobody has decided on
    mine = "mine"  # given to me, not blind, with something left
    empty = "empty"  # the reader found nothing, and nobody has confirmed that
    done = "done"
    all = "all"


class Order(StrEnum):
    newest = "newest"  # published
    oldest = "oldest"
    doubtful = "doubtful"  # least confident suggestion first
    gravest = "gravest"  # most killed first


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue, as its address says it. `week` is an ISO week (`2024-W11`) of publication."""

    which: Which = Which.left
    country: str = ""
    outlet: str = ""
    week: str = ""
    order: Order = Order.newest

    def params(self, **changes: str) -> list[tuple[str, str]]:
        """The pairs of its address; what is as usual is left out."""
        usual = Queue()
        pairs = [(name, str(getattr(self, name))) for name in ("which", "country", "outlet", "week", "order")]
        changed = [(name, changes.get(name, value)) for name, value in pairs]
        return [(name, value) for name, value in changed if value != getattr(usual, name)]

    def days(self) -> tuple[str, str] | None:
        """Monday and Sunday of the week. Raises MahdarError where it is none."""
        if not self.week:
            return None
        try:
            monday = date.fromisocalendar(int(self.week[:4]), int(self.week[6:]), 1)
        except ValueError:
            raise MahdarError(f"week={self.week}: not a week, such as 2024-W11") from None
        return monday.isoformat(), (monday + timedelta(days=6)).isoformat()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report in a queue: how many claims it has, how many are left, the least confidence among those."""

    id: str
    title: str
    outlet: str | None
    published: str | None
    country: str | None
    claims: int
    left: int
    doubt: float | None
    killed: int | None


@dataclass(frozen=True, slots=True)
class Left:
    """What is left in all: claims that nobody has decided on, claims at all, those left by country and by outlet."""

    claims: int
    of: int
    countries: tuple[tuple[str, int], ...]
    outlets: tuple[tuple[str, int], ...]


class Queues:
    """The queues of one record."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._left = Counted(record, self._count_left)

    def page(self, queue: Queue, person: Person, *, offset: int = 0, size: int = SIZE) -> tuple[list[Waiting], bool]:
        """The reports of a queue from `offset` on, and whether more follow."""
        with self._record.reading() as connection:
            chosen = _ordered(queue, _chosen(queue, person)).offset(offset).limit(size + 1)
            numbers = [row.n for row in connection.execute(chosen)]
            return _waiting(connection, numbers[:size]), len(numbers) > size

    def beside(self, queue: Queue, person: Person, report: str) -> tuple[str | None, str | None]:
        """The reports before and after one in a queue; if it has left the queue, the queue's first follows it."""
        page, _ = self.page(queue, person, size=200)
        ids = [waiting.id for waiting in page]
        if report not in ids:
            return None, ids[0] if ids else None
        at = ids.index(report)
        return (ids[at - 1] if at else None), (ids[at + 1] if at + 1 < len(ids) else None)

    def left(self) -> Left:
        """What is left of the whole record."""
        return self._left.get()

    def _count_left(self) -> Left:
        with self._record.reading() as connection:
            return _left(connection)


_SUGGESTED = CLAIMS.c.review == "suggested"


def _of_report(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(CLAIMS.c.report_n == REPORTS.c.n, *conditions).correlate(REPORTS)


def _chosen(queue: Queue, person: Person) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    taken_back = DECISIONS.alias("taken_back")
    put_down = exists().where(
        DECISIONS.c.kind == "report",
        DECISIONS.c.subject == REPORTS.c.id,
        DECISIONS.c.action == "not_coded",
        ~exists().where(taken_back.c.undoes == DECISIONS.c.id, taken_back.c.subject == DECISIONS.c.subject),
    )
    match queue.which:
        case Which.left:
            conditions.append(_of_report(_SUGGESTED))
        case Which.mine:
            mine = and_(ASSIGNMENTS.c.report_n == REPORTS.c.n, ASSIGNMENTS.c.person_n == (person.n or 0))
            conditions += [exists().where(mine, ~ASSIGNMENTS.c.blind), _of_report(_SUGGESTED)]
        case Which.empty:
            conditions += [~_of_report(), ~put_down]
        case Which.done:
            conditions += [~_of_report(_SUGGESTED), or_(_of_report(), put_down)]
        case Which.all:
            pass
    if queue.country:
        conditions.append(or_(REPORTS.c.country == queue.country, _of_report(CLAIMS.c.country == queue.country)))
    if queue.outlet:
        conditions.append(REPORTS.c.outlet == queue.outlet)
    if days := queue.days():
        conditions.append(REPORTS.c.published.between(*days))
    return conditions


def _ordered(queue: Queue, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    chosen = select(REPORTS.c.n).where(*conditions)
    match queue.order:
        case Order.newest:
            return chosen.order_by(REPORTS.c.published.desc(), REPORTS.c.n.desc())
        case Order.oldest:
            return chosen.order_by(REPORTS.c.published, REPORTS.c.n)
        case Order.doubtful:
            worst = func.min(CLAIMS.c.confidence)
        case Order.gravest:
            worst = func.min(-func.coalesce(CLAIMS.c.killed_low, CLAIMS.c.killed_high, 0))
    joined = chosen.join(CLAIMS, and_(CLAIMS.c.report_n == REPORTS.c.n, _SUGGESTED), isouter=queue.which != Which.left)
    return joined.group_by(REPORTS.c.n).order_by(worst.is_(None), worst, REPORTS.c.n)


def _waiting(connection: Connection, numbers: Sequence[int]) -> list[Waiting]:
    r, c = REPORTS.c, CLAIMS.c
    counted = (
        select(r.n, r.id, r.name, r.title, r.outlet, r.published, r.country)
        .add_columns(func.count(c.n).label("claims"), func.sum(case((_SUGGESTED, 1), else_=0)).label("left"))
        .add_columns(func.min(case((_SUGGESTED, c.confidence))).label("doubt"))
        .add_columns(func.min(c.country).label("at"), func.max(c.killed_low).label("killed"))
        .join(CLAIMS, c.report_n == r.n, isouter=True)
        .where(r.n.in_(numbers))
        .group_by(r.n, r.id, r.name, r.title, r.outlet, r.published, r.country)
    )
    found = {row.n: row for row in connection.execute(counted)}
    return [
        Waiting(
            row.id,
            row.title or row.name,
            row.outlet,
            row.published,
            row.country or row.at,
            row.claims,
            int(row.left or 0),
            row.doubt,
            row.killed,
        )
        for n in numbers
        for row in [found[n]]
    ]


def _left(connection: Connection) -> Left:
    """Counted in one pass over the claims: by way of an index each would be fetched from somewhere else."""
    c = CLAIMS.c
    of = suggested = 0
    countries: Counter[str] = Counter()
    outlets: Counter[str] = Counter()
    for country, outlet, review, count in connection.execute(
        select(c.country, c.outlet, c.review, func.count()).group_by(c.country, c.outlet, c.review)
    ):
        of += count
        if review == "suggested":
            suggested += count
            countries[country] += count
            outlets[outlet] += count
    return Left(suggested, of, _most_first(countries), _most_first(outlets))


def _most_first(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    named = [(value, count) for value, count in counts.items() if value is not None]
    return tuple(sorted(named, key=lambda pair: (-pair[1], pair[0])))
