"""Redaction: a `Case` becomes a `Cleared` case, the only thing a format takes, so that nothing leaves unredacted.

Profiles are data (`profiles.toml`). `Redactor` is the only maker of cleared cases: it withholds the names that people
marked, in this case or in any other, and those that look like a private person's; cuts them out of every string of the
case, ids and addresses included; and rounds points. Whatever string the model gains, the walk below meets it.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, make_dataclass
from functools import cache, cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from mahdar.model import Actor, Claim, Incident, MahdarError, Place, PlaceCandidate, Span, Words
from mahdar.publish.case import Case, Document, Role, Withheld
from mahdar.publish.names import Names, known_words, parts, people_in_excerpt, people_in_wording

PROFILES = Path(__file__).with_name("profiles.toml")
DEFAULT = "public"
NOWHERE = Span(0, 0)
"""The span of a wording that was withheld or cut: an offset into the report would lead straight to the name."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Profile:
    """What an export leaves out; the keys of `profiles.toml` say what each field means."""

    name: str
    about: str
    withhold: tuple[Role, ...]
    find: tuple[str, ...]
    decimals: int | None
    place_decimals: int | None
    text: bool
    steps: bool
    urls: bool
    excerpt: int
    words: tuple[tuple[str, str], ...]

    def word(self, role: str) -> str:
        return dict(self.words)[role]

    @property
    def whole(self) -> bool:
        """Whether nothing is left out: the house's own."""
        limits = (self.withhold, self.find, self.excerpt)
        return self.text and self.steps and self.urls and self.decimals is None and not any(limits)


@cache
def profiles() -> dict[str, Profile]:
    table = tomllib.loads(PROFILES.read_text(encoding="utf-8"))
    words = tuple(table.pop("words").items())
    return {
        name: Profile(
            name,
            row["about"],
            tuple(row["withhold"]),
            tuple(row["find"]),
            row.get("decimals"),
            row.get("place_decimals"),
            row["text"],
            row["steps"],
            row["urls"],
            row["excerpt"],
            words,
        )
        for name, row in table.items()
    }


def profile(name: str) -> Profile:
    """The profile of that name. Raises MahdarError for one that there is not."""
    try:
        return profiles()[name]
    except KeyError:
        raise MahdarError(f"{name!r} is no profile; there are {', '.join(profiles())}") from None


def read_withheld(file: Path) -> list[Withheld]:
    """A table of names to withhold: CSV with `name`, and where known `role`, `aliases` (parted by `;`), `replacement`.

    Raises MahdarError for a file that cannot be read, a row without a name, or a role that there is not.
    """
    try:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MahdarError(f"{file}: the names to withhold cannot be read ({error})") from error
    out = []
    for number, row in enumerate(rows, start=2):
        role = (row.get("role") or "person").strip()
        if not (row.get("name") or "").strip() or role not in get_args(Role):
            raise MahdarError(f"{file}, line {number}: want a name and a role among {', '.join(get_args(Role))}")
        aliases = tuple(a.strip() for a in (row.get("aliases") or "").split(";") if a.strip())
        out.append(Withheld(row["name"].strip(), role, aliases, (row.get("replacement") or "").strip() or None))  # type: ignore[arg-type]
    return out


@dataclass(frozen=True, slots=True)
class Cleared:
    """A case that a profile lets out. Only a `Redactor` makes one. `names_withheld` counts the names left out."""

    case: Case
    profile: Profile
    names_withheld: int = 0


