"""What a wording means: a name of the register, a state's forces, an armed group, or a by-rule entry such as civilians.

Order: the whole wording as a name; a name or a leader inside it with a generic head ("Hamas gunmen", "Assad's air
force"); a label that sources use, in its own country ("regime forces"); a generic head with the country that its
adjective names, else the country in focus ("the army"); what follows "of", "from", "for" ("fighters from X", "a
spokesman for Y"). Whatever none of these settles is a new name: None. Wrong is worse than none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mahdar.who.countries import countries, country_words, people_words
from mahdar.who.groups import Group, heads, longest_head, words
from mahdar.who.names import Token, key, tokens
from mahdar.who.register import UNDATED, Register, RegisterActor

Role = Literal["actor", "target", "source"]
MAX_NAME_WORDS = 12
# With an unknown capitalised word before one of these ("Omar Brigades militants") the words name somebody we do not
# know.
NAMELESS = ("armed", "military", "anyone", "owned", "security", "government")
ORGAN_OF_FIRST_WORD = {"army": "military", "military": "military", "police": "police"}


@dataclass(frozen=True, slots=True)
class Match:
    """What a wording means, how sure (1 a name; below .6 a guess by country) and by which step (`how`).

    `candidates` are the entries that fitted the words; more than one means that country, day or focus chose.
    """

    actor: RegisterActor
    score: float
    how: str
    candidates: tuple[RegisterActor, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when the words were written: countries and actors in focus, most prominent first."""

    register: Register
    countries: tuple[str, ...]
    named: tuple[str, ...]
    day: str | None
    role: Role | None

    @property
    def country(self) -> str | None:
        return self.countries[0] if self.countries else None


def resolve(
    register: Register,
    wording: str,
    *,
    country: str | None,
    day: str | None,
    focus: Sequence[str] = (),
    role: Role | None = None,
) -> Match | None:
    """The entry that `wording` means, or None for a name the register does not have.

    `country` is the ISO code of the place spoken of; `focus` holds further ISO codes, and ids of actors the report
    has named, most prominent first; `day` an ISO day (or month, or year) of the event; `role` the slot the words
    fill, if known ("residents" are civilians as a target and witnesses as a source).
    """
    isos = dict.fromkeys(f for f in (country, *focus) if f and f in countries())
    named = tuple(f for f in focus if f not in countries())
    return _resolve(Setting(register, tuple(isos), named, day, role), tokens(wording), wording)


def _resolve(setting: Setting, all_tokens: list[Token], text: str, depth: int = 0) -> Match | None:
    one = bool(all_tokens) and all_tokens[0].key in ("a", "an")
    while all_tokens and all_tokens[0].key in ("the", "a", "an", "its", "their"):
        all_tokens = all_tokens[1:]
    if not all_tokens or depth > 3:
        return None
    whole = " ".join(t.key for t in all_tokens)
    if match := _named(setting, whole, all_tokens):
        return match
    if match := _label(setting, whole):
        return match
    if match := _before_bracket(setting, all_tokens, text):
        return match
    core, rest = _cut(setting, all_tokens, text)
    if not core:
        return None
    if len(core) == len(all_tokens) and (match := _country(setting, core, one)):
        return match
    match = _core(setting, core)
    if match is not None and rest and rest[0].key == "in" and match.how.endswith(("ministry", "of the country")):
        match = _seated(setting, core, rest[1:], match)
    # "soldiers loyal to Bemba" are not the army: whom they follow decides, or nobody does.
    if match is not None and match.how.endswith("of the country") and _follows_another(rest):
        return _after(setting, core, rest, text, depth)
    by_context = match is not None and match.score <= 0.6 and match.how.endswith("of the country")
    if match is None or match.how in ("unidentified", "source") or (by_context and rest and rest[0].key == "of"):
        # "fighters" alone are unidentified; "fighters from the Islamic State" are not.
        return _after(setting, core, rest, text, depth) or match
    return match


def _before_bracket(setting: Setting, all_tokens: list[Token], text: str) -> Match | None:
    """The name before a bracket, or in it: "Al Qaeda in the Islamic Maghreb (AQIM)", "the leftist rebels (ELN)"."""
    for i in range(1, len(all_tokens)):
        if "(" in text[all_tokens[i - 1].end : all_tokens[i].start]:
            name = all_tokens[:i]
            match = _named(setting, " ".join(t.key for t in name), name)
            if match is None and text[all_tokens[-1].end : all_tokens[-1].end + 1] == ")":
                match = _named(setting, " ".join(t.key for t in all_tokens[i:]), all_tokens[i:])
            return match
    return None


