"""Deciding: a person's decision becomes a row, and the claim or incident stands as it says. What it means is `decisions`.

Nobody overwrites another unseen: whoever decides says which version was looked at, and one that is no longer the present
one is a `Conflict`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from mahdar.codebook import EVENT_TYPES
from mahdar.model import Claim, MahdarError, Report
from mahdar.record import fulltext
from mahdar.record.decisions import ACTIONS, OUTCOME, Action, Conflict, Decision, Kind, Review, check, outcome
from mahdar.record.log import sha256_of_row
from mahdar.record.rows import Standing, claim_row, dump, load, report_of, text_sha256, unfounded
from mahdar.record.stored import StoredClaim, select_claims, stored_claim
from mahdar.record.tables import CLAIM_VERSIONS, CLAIMS, DECISIONS, INCIDENT_CLAIMS, INCIDENTS, REPORTS
from mahdar.record.writer import Writer


def decide(
    writer: Writer,
    action: Action,
    kind: Kind,
    subject: str,
    *,
    who: str,
    expected: int,
    why: str = "",
    after: Any = None,
    undoes: str | None = None,
) -> Decision:
    """Decide within the writer's transaction (`Record.decide` says what is what)."""
    if not who.strip():
        raise MahdarError("a decision says who decided")
    if kind not in ACTIONS:
        raise MahdarError(f"{kind!r} is nothing that is decided on; {', '.join(ACTIONS)} are")
    before = decisions(writer.connection, kind=kind, subjects=[subject])
    desk: _Desk = _DESKS[kind](writer, subject, action)
    desk.find()
    if expected != len(before):
        raise Conflict(subject, expected, len(before), before[-1].who if before else "nobody")
    check(kind, action, why, next((d for d in before if d.id == undoes), None), before)
    decision = Decision(
        id=secrets.token_hex(8),
        at=writer.now,
        who=who,
        kind=kind,
        subject=subject,
        action=action,
        version=len(before) + 1,
        why=why,
        before=desk.before(),
        after=desk.after(after),
        undoes=undoes if action == "undo" else None,
    )
    _keep(writer, desk, before, decision)
    return decision


def adopt(writer: Writer, decision: Decision) -> bool:
    """Keep a decision that was taken in another record, as it was: who, when, before and after. Whether it was kept:
    one that is known, or that does not follow on those which this record has on its subject, is not.

    Raises MahdarError for one that cannot be.
    """
    before = decisions(writer.connection, kind=decision.kind, subjects=[decision.subject])
    if decision.version != len(before) + 1:
        return False
    desk = _DESKS[decision.kind](writer, decision.subject, decision.action)
    if decision.kind != "incident":  # which may have become another by what was decided
        desk.find()
    undone = next((d for d in before if d.id == decision.undoes), None)
    check(decision.kind, decision.action, decision.why, undone, before)
    desk.check_adopted(decision.after)
    _keep(writer, desk, before, decision)
    return True


def _keep(writer: Writer, desk: _Desk, before: Sequence[Decision], decision: Decision) -> None:
    row = {"n": writer.number(DECISIONS), **decision_row(decision)}
    writer.connection.execute(insert(DECISIONS).values(**row))
    writer.log("decision", f"{decision.kind} {decision.subject}", decision_payload(row))
    desk.settle([*before, decision])


def decision_row(decision: Decision) -> dict[str, Any]:
    """The columns of a decision, but for `n`."""
    row = {name: getattr(decision, name) for name in DECISIONS.c.keys() if name != "n"}  # noqa: SIM118
    for name in ("before", "after"):
        row[name] = None if row[name] is None else json.dumps(row[name], ensure_ascii=False)
    return row


