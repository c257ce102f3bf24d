"""Agreements that a text names: "the Sochi deal", "the ceasefire agreed on 12 January", "Minsk II", "the truce".

A name is an alias of the register, or a head noun ("ceasefire", "deal") that its date, the place where it was made, the
states it speaks of and the words about it tell apart. Each of these gives points (`data/names.toml`); who has enough, and
enough more than the next, is meant. "The truce" alone is the agreement named before it in the text. Wrong is worse than
none: what does not tell agreements apart resolves to nothing.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import ahocorasick

from mahdar.agreements.register import DATA, Agreement, Agreements
from mahdar.intake.sentences import split_sentences
from mahdar.when import TimeExpression, days, read_times
from mahdar.who.countries import country_words
from mahdar.who.names import key

MONTHS = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\b", re.I)
_WORD = re.compile(r"[\w’'-]+")
_LINKS = frozenset("in on to of and with by after since from that was for".split())  # no phrase runs over these
_DETERMINERS = frozenset("the a an this that its their".split())  # a phrase begins with these
_SINCE = re.compile(r"\b(?:since|until|till)\s+(?:(?:the|a|an|its|their)\s+)?(?:[\w’'-]+\s+)?$", re.I)
_PHRASE = 6  # words before a head that can belong to its name
_CLOSE = 5  # words after a head behind which a date is surely its own
_AFTER = 12  # words after a head in which its date or parties may stand
_SOON = 3  # days around signature and effect that a date in the text may be off by
_YEAR = 365.0
How = Literal["name", "description", "named before"]


@dataclass(frozen=True, slots=True)
class NamedAgreement:
    """An agreement that stands in a text at `start..end` (offsets), how it was known, and how many points spoke for it."""

    start: int
    end: int
    text: str
    agreement: Agreement
    how: How
    score: float
    candidates: tuple[str, ...] = ()


_Meant = tuple[Agreement, How, float, tuple[str, ...]]
"""What a spot means, how it was known, its points, and the ids of the next likely."""


@dataclass(frozen=True, slots=True)
class _Naming:
    heads: dict[str, list[str]]
    that: frozenset[str]
    plain: frozenset[str]
    dated: frozenset[str]
    seated: frozenset[str]
    wanted: re.Pattern[str]
    broken: re.Pattern[str]
    points: dict[str, float]
    head: re.Pattern[str]
    one_head: re.Pattern[str]


@lru_cache(maxsize=1)
def naming() -> _Naming:
    table = tomllib.loads((DATA / "names.toml").read_text(encoding="utf-8"))
    heads, words = table["heads"], table["words"]
    one_head = "|".join(map(re.escape, sorted(heads, key=len, reverse=True)))
    return _Naming(
        heads,
        frozenset(words["that"]),
        frozenset(words["plain"]),
        frozenset(words["dated"]),
        frozenset(words["seated"]),
        re.compile(r"\b(?:" + "|".join(map(re.escape, words["wanted"])) + r")(?:\s+\w+){0,2}\s*$"),
        re.compile("|".join(rf"\b{re.escape(w)}" for w in words["broken"]), re.I),
        table["points"],
        re.compile(rf"\b(?:{one_head})(?: (?:{one_head}))*\b"),
        re.compile(rf"\b(?:{one_head})\b"),
    )


@lru_cache(maxsize=256)
def kinds(head: str) -> frozenset[str]:
    """The kinds of agreement that a head may stand for ("ceasefire deal": those of "ceasefire"); empty for any."""
    named = (naming().heads[one] for one in naming().one_head.findall(head))
    return frozenset(next(filter(None, named), ()))


def lowered(text: str) -> str:
    """Lower case with every offset kept; curly quotes straight, special blanks plain."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low.translate({0x2019: "'", 0x2018: "'", 0xA0: " ", 0x2011: "-", 0x2010: "-", 0x0A: " "})