def _cut(setting: Setting, all_tokens: list[Token], text: str) -> tuple[list[Token], list[Token]]:
    """The head's own words, and what follows the first preposition, relative, comma or bracket.

    A word linked by a hyphen ("Iran-backed") does not cut, nor one inside a name or a head ("Ministry of Defence"), nor
    the "and" of "Syrian and Russian jets".
    """
    stops = words().stops
    inside = 0
    for i, token in enumerate(all_tokens):
        if i < inside:
            continue
        before = text[all_tokens[i - 1].end : token.start] if i else ""
        hyphened = before.strip() in ("-", "–", "‑") and i
        if any(mark in before for mark in (",", ";", ":", "(", "[", "—", " - ", " – ")):
            return all_tokens[:i], all_tokens[i:]
        # "militia-backed fighters" is one description; "fighters backed by" is not.
        if i and token.key in stops and not hyphened and not _hyphen_after(all_tokens, i, text):
            inside = _name_over(setting, all_tokens, i)
            if not inside:
                return all_tokens[:i], all_tokens[i:]
    return all_tokens, []


def _name_over(setting: Setting, all_tokens: list[Token], i: int) -> int:
    """Where a name or head that runs over token i ends, or 0."""
    keys = [t.key for t in all_tokens]
    if keys[i] == "and" and 0 < i < len(keys) - 1 and keys[i - 1] in country_words() and keys[i + 1] in country_words():
        return i + 2
    for start in range(max(0, i - 6), i):
        for end in range(min(len(keys), i + 8), i + 1, -1):
            name = " ".join(keys[start:end])
            if name in setting.register.by_alias or name in heads():
                return end
    return 0


def _hyphen_after(all_tokens: list[Token], i: int, text: str) -> bool:
    return i + 1 < len(all_tokens) and text[all_tokens[i].end : all_tokens[i + 1].start] in ("-", "–", "‑")


def _named(setting: Setting, name: str, written: Sequence[Token]) -> Match | None:
    """`name` as an alias anywhere. An acronym counts only in capitals unless the whole wording has none."""
    found = setting.register.by_alias.get(name, [])
    if name in setting.register.acronyms and len(written) == 1 and not _written_as_acronym(written[0]):
        return None
    if not found:
        return None
    actor = _choose(setting, found)
    if actor is None:
        return None
    is_leader = name in {key(p) for p in actor.people}
    score = (0.85 if is_leader else 1.0) if actor.active(setting.day) else 0.7
    return Match(actor, score, "leader" if is_leader else "name", tuple(found))


def _written_as_acronym(token: Token) -> bool:
    return (
        token.acronym
        or (len(token.key) > 3 and (token.capital or token.raw.islower()))
        or (len(token.key) == 3 and not token.raw.islower())
    )


def _choose(setting: Setting, found: list[RegisterActor]) -> RegisterActor | None:
    """The one entry of `found` that is active, in focus, or of a country in focus; None if that leaves several."""
    for keep in (
        lambda a: a.active(setting.day),
        lambda a: a.id in setting.named,
        lambda a: bool(set(a.countries) & set(setting.countries[:1])),
        lambda a: bool(set(a.countries) & set(setting.countries)),
        lambda a: setting.day is not None or not a.end,
    ):
        kept = [actor for actor in found if keep(actor)]
        found = kept or found
        if len(found) == 1:
            return found[0]
    return None


def _label(setting: Setting, name: str, isos: Sequence[str] = ()) -> Match | None:
    """`name` as a label: only of entries active that day in a country in focus, and only if one fits best."""
    found = [a for a in setting.register.by_label.get(name, []) if a.active(setting.day)]
    for iso in isos or setting.countries[:1]:
        here = [a for a in found if iso in a.countries]
        if len(here) > 1:
            here = [a for a in here if a.countries[0] == iso] or here
            here = [a for a in here if a.active(setting.day or UNDATED)] or here
            named = [a for a in here if a.id in setting.named]
            # Of a body and its parts the body is meant: "rebels" are the rebels, not one brigade of theirs.
            wholes = [a for a in here if not any(p.other == b.id for p in a.affiliations for b in here)]
            here = named[:1] or (wholes if len(wholes) == 1 else here)
        if len(here) == 1:
            return Match(here[0], 0.75, "label", tuple(found))
        if here:
            return None
    return None


