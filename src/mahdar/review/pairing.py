"""Two coders' claims of one report, paired one to one, and how far the pairs agree, field by field."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from mahdar.model import Actor, Claim
from mahdar.review.agreement_stats import Distance, cohen_kappa, krippendorff_alpha, masi, nominal, share_agreed
from mahdar.review.sheets import Coded

Pair = tuple[Coded | None, Coded | None]


@dataclass(frozen=True, slots=True)
class Field:
    """A field that coders may differ on: its value in a claim, and how far two values are apart."""

    name: str
    label: str
    value: Callable[[Claim], Hashable]
    distance: Distance[Any] = nominal


def _who(actors: Sequence[Actor]) -> frozenset[str]:
    return frozenset(a.actor_id or a.words.text.casefold() for a in actors)


FIELDS = (
    Field("type", "Event type", lambda c: c.type),
    Field("time", "Date", lambda c: (c.time.start, c.time.end)),
    Field("time_precision", "Time precision", lambda c: c.time.precision or 0),
    Field("actors", "Actor 1", lambda c: _who(c.actors), masi),
    Field("targets", "Actor 2 / target", lambda c: _who(c.targets), masi),
    Field(
        "places",
        "Place",
        lambda c: frozenset(f"{p.role} {p.gazetteer_id or p.words.text.casefold()}" for p in c.places),
        masi,
    ),
    Field("geo_precision", "Geo precision", lambda c: c.geo_precision or 0),
    Field("sources", "Source", lambda c: _who(c.sources), masi),
    Field("figures", "Figures", lambda c: frozenset(f"{f.what} {f.low}-{f.high}" for f in c.figures), masi),
    Field("status", "Status", lambda c: c.status),
    Field("scope", "Scope", lambda c: c.scope),
)


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """How far coders agree on one field over `units` pairs. A coefficient is None where it is not defined."""

    name: str
    label: str
    units: int
    agreed: float | None
    kappa: float | None
    alpha: float | None


def pair(left: Sequence[Coded], right: Sequence[Coded]) -> list[Pair]:
    """Claims of one report paired by id, then by shared evidence and type, the surest first; what is over stands alone.

    Rejected claims are paired too: whether there is a claim is what coders may agree on. In the order of the report.
    """
    rest = {coded.claim.id: coded for coded in right}
    pairs: list[Pair] = []
    alone = []
    for coded in left:
        if coded.claim.id in rest:  # the reader's claim, or words that both added: kept or rejected, it is one unit
            pairs.append((coded, rest.pop(coded.claim.id)))
        else:
            alone.append(coded)
    others = list(rest.values())
    likely = sorted(
        ((likeness(a.claim, b.claim), i, j) for i, a in enumerate(alone) for j, b in enumerate(others)),
        key=lambda found: (-found[0], found[1], found[2]),
    )
    lefts: set[int] = set()
    rights: set[int] = set()
    for score, i, j in likely:
        if score > 0 and i not in lefts and j not in rights:
            pairs.append((alone[i], others[j]))
            lefts.add(i)
            rights.add(j)
    pairs += [(coded, None) for i, coded in enumerate(alone) if i not in lefts]
    pairs += [(None, coded) for j, coded in enumerate(others) if j not in rights]
    return sorted(pairs, key=lambda p: min(c.claim.evidence[0].span.start for c in p if c))


def likeness(left: Claim, right: Claim) -> float:
    """0 without shared evidence; else 1 for the overlap, 1 for the type, a little for the same trigger and actors."""
    if not any(a.span.overlaps(b.span) for a in left.evidence for b in right.evidence):
        return 0.0
    chars = [{n for w in claim.evidence for n in range(w.span.start, w.span.end)} for claim in (left, right)]
    shared = len(chars[0] & chars[1]) / len(chars[0] | chars[1])
    same = (left.type == right.type) + 0.5 * left.trigger.span.overlaps(right.trigger.span)
    return shared + same + 0.25 * bool(_who(left.actors) & _who(right.actors))


def kept(coded: Coded | None) -> bool:
    return coded is not None and coded.review != "rejected"


def differing(left: Claim, right: Claim) -> list[str]:
    """The names of the fields on which two claims differ."""
    return [field.name for field in FIELDS if field.value(left) != field.value(right)]


def agreement(pairs: Sequence[Pair]) -> list[FieldAgreement]:
    """Agreement on each field, and first on whether there is a claim at all (a unit that either coder had before them).

    Kappa treats two coders' values as equal or not; alpha weighs sets by MASI, so that half the actors are worth half.
    """
    coded = [(kept(left), kept(right)) for left, right in pairs]
    out = [
        FieldAgreement(
            "coded", "Claim or not", len(coded), share_agreed(coded), cohen_kappa(coded), krippendorff_alpha(coded)
        )
    ]
    both = [(left.claim, right.claim) for left, right in pairs if left and right and kept(left) and kept(right)]
    for field in FIELDS:
        values = [(field.value(left), field.value(right)) for left, right in both]
        out.append(
            FieldAgreement(
                field.name,
                field.label,
                len(values),
                share_agreed(values),
                cohen_kappa(values),
                krippendorff_alpha(values, field.distance),
            )
        )
    return out