def find_agreements(
    text: str,
    day: str | None = None,
    countries: Collection[str] = (),
    *,
    register: Agreements | None = None,
    times: Sequence[TimeExpression] | None = None,
) -> list[NamedAgreement]:
    """The agreements that `text` names, in order.

    `day` is its publication day (ISO): nothing made later is meant, and dates are counted from it. `countries` (ISO codes)
    are what it is about. `times` are its time expressions, if they have been read already.
    """
    low = lowered(text)
    known = _index(register or Agreements.load())
    spots = list(_spots(low, known))
    if not spots:
        return []
    story = _Story(text, low, day, frozenset(countries), times)
    out: list[NamedAgreement] = []
    for spot in spots:
        found = _resolve(spot, story, known, {n.agreement.id for n in out})
        if found is None and spot.that:
            found = _named_before(spot, out)
        if found is not None:
            start, end = spot.shown
            agreement, how, score, others = found
            out.append(NamedAgreement(start, end, text[start:end], agreement, how, score, others))
    return out


def anchors(text: str, named: Sequence[NamedAgreement]) -> dict[str, str]:
    """Lower-case name → ISO day, for "since the Sochi deal": what `mahdar.when.read_times` takes as `agreements`.

    A ceasefire counts from when it took effect, any other agreement from when it was made. Only names right behind
    "since" or "until" are given: "following the Astana talks" tells of one moment, not of all the time from then on.
    """
    out: dict[str, str] = {}
    for n in named:
        a = n.agreement
        if n.how != "named before" and _SINCE.search(text, max(0, n.start - 40), n.start):
            day = a.in_effect if a.kind in ("ceasefire", "truce") and a.in_effect else a.signed or a.in_effect
            out[n.text.lower()] = day[:10]
    return out


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where an agreement may be named: the name or head at `start..end`, with `phrase` its words before it.

    `ids` are the agreements with that alias (`common`: the alias holds no name); `that` for "the truce" and its like.
    """

    start: int
    end: int
    phrase: int
    head: str
    ids: tuple[str, ...] = ()
    common: bool = False
    that: bool = False

    @property
    def shown(self) -> tuple[int, int]:
        return (self.start if self.ids else self.phrase), self.end


@dataclass(frozen=True)
class _Index:
    register: Agreements
    automaton: ahocorasick.Automaton
    seats: Mapping[str, re.Pattern[str]]
    about: Mapping[str, re.Pattern[str]]
    words: frozenset[str]


@lru_cache(maxsize=4)
def _index(register: Agreements) -> _Index:
    aliases: dict[str, tuple[set[str], bool]] = {}
    for a in register:
        for alias in (*a.aliases, a.name):
            common = not any(w[:1].isupper() and not MONTHS.match(w) for w in alias.split())
            for spelling in {lowered(alias), lowered(alias).replace("ceasefire", "cease-fire")}:
                aliases.setdefault(spelling, (set(), common))[0].add(a.id)
    automaton = ahocorasick.Automaton()
    for spelling, (ids, common) in aliases.items():
        automaton.add_word(spelling, (spelling, tuple(sorted(ids)), common))
    automaton.make_automaton()
    return _Index(
        register,
        automaton,
        {a.id: _any_of(a.seats) for a in register if a.seats},
        {a.id: _any_of(a.about) for a in register if a.about},
        frozenset(w for a in register for name in (*a.seats, *a.about, *a.aliases) for w in _WORD.findall(name)),
    )


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(lowered(w)) for w in words) + r")(?!\w)")


def _spots(low: str, known: _Index) -> Iterator[_Spot]:
    """Aliases, the longest where they overlap, and the heads that stand in none of them."""
    found: list[tuple[int, int, tuple[str, ...], bool]] = []
    for last, (spelling, ids, common) in known.automaton.iter(low):
        start, end = last + 1 - len(spelling), last + 1
        if not (low[start - 1 : start].isalnum() or low[end : end + 1].isalnum()):
            found.append((start, end, ids, common))
    found.sort(key=lambda f: (f[0] - f[1], f[0]))
    taken: list[_Spot] = []
    for start, end, ids, common in found:
        if not any(start < t.end and t.start < end for t in taken):
            taken.append(_Spot(start, end, _phrase(low, start), low[start:end].split()[-1], ids, common))
    for match in naming().head.finditer(low):
        if not any(match.start() < t.end and t.start < match.end() for t in taken):
            taken.append(_headed(low, match.start(), match.end()))
    return iter(sorted(taken, key=lambda t: t.start))


def _headed(low: str, start: int, end: int) -> _Spot:
    phrase = _phrase(low, start)
    before = _WORD.findall(low[phrase:start])
    that = bool(before) and before[0] in naming().that and all(w in naming().plain for w in before[1:])
    return _Spot(start, end, phrase, low[start:end], that=that)


def _phrase(low: str, start: int) -> int:
    """Where the noun phrase that ends at `start` may begin: a few words back, not over a stop or a comma."""
    words = list(_WORD.finditer(low, max(0, start - 80), start))[-_PHRASE:]
    begin = start
    after = start
    for m in reversed(words):
        if low[m.end() : after].strip() or m[0] in _LINKS:
            break
        begin = after = m.start()
        if m[0] in _DETERMINERS:
            break
    return begin


class _Story:
    """The text a name stands in: its sentences, its dates, and what it is about."""

    def __init__(
        self, text: str, low: str, day: str | None, countries: frozenset[str], times: Sequence[TimeExpression] | None
    ) -> None:
        self.text, self.low, self.day, self.countries = text, low, day, countries
        self._times = times
        self._about: dict[str, bool] = {}
        self.sentences = [(s.start, s.end) for s in split_sentences(text)]

    @cached_property
    def times(self) -> list[TimeExpression]:
        found = self._times if self._times is not None else read_times(self.text, self.day)
        return [t for t in found if t.anchor != "agreement" and (t.interval_start or t.interval_end)]

    def sentence(self, offset: int) -> tuple[int, int]:
        return next((s for s in self.sentences if s[0] <= offset < s[1]), (0, len(self.text)))

    def is_about(self, a: Agreement, words: re.Pattern[str]) -> bool:
        """Whether the words that tell what an agreement is about stand anywhere in the text; looked for once."""
        if a.id not in self._about:
            self._about[a.id] = words.search(self.low) is not None
        return self._about[a.id]

    def states(self, start: int, end: int) -> frozenset[str]:
        """ISO codes of the countries that a stretch of the text names, as states or by their adjectives."""
        words = [w.strip("'’") for w in _WORD.findall(self.low[start:end])]
        bare = [part for w in words for part in w.removesuffix("'s").split("-")]
        sizes = (" ".join(bare[i : i + n]) for n in (1, 2, 3) for i in range(len(bare) - n + 1))
        return frozenset(
            found[0] for w in sizes if (found := country_words().get(key(w))) and (len(w) > 3 or w in ("us", "uae"))
        )


def _named_before(spot: _Spot, named: Sequence[NamedAgreement]) -> _Meant | None:
    """ "The truce": the last agreement that was named and that the head may stand for."""
    fit = kinds(spot.head)
    for n in reversed(named):
        if not fit or n.agreement.kind in fit:
            return n.agreement, "named before", n.score / 2, ()
    return None


def _resolve(spot: _Spot, story: _Story, known: _Index, told: Collection[str]) -> _Meant | None:
    points = naming().points
    candidates: Iterator[Agreement] = (known.register.by_id[i] for i in spot.ids) if spot.ids else iter(known.register)
    clues = _Clues(spot, story, known)
    if clues.stranger:
        return None
    if story.countries:
        here = story.countries | clues.states
        candidates = (a for a in candidates if not here.isdisjoint(a.countries))
    scored = [
        (score + (points["told"] if a.id in told else 0.0), a)
        for a in candidates
        if (score := _score(a, spot, story, clues, known)) is not None
    ]
    if not scored:
        return None
    scored.sort(key=lambda pair: (pair[0], pair[1].began), reverse=True)
    best, agreement = scored[0]
    near = [
        a for s, a in scored[1:] if best - s < points["apart"] and a.id != agreement.within and a.within != agreement.id
    ]
    if best < points["enough"] or near:
        return None
    return agreement, "name" if spot.ids else "description", round(best, 2), tuple(a.id for _, a in scored[1:4])


class _Clues:
    """What the words around a name tell: its own date, other dates, states, and the stretches to look for words in."""

    def __init__(self, spot: _Spot, story: _Story, known: _Index) -> None:
        self._known = known.words.__contains__
        self.sentence = story.sentence(spot.start)
        self.near = (spot.phrase, self._end(spot, story))
        self.own, self.maybe, self.other = self._dates(spot, story)
        self.near_states = story.states(*self.near)
        self.states = story.states(*self.sentence)
        self.stranger = not spot.ids and self._stranger(spot, story)

    def _stranger(self, spot: _Spot, story: _Story) -> bool:
        """Whether the agreement is only wished for, or its phrase has a name that nothing here accounts for."""
        if naming().wanted.search(story.low, max(self.sentence[0], spot.phrase - 30), spot.start):
            return True
        phrase = story.low[spot.phrase : spot.start].split()
        if spot.head[:-1] in naming().heads and not (phrase and phrase[0] in _DETERMINERS):
            return True  # "peace deals": none in particular
        begins = self.sentence[0]
        names = [
            m
            for m in _WORD.finditer(story.text, spot.phrase, spot.start)
            if m[0][:1].isupper() and m.start() > begins and m[0].lower() not in _DETERMINERS
        ]
        return any(not MONTHS.fullmatch(m[0]) and not story.states(*m.span()) and not self._known(m[0]) for m in names)

    def _end(self, spot: _Spot, story: _Story) -> int:
        """Where the words that may still describe the agreement end: a few words on, at the clause's end."""
        stop = min(self.sentence[1], spot.end + 110)
        words = list(_WORD.finditer(story.low, spot.end, stop))[:_AFTER]
        last = spot.end
        for m in words:
            if re.search(r"[.;:—]|, (?:which|who|but|and)\b", story.low[last : m.end()]):
                break
            last = m.end()
        return last

    def _dates(
        self, spot: _Spot, story: _Story
    ) -> tuple[list[TimeExpression], list[TimeExpression], list[TimeExpression]]:
        """Dates that are the agreement's own (in its phrase, right behind it), that may be (further on), and others."""
        own: list[TimeExpression] = []
        maybe: list[TimeExpression] = []
        other: list[TimeExpression] = []
        for t in story.times:
            if not (self.sentence[0] <= t.start < self.sentence[1]):
                continue
            within = spot.phrase <= t.start and t.end <= spot.end
            before = t.end <= spot.phrase and story.low[t.end : spot.phrase].strip(" ,") == "when"
            lead = _WORD.findall(story.low[spot.end : t.start]) if t.start >= spot.end else []
            words = " ".join(lead)
            behind = "," not in story.low[spot.end : t.start] and any(
                words == w or words.endswith(" " + w) for w in naming().dated
            )
            if within or before or (behind and len(lead) <= _CLOSE):
                own.append(t)
            elif behind and len(lead) <= _AFTER:
                maybe.append(t)
            else:
                other.append(t)
        return own, maybe, other


