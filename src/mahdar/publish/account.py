"""One case in a sentence or two, neutral and with the words that say so: the `notes` of a table, the summary of an entity."""

from __future__ import annotations

from mahdar.model import Actor, Claim
from mahdar.publish.case import Case
from mahdar.publish.wording import counted, interval, label

QUOTED = 1  # claims whose words are quoted; the others are counted


def account(case: Case) -> str:
    """What is claimed to have happened, where and when; how many were harmed; who says so, in their words."""
    one = case.incident
    what = label(one.type)
    if one.status != "asserted":
        what += f" ({one.status})"
    where = next((p.name or p.words.text for p in one.places if p.role == "at"), "")
    told = f"{what}{f' at {where}' if where else ''}, {interval(one.time)}."
    if one.actors:
        told += f" By, as worded: {_worded(one.actors)}."
    if one.targets:
        told += f" Against: {_worded(one.targets)}."
    figures = "; ".join(dict.fromkeys([f"{f.what} {counted(f)}" for c in case.claims for f in c.figures]))
    if figures:
        told += f" Claimed: {figures}."
    if said := [s.words.text for s in case.sources]:
        told += f" According to {', '.join(dict.fromkeys(said))}."
    for claim in case.claims[:QUOTED]:
        if quote := excerpt(claim):
            document = case.by_report.get(claim.report)
            told += f" “{quote}” ({told_by(document.outlet, document.published) if document else claim.report})"
    more = len(case.documents) - QUOTED
    return told + (f" and {more} more report{'s' if more > 1 else ''}." if more > 0 else "")


def excerpt(claim: Claim) -> str:
    """The claim's longest stretch of evidence on one line."""
    longest = max(claim.evidence, key=lambda w: len(w.text), default=None)
    return " ".join(longest.text.split()) if longest else ""


def told_by(outlet: str | None, published: str | None) -> str:
    return ", ".join(part for part in (outlet or "outlet unknown", published) if part)


def _worded(actors: tuple[Actor, ...]) -> str:
    return ", ".join(dict.fromkeys([a.words.text for a in actors]))
