"""The actors, targets and sources a text speaks of: names of the register, countries, generic groups, whole phrases.

Names are found by Aho-Corasick over the text's spelling keys, generic heads and countries by table look-up; then
each is grown to its noun phrase ("suspected Boko Haram gunmen", "a spokesman for the Afghan Defense Ministry").
The result is a list of candidates for the reader's slots: it may nest, and it leans to finding too much.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import ahocorasick

from mahdar.who.countries import country_words
from mahdar.who.groups import ActorClass, Group, heads, sizes, sizes_by_first_word, words
from mahdar.who.names import Token, tokens
from mahdar.who.register import Register, RegisterActor

OPEN = {"of", "from", "for", "with", "to", "by"}
CONNECTING = ("loyal", "belonging", "linked", "affiliated", "allied", "backed", "supported", "aligned")


@dataclass(frozen=True, slots=True, order=True)
class ActorMention:
    """`text[start:end]` names an actor. `actor_id` only where the words alone settle it; resolve the rest in context.

    `cls`: armed, state, civil, source, official, or object (a thing done to). `how`: name, country, group, person,
    or new name.
    """

    start: int
    end: int
    text: str
    actor_id: str | None
    cls: ActorClass
    how: str


@dataclass(slots=True, eq=False)
class _Part:
    """Tokens `first <= i < last` that name something by themselves."""

    first: int
    last: int
    cls: ActorClass
    how: str
    actor: RegisterActor | None = None
    group: Group | None = None


def find_actors(text: str) -> list[ActorMention]:
    """Every mention in `text`, by start; a longer one comes before those nested in it."""
    words_of_text = tokens(text)
    parts = _parts(text, words_of_text)
    phrases = _phrases(text, words_of_text, parts)
    phrases += [p for p in dict.fromkeys(parts) if p is not None and p.how == "name"]
    phrases += _persons(text, words_of_text, phrases)
    phrases += _new_names(text, words_of_text, phrases)
    phrases += _extended(text, words_of_text, phrases)
    mentions = {_mention(text, words_of_text, phrase) for phrase in phrases}
    return sorted(mentions, key=lambda m: (m.start, -m.end))


def _mention(text: str, toks: list[Token], part: _Part) -> ActorMention:
    start, end = toks[part.first].start, toks[part.last - 1].end
    if "(" in text[start:end] and text[end : end + 1] == ")":
        end += 1
    return ActorMention(start, end, text[start:end], part.actor.id if part.actor else None, part.cls, part.how)


def _parts(text: str, toks: list[Token]) -> list[_Part | None]:
    """For every token the part that covers it, or None; names win over countries, countries over heads."""
    cover: list[_Part | None] = [None] * len(toks)
    caseless = not any(c.isupper() for c in text)
    for part in _names(toks, caseless):
        if not any(cover[part.first : part.last]):
            cover[part.first : part.last] = [part] * (part.last - part.first)
    for part in (*_countries(toks, caseless), *_heads(text, toks)):
        if not any(cover[part.first : part.last]):
            cover[part.first : part.last] = [part] * (part.last - part.first)
    return cover


@cache
def _automaton() -> ahocorasick.Automaton:
    """Every alias, leader and label of more than one word, as ` key `, with the entries that bear it."""
    register = Register.load()
    automaton = ahocorasick.Automaton()
    for name, actors in register.by_alias.items():
        automaton.add_word(f" {name} ", (name, tuple(actors), False))
    for name, actors in register.by_label.items():
        if " " in name and name not in register.by_alias:
            automaton.add_word(f" {name} ", (name, tuple(actors), True))
    automaton.make_automaton()
    return automaton


def _names(toks: list[Token], caseless: bool) -> list[_Part]:
    """Register names in the text, the longest first. An acronym must be in capitals, a name must hold a capital."""
    starts: dict[int, int] = {}
    at, pieces = 1, []
    for i, token in enumerate(toks):
        starts[at] = i
        at += len(token.key) + 1
        pieces.append(token.key)
    acronyms = Register.load().acronyms
    found = []
    for end, (name, actors, is_label) in _automaton().iter(f" {' '.join(pieces)} "):
        first = starts[end - len(name)]
        last = first + name.count(" ") + 1
        span = toks[first:last]
        if name in acronyms and len(span) == 1:
            right = (span[0].acronym or (len(name) > 3 and span[0].capital)) or (caseless and len(name) > 2)
        else:
            right = is_label or caseless or any(t.capital for t in span)
        if not right:
            continue
        actor = actors[0] if len(actors) == 1 and not is_label else None
        leader = all(a.id.startswith("government-") for a in actors)
        found.append(_Part(first, last, "official" if leader else class_of(actors[0]), "name", actor))
    return sorted(found, key=lambda p: (p.first - p.last, p.first))


def class_of(actor: RegisterActor) -> ActorClass:
    """The class of a register entry's mention."""
    if actor.is_source:
        return "official" if actor.kind == "source:official" else "source"
    if actor.kind == "State forces":
        return "state"
    return "civil" if actor.kind in ("Civilians", "Protesters", "Rioters") else "armed"


