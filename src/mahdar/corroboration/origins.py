"""Origins: where what the reports say ultimately comes from. Reports that carry one story are one origin.

A report's claims name their sources outermost first ("Anadolu Agency", "local sources"). Who is furthest in and known by
name is the origin; what a report tells with no such source is its own; near-copies are one origin whoever they credit. A
report that relays an agency and adds a witness of its own belongs to the agency's origin and to one of its own.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mahdar.corroboration.copies import Copy, find_copies
from mahdar.model import Actor, Claim, Origin, Report
from mahdar.who.credits import agencies, find_credit
from mahdar.who.names import key as spelling
from mahdar.who.register import Register

NAMELESS = ("source:witness", "Civilians", "Protesters", "Rioters")
"""Kinds of sources that are somebody else in every report: "residents", "protesters"."""
TELLERS = ("source:agency", "source:monitor")
"""Kinds of sources whose story others carry; such a one is the origin before an official who is quoted beside it."""
CREDITS = ("dateline", "byline")
"""Credits that say whose story it is. A photo's credit does not, and "told AFP" is a source of a claim."""


@dataclass(frozen=True)
class Strand:
    """One way that one report has what it says: the origin's key, the chain from the first teller outwards."""

    report: str
    key: str
    chain: tuple[str, ...]
    reason: str
    own: bool
    """Nobody else is credited."""


def find_origins(
    reports: Sequence[Report], claims: Iterable[Claim] = (), copies: Sequence[Copy] | None = None
) -> list[Origin]:
    """The origins of `reports` (of one incident, first published first), judged by the sources of their `claims`, credits
    and near-copies; without `copies` they are looked for."""
    copies = find_copies(reports) if copies is None else copies
    by_report: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_report[claim.report].append(claim)
    strands = [strand for report in reports for strand in _strands(report, by_report[report.id])]
    strands = _copied(strands, copies, {report.id: report for report in reports})
    groups: dict[str, list[Strand]] = defaultdict(list)
    for strand in strands:
        groups[strand.key].append(strand)
    return [_origin(key, of, copies) for key, of in groups.items()]


def _strands(report: Report, claims: Sequence[Claim]) -> list[Strand]:
    found: dict[str, Strand] = {}
    credit = _credit(report)
    for claim in claims:
        strand = _strand(report, claim.sources, credit)
        held = found.get(strand.key)
        if held is None or len(strand.chain) > len(held.chain):
            found[strand.key] = strand
    if not found:
        strand = _strand(report, (), credit)
        found[strand.key] = strand
    if any(not strand.own for strand in found.values()):  # what it says without a source goes with the story it relays
        found = {k: s for k, s in found.items() if not s.own or len(s.chain) > 1}
    return list(found.values())


def _strand(report: Report, sources: Sequence[Actor], credit: tuple[str, str] | None) -> Strand:
    """`sources` outermost first. `credit`: id and name of the agency whose story the whole report is."""
    outlet = report.outlet or report.title or report.id  # never its file name, which may tell whose machine it lay on
    named = [at for at, source in enumerate(sources) if _named(source)]
    if named:
        at = max((at for at in named if sources[at].kind in TELLERS), default=named[-1])
        names = [source.name or source.words.text for source in sources]
        chain = tuple(reversed(list(dict.fromkeys(names))))
        return Strand(report.id, f"actor {sources[at].actor_id}", chain, f"credits {names[at]}", own=False)
    inner = [source.words.text for source in sources]
    if credit is not None:
        id, name = credit
        return Strand(report.id, f"actor {id}", tuple(reversed([name, *inner])), f"credits {name}", own=False)
    reason = f"has {inner[-1]} as its own source" if inner else "names no source"
    return Strand(report.id, f"outlet {spelling(outlet)}", tuple(reversed([outlet, *inner])), reason, own=True)


def _named(source: Actor) -> bool:
    """Whether a source is somebody in particular, with an entry of the register and not one made by rule."""
    return source.actor_id is not None and source.kind not in NAMELESS and bool(Register.load().get(source.actor_id))


def _credit(report: Report) -> tuple[str, str] | None:
    """The agency a report is signed by, or that it is the page of."""
    register = Register.load()
    signed = [agencies().get(spelling(report.outlet or ""))]
    signed += [credit.actor_id for credit in find_credit(report.text) if credit.kind in CREDITS]
    for id in signed:
        actor = register.get(id) if id is not None else None
        if actor is not None and actor.kind == "source:agency":
            return actor.id, actor.name
    return None


def _copied(strands: Sequence[Strand], copies: Sequence[Copy], reports: dict[str, Report]) -> list[Strand]:
    """Near-copies share their origins: a copy that credits nobody has the story from where the others have it, and of
    copies of which none credits anybody the first published is the origin. A witness of its own stays its own."""
    near = defaultdict(list)
    for copy in copies:
        near[copy.left].append(copy)
        near[copy.right].append(copy)
    order = list(reports)
    credited = defaultdict(list)
    for strand in strands:
        credited[strand.report].append(strand)
    out = []
    for strand in strands:
        if not strand.own or strand.report not in near:
            out.append(strand)
            continue
        copied, share = _first_teller(strand.report, near, credited, order)
        if copied == strand.report:
            out.append(strand)
            continue
        reason = f"repeats {copied} ({share:.0%} of its words)"
        out += [Strand(strand.report, of.key, of.chain, reason, own=False) for of in credited[copied]]
        if len(strand.chain) > 1 and not any(set(strand.chain[:-1]) & set(of.chain) for of in credited[copied]):
            out.append(strand)  # it adds somebody whom the copied report does not have
    return out


def _first_teller(
    report: str, near: dict[str, list[Copy]], credited: dict[str, list[Strand]], order: list[str]
) -> tuple[str, float]:
    """Of all reports that copies connect to this one: the first that credits somebody, else the first; and the share of
    words it has in common with that one, or with the copy in between."""
    reached: dict[str, float] = {report: 1.0}
    queue = [report]
    while queue:
        at = queue.pop()
        for copy in near[at]:
            other = copy.right if copy.left == at else copy.left
            if other not in reached and other in credited:
                reached[other] = copy.share
                queue.append(other)
    best = min(reached, key=lambda id: (all(s.own for s in credited[id]), order.index(id)))
    return best, reached[best]


def _origin(key: str, strands: Sequence[Strand], copies: Sequence[Copy]) -> Origin:
    reports = tuple(dict.fromkeys(strand.report for strand in strands))
    chains = Counter(strand.chain for strand in strands)
    chain = max(chains, key=lambda c: (chains[c], len(c)))
    id = hashlib.sha256(f"{key}\n{reports[0]}".encode()).hexdigest()[:12]
    among = tuple((c.left, c.right) for c in copies if c.left in reports and c.right in reports)
    reasons = tuple(dict.fromkeys(f"{strand.report} {strand.reason}" for strand in strands))
    return Origin(f"org-{id}", " ← ".join(reversed(chain)), chain, reports, among, reasons)
