"""Was an agreement in force for these parties, at this place, on these days? Yes, no, or cannot tell, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mahdar.agreements import dates
from mahdar.agreements.areas import Placing
from mahdar.agreements.dates import Holding, moment
from mahdar.agreements.parties import Standing, name_of, standing
from mahdar.agreements.register import Agreement, Agreements
from mahdar.agreements.violations import Reported, reported
from mahdar.codebook.event_types import EVENT_TYPES
from mahdar.model import Actor, Claim, Incident, InForce, Place, Time
from mahdar.who import Register
from mahdar.who.countries import countries

Answer = Literal["yes", "no", "unknown"]
_ORDER: dict[Answer, int] = {"yes": 0, "unknown": 1, "no": 2}
_UNARMED = frozenset({"Civilians", "Protesters", "Rioters"})
# Two armed sides are needed for these: with one of them unknown, nobody can say whom the agreement binds.
_TWO_SIDED = frozenset({"armed_clash"})


def in_force(
    event: Claim | Incident,
    register: Agreements | None = None,
    *,
    claims: Sequence[Claim] = (),
    country: str | None = None,
    published: str | None = None,
    every: bool = False,
) -> tuple[InForce, ...]:
    """The agreements that could touch an event, each with its answer and reason: yes first, the latest first.

    `claims` are an incident's claims, whose words may say that an agreement was broken. `country` (ISO code) is what the
    report is about, for events without a place; `published` its ISO day, for names of agreements in it. An agreement is
    left out where place or day rule it out, unless the words name it; `every` keeps all. Of a total, and of
    a violation that tells no place, only those they name are told. An event of type `agreement` makes one and cannot break
    one: of it, too, only what its words name is told, and whether that held already.
    """
    known = register or Agreements.load()
    told = reported([event] if isinstance(event, Claim) else claims, known, country, published)
    if event.type == "agreement":
        made = (a for id in sorted(told.named) if (a := known.get(id)))
        return tuple(InForce(a.id, a.name, (on := dates.held(a, event.time)).answer, _made(a, on)) for a in made)
    actors = Register.load()
    first, last = dates.span_of(event.time)
    judged = [
        _judge(a, event, told, known, actors, country)
        for a in (known if every else _near(event, known, told, country))
        if not a.frame and (every or a.id in told.named or not dates.rules_out(a, first, last))
    ]
    only = bool(told.named) and not event.places and event.type == "ceasefire_violation"  # it is of what it names
    kept = [j for j in judged if every or j.agreement.id in told.named or (j.concerns and not only)]
    kept.sort(key=lambda j: j.agreement.id)
    kept.sort(key=lambda j: j.agreement.began, reverse=True)
    kept.sort(key=lambda j: _ORDER[j.answer])
    broken = told.broken_of(_ids(kept, "yes") or _ids(kept, "unknown"))
    return tuple(
        InForce(j.agreement.id, j.agreement.name, j.answer, j.reason, broken.get(j.agreement.id), j.within)
        for j in kept
    )


def _near(event: Claim | Incident, known: Agreements, told: Reported, country: str | None) -> Iterable[Agreement]:
    """The agreements of the countries that the event may have been in, and those that its words name."""
    isos = {p.country for p in event.places} or {country}
    if None in isos:
        return known
    found = (a for iso in isos if iso for a in known.by_country.get(iso, ()))
    named = (a for i in told.named if (a := known.get(i)))
    return dict.fromkeys((*found, *named))


def _ids(judged: Sequence[Judged], answer: Answer) -> list[str]:
    return [j.agreement.id for j in judged if j.answer == answer]


@dataclass(frozen=True, slots=True)
class Judged:
    """One agreement's answer. `concerns`: neither place nor day rules it out, and some party may be concerned."""

    agreement: Agreement
    answer: Answer
    reason: str
    within: bool | None
    concerns: bool


def holding(place: Place | None, time: Time, register: Agreements | None = None) -> tuple[InForce, ...]:
    """The agreements in force at a place (None: anywhere) on some days, whoever acts; those ruled out are left out."""
    out = []
    for agreement in register or Agreements.load():
        if agreement.frame or not agreement.forbids or (agreement.imported and not dates.fresh(agreement, time)):
            continue
        parts = [dates.held(agreement, time), *([_placed(agreement, [place], None)] if place else [])]
        answer: Answer = max((p.answer for p in parts), key=_ORDER.__getitem__)
        if answer != "no":
            reason = _sentence(*(p for p in parts if p.answer == answer))
            out.append((agreement.began, InForce(agreement.id, agreement.name, answer, reason)))
    out.sort(key=lambda pair: (pair[0], pair[1].agreement), reverse=True)
    return tuple(sorted((found for _, found in out), key=lambda found: _ORDER[found.answer]))


def _judge(
    agreement: Agreement,
    event: Claim | Incident,
    told: Reported,
    known: Agreements,
    actors: Register,
    country: str | None,
) -> Judged:
    where = _placed(agreement, event.places, country)
    when = dates.held(agreement, event.time)
    out = "no" in (where.answer, when.answer)
    dated = event.time.start is not None or event.time.end is not None
    if out and agreement.id not in told.named:  # most agreements, most of the time: no need to ask about parties
        return Judged(agreement, "no", _sentence(where if where.answer == "no" else when), False, False)
    who = _parties(agreement, event, actors)
    parts = (where, when, who)
    answer: Answer = max((p.answer for p in parts), key=_ORDER.__getitem__)
    within, terms = _terms(agreement, event, answer, known)
    shown = [p for p in parts if p.answer == answer] if answer != "yes" else parts
    concerns = not out and dated and bool(agreement.forbids)
    if not event.places:  # all that a party did anywhere would do: kept where the terms speak of such acts
        concerns = concerns and who.answer == "yes" and event.type in (*agreement.forbids, "ceasefire_violation")
    if isinstance(event, Claim) and event.scope == "total":  # a sum has no one place and day
        concerns = False
    if agreement.imported:  # it tells neither area nor end: kept where its parties met soon after it was signed
        concerns = concerns and who.answer == "yes" and dates.fresh(agreement, event.time)
    return Judged(agreement, answer, f"{_sentence(*shown)} {terms}".strip(), within, concerns)


