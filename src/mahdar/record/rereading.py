"""Reading again: a new version of the reader reads what the record holds, and what changed is told claim by claim.

A claim that says the same event keeps its id, and so what people decided on it. What they decided stands; where the
machine now reads it otherwise the claim is marked `changed`, and where it no longer reads it, not `found`. What nobody
decided on follows the machine, and leaves its incident until linking joins it anew. Earlier readings stay in the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Literal

from sqlalchemy import delete, insert, select, update

from mahdar.intake import Refusal
from mahdar.model import Claim, MahdarError, Reading, Report, Words
from mahdar.record import fulltext
from mahdar.record.adding import check_reading, reading_row
from mahdar.record.alone import reason
from mahdar.record.deciding import decisions, settle_claim
from mahdar.record.joining import take_out
from mahdar.record.rows import Standing, claim_row, dump, report_of, text_sha256
from mahdar.record.stored import StoredClaim, select_claims, stored_claim
from mahdar.record.tables import (
    CLAIM_ACTORS,
    CLAIM_PLACES,
    CLAIM_VERSIONS,
    CLAIMS,
    FORMER_CLAIMS,
    READINGS,
    REPORTS,
)
from mahdar.record.writer import Writer

if TYPE_CHECKING:
    from mahdar.reading.reader import ReadsAlong
    from mahdar.record.record import Record


@dataclass(frozen=True, slots=True)
class Change:
    """What a new reading made of one claim: `slots` are those it reads otherwise. `decided`: people's word stands."""

    report: str
    claim: str
    kind: Literal["new", "changed", "gone"]
    slots: tuple[str, ...] = ()
    before: Claim | None = None
    after: Claim | None = None
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Reread:
    """What became of one report that was read again; `reason` says why it could not be (its old reading stands)."""

    report: Report
    changes: tuple[Change, ...] = ()
    reason: str = ""


def reread(record: Record, version: str, readers: ReadsAlong) -> Iterator[Reread]:
    """Let `readers` of this version read every report that it did not read last, each in its own transaction.

    Stopped and begun again, it goes on where it was.
    """
    for report, reading in readers.along((report, report) for report in _unread(record, version)):
        assert reading is not None, "a report went along"
        if isinstance(reading, Refusal):
            yield Reread(report, reason=reading.reason)
            continue
        try:
            check_reading(reading, report)
        except MahdarError as error:
            yield Reread(report, reason=reason(report.name, error))
            continue
        with record.writing() as writer:
            changes = replace_reading(writer, reading)
        yield Reread(report, changes)


def _unread(record: Record, version: str) -> Iterator[Report]:
    """One at a time, so that no read transaction is open while a report is read."""
    last = 0
    while True:
        with record.reading() as connection:
            row = connection.execute(
                select(REPORTS)
                .join(READINGS, READINGS.c.report_n == REPORTS.c.n)
                .where(READINGS.c.current, READINGS.c.reader != version, REPORTS.c.n > last)
                .order_by(REPORTS.c.n)
                .limit(1)
            ).first()
        if row is None:
            return
        if text_sha256(row.text) != row.text_sha256:
            raise MahdarError(f"{record.where}: the text of report {row.id} was altered; see `mahdar verify`")
        last = row.n
        yield report_of(row._mapping)


def replace_reading(writer: Writer, reading: Reading) -> tuple[Change, ...]:
    """Make a reading the current one of its report, within the writer's transaction."""
    connection = writer.connection
    report = reading.report
    report_n = connection.execute(select(REPORTS.c.n).where(REPORTS.c.id == report.id)).scalar_one()
    old_reading = connection.execute(select(READINGS.c.n).where(READINGS.c.report_n == report_n, READINGS.c.current))
    work = _Rereading(writer, report, report_n, old_reading.scalar_one())
    for claim, stored in _matched(reading.claims, work.machine_claims()):
        work.take(claim, stored)
    take_out(writer, [c.claim for c in work.changes if c.kind != "new" and not c.decided])
    connection.execute(update(READINGS).where(READINGS.c.report_n == report_n).values(current=False))
    n = writer.number(READINGS)
    connection.execute(insert(READINGS).values(**reading_row(writer, n, report_n, reading, work.listed)))
    return tuple(work.changes)