class Redactor:
    """Clears cases for one profile. `withheld` are names marked anywhere in the record: they count in every case."""

    def __init__(self, profile: Profile, withheld: Iterable[Withheld] = ()) -> None:
        self.profile = profile
        self._kept = tuple(withheld)
        self._marked = tuple(w for w in self._kept if w.role in profile.withhold)
        self._everywhere = self._names(self._marked)
        self._seen: dict[str, str] = {}

    def clear_all(self, cases: Iterable[Case]) -> Iterator[Cleared]:
        return (self.clear(case) for case in cases)

    def clear(self, case: Case) -> Cleared:
        """The case without what the profile withholds, at the profile's precision; where it withholds nothing, with the
        marks of the names that are in it, so that whoever takes the case over withholds them too."""
        if self.profile.whole:
            return Cleared(self._with_marks(case), self.profile)
        own = [w for w in case.withheld if w.role in self.profile.withhold]
        found = list(self._found(case, [*self._marked, *own])) if self.profile.find else []
        hidden = [*own, *found]
        self._seen |= {name: "" for w in hidden for name in (w.name, *w.aliases)}
        names = self._names([*self._marked, *hidden], case) if hidden else self._everywhere
        limited = self._limited(case)
        cleared = self._without(limited, names, [*self._marked, *hidden]) if names else limited
        count = (len(hidden) or 1) if cleared is not limited else 0
        # Names first: a path or the end of an excerpt may part a name, and its halves would not be found.
        paths = {
            path: f"report {after.id}"
            for before, after in zip(case.documents, cleared.documents, strict=True)
            if before.name and before.name != before.url
            for path in (before.name, names.cut(before.name, address=self.profile.word("address")))
        }
        return Cleared(_shortened(_without_paths(cleared, paths), self.profile.excerpt), self.profile, count)

    def reveals(self, text: str) -> bool:
        """Whether a text that is to stand outside the cases, a file's name say, holds a name withheld so far."""
        return self._everywhere.reveals(text) or Names(self._seen).reveals(text)

    @cached_property
    def _by_mark(self) -> Names:
        """Every marked name, with the number of its mark to write in its place."""
        return Names({name: str(n) for n, mark in enumerate(self._kept) for name in (mark.name, *mark.aliases)})

    def _with_marks(self, case: Case) -> Case:
        found: set[str] = set()

        def look(text: str) -> str:
            found.update(self._by_mark.found(text))
            return text

        if self._by_mark:
            _rewritten((case.incident, case.claims, case.documents), look, lambda value: value)
        marks = tuple(mark for n, mark in enumerate(self._kept) if str(n) in found and mark not in case.withheld)
        return _with(case, withheld=(*case.withheld, *marks)) if marks else case

    def _names(self, withheld: Iterable[Withheld], case: Case | None = None) -> Names:
        whole: dict[str, str] = {}
        single: dict[str, str] = {}
        marks = [(mark, name) for mark in withheld for name in (mark.name, *mark.aliases)]
        for mark, name in marks:
            whole[name] = mark.replacement or self.profile.word(mark.role)
        places: frozenset[str] = frozenset()
        if case:  # a word of a name that is a place's too is no clue by itself, unless the place bears the whole name
            entire = Names(whole)
            named = (p.name or p.words.text for p in case.incident.places)
            places = known_words(name for name in named if not entire.reveals(name))
        for mark, name in marks:
            if mark.role != "place":
                single |= dict.fromkeys(parts(name, places), whole[name])
        return Names(whole, single)

    def _found(self, case: Case, marked: list[Withheld]) -> Iterator[Withheld]:
        """Private people's names that nobody marked, and the whole wordings of actors that hold a withheld name."""
        words: frozenset[str] | None = None

        def known() -> frozenset[str]:
            nonlocal words
            if words is None:
                words = _known(case)
            return words

        spelt = {name: "" for w in marked if w.role != "place" for name in (w.name, *w.aliases)}
        names = Names(spelt) if spelt else None
        slots: list[tuple[str, Role]] = [("targets", "victim"), ("sources", "witness"), ("actors", "person")]
        for holder in (case.incident, *case.claims):
            for slot, role in slots:
                for actor in getattr(holder, slot, ()):
                    wording = actor.words.text
                    if names and names.reveals(wording):
                        yield Withheld(wording, role)
                    elif slot in self.profile.find and actor.actor_id is None and not wording.islower():
                        people = list(people_in_wording(wording, known))
                        yield from (Withheld(name, role) for name in people)
                        if people:
                            yield Withheld(wording, role)
        if "evidence" in self.profile.find:
            for claim in case.claims:
                for excerpt in claim.evidence:
                    yield from (Withheld(name, "person") for name in people_in_excerpt(excerpt.text, known))

    def _without(self, case: Case, names: Names, withheld: list[Withheld]) -> Case:
        """The case with the names cut from all its strings; ids that hold one become hashes, the same everywhere."""
        address = self.profile.word("address")
        places = Names({name: "" for w in withheld if w.role == "place" for name in (w.name, *w.aliases)})
        renamed = {
            told: "r-" + hashlib.sha256(told.encode()).hexdigest()[:12]
            for told in (case.incident.id, *(c.id for c in case.claims), *(d.id for d in case.documents))
            if names.reveals(told)
        }

        def cut(text: str) -> str:
            return renamed.get(text) or names.cut(text, address=address)

        def change(value: Any) -> Any:
            match value:
                case Actor() if names.reveals(value.words.text):
                    return Actor(Words(NOWHERE, _plain(cut(value.words.text))), kind=value.kind)
                case Words():
                    text = cut(value.text)
                    return value if text == value.text else Words(NOWHERE, text)
                case Place() if places and (places.reveals(value.name or "") or places.reveals(value.words.text)):
                    spot = _spot(value, self.profile.place_decimals)
                    word = self.profile.word("place")
                    return Place(
                        Words(NOWHERE, word), value.role, None, value.country, *spot, admin1=value.admin1, precision=3
                    )
                case PlaceCandidate() if names.reveals(value.name):
                    return None
            return value

        return _rewritten(case, cut, change)

    def _limited(self, case: Case) -> Case:
        """Without the texts, stages and addresses that the profile leaves out, points rounded; without what only an
        export that leaves nothing out may carry."""
        p = self.profile
        vaguer = p.decimals is not None and p.decimals < 2  # a tenth of a degree is no settlement any more

        def places(of: tuple[Place, ...]) -> tuple[Place, ...]:
            return of if p.decimals is None else tuple(_coarse(place, p.decimals) for place in of)

        def precision(of: int | None) -> int | None:
            return max(of, 2) if of and vaguer else of

        def claim(of: Claim) -> Claim:
            return _with(
                of,
                steps=of.steps if p.steps else (),
                places=places(of.places),
                geo_precision=precision(of.geo_precision),
            )

        def document(of: Document) -> Document:
            text, url = of.text if p.text else None, of.url if p.urls else None
            return _with(of, text=text, url=url, name="", custody=None)

        one = case.incident
        return _with(
            case,
            incident=_with(one, places=places(one.places), geo_precision=precision(one.geo_precision)),
            claims=tuple(claim(c) for c in case.claims),
            documents=tuple(document(d) for d in case.documents),
            withheld=(),
            decisions=(),
        )


