"""Which agreements the claims of an event name, and what a source says was a breach: its words, not our reckoning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mahdar.agreements.names import find_agreements, naming
from mahdar.agreements.register import Agreements
from mahdar.model import Claim, Words


@dataclass(frozen=True, slots=True)
class Reported:
    """`named`: ids of agreements that the claims' words resolve to. `breaches`: words that say one was broken, with the
    agreement meant, or None where the words leave that open ("violated the deal")."""

    named: frozenset[str]
    breaches: tuple[tuple[Words, str | None], ...]

    def broken_of(self, candidates: Sequence[str]) -> dict[str, Words]:
        """Agreement → the words that call it broken; words that name none are of the first of `candidates`."""
        out: dict[str, Words] = {}
        for words, agreement in self.breaches:
            one = agreement or next(iter(candidates), None)
            if one:
                out.setdefault(one, words)
        return out


def reported(claims: Sequence[Claim], register: Agreements, country: str | None, published: str | None) -> Reported:
    """What the claims' own words say of agreements."""
    named: set[str] = set()
    breaches: list[tuple[Words, str | None]] = []
    for claim in claims:
        agreement = agreement_of(claim, register, country, published)
        if agreement:
            named.add(agreement)
        if words := _breach(claim):
            breaches.append((words, agreement))
    return Reported(frozenset(named), tuple(breaches))


def agreement_of(
    claim: Claim, register: Agreements, country: str | None = None, published: str | None = None
) -> str | None:
    """The register's agreement that a claim's `agreement` words mean, by its evidence; None if they leave it open.

    A claim that was read from its report knows already (`agreement_id`), with the whole report as context. A claim that
    an agreement was made, without a name for it, is known by its evidence alone.
    """
    if claim.agreement_id:
        return claim.agreement_id if register.get(claim.agreement_id) else None
    if claim.agreement is None and claim.type != "agreement":
        return None
    around = {p.country for p in claim.places if p.country} | ({country} if country else set())
    texts = [w.text for w in claim.evidence] or ([claim.agreement.text] if claim.agreement else [])
    for text in texts:
        for found in find_agreements(text, published, around, register=register):
            if claim.agreement is None or _overlap(found.text, claim.agreement.text):
                return found.agreement.id
    return None


def _overlap(a: str, b: str) -> bool:
    return a.lower() in b.lower() or b.lower() in a.lower()


def _breach(claim: Claim) -> Words | None:
    """The words by which the claim's source calls it a breach, if it does."""
    if claim.type == "ceasefire_violation":
        return claim.agreement or claim.trigger
    if claim.agreement is None or claim.type == "agreement":
        return None
    told = any(
        w.span.start <= claim.agreement.span.start < w.span.end and naming().broken.search(w.text)
        for w in claim.evidence
    )
    return claim.agreement if told else None