class _Rereading:
    """One report under reading again."""

    def __init__(self, writer: Writer, report: Report, report_n: int, old_reading: int) -> None:
        self.writer = writer
        self.report = report
        self.report_n = report_n
        self.old_reading = old_reading
        self.changes: list[Change] = []
        self.listed: list[list[str]] = []  # ids and hashes of the new reading's claims
        rows = writer.connection.execute(select_claims().where(CLAIMS.c.report_n == report_n)).all()
        self._stored = {row.id: (stored_claim(row), row.machine) for row in rows}

    def machine_claims(self) -> list[StoredClaim]:
        return [stored for stored, machine in self._stored.values() if machine is not None]

    def take(self, claim: Claim | None, stored: StoredClaim | None) -> None:
        """A claim of the new reading and the one it was before, either of which there may not be."""
        if stored is None:
            assert claim is not None, "one of the two there is"
            self._new(claim)
        elif claim is None:
            self._gone(stored)
        else:
            self._again(claim, stored)

    def _new(self, claim: Claim) -> None:
        body = self._list(claim)
        n = self.writer.number(CLAIMS)
        self.writer.insert(CLAIMS, [{"n": n, "report_n": self.report_n, **claim_row(claim, self.report, Standing())}])
        self.writer.insert(
            CLAIM_VERSIONS, [{"claim_n": n, "machine": body, "machine_sha256": text_sha256(body), "decided": None}]
        )
        self.writer.put_details([(n, claim)])
        fulltext.enter_claims(self.writer.connection, [(n, claim)])
        self.changes.append(Change(self.report.id, claim.id, "new", after=claim))

    def _again(self, claim: Claim, stored: StoredClaim) -> None:
        assert stored.machine is not None, "only the machine's claims are matched"
        slots = differing(stored.machine, claim)
        if not slots and stored.found:
            self.listed.append([stored.claim.id, text_sha256(self._body(stored))])
            return
        if stored.found:
            self._keep_former(stored)
        body = self._list(claim)
        sha256 = text_sha256(body)
        of_claim = CLAIM_VERSIONS.c.claim_n == stored.n
        self.writer.connection.execute(
            update(CLAIM_VERSIONS).where(of_claim).values(machine=body, machine_sha256=sha256)
        )
        self._settle(replace(stored, machine=claim, found=True), sha256, found=True)
        decided = stored.version > 0
        if slots:
            change = Change(self.report.id, claim.id, "changed", slots, stored.machine, claim, decided)
        else:
            change = Change(self.report.id, claim.id, "new", after=claim, decided=decided)
        self.changes.append(change)

    def _gone(self, stored: StoredClaim) -> None:
        if not stored.found:
            return
        self._keep_former(stored)
        decided = stored.version > 0
        if decided:
            self._settle(stored, text_sha256(self._body(stored)), found=False)
        else:
            for table in (CLAIM_ACTORS, CLAIM_PLACES, CLAIM_VERSIONS):
                self.writer.connection.execute(delete(table).where(table.c.claim_n == stored.n))
            self.writer.connection.execute(delete(CLAIMS).where(CLAIMS.c.n == stored.n))
        self.changes.append(Change(self.report.id, stored.claim.id, "gone", before=stored.machine, decided=decided))

    def _settle(self, stored: StoredClaim, sha256: str, *, found: bool) -> None:
        decided = decisions(self.writer.connection, kind="claim", subjects=[stored.claim.id])
        settle_claim(self.writer, stored, sha256, decided, found=found)

    def _keep_former(self, stored: StoredClaim) -> None:
        body = self._body(stored)
        self.writer.insert(
            FORMER_CLAIMS,
            [
                {
                    "reading_n": self.old_reading,
                    "id": stored.claim.id,
                    "machine": body,
                    "machine_sha256": text_sha256(body),
                }
            ],
        )

    def _list(self, claim: Claim) -> str:
        body = dump(claim, Claim)
        self.listed.append([claim.id, text_sha256(body)])
        return body

    def _body(self, stored: StoredClaim) -> str:
        body = self._stored[stored.claim.id][1]
        assert isinstance(body, str), "only the machine's claims are matched"
        return body


def differing(one: Claim, other: Claim) -> tuple[str, ...]:
    """The slots in which two versions of a claim differ; how they were made (`steps`) is no slot."""
    names = (field.name for field in fields(Claim) if field.name not in ("id", "steps"))
    return tuple(name for name in names if getattr(one, name) != getattr(other, name))


def _matched(
    claims: Sequence[Claim], stored: Sequence[StoredClaim]
) -> Iterator[tuple[Claim | None, StoredClaim | None]]:
    """Each claim of a new reading with the one it was before, under whose id it goes on; then those that are gone.

    The same id is the same claim; so is the same type at overlapping words, or else another type at the same trigger.
    """
    left = {s.claim.id: s for s in stored}
    pairs: dict[int, StoredClaim] = {}
    for same in (_same_id, _same_event, _same_trigger):
        for at, claim in enumerate(claims):
            if at not in pairs:
                was = next((s for s in left.values() if s.machine is not None and same(claim, s.machine)), None)
                if was is not None:
                    pairs[at] = left.pop(was.claim.id)
    for at, claim in enumerate(claims):
        before = pairs.get(at)
        yield (claim if before is None else replace(claim, id=before.claim.id)), before
    for gone in left.values():
        yield None, gone


def _same_id(new: Claim, old: Claim) -> bool:
    return new.id == old.id


def _same_event(new: Claim, old: Claim) -> bool:
    return new.type == old.type and new.status == old.status and _overlap((new.trigger,), (old.trigger,))


def _same_trigger(new: Claim, old: Claim) -> bool:
    return (
        new.status == old.status and _overlap((new.trigger,), (old.trigger,)) and _overlap(new.evidence, old.evidence)
    )


def _overlap(one: Sequence[Words], other: Sequence[Words]) -> bool:
    return any(a.span.overlaps(b.span) for a in one for b in other)