def _country(setting: Setting, core: list[Token], one: bool) -> Match | None:
    """A country, its capital or its people as the whole wording: the state acts; a people is civilians or witnesses."""
    found = country_words().get(" ".join(t.key for t in core))
    if found is None or (len(core) == 1 and len(core[0].key) <= 3 and not core[0].acronym):  # "us", "a car"
        return None
    iso, how = found
    if one and how in ("adjective", "people"):  # "an American"
        return None if setting.role == "actor" else Match(by_rule("Civilians", "Civilians", iso), 0.6, "people")
    if core[-1].raw.lower() in people_words() and how != "country":
        government = setting.register.organ(iso, "government", setting.day)
        if setting.role == "actor" and iso != "PS" and government:
            return Match(government, 0.6, "people")
        return Match(by_rule("Civilians", "Civilians", iso), 0.6, "people")
    if not core[0].capital and any(t.capital for t in core):
        return None
    score = {"country": 0.9, "adjective": 0.7, "people": 0.7, "capital": 0.7}[how]
    government = setting.register.organ(iso, "government", setting.day)
    return Match(government, score, how) if government else None


def _core(setting: Setting, core: list[Token]) -> Match | None:
    """The words before any preposition: owner, country adjective and head."""
    size = len(core)
    head_at, group = _head(core)
    named_end = _name_at_end(setting, core)
    if named_end and (group is None or named_end[0] <= head_at):
        return replace(named_end[1], score=round(named_end[1].score * 0.95, 3), how=named_end[1].how + " at end")
    if group is None:
        return _titled(setting, core)
    before = core[:head_at]
    # A label with nothing but description before it: "heavily armed regime forces", "Syrian regime forces".
    isos = _adjectives(before)
    for i in range(1, head_at + 1):
        if _only_description(core[:i]):
            match = _label(setting, " ".join(t.key for t in core[i:]), _adjectives(core[:i]))
            if match:
                return replace(match, score=0.7)
    if owner := _owner(setting, before):
        return _owned_by(setting, owner, core, head_at, group)
    if len(isos) > 1:
        first = _generic(setting, group, isos[0], core, head_at, 0.7)
        others = (_generic(setting, group, iso, core, head_at, 0.7) for iso in isos[1:])
        return first and replace(
            first, how="first of several countries", candidates=(first.actor, *(o.actor for o in others if o))
        )
    unknown = group.name != "local officials" and [
        t for t in before if t.capital and size > 1 and not _is_description(t) and not _part_of_country(t, before)
    ]
    if unknown and group.means in NAMELESS:
        return None
    if isos:
        return _generic(setting, group, isos[0], core, head_at, 0.9)
    return _generic(setting, group, setting.country, core, head_at, 0.6)


def _titled(setting: Setting, core: list[Token]) -> Match | None:
    """An office before a person's name: "Russian Foreign Minister Sergei Lavrov" speaks for his ministry."""
    for end in range(len(core) - 1, 0, -1):
        if not core[end].capital and core[end].key not in ("bin", "de", "van", "abu"):
            return None
        _, group = _head(core[:end])
        if group and (group.cls in ("official", "state") and group.means != "owned"):
            match = _core(setting, core[:end])
            return match and replace(match, score=round(match.score * 0.9, 3), how="office: " + match.how)
    return None


def _head(core: list[Token]) -> tuple[int, Group | None]:
    """Where the longest known head at the end of `core` starts, and its group."""
    for size in range(min(longest_head(), len(core)), 0, -1):
        group = heads().get(" ".join(t.key for t in core[-size:]))
        if group:
            return len(core) - size, group
    return len(core), None


def _name_at_end(setting: Setting, core: list[Token]) -> tuple[int, Match] | None:
    """A name or leader that ends `core`: "the militant group Abu Sayyaf", "Russian President Vladimir Putin"."""
    for i in range(max(1, len(core) - MAX_NAME_WORDS), len(core)):
        name = core[i:]
        if name[0].capital or name[0].raw.isdigit():
            match = _named(setting, " ".join(t.key for t in name), name)
            # "anti-Hamas", "pro-Assad" name an opponent or a friend, not the actor.
            if match and core[i - 1].key not in ("anti", "pro", "ex", "non"):
                return i, match
    return None