def decision_payload(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the log says of a decision, from its columns."""
    return {"id": row["id"], "row": sha256_of_row(row)}


def decisions(
    connection: Connection, *, kind: Kind | None = None, subjects: Iterable[str] | None = None
) -> list[Decision]:
    """The decisions on some subjects, or all, in the order they were taken."""
    chosen = select(DECISIONS).order_by(DECISIONS.c.n)
    if kind is not None:
        chosen = chosen.where(DECISIONS.c.kind == kind)
    if subjects is not None:
        chosen = chosen.where(DECISIONS.c.subject.in_(list(subjects)))
    return [decision_of(row) for row in connection.execute(chosen)]


def decision_of(row: Row[Any]) -> Decision:
    """The decision of a row of `decisions`."""
    values = {key: value for key, value in row._mapping.items() if key != "n"}
    for name in ("before", "after"):
        values[name] = None if values[name] is None else json.loads(values[name])
    return Decision(**values)


class _Desk:
    """One subject under one action."""

    def __init__(self, writer: Writer, subject: str, action: Action) -> None:
        self.writer = writer
        self.subject = subject
        self.action = action

    def find(self) -> None:
        """Raises MahdarError where there is no such subject."""
        raise NotImplementedError

    def before(self) -> Any:
        """What it was, to keep with the decision."""
        return None

    def after(self, _given: Any) -> Any:
        """The outcome to keep with the decision; raises MahdarError for one that cannot be."""
        return {"review": OUTCOME[self.action]} if self.action in OUTCOME else None

    def check_adopted(self, after: Any) -> None:
        """Raises MahdarError for an outcome, kept by another record, that cannot be."""
        if self.action in OUTCOME and (not isinstance(after, dict) or after.get("review") != OUTCOME[self.action]):
            raise MahdarError(f"{self.subject}: what {self.action} came to is not what it comes to here")

    def settle(self, decided: Sequence[Decision]) -> None:
        """Make the subject stand as the decisions say. A report has no column that follows from what is said of it."""


class _ReportDesk(_Desk):
    def find(self) -> None:
        if _report(self.writer.connection, self.subject) is None:
            raise MahdarError(f"{self.subject}: no report of the record has this id")


class _ClaimDesk(_Desk):
    stored: StoredClaim | None
    machine_sha256: str | None = None

    def find(self) -> None:
        row = self.writer.connection.execute(select_claims().where(CLAIMS.c.id == self.subject)).first()
        self.stored = stored_claim(row) if row else None
        if self.stored is None and self.action != "add":
            raise MahdarError(f"{self.subject}: no claim of the record has this id")
        if self.stored is not None and self.action == "add":
            raise MahdarError(f"{self.subject}: is a claim of the record already")
        if row and row.machine is not None:
            self.machine_sha256 = text_sha256(row.machine)

    def before(self) -> Any:
        return {"review": self.stored.review, "claim": _values(self.stored.claim)} if self.stored else None

    def after(self, given: Any) -> Any:
        if self.action not in OUTCOME:
            return None
        if self.action in ("edit", "add"):
            claim = self._checked(given)
        else:
            assert self.stored is not None, "only add decides on a claim that is not there"
            claim = self.stored.claim
        return {"review": OUTCOME[self.action], "claim": _values(claim), "machine": self.machine_sha256}

    def check_adopted(self, after: Any) -> None:
        super().check_adopted(after)
        if self.action in OUTCOME:
            self._checked(load(Claim, json.dumps(after.get("claim"))))

    def _checked(self, given: Any) -> Claim:
        if not isinstance(given, Claim):
            raise MahdarError(f"{self.subject}: after must be the whole claim as it is to stand")
        if given.id != self.subject:
            raise MahdarError(f"{self.subject}: a claim keeps its id, but the new version has {given.id}")
        if self.stored is not None and given.report != self.stored.claim.report:
            raise MahdarError(f"{self.subject}: a claim stays with its report")
        report = _report(self.writer.connection, given.report)
        if report is None:
            raise MahdarError(f"{given.report}: no report of the record has this id")
        if given.type not in EVENT_TYPES:
            raise MahdarError(f"{given.type!r} is no event type of the codebook")
        words = unfounded(given, report.text)
        if words:
            raise MahdarError(
                f"{words.text!r} does not stand at {words.span.start}..{words.span.end} of report {report.id}"
            )
        return given

    def settle(self, decided: Sequence[Decision]) -> None:
        connection = self.writer.connection
        if self.stored is None:
            claim = load(Claim, json.dumps(decided[-1].after["claim"]))
            report_n = connection.execute(select(REPORTS.c.n).where(REPORTS.c.id == claim.report)).scalar_one()
            n = self.writer.number(CLAIMS)
            report = _report(connection, claim.report)
            assert report is not None, "checked before"
            row = claim_row(claim, report, standing(decided, None, found=False))
            self.writer.insert(CLAIMS, [{"n": n, "report_n": report_n, **row}])
            self.writer.insert(CLAIM_VERSIONS, [{"claim_n": n, "decided": dump(claim, Claim)}])
            self.writer.put_details([(n, claim)])
            fulltext.enter_claims(connection, [(n, claim)])
            return
        settle_claim(self.writer, self.stored, self.machine_sha256, decided)


def settle_claim(
    writer: Writer, stored: StoredClaim, machine_sha256: str | None, decided: Sequence[Decision], *, found: bool = True
) -> None:
    """Make a claim's rows those that follow from what the machine reads and what people decided."""
    claim = standing_claim(decided, stored.machine, stored.claim)
    report = _report(writer.connection, claim.report)
    assert report is not None, "a claim's report is never removed"
    how = standing(decided, machine_sha256, found=stored.found and found)
    writer.connection.execute(update(CLAIMS).where(CLAIMS.c.n == stored.n).values(**claim_row(claim, report, how)))
    kept = None if claim == stored.machine and outcome(decided) is None else dump(claim, Claim)
    writer.connection.execute(update(CLAIM_VERSIONS).where(CLAIM_VERSIONS.c.claim_n == stored.n).values(decided=kept))
    writer.put_details([(stored.n, claim)], anew=True)


def standing(decided: Sequence[Decision], machine_sha256: str | None, *, found: bool) -> Standing:
    """How a claim stands after these decisions, given what the machine reads now (None: it never read it)."""
    held = outcome(decided)
    if held is None:
        # Taking back what a person added leaves nothing that anybody still says.
        review: Review = "rejected" if machine_sha256 is None else "suggested"
        return Standing(review, len(decided), found)
    return Standing(held["review"], len(decided), found, held["machine"] != machine_sha256)


def standing_claim(decided: Sequence[Decision], machine: Claim | None, last: Claim | None) -> Claim:
    """What a claim says after these decisions; `last` is what it said before, for one that nobody says any more."""
    held = outcome(decided)
    claim = load(Claim, json.dumps(held["claim"])) if held is not None else machine or last
    if claim is None:
        raise MahdarError("neither a machine nor a person says it")
    return claim


class _IncidentDesk(_Desk):
    def find(self) -> None:
        row = self.writer.connection.execute(select(INCIDENTS).where(INCIDENTS.c.id == self.subject)).first()
        if row is None:
            raise MahdarError(f"{self.subject}: no incident of the record has this id")
        self.row = row

    def before(self) -> Any:
        return {"review": self.row.review}

    def after(self, given: Any) -> Any:
        if self.action == "merge":
            return {"together": self._together(given)}
        if self.action == "split":
            return {"apart": self._apart(given)}
        return super().after(given)

    def check_adopted(self, after: Any) -> None:
        super().check_adopted(after)
        shapes: dict[Action, tuple[str, type]] = {
            "merge": ("together", tuple[str, ...]),
            "split": ("apart", tuple[tuple[str, ...], ...]),
        }
        if self.action in shapes:
            key, shape = shapes[self.action]
            load(shape, json.dumps(after.get(key) if isinstance(after, dict) else None))

    def _together(self, given: Any) -> list[str]:
        """The claims of this incident and of those named."""
        others = [given] if isinstance(given, str) else list(given or ())
        if not others:
            raise MahdarError("merge: name the incidents that are the same event")
        claims: list[str] = []
        for incident in dict.fromkeys([self.subject, *others]):
            held = self._claims(incident)
            if not held:
                raise MahdarError(f"{incident}: no incident of the record has this id")
            claims += held
        return claims

    def _apart(self, given: Any) -> list[list[str]]:
        """The claims of this incident in groups, those that were not named together in a group of their own."""
        held = self._claims(self.subject)
        groups = [list(group) for group in given or ()]
        named = [claim for group in groups for claim in group]
        if set(named) - set(held) or len(set(named)) < len(named):
            raise MahdarError("split: name claims of the incident, each in one group")
        groups = [group for group in [*groups, [c for c in held if c not in named]] if group]
        if len(groups) < 2:
            raise MahdarError("split: there must be something left over to be apart from")
        return groups

    def _claims(self, incident: str) -> list[str]:
        chosen = (
            select(INCIDENT_CLAIMS.c.claim)
            .join(INCIDENTS, INCIDENTS.c.n == INCIDENT_CLAIMS.c.incident_n)
            .where(INCIDENTS.c.id == incident)
            .order_by(INCIDENT_CLAIMS.c.claim)
        )
        return list(self.writer.connection.execute(chosen).scalars())

    def settle(self, decided: Sequence[Decision]) -> None:
        self.writer.connection.execute(
            update(INCIDENTS).where(INCIDENTS.c.id == self.subject).values(**incident_standing(decided))
        )


def incident_standing(decided: Sequence[Decision]) -> dict[str, Any]:
    """`review` and `version` of an incident after these decisions."""
    held = outcome(decided)
    return {"review": held["review"] if held else "suggested", "version": len(decided)}


_DESKS: dict[Kind, type[_Desk]] = {"claim": _ClaimDesk, "incident": _IncidentDesk, "report": _ReportDesk}


def _report(connection: Connection, id: str) -> Report | None:
    row = connection.execute(select(REPORTS).where(REPORTS.c.id == id)).first()
    return report_of(row._mapping) if row else None


def _values(claim: Claim) -> Any:
    return json.loads(dump(claim, Claim))
