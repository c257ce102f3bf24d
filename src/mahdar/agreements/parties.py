"""Whom an agreement binds: an actor of the register is a party itself, is part of one, or acts in support of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from mahdar.agreements.register import Agreement
from mahdar.who import Register, RegisterActor
from mahdar.who.countries import countries
from mahdar.who.register import state_support

Role = Literal["party", "guarantor", "ally", "excluded"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an actor is to an agreement. `side` is the party it stands with; `words` say so ("… is part of …, a party")."""

    role: Role
    side: str
    words: str

    @property
    def bound(self) -> bool:
        return self.role != "excluded"


def standing(agreement: Agreement, actor_id: str, day: str | None, register: Register) -> Standing | None:
    """What an actor is to an agreement on a day (ISO day, month or year; None: at any time); None if it is no party.

    The nearest tie decides: what the actor is itself before what it is part of, and both before whom it supports, so that
    a group which the terms exclude stays excluded although it is part of an alliance that is a party.
    """
    own = list(_identities(actor_id, day, register))
    lists: tuple[tuple[Role, tuple[str, ...]], ...] = (
        ("excluded", agreement.excluded),
        ("party", agreement.parties),
        ("guarantor", agreement.guarantors),
    )
    for identity in own:
        for role, names in lists:
            if found := _match(identity, names, day, register):
                side = _side(own, found, agreement, day, register) if role == "guarantor" else found
                return Standing(role, side, _words(actor_id, found, role, register))
    for supported in _supported(own, day, register):
        for identity in _identities(supported, day, register):
            if found := _match(identity, agreement.parties, day, register):
                return Standing("ally", found, _words(actor_id, found, "ally", register))
    return None


def name_of(party: str, register: Register) -> str:
    """A party in words: "the state of Syria", "Opposition Rebels (Syria)", or the plain name the table gives."""
    if is_state(party):
        return f"the state of {countries()[party].name}"
    actor = register.get(party)
    return actor.name if actor else party


def is_state(party: str) -> bool:
    return len(party) == 2 and party.isupper()


def _words(actor_id: str, party: str, role: Role, register: Register) -> str:
    actor, other = name_of(actor_id, register), name_of(party, register)
    same = actor_id == party or (actor_id.startswith("government-") and is_state(party))
    if role == "excluded":
        return f"{actor} is excluded by its terms" if same else f"{actor} is part of {other}, which its terms exclude"
    if role == "ally":
        return f"{actor} acts in support of {other}, a party"
    kind = "a guarantor bound by it" if role == "guarantor" else "a party"
    return f"{actor} is {kind}" if same else f"{actor} belongs to {other}, {kind}"


def _side(own: list[str], found: str, agreement: Agreement, day: str | None, register: Register) -> str:
    """A guarantor stands with the party it supports, if any."""
    for identity in _supported(own, day, register):
        if identity in agreement.parties:
            return identity
    return found


def _match(identity: str, names: tuple[str, ...], day: str | None, register: Register) -> str | None:
    """`identity` among `names`; a state is also whoever of them governs it that day."""
    if identity in names:
        return identity
    if is_state(identity):
        for name in names:
            actor = register.get(name)
            if actor and any(
                t.relation == "governs" and t.other == identity and t.holds(day) for t in actor.affiliations
            ):
                return name
    return None


def _identities(actor_id: str, day: str | None, register: Register) -> Iterator[str]:
    """The actor and all it is part of, nearest first; a state's organs end in the state's ISO code."""
    todo, seen = [actor_id], set()
    while todo:
        one = todo.pop(0)
        if one in seen:
            continue
        seen.add(one)
        yield one
        actor = _actor(one, register)
        if actor is None:
            continue
        for tie in actor.affiliations:
            if tie.relation in ("part_of", "governs") and tie.holds(day):
                todo.append(tie.other)
        if actor.kind == "State forces" and len(actor.countries) == 1:
            todo.append(actor.countries[0])


def _supported(own: list[str], day: str | None, register: Register) -> Iterator[str]:
    """Whom the actor, or what it is part of, supports by force on a day."""
    for identity in own:
        if is_state(identity):
            yield from (tie.other for tie in state_support().get(identity, ()) if tie.holds(day))
        elif actor := _actor(identity, register):
            yield from (t.other for t in actor.affiliations if t.relation == "supports" and t.holds(day))


def _actor(actor_id: str, register: Register) -> RegisterActor | None:
    """The entry, or a state's organ that the register makes by rule for a country without a table of regimes."""
    return register.get(actor_id) or _organ(actor_id)


@cache
def _organ(actor_id: str) -> RegisterActor | None:
    organ, _, country = actor_id.partition("-")
    iso = country[:2].upper()
    if organ in ("government", "military", "police", "security") and iso in countries() and len(country) == 2:
        return RegisterActor(actor_id, f"{organ.title()} of {countries()[iso].name}", "State forces", (iso,))
    return None