def _countries(toks: list[Token], caseless: bool) -> list[_Part]:
    """Countries, adjectives, peoples and capitals (a capital is "official": it is mostly a place)."""
    out = []
    last, lengths, names = 0, _country_sizes(), country_words()
    for i in [i for i, t in enumerate(toks) if t.key in lengths]:
        for size in lengths[toks[i].key] if i >= last else ():
            span = toks[i : i + size]
            found = names.get(" ".join([t.key for t in span])) if len(span) == size else None
            if found and (span[0].capital or caseless) and not (span[0].key == "us" and not span[0].acronym):
                out.append(_Part(i, i + size, "official" if found[1] == "capital" else "state", "country"))
                last = i + size
                break
    return out


@cache
def _country_sizes() -> dict[str, tuple[int, ...]]:
    return sizes(country_words())


def _heads(text: str, toks: list[Token]) -> list[_Part]:
    out = []
    last, lengths, known = 0, sizes_by_first_word(), heads()
    for i in [i for i, t in enumerate(toks) if t.key in lengths]:
        for size in lengths[toks[i].key] if i >= last else ():
            group = known.get(" ".join([t.key for t in toks[i : i + size]]))
            if group and i + size <= len(toks) and all(_joined(text, toks, j) for j in range(i + 1, i + size)):
                out.append(_Part(i, i + size, group.cls, "group", None, group))
                last = i + size
                break
    return out


def _joined(text: str, toks: list[Token], i: int) -> bool:
    """Whether only a space, a hyphen, a slash or a possessive stands between token i - 1 and token i."""
    between = text[toks[i - 1].end : toks[i].start]
    return between == " " or (
        len(between) <= 4 and between.replace("’s", "").replace("'s", "").strip(" \xa0-–‑/’'“”\"") == ""
    )


def _phrases(text: str, toks: list[Token], cover: list[_Part | None]) -> list[_Part]:
    """Runs of names, countries, heads and modifiers without a break, trimmed to begin and end in a part."""
    out: list[_Part] = []
    last, modifying = 0, words().modifying
    for first in [i for i, t in enumerate(toks) if cover[i] is not None or t.key in modifying]:
        if first < last:
            continue
        last = first + 1
        while last < len(toks) and _joined(text, toks, last) and _continues(text, toks, cover, last):
            last += 1
        end = last
        while end > first and cover[end - 1] is None:
            end -= 1
        inside = list(dict.fromkeys([p for p in cover[first:end] if p is not None]))
        if inside:
            out.append(_summary(first, max(end, inside[-1].last), inside))
    return out


def _continues(text: str, toks: list[Token], cover: list[_Part | None], i: int) -> bool:
    """Whether token i goes on with the phrase that token i - 1 is in."""
    here, before = cover[i], cover[i - 1]
    if here is not None and here is before:
        return True
    hyphen = text[toks[i - 1].end : toks[i].start].strip() in ("-", "–", "‑")
    if hyphen and (toks[i].key in words().links or here is not None or before is not None):
        return True
    w = words()
    if toks[i].key in w.first_only:
        return False
    if before is not None and before.how == "group":
        # "the militant group Boko Haram", "army spokesman": a name goes on after a title or a kind, not after men.
        titled = toks[i - 1].key in w.titles or (before.group is not None and before.group.means == "anyone")
        if here is None:
            return titled and toks[i].capital and toks[i].key not in w.modifiers
        return here.how == "group" or (titled and here.how == "name") or toks[i - 1].possessive
    if here is None:
        if before is not None and before.how == "name" and not toks[i - 1].possessive:
            going_on = i + 1 < len(toks) and cover[i + 1] is not None
            return going_on and toks[i].key in w.modifying and not toks[i].capital
        return toks[i].key in w.modifying
    return True


def _summary(first: int, last: int, inside: list[_Part]) -> _Part:
    """One phrase out of its parts: its class is the head's; its actor only where it is a bare name."""
    head = inside[-1]
    names = [p for p in inside if p.how == "name"]
    cls = head.cls
    if head.how == "group" and head.group and head.group.means in ("anyone", "owned") and len(inside) > 1:
        cls = "official" if head.group.name == "spokesman" else inside[-2].cls
    actor = names[0].actor if len(names) == 1 and names[0] is head and len(inside) == 1 else None
    how = "name" if names and names[-1] is head else head.how
    return _Part(first, last, cls, how, actor, head.group)