def _without_paths(case: Case, told: Mapping[str, str]) -> Case:
    """The case, telling of a report without an outlet by its id and not by the file it was read from.

    A path may name the person who saved it. Corroboration used to call such a report by its name.
    """
    if not told:
        return case

    def cut(text: str) -> str:
        for path, instead in told.items():
            text = text.replace(path, instead)
        return text

    one = case.incident
    parts = {
        name: _rewritten(before, cut, lambda value: value)
        for name in ("origins", "grades", "disagreements", "links", "agreements")
        if (before := getattr(one, name))
    }
    changed = {name: after for name, after in parts.items() if after is not getattr(one, name)}
    return _with(case, incident=_with(one, **changed)) if changed else case


def _known(case: Case) -> frozenset[str]:
    """Words of the case that name a place, a registered actor, an outlet or an agreement: no private person."""
    holders: list[Incident | Claim] = [case.incident, *case.claims]
    return known_words(
        [
            *(name for h in holders for p in h.places for name in (p.words.text, p.name)),
            *(a.name for h in holders for a in (*h.actors, *h.targets)),
            *(a.words.text for h in holders for a in (*h.actors, *h.targets) if a.actor_id),
            *(a.words.text for c in case.claims for a in c.sources if a.actor_id),
            *(d.outlet for d in case.documents),
            *(c.agreement.text for c in case.claims if c.agreement),
        ]
    )