def _score(a: Agreement, spot: _Spot, story: _Story, clues: _Clues, known: _Index) -> float | None:
    """How many points speak for an agreement; None if it cannot be meant."""
    p = naming().points
    if story.day and (a.signed or a.in_effect)[:10] > story.day[:10]:
        return None
    at_home = not story.countries.isdisjoint(a.countries)
    score = 0.0
    if spot.ids:
        score += p["common_alias"] if spot.common else p["alias"]
    elif (fit := kinds(spot.head)) and a.kind not in fit:
        score += p["wrong_kind"]
    if at_home or not clues.states.isdisjoint(a.countries):
        score += p["country"]
    dated = _dated(a, clues)
    if dated is None:
        return None
    seats, about = known.seats.get(a.id), known.about.get(a.id)
    seat = about_points = 0.0
    if seats and not spot.ids:
        seat = _near(seats, story.low, clues, p["seat"], p["seat_near"])
    if about:
        about_points = _near(about, story.low, clues, p["about"], p["about_near"])
        if not about_points:
            about_points = (p["about_text"] if story.is_about(a, about) else 0.0) + (
                0.0 if a.area.whole else p["elsewhere"]
            )
    makers = {*a.parties, *a.guarantors, *a.mediators}
    farther = clues.states - clues.near_states
    states = min(p["states"], p["state"] * (len(clues.near_states & makers) + len(farther & makers) / 2))
    if not spot.ids:
        if spot.head in naming().seated and not (seats and _seated(spot, story.low, seats)):
            return None
        if not (dated > 0 or seat or about_points > p["about_text"]):
            return None  # nothing but the country speaks for it
        if clues.near_states and not clues.near_states & {*makers, *a.countries}:
            states = p["wrong_states"]
    return score + dated + seat + about_points + states + _timely(a, story.day)


