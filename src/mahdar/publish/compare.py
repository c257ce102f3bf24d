"""Our incidents beside somebody else's record: which both have, which only one has, and where they differ.

The two are linked as corroboration links claims of two reports, by the same features and weights; a person can see why, and
nobody's record is held to be the right one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from mahdar.corroboration.linking import join
from mahdar.corroboration.scorer import probability
from mahdar.corroboration.table import TableBuilder
from mahdar.model import Report, Time
from mahdar.publish.account import account
from mahdar.publish.external import External, as_claim
from mahdar.publish.geography import spots
from mahdar.publish.redaction import Cleared
from mahdar.publish.tabular import Piece, joined, table, written
from mahdar.publish.wording import interval
from mahdar.when.days import days
from mahdar.where.gazetteer import distance

FAR = 25.0  # km beyond which two points are told as a difference
ROWS = table("", "Our incidents beside an external record", "compare")
TABLES = (ROWS,)
Status = Literal["both", "only ours", "only theirs"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One line: an incident of ours, an event of theirs, or both, with how sure the link is (0 to 1) and what differs."""

    status: Status
    case: Cleared | None
    external: External | None
    score: float | None = None
    differences: tuple[str, ...] = ()


def compare(cases: Iterable[Cleared], externals: Iterable[External]) -> list[Compared]:
    """Every incident and every event once or, where several meet, once for each pair; ours first, in their order."""
    ours = {cleared.case.incident.id: cleared for cleared in cases}
    theirs = {f"{event.dataset}:{event.id}": event for event in externals}
    of_claim: dict[str, str] = {}
    builder = TableBuilder()
    for id, cleared in ours.items():
        by_report = cleared.case.by_report
        for report in dict.fromkeys(c.report for c in cleared.case.claims):
            document = by_report.get(report)
            claims = [replace(c, id=f"{id}|{c.id}") for c in cleared.case.claims if c.report == report]
            of_claim |= {c.id: id for c in claims}
            title, outlet, day = (
                (document.title, document.outlet, document.published) if document else (None, None, None)
            )
            text = (
                document.text if document and document.text else "\n".join(w.text for c in claims for w in c.evidence)
            )
            builder.add(Report(f"{id}|{report}", text, title, outlet, day), claims)
    for event in theirs.values():
        report_of, claim = as_claim(event)
        builder.add(report_of, [claim])
    columns = builder.build()
    joined_rows = join(columns)
    pairs: dict[tuple[str, str], float] = {}
    for left, right, odds in zip(joined_rows.left, joined_rows.right, joined_rows.log_odds, strict=True):
        one, other = columns.ids[int(left)], columns.ids[int(right)]
        if other in of_claim:
            one, other = other, one
        if one in of_claim and other in theirs and odds > 0:
            pair = (of_claim[one], other)
            pairs[pair] = max(pairs.get(pair, 0.0), probability(float(odds)))
    return list(_lines(ours, theirs, pairs))


def render(compared: Iterable[Compared]) -> Iterator[Piece]:
    """The comparison as a table."""
    return written(TABLES, (("", _row(line)) for line in compared))


def _lines(
    ours: dict[str, Cleared], theirs: dict[str, External], pairs: dict[tuple[str, str], float]
) -> Iterator[Compared]:
    met: dict[str, list[tuple[float, str]]] = {}
    for (id, other), score in pairs.items():
        met.setdefault(id, []).append((score, other))
    for id, cleared in ours.items():
        for score, other in sorted(met.get(id, ()), reverse=True):
            event = theirs[other]
            yield Compared("both", cleared, event, round(score, 3), tuple(differences(cleared, event)))
        if id not in met:
            yield Compared("only ours", cleared, None)
    matched = {other for _, other in pairs}
    for other, event in theirs.items():
        if other not in matched:
            yield Compared("only theirs", None, event)


def differences(cleared: Cleared, event: External) -> Iterator[str]:
    """Where an incident and an event differ by more than their precisions explain, ours first."""
    case, one = cleared.case, cleared.case.incident
    if one.type != event.type and event.dataset != "UCDP":  # UCDP knows no finer types
        yield f"type: {one.type} / {event.type}"
    first, last = days(one.time.start, one.time.end)
    begins, ends = days(event.start, event.end)
    if (first and ends and first > ends) or (last and begins and last < begins):
        yield f"day: {interval(one.time)} / {interval(Time(event.start, event.end))}"
    found = spots(case)
    if found:
        km = min(distance(p.lat or 0.0, p.lon or 0.0, event.lat, event.lon) for p in found)
        if km > FAR:
            yield f"place: {found[0].name or found[0].words.text} / {event.place} ({km:.0f} km)"
    killed = case.figures("killed")
    if killed or event.high:
        low = min((f.low for f in killed if f.low is not None), default=0)
        high = max((f.high if f.high is not None else f.low or 0 for f in killed), default=0)
        open_end = any(f.high is None for f in killed)
        if (event.low > high and not open_end) or event.high < low:
            yield f"killed: {low}-{'' if open_end else high} / {event.low}-{event.high}"
    _, claim = as_claim(event)
    for field, mine, their in (("actors", one.actors, claim.actors), ("targets", one.targets, claim.targets)):
        known = {a.actor_id for a in mine if a.actor_id}
        told = {a.actor_id for a in their if a.actor_id}
        if known and told and not known & told:
            yield f"{field}: {joined(a.name for a in mine)} / {joined(a.name for a in their)}"


def _row(line: Compared) -> list[object]:
    case, event = line.case.case if line.case else None, line.external
    time = case.incident.time if case else None
    return [
        *(line.status, case.incident.id if case else "", f"{event.dataset}:{event.id}" if event else "", line.score),
        joined(line.differences),
        *((time.start, time.end, case.incident.type, account(case)) if case and time else ("", "", "", "")),
        *((event.start, event.end, event.label, event.notes) if event else ("", "", "", "")),
    ]
