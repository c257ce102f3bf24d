"""Queues: which report a coder takes up next, and what is left to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from mahdar.model import MahdarError
from mahdar.record import Record
from mahdar.record.tables import ASSIGNMENTS, CLAIMS, DECISIONS, REPORTS
from mahdar.review.cached import Counted
from mahdar.review.people import Person

SIZE = 30
REACH = 200  # reports of a queue among which one's neighbours are looked for


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
    doubtful = "doubtful"  # least confident suggestion first; where nothing is left to decide, as newest
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
            numbers = _first(connection, queue, person, offset + size + 1)[offset:]
            return _waiting(connection, numbers[:size]), len(numbers) > size

    def beside(self, queue: Queue, person: Person, report: str) -> tuple[str | None, str | None]:
        """The reports before and after one in a queue; if it has left the queue, the queue's first follows it."""
        with self._record.reading() as connection:
            numbers = _first(connection, queue, person, REACH)
            known = connection.execute(select(REPORTS.c.n, REPORTS.c.id).where(REPORTS.c.n.in_(numbers)))
            id_of = {row.n: row.id for row in known}
        ids = [id_of[n] for n in numbers]
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
            mine = and_(ASSIGNMENTS.c.person_n == (person.n or 0), ~ASSIGNMENTS.c.blind)
            conditions += [REPORTS.c.n.in_(select(ASSIGNMENTS.c.report_n).where(mine)), _of_report(_SUGGESTED)]
        case Which.empty:
            conditions += [~_of_report(), ~put_down]
        case Which.done:
            conditions += [~_of_report(_SUGGESTED), or_(_of_report(), put_down)]
        case Which.all:
            pass
    if queue.country:
        there = select(CLAIMS.c.report_n).where(CLAIMS.c.country == queue.country)
        conditions.append(or_(REPORTS.c.country == queue.country, REPORTS.c.n.in_(there)))
    if queue.outlet:
        conditions.append(REPORTS.c.outlet == queue.outlet)
    if days := queue.days():
        conditions.append(REPORTS.c.published.between(*days))
    return conditions


def _first(connection: Connection, queue: Queue, person: Person, top: int) -> list[int]:
    """The numbers of the first `top` reports of a queue."""
    conditions = _chosen(queue, person)
    chosen = select(REPORTS.c.n).where(*conditions)
    undecided = queue.which in (Which.left, Which.mine)
    if queue.order is Order.doubtful and queue.which is Which.left and not queue.week:
        return _doubtful(connection, conditions, top)
    if queue.order is Order.doubtful and undecided:  # few enough to rank them all
        least = func.min(case((_SUGGESTED, CLAIMS.c.confidence)))
        chosen = chosen.join(CLAIMS, CLAIMS.c.report_n == REPORTS.c.n).group_by(REPORTS.c.n)
        chosen = chosen.order_by(least, REPORTS.c.n)
    elif queue.order is Order.gravest:
        killed = func.coalesce(CLAIMS.c.killed_low, CLAIMS.c.killed_high)
        counted = func.max(case((_SUGGESTED, killed)) if undecided else killed).label("killed")
        most = select(CLAIMS.c.report_n, counted).where(killed.is_not(None)).group_by(CLAIMS.c.report_n).subquery()
        chosen = chosen.outerjoin(most, most.c.report_n == REPORTS.c.n)
        chosen = chosen.order_by(most.c.killed.is_(None), most.c.killed.desc(), REPORTS.c.n)
    elif queue.order is Order.oldest:
        chosen = chosen.order_by(REPORTS.c.published, REPORTS.c.n)
    else:
        chosen = chosen.order_by(REPORTS.c.published.desc(), REPORTS.c.n.desc())
    return list(connection.execute(chosen.limit(top)).scalars())


def _doubtful(connection: Connection, conditions: Sequence[ColumnElement[bool]], top: int) -> list[int]:
    """The reports of the least sure suggestions, which an index has in order: as soon as they are enough, it ends."""
    chosen = select(CLAIMS.c.report_n).join(REPORTS, REPORTS.c.n == CLAIMS.c.report_n).where(_SUGGESTED, *conditions)
    found: dict[int, None] = {}
    in_order = chosen.order_by(CLAIMS.c.confidence, CLAIMS.c.n)
    with connection.execute(in_order, execution_options={"stream_results": True}) as rows:
        for (n,) in rows:
            found[n] = None
            if len(found) == top:
                break
    return list(found)


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