def _rewritten(value: T, cut: Callable[[str], str], change: Callable[[Any], Any]) -> T:
    """`value` with `change` put to every dataclass in it, outermost first, and `cut` to every string that remains.

    A member of a tuple that becomes None is dropped. Returns `value` itself where nothing changed.
    """
    if isinstance(value, str):
        return cut(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        new = [_rewritten(member, cut, change) for member in value]
        if all(a is b for a, b in zip(new, value, strict=True)):
            return value
        return tuple(n for n, v in zip(new, value, strict=True) if n is not None or v is None)  # type: ignore[return-value]
    if not is_dataclass(value) or isinstance(value, Span):
        return value
    changed = change(value)
    if changed is not value:
        return changed  # type: ignore[no-any-return]
    parts = {}
    for name in _fields(value.__class__):
        before = getattr(value, name)
        if before is not None and (after := _rewritten(before, cut, change)) is not before and after != before:
            parts[name] = after
    return _with(value, **parts) if parts else value


@cache
def _fields(of: Hashable) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cast(Any, of)))


@cache
def _taken_apart(of: Hashable) -> tuple[Callable[[Any], tuple[Any, ...]], dict[str, int], Callable[..., Any]]:
    """Of a type: what gives a value's fields, where each of them stands, and what makes a value like one of it.

    A frozen type fills its fields one by one past its own guard, and that is what takes the time; so the copy is made of a
    type that is not frozen, and then becomes one of its own. What checks its fields when it is made is made as usual.
    """
    kind, names = cast(Any, of), _fields(of)
    checked = hasattr(kind, "__post_init__")
    into = kind if checked else make_dataclass(kind.__name__, names, slots="__slots__" in vars(kind), eq=False)
    return attrgetter(*names), {name: at for at, name in enumerate(names)}, into


def _with(value: T, /, **changes: Any) -> T:
    """`dataclasses.replace` for values of many fields, several times as fast: most of redacting was this."""
    of: Any = value.__class__
    values, places, into = _taken_apart(of)
    new = list(values(value))
    for name, change in changes.items():
        new[places[name]] = change
    copy = into(*new)
    copy.__class__ = of
    return cast(T, copy)


def _plain(wording: str) -> str:
    """A wording that holds nothing but a replacement and bits of the name's surroundings, as the replacement alone."""
    start, end = wording.find("["), wording.rfind("]")
    return wording[start : end + 1] if 0 <= start < end else wording


def _shortened(case: Case, longest: int) -> Case:
    """The case with excerpts cut at the end of a word so that none is longer than `longest` (0: as they are)."""
    if not longest or all(len(w.text) <= longest for c in case.claims for w in c.evidence):
        return case
    claims = tuple(_with(c, evidence=tuple(_excerpt(w, longest) for w in c.evidence)) for c in case.claims)
    return _with(case, claims=claims)


def _excerpt(words: Words, longest: int) -> Words:
    """The beginning of an excerpt, with the span of what is left."""
    if len(words.text) <= longest:
        return words
    text = words.text[:longest].rsplit(None, 1)[0]
    start = words.span.start
    return Words(NOWHERE if words.span == NOWHERE else Span(start, start + len(text)), text)


def _spot(place: Place | PlaceCandidate, decimals: int | None) -> tuple[float | None, float | None]:
    if place.lat is None or place.lon is None or decimals is None:
        return place.lat, place.lon
    return round(place.lat, decimals), round(place.lon, decimals)


def _coarse_candidate(candidate: PlaceCandidate, decimals: int) -> PlaceCandidate:
    lat, lon = _spot(candidate, decimals)
    return _with(candidate, lat=lat, lon=lon)


def _coarse(place: Place, decimals: int) -> Place:
    lat, lon = _spot(place, decimals)
    vague = 2 if place.precision == 1 and decimals < 2 else place.precision
    others = place.candidates and tuple(_coarse_candidate(c, decimals) for c in place.candidates)
    if not others and vague == place.precision and (lat, lon) == (place.lat, place.lon):
        return place
    return _with(place, lat=lat, lon=lon, precision=vague, candidates=others)