def _sentence(*parts: Holding) -> str:
    text = "; ".join(p.reason for p in parts)
    return f"{text[:1].upper()}{text[1:]}."


def _made(agreement: Agreement, on: Holding) -> str:
    signed = (
        f"It is the agreement itself, signed {moment(agreement.signed)}"
        if agreement.signed
        else "It is the agreement itself"
    )
    return f"{signed}; {on.reason}."


def _placed(agreement: Agreement, places: Sequence[Place], country: str | None) -> Holding:
    """Where the event was, and whether that is in the agreement's area; one place inside it is enough."""
    spots = [p for p in places if p.role == "at"] or list(places)
    whole = ", ".join(countries()[c].name for c in agreement.countries)
    if not spots:
        if country and country not in agreement.countries:
            return Holding("no", f"the report is not about {whole}")
        if agreement.area.whole and country:
            return Holding("yes", f"no place is named, but it covers all of {whole}")
        return Holding("unknown", "no place is named")
    order: dict[Placing, int] = {"inside": 0, "border": 1, "partly": 2, "unknown": 3, "outside": 4}
    best, placing = min(((p, agreement.area.place(p)) for p in spots), key=lambda pair: order[pair[1]])
    name = best.name or best.words.text
    match placing:
        case "inside":
            return Holding("yes", f"{name} lies in its area")
        case "border":
            return Holding("unknown", f"{name} lies in the border area of its outline")
        case "partly":
            return Holding("unknown", f"only part of {name} lies in its area")
        case "unknown":
            return Holding("unknown", f"{name} could not be placed" + (f" ({best.reason})" if best.reason else ""))
        case _:
            return Holding("no", f"{name} lies outside its area")


def _parties(agreement: Agreement, event: Claim | Incident, register: Register) -> Holding:
    """Whether those who acted, and those they acted against, are bound by the agreement towards each other."""
    day = event.time.end or event.time.start
    doers, doers_unknown, doers_other = _sorted(agreement, event.actors, day, register)
    others, others_unknown, others_other = _sorted(agreement, event.targets, day, register)
    bound = [s for s in doers if s.bound]
    if bound:
        one = bound[0]
        opposed = [s for s in (*others, *bound) if s.bound and s.side != one.side]
        if opposed:
            return Holding("yes", f"{one.words}; {opposed[0].words}")
        if barred := [s for s in others if not s.bound]:
            return Holding("no", barred[0].words)
        if own := [s for s in others if s.bound]:
            return Holding("no", f"both sides belong to {name_of(own[0].side, register)}")
        civil = any(_civil(t) for t in event.targets)
        if others_other and not civil and not (others_unknown and event.type not in _TWO_SIDED):
            return _no_party(agreement, others_other[0])
        if event.type in _TWO_SIDED:
            side = (
                f"who the other side is cannot be told ({others_unknown[0]})"
                if others_unknown
                else "the other side is not named"
            )
            return Holding("unknown", f"{one.words}, but {side}")
        return Holding("yes", one.words)
    if doers:
        return Holding("no", doers[0].words)
    if doers_unknown:
        return Holding("unknown", f"a party is unknown: {doers_unknown[0]}")
    if doers_other:
        return _no_party(agreement, doers_other[0])
    return Holding("unknown", "who did it is not told")


def _no_party(agreement: Agreement, name: str) -> Holding:
    if agreement.imported:  # their parties are read from free text and may be incomplete
        return Holding("unknown", f"whether {name} is a party cannot be told from the imported entry")
    return Holding("no", f"{name} is no party to it")


def _sorted(
    agreement: Agreement, slot: Sequence[Actor], day: str | None, register: Register
) -> tuple[list[Standing], list[str], list[str]]:
    """Those that stand to the agreement in some way, then those whom nobody knows (as worded), then known outsiders."""
    known: list[Standing] = []
    unknown: list[str] = []
    other: list[str] = []
    for actor in slot:
        if actor.actor_id is None:
            unknown.append(f"“{actor.words.text}” is not in the actor register")
        elif not _civil(actor):
            found = standing(agreement, actor.actor_id, day, register)
            if found:
                known.append(found)
            elif "unidentified" in actor.actor_id:
                unknown.append(f"“{actor.words.text}” names nobody in particular")
            else:
                other.append(actor.name or actor.actor_id)
    return known, unknown, other


def _civil(actor: Actor) -> bool:
    return actor.kind in _UNARMED or (actor.kind or "").startswith("source:")


def _terms(agreement: Agreement, event: Claim | Incident, answer: Answer, known: Agreements) -> tuple[bool | None, str]:
    """Whether such an act falls within what the agreement forbids, and the sentence that says so."""
    label = EVENT_TYPES[event.type].label
    if answer == "no":
        return False, ""
    if event.type in known.untold:
        return None, "What was done is not told in a way that its terms could be held against."
    if event.type not in agreement.forbids:
        return False, f"{label} is not among the acts it forbids."
    if event.status in ("intended", "denied"):
        return None, f"{label} is among the acts it forbids, but it is only {event.status}."
    if agreement.depends:
        return None, f"{label} may fall within its terms: {agreement.depends}."
    return (True if answer == "yes" else None), f"{label} is among the acts it forbids."


__all__ = ["holding", "in_force"]