def _seated(spot: _Spot, low: str, seats: re.Pattern[str]) -> bool:
    """Whether the place stands in the phrase itself or right behind it ("talks in Astana")."""
    behind = low[spot.end : spot.end + 4] == " in "
    return bool(seats.search(low, spot.phrase, spot.end) or (behind and seats.match(low, spot.end + 4)))


def _near(pattern: re.Pattern[str], low: str, clues: _Clues, close: float, wide: float) -> float:
    if pattern.search(low, *clues.near):
        return close
    return wide if pattern.search(low, *clues.sentence) else 0.0


def _dated(a: Agreement, clues: _Clues) -> float | None:
    """Points for a date of the agreement in the words; None where its own date is another."""
    own = _best(clues.own, a)
    if not own and any(t.opening is None and t.kind == "DATE" for t in clues.own):
        return None
    close = [t for t in clues.other if (t.precision or 4) < 4 and t.opening is None]
    return own or _best(clues.maybe, a) or _best(close, a) / 2


def _best(times: Sequence[TimeExpression], a: Agreement) -> float:
    return max((_tells(t, a) or 0.0 for t in times), default=0.0)


def _tells(t: TimeExpression, a: Agreement) -> float | None:
    """How closely a date names an agreement's signature or effect; None if it names another time."""
    p = naming().points
    start, end = t.named if t.named != (None, None) else (t.interval_start, t.interval_end)
    first, last = days(start or end, end or start)
    if first is None or last is None:
        return None
    for iso in (a.in_effect, a.signed):
        begun = days(iso[:10], None)[0] if iso else None
        if begun is None:
            continue
        slack = _SOON if (last - first).days <= 1 else 0
        if (first - begun).days <= slack and (begun - last).days <= slack:
            length = (last - first).days
            exact = p["day"] if first <= begun <= last else p["month"]
            return exact if length <= 7 else p["month"] if length <= 31 else p["year"] if length <= 366 else 0.0
    return None


def _timely(a: Agreement, day: str | None) -> float:
    """News is about what holds, and about what is new."""
    p = naming().points
    if not day:
        return 0.0
    today, begun = days(None, day)[1], days(a.began, None)[0]
    assert today is not None
    assert begun is not None
    age = max(0, (today - begun).days)
    over = a.ended and a.ended[:10] < day[:10]
    return p["recent"] * math.exp(-age / _YEAR) + (0.0 if over else p["held"])


def speaks_of_agreements(text: str) -> bool:
    """Whether a text has any word that an agreement may be named by: cheap, to be asked first."""
    return naming().head.search(lowered(text)) is not None


__all__ = ["NamedAgreement", "anchors", "find_agreements", "naming", "speaks_of_agreements"]