def _owner(setting: Setting, before: list[Token]) -> Match | None:
    """The last name or leader in `before` that owns the head; one that only describes ("Iran-backed") does not."""
    for end in range(len(before), 0, -1):
        if end < len(before) and before[end].key in words().links:
            continue
        for start in range(max(0, end - MAX_NAME_WORDS), end):
            name = before[start:end]
            if not (name[0].capital or name[0].raw.islower()) or (start and before[start - 1].key in ("anti", "pro")):
                continue
            match = _named(setting, " ".join(t.key for t in name), name)
            if match and any(t.capital for t in name):
                return match
    return None


def _owned_by(setting: Setting, owner: Match, core: list[Token], head_at: int, group: Group) -> Match | None:
    """What `group` is once its owner is known: a state's organ, the owner itself, or people it says nothing of."""
    actor = owner.actor
    if group.means == "thing" and (actor.is_source or actor.id.startswith("government-")):
        return None
    if actor.kind == "State forces" and len(actor.countries) == 1 and actor.id.partition("-")[0] in ("government",):
        made = _generic(setting, group, actor.countries[0], core, head_at, 0.8, actor)
        return made or replace(owner, score=0.7, how="owner")
    if group.means == "people":
        # "Taliban prisoners", "Hamas hostages": whose people they are is not said.
        return _generic(setting, group, setting.country, core, head_at, 0.5)
    if group.means == "source" and actor.is_source:
        return replace(owner, score=0.8, how="owner")
    if group.means == "source" and group.name not in ("local sources", "media", "footage", "state media"):
        return _generic(setting, group, setting.country, core, head_at, 0.5)
    return replace(owner, score=round(owner.score * 0.9, 3), how="owner")


def _generic(
    setting: Setting,
    group: Group,
    iso: str | None,
    core: list[Token],
    head_at: int,
    score: float,
    ruler: RegisterActor | None = None,
) -> Match | None:
    """A generic head in a country."""
    before = core[:head_at]
    means = group.means
    if means == "thing":
        return None
    if means == "people":
        if setting.role == "actor" and group.name == "civilians":
            return None
        if setting.role == "source" and group.name == "civilians":
            return Match(by_rule("Witnesses", "source:witness", iso), 0.6, "people speak")
        return Match(by_rule(group.entry, group.kind, iso), score if iso else 0.5, "people")
    if means == "source":
        return Match(by_rule(group.entry, group.kind, iso), score if iso else 0.5, "source")
    if iso is None:
        return None
    if means == "ministry":
        name = f"{group.entry} of {countries()[iso].name}"
        return Match(_made(group.entry, name, "source:official", iso), score, "ministry")
    not_state = any(t.key in words().not_state for t in before) or any(t.key in words().links for t in before)
    first = core[head_at].key
    if means == "owned":
        organ = _organ(setting, iso, ORGAN_OF_FIRST_WORD.get(first, "military"), ruler)
        owned = score > 0.6 or first in ORGAN_OF_FIRST_WORD
        return Match(organ, round(score * 0.9, 3), "owner") if owned and not not_state and organ else None
    if means in ("government", "military", "police", "security"):
        # "rapid reaction force", "task force": a force with a name of its own is not simply the army.
        if not_state or (group.name == "forces" and not _only_description(before)):
            return None
        organ = _organ(setting, iso, means, ruler)
        if organ is None and score < 0.7 and len(setting.countries) > 1:
            organ = _organ(setting, setting.countries[1], means, None)
            score = 0.5
        return Match(organ, score, f"{means} of the country") if organ else None
    if means == "armed":
        return _armed(setting, iso, core, head_at)
    return None


def _organ(setting: Setting, iso: str, organ: str, ruler: RegisterActor | None) -> RegisterActor | None:
    """The organ of the country that day, or of the ruler who is named."""
    if ruler is not None:
        same = setting.register.get(organ + ruler.id[len("government") :])
        if same:
            return same
    return setting.register.organ(iso, organ, setting.day)


def _armed(setting: Setting, iso: str, core: list[Token], head_at: int) -> Match | None:
    """Armed men of whom nothing but a country is known: a label there, else "Unidentified Armed Group (Country)"."""
    for i in range(head_at, -1, -1):
        if match := _label(setting, " ".join(t.key for t in core[i:]), (iso,)):
            return replace(match, score=0.6)
    candidates = tuple(
        a
        for a in setting.register.by_label.get(" ".join(t.key for t in core[head_at:]), [])
        if iso in a.countries and a.active(setting.day)
    )
    described = any(t.key in words().links for t in core[:head_at]) or any(t.key == "pro" for t in core[:head_at])
    if described:
        return None
    actor = by_rule("Unidentified Armed Group", "Political militia", iso)
    return Match(actor, 0.5, "unidentified", (actor, *candidates))