def _persons(text: str, toks: list[Token], phrases: list[_Part]) -> list[_Part]:
    """Named persons who speak or hold an office: "Ali Noor said", "Ali Noor, the governor", "Col. Ali Noor"."""
    covered = {i for p in phrases for i in range(p.first, p.last)}
    by_first = {p.first: p for p in phrases}
    ends = {p.last: p for p in phrases}
    out = []
    last, w = 0, words()
    for i in [i for i, t in enumerate(toks) if t.capital]:
        if i < last or i in covered or toks[i].key in w.saying:
            continue
        last = i + 1
        while (
            last < len(toks) and _joined(text, toks, last) and (toks[last].capital or toks[last].key in ("bin", "de"))
        ):
            if last in covered:
                break
            last += 1
        title = i in ends and any(toks[j].key in w.titles for j in range(ends[i].first, i)) and _joined(text, toks, i)
        titled = toks[i].key in w.titles
        speaks = last < len(toks) and toks[last].key in w.saying
        spoken = i > 0 and (
            toks[i - 1].key in w.saying or (toks[i - 1].key == "to" and i > 1 and toks[i - 2].key == "according")
        )
        office = (
            by_first.get(last) if last < len(toks) and text[toks[last - 1].end : toks[last].start] == ", " else None
        )
        if office is not None and office.cls in ("official", "state", "source") and office.how == "group":
            out.append(_Part(i, office.last, "official", "person"))
        # A name of two to four words in a sentence in which somebody speaks may be who speaks.
        speaks = speaks or (2 <= last - i <= 4 and _speech_near(text, toks, i, last))
        if (titled or title or speaks or spoken or office) and (last - i > 1 or speaks or title):
            out.append(
                _Part(ends[i].first if title else i, last, "source" if speaks or spoken else "official", "person")
            )
    return out


def _speech_near(text: str, toks: list[Token], first: int, last: int) -> bool:
    """Whether a verb of saying stands within ten words of a phrase, in its sentence."""
    for i in (*range(last, min(len(toks), last + 10)), *range(first - 1, max(-1, first - 6), -1)):
        between = text[toks[last - 1].end : toks[i].start] if i >= last else text[toks[i].end : toks[first].start]
        if "\n" in between or ". " in between:
            continue
        if toks[i].key in words().saying:
            return True
    return False


def _new_names(text: str, toks: list[Token], phrases: list[_Part]) -> list[_Part]:
    """Capitalised names that are not in the register but say what they are: "Omar Brigades", "Liwa Ahrar al-Deir"."""
    out = []
    last, w = 0, words()
    for i in [i for i, t in enumerate(toks) if t.capital]:
        if i < last:
            continue
        last = i + 1
        while last < len(toks) and _joined(text, toks, last):
            small = toks[last].key in ("of", "for", "the", "and") and last + 1 < len(toks) and toks[last + 1].capital
            if not (toks[last].capital or small):
                break
            last += 1
        if last == i + 1:
            continue
        keys = {t.key for t in toks[i:last]}
        cls: ActorClass | None = "source" if keys & w.source_names else "armed" if keys & w.armed_names else None
        if cls and not any(p.first <= i and p.last >= last for p in phrases):
            out.append(_Part(i, last, cls, "new name"))
    return out


def _extended(text: str, toks: list[Token], phrases: list[_Part]) -> list[_Part]:
    """Phrases together with what says whose: "fighters from X", "forces loyal to Y", "residents of Z", "X (ABC)"."""
    by_first: dict[int, _Part] = {}
    for phrase in phrases:
        if phrase.first not in by_first or by_first[phrase.first].last < phrase.last:
            by_first[phrase.first] = phrase
    out = []
    for phrase in phrases:
        last, actor = phrase.last, phrase.actor
        for _ in range(3):
            grown = _grow(text, toks, by_first, phrase, last)
            if grown == last:
                break
            if text[toks[last - 1].end : toks[last].start].strip() != "(":
                actor = None
            last = grown
        if last > phrase.last:
            out.append(_Part(phrase.first, last, phrase.cls, phrase.how, actor, phrase.group))
    return out


def _grow(text: str, toks: list[Token], by_first: dict[int, _Part], phrase: _Part, last: int) -> int:
    if last >= len(toks):
        return last
    between = text[toks[last - 1].end : toks[last].start]
    if between.strip() == "(" and toks[last].capital:
        end = last + 1
        while end < len(toks) and _joined(text, toks, end) and end < last + 5:
            end += 1
        closed = text[toks[end - 1].end : toks[end - 1].end + 1] == ")"
        return end if closed else last
    if between.strip() or phrase.how not in ("group", "person"):
        return last
    at = last
    if toks[at].key in ("who", "that") and at + 2 < len(toks):
        at += 2
    if toks[at].key in CONNECTING and at + 1 < len(toks):
        at += 1
    if at < len(toks) and toks[at].key in OPEN and at + 1 < len(toks):
        following = by_first.get(at + 1)
        if following is not None:
            return following.last
        if (
            toks[at].key in ("of", "from", "in")
            and phrase.cls in ("civil", "source", "official")
            and toks[at + 1].capital
        ):
            end = at + 2
            while end < len(toks) and toks[end].capital and _joined(text, toks, end):
                end += 1
            return end
    return last