def _seated(setting: Setting, core: list[Token], rest: list[Token], match: Match) -> Match | None:
    """ "The defence ministry in Moscow", "the government in Mogadishu": the seat says whose."""
    for size in (3, 2, 1):
        found = country_words().get(" ".join(t.key for t in rest[:size]))
        if found and rest[0].capital:
            head_at, group = _head(core)
            return _generic(setting, group, found[0], core, head_at, 0.85) if group else match
    return match


def _follows_another(rest: Sequence[Token]) -> bool:
    follow = ("loyal", "affiliated", "allied", "aligned", "backed", "supported", "linked", "opposed")
    return any(t.key in follow for t in rest[:3])


def _after(setting: Setting, core: list[Token], rest: list[Token], text: str, depth: int) -> Match | None:
    """What follows the head: "fighters from the Islamic State", "Zabiullah Mujahid, spokesperson for the Taliban"."""
    if not rest:
        return None
    _, group = _head(core)
    asks = group is not None and group.means in ("anyone", "armed", "owned", "military", "government", "source")
    person = group is None and all(t.capital or t.key in ("bin", "van", "de", "abu") for t in core)
    mark = text[core[-1].end : rest[0].start]
    if not asks and not (person and "," in mark):
        return None
    if rest[0].key in ("who", "that", "which") and len(rest) > 2:
        rest = rest[2:]
    while rest and rest[0].key in words().owners:
        rest = rest[1:]
        asks = True
    if rest and rest[0].key in words().stops:  # "fighters who are loyal to X", "militants linked to X"
        return None
    match = _resolve(setting, rest, text, depth + 1)
    if match is None or (group is not None and group.means == "source" and not match.actor.is_source):
        return None
    if match.how in ("country", "capital") and group is not None:
        return _generic(setting, group, match.actor.countries[0], core, _head(core)[0], 0.7)
    if match.actor.kind == "Civilians" or match.how == "unidentified":
        return None
    return replace(match, score=round(match.score * 0.85, 3), how="of " + match.how)


def _adjectives(before: Sequence[Token]) -> list[str]:
    """ISO codes that the words before a head name ("Syrian and Russian"), without those that only describe."""
    out: list[str] = []
    i = 0
    while i < len(before):
        for size in (4, 3, 2, 1):
            span = before[i : i + size]
            found = country_words().get(" ".join(t.key for t in span)) if len(span) == size else None
            if found and span[0].capital and (found[0] != "US" or span[0].key != "us" or span[0].acronym):
                following = before[i + size].key if i + size < len(before) else ""
                prefixed = i > 0 and before[i - 1].key in ("anti", "pro", "ex")
                if following not in words().links and not prefixed:
                    out.append(found[0])
                i += size - 1
                break
        i += 1
    return list(dict.fromkeys(out))


def _is_description(token: Token) -> bool:
    return token.key in words().modifiers or token.key in words().not_state or token.raw.isdigit()


def _part_of_country(token: Token, before: Sequence[Token]) -> bool:
    """Whether the token belongs to the name of a country in `before`, or to a linked description ("Iran-backed")."""
    at = before.index(token)
    if any(
        " ".join(t.key for t in before[i:j]) in country_words()
        for i in range(max(0, at - 3), at + 1)
        for j in range(at + 1, min(len(before), at + 4) + 1)
    ):
        return True
    return at + 1 < len(before) and before[at + 1].key in words().links


def _only_description(span: Sequence[Token]) -> bool:
    return all(_is_description(t) or _part_of_country(t, span) for t in span)


def by_rule(entry: str, kind: str, iso: str | None) -> RegisterActor:
    """A by-rule entry in ACLED's style: "Civilians (Syria)" with id `civilians-sy`; "Civilians" without a country."""
    name = f"{entry} ({countries()[iso].name})" if iso else entry
    return _made(entry, name, kind, iso)


def _made(entry: str, name: str, kind: str, iso: str | None) -> RegisterActor:
    slug = entry.lower().replace("/", "-").replace(" ", "-") + (f"-{iso.lower()}" if iso else "")
    return RegisterActor(slug, name, kind, (iso,) if iso else ())
