"""The places of one report: every place name, what it means, and what a wording such as "southern rural Idlib" comes to.

    places = Places(report.text, title=report.title, outlet=report.outlet, gazetteer=Gazetteer.open())
    places.toponyms               all place names with their entries and candidates
    places.resolve(start, end)    one wording of the text
    places.focus                  the country the report is about

Pure: the same text and gazetteer give the same answer.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from mahdar.model import PlaceCandidate
from mahdar.where.gazetteer import AREAS, Entry, Gazetteer, Match
from mahdar.where.lexicon import kind_words, nationalities, weights, words
from mahdar.where.names import normalise
from mahdar.where.resolve import Group, Surroundings, Votes, asked_kinds, rank
from mahdar.where.scan import Scan, Spot

CANDIDATES = 24  # weighed for one name
KEPT = 5  # shown with the answer
# How likely a name of the supplement must be to be taken for a place in a country in play. In the annotated reports 151 of
# 169 such names below the recogniser's own threshold are places, 26 of 36 beside words of persons.
DOUBTFUL, OFTEN_A_PERSON = 0.02, 0.05
PERSONAL = frozenset(
    "name_before title_before name_after body_after body_before person_elsewhere nationality_after".split()
)
SETTLED = frozenset(("city", "district", "camp"))  # nouns that make an unknown name beside them a place
WEAK = 0.2  # the best reading's share below which a name met only abroad stays unresolved
_DATELINE = re.compile(
    r"^\W*(?:[^\n]{0,120}?\n)?\W*([A-Z][\w'’\- ]{2,30}?)(?:,\s[\w'’\. ]{2,25})?\s*"  # BEIRUT, Lebanon
    r"(?:,\s\w+\.?\s\d{1,2})?\s*(?:\([^)\n]{2,40}\)\s*)?(?:[-–—]{1,2}|:)\s"  # , Feb. 29 (Agency) --
)


@dataclass(frozen=True, slots=True)
class Toponym:
    """A place name or wording at `text[start:end]` and what it means.

    `place` is None where nothing is sure enough; `reason` then says why and `within`, if known, is the nearest thing around
    it that the gazetteer has. `part` holds words such as "southern rural". `precision` is the codebook's geo_precision.
    """

    start: int
    end: int
    text: str
    kind: str
    place: Entry | None = None
    candidates: tuple[PlaceCandidate, ...] = ()
    reason: str | None = None
    within: Entry | None = None
    part: str | None = None
    precision: int = 3
    confidence: float = 1.0
    is_adjective: bool = False
    in_agreement_name: bool = False
    lat: float | None = None
    lon: float | None = None


class Places:
    """The places of one text. `title` and `outlet` help to tell which place a name means; `country` (ISO alpha-2), where
    the user knows what country the report is about, outweighs them. `spans` names the place names where somebody else has
    found them already (an annotator, say): they are then taken as they are, and the text is not scanned for others."""

    def __init__(
        self,
        text: str,
        *,
        title: str | None = None,
        country: str | None = None,
        outlet: str | None = None,
        gazetteer: Gazetteer | None = None,
        spans: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        self.text, self.title, self.country, self.outlet = text, title, country, outlet
        self.gazetteer = gazetteer or shipped()
        self.scan = Scan(text, self.gazetteer, weights("recognise"))
        self._spans = spans
        self._votes = Votes({})

    # -- what the report names -----------------------------------------------------------------------------------

    @cached_property
    def toponyms(self) -> tuple[Toponym, ...]:
        """Every place name of the text, in its order."""
        return tuple(self._toponym(s) for s in self.spots)

    @cached_property
    def spots(self) -> list[Spot]:
        """The stretches taken for place names or nationalities, in text order. A name of the supplement in a country in
        play, front-line village or camp, needs less to be taken for a place than another word would."""
        if self._spans is not None:
            return [self.scan.at(start, end) for start, end in sorted(self._spans)]
        sure = self.scan.spots
        if not self.scan.doubtful:
            return sure
        groups = self._ranked(sure)
        named = {m.entry.country for g in groups.values() for m in g.matches if m.entry.kind == "country"}
        near = self._near() | named
        more = [s for s in self.scan.doubtful if self._taken(s, near)]
        return sorted(sure + more, key=lambda s: s.start)

    @cached_property
    def focus(self) -> str | None:
        """The country most of the report's places and nationalities lie in (ISO alpha-2); None if it names none."""
        if self.country:
            return self.country
        _ = self._groups
        votes = {c: v for c, v in self._votes.country.items() if c and v > 0}
        return max(votes, key=lambda c: (votes[c], c)) if votes else None

    @cached_property
    def countries(self) -> frozenset[str]:
        """The countries in play: those with at least a sixth of the report's votes, and not by one name of a town alone
        unless no other country is named."""
        backing: dict[str, int] = dict.fromkeys(self._said, 2)
        for group in self._groups.values():
            for match, share in zip(group.matches, group.shares, strict=True):
                if share >= 0.3:
                    code, weight = match.entry.country, 2 if match.entry.kind == "country" else 1
                    backing[code] = backing.get(code, 0) + weight
        votes = {c: v for c, v in self._votes.country.items() if c and v > 0}
        total = sum(votes.values())
        backed = {c for c in votes if backing.get(c, 0) > 1} or set(votes)
        return frozenset(c for c in backed if votes[c] >= total / 6) | ({self.country} if self.country else frozenset())

    @cached_property
    def dateline(self) -> Toponym | None:
        """The place the report was filed from ("BEIRUT (Reuters) -"), if it says so."""
        m = _DATELINE.match(self.text[:400])
        if not m:
            return None
        return next((t for t in self.toponyms if t.start == m.start(1) and t.place and not t.is_adjective), None)

    def nationality(self, adjective: str) -> str | None:
        """ISO alpha-2 of a country's adjective or people ("Syrian", "Turks"); None if it is none."""
        return nationality(adjective)

    # -- which places they are -----------------------------------------------------------------------------------

    @cached_property
    def _said(self) -> frozenset[str]:
        """The countries whose nationality the report names."""
        return frozenset(s.adjective for s in self.spots if s.adjective)

    def _taken(self, s: Spot, near: frozenset[str]) -> bool:
        """Whether a doubtful name is taken for a place in the countries `near`."""
        if s.marked:
            return s.marked in SETTLED and s.probability >= DOUBTFUL
        bar = OFTEN_A_PERSON if PERSONAL & s.features.keys() else DOUBTFUL
        return s.probability >= bar and any(m.entry.source == "mahdar" and m.entry.country in near for m in s.matches)

    @cached_property
    def _groups(self) -> dict[str, Group]:
        return self._ranked(self.spots)

    def _near(self) -> frozenset[str]:
        """The countries with a sixth of the votes."""
        total = sum(v for v in self._votes.country.values() if v > 0)
        return frozenset(c for c, v in self._votes.country.items() if c and v >= total / 6)

    def _ranked(self, spots: list[Spot]) -> dict[str, Group]:
        """The names of these spots with their candidates ranked together; sets the report's votes."""
        said: dict[str, float] = {}
        first: str | None = None
        for s in spots:
            if s.adjective:
                said[s.adjective] = min(said.get(s.adjective, 0.0) + 0.5, 4.0)
                first = first or s.adjective
            elif first is None and len(s.matches) == 1 and s.matches[0].entry.kind == "country":
                first = s.matches[0].entry.country
        if self.country:
            said[self.country] = said.get(self.country, 0.0) + 8.0
        groups = self._grouped(spots, frozenset())
        around = Surroundings(said, self._outlet_country, first, self._title_countries)
        self._votes = rank(list(groups.values()), around, weights("resolve"))
        near = self._near()
        foreign = [k for k, g in groups.items() if not any(m.entry.country in near or well_known(m) for m in g.matches)]
        if near and foreign:
            # Names not met as spelt in the countries in play may be another spelling of one that is.
            wider = self._grouped([s for s in spots if s.key in foreign], near)
            if any(len(g.matches) > len(groups[k].matches) for k, g in wider.items()):
                groups |= wider
                self._votes = rank(list(groups.values()), around, weights("resolve"))
        self._around = around
        return groups

    def _grouped(self, spots: list[Spot], countries: frozenset[str]) -> dict[str, Group]:
        out: dict[str, Group] = {}
        for i, s in enumerate(spots):
            if s.adjective:
                continue
            group = out.get(s.key)
            if group is None:
                matches = self._matches(s, countries)
                group = out[s.key] = Group(s.key, matches, 0.0)
            group.weight += 1.0
            group.asked |= self._asked(s)
            group.containers += self._containers(s, spots[i + 1 :][:2])
        return out

    def _matches(self, s: Spot, countries: frozenset[str]) -> list[Match]:
        found = list(s.matches)
        if countries:
            found += [m for m in self.gazetteer.matches(self.text[s.start : s.end], countries) if m not in found]
        found = without_hamlets(found)
        if len(found) <= CANDIDATES:
            return found
        best = sorted(found, key=lambda m: (m.entry.rank, m.alternate, -m.entry.population))
        return best[:CANDIDATES]

    def _asked(self, s: Spot) -> set[str]:
        """The kinds that the kind word in, after or before a name asks for."""
        scan, kinds = self.scan, kind_words()
        near = [scan.low[s.last]] if s.last > s.first else []
        if s.last + 1 < len(scan.tokens) and scan.adjoins(s.last):
            near.append(scan.low[s.last + 1])
        if s.first > 1 and scan.low[s.first - 1] == "of":
            near.append(scan.low[s.first - 2])
        return {kinds[w] for w in near if w in kinds}

    def _containers(self, s: Spot, following: list[Spot]) -> list[Entry]:
        """The areas that the words right after a name put it in: ", X", "in X", "in the X province"."""
        for other in following:
            gap = self.text[s.end : other.start]
            if (
                other.adjective
                or len(gap) > 40
                or not re.fullmatch(
                    r"(?:[\w’']*\s)?(?:\w+\s)?\s*(?:,|,? (?:in|of|at)(?: the)?(?: \w+)?(?: \w+)?(?: of)?(?: the)?)\s*",
                    gap,
                )
            ):
                break
            areas = [m.entry for m in other.matches if m.entry.is_area or m.entry.kind in ("city", "capital")]
            areas = [e for e in areas if e.kind in AREAS or gap.strip() not in (",",)]
            if areas:
                return areas
        return []

    @cached_property
    def _outlet_country(self) -> str | None:
        """The country that the outlet's own name tells of ("The Times of Israel", "Syrian Observer")."""
        return outlet_country(self.outlet, self.gazetteer) if self.outlet else None

    @cached_property
    def _title_countries(self) -> frozenset[str]:
        if not self.title:
            return frozenset()
        scan = Scan(self.title, self.gazetteer, weights("recognise"))
        out = set()
        for s in scan.spots:
            out |= {s.adjective} if s.adjective else {m.entry.country for m in s.matches if m.entry.kind == "country"}
        return frozenset(c for c in out if c)

    def _toponym(self, s: Spot) -> Toponym:
        text = self.text[s.start : s.end]
        agreement = self._in_agreement_name(s)
        if s.adjective and (border := self._bordering(s)):
            return border
        if s.adjective:
            return Toponym(
                s.start,
                s.end,
                text,
                "country",
                self.gazetteer.area(s.adjective),
                is_adjective=True,
                in_agreement_name=agreement,
            )
        group = self._groups[s.key]
        part = self._part(s.first)
        return replace(
            self._settled(s.start, s.end, group, part), in_agreement_name=agreement, confidence=s.probability
        )

    def _bordering(self, s: Spot) -> Toponym | None:
        """ "The Turkish border" in a report on Syria: the border of the two, if the gazetteer has it."""
        after = s.last + 1
        home, other = (self.gazetteer.area(c) if c else None for c in (self.focus, s.adjective))
        if home is None or other is None or home == other or self.scan.low[after : after + 1] != ["border"]:
            return None
        line = self._border(home, other) if self.scan.adjoins(s.last) else None
        return self._answer(s.start, self.scan.ends[after], line, None) if line else None

    def _settled(self, start: int, end: int, group: Group, part: str | None) -> Toponym:
        """The toponym for a ranked group."""
        text = self.text[start:end]
        order = sorted(range(len(group.matches)), key=lambda i: (-self._imported(group, i), -group.scores[i], i))
        if not order:
            return self._unresolved(start, end, "place", None, part)
        best = group.matches[order[0]].entry
        shown = tuple(group.matches[i].entry.candidate(group.shares[i]) for i in order[:KEPT])
        known = best.country in self._in_play or best.kind == "country" or best.population >= 15_000
        quarter = group.asked & {"district", "road", "site", "camp"} and best.country not in self._in_play
        if quarter or (not known and group.shares[order[0]] < WEAK):
            return replace(self._unresolved(start, end, best.kind, None, part), candidates=shown)
        lat, lon = self._point(best, part)
        return Toponym(
            start, end, text, best.kind, best, shown, part=part, precision=precision(best, part), lat=lat, lon=lon
        )

    def _seat(self, area: Entry) -> Entry | None:
        return self.gazetteer.area(area.seat) if area.seat else None

    def _point(self, place: Entry, part: str | None) -> tuple[float, float]:
        """Where a place is drawn. As ACLED does, a province that bears its main town's name is drawn at that town, any
        other area at its label point; the named part of an area lies off that, by 20 km in a province and by a third
        of its radius in a country."""
        lat, lon = place.lat, place.lon
        if place.kind == "admin1" and (seat := self._seat(place)):
            lat, lon = seat.lat, seat.lon
        step = min(place.radius / 3, 20.0 if place.kind != "country" else 400.0)
        return moved(lat, lon, part, step) if part and place.kind in ("country", "admin1", "region") else (lat, lon)

    def _imported(self, group: Group, i: int) -> bool:
        """Whether a match is the user's own, and not in a country the report does not speak of."""
        e = group.matches[i].entry
        return e.rank == 0 and (e.country in self._in_play or not self._in_play)

    @cached_property
    def _in_play(self) -> frozenset[str]:
        return self.countries

    def _unresolved(self, start: int, end: int, kind: str, within: Entry | None, part: str | None) -> Toponym:
        around = within or self._surroundings(start)
        reason = "not in the gazetteer" + (f"; within {around.name}" if around else "")
        return Toponym(start, end, self.text[start:end], kind, None, (), reason, around, part)

    def _surroundings(self, at: int) -> Entry | None:
        """The place most likely around an unknown name: the last town or area resolved before it, else the next one,
        else the country in focus."""
        best: tuple[float, Entry] | None = None
        for s in self.spots:
            if s.adjective or not s.matches:
                continue
            group = self._groups[s.key]
            i = max(range(len(group.scores)), key=lambda k: (group.scores[k], -k))
            e = group.matches[i].entry
            if e.kind in ("country", "continent", "water") or group.shares[i] < 0.3 or e.country not in self._in_play:
                continue
            cost = abs(s.start - at) * (1.0 if s.start < at else 1.6) / (1 + group.weight)
            if best is None or cost < best[0]:
                best = (cost, e)
        if best:
            return best[1]
        return self.gazetteer.area(self.focus) if self.focus else None

    def _part(self, first: int) -> str | None:
        """Words before a name that make it a part of the place: "southern rural", "the northern countryside of"."""
        scan = self.scan
        i = first - 1
        while i >= 0 and scan.low[i] in ("the", "of", "s"):
            i -= 1
        found: list[str] = []
        while i >= 0 and first - i < 8 and part_word(scan.low[i]):
            found.insert(0, scan.low[i])
            i -= 1
            while i >= 0 and scan.low[i] in ("and", "the") and i and part_word(scan.low[i - 1]):
                i -= 1
        return " ".join(found) or None

    def _in_agreement_name(self, s: Spot) -> bool:
        """Whether the name belongs to an agreement's or talks' own name ("the Sochi deal", "the 2018 Stockholm agreement")."""
        scan = self.scan
        j = s.last + 1
        for _ in range(2):
            if j < len(scan.tokens) and scan.adjoins(j - 1):
                if scan.low[j] in words("agreements", "tails"):
                    return True
                j += 1
        return False

    # -- one wording ---------------------------------------------------------------------------------------------

    def resolve(self, start: int, end: int) -> Toponym:
        """What the wording `text[start:end]` comes to: the finest place named in it, with the part of it that is meant.

        A wording without a name ("the capital", "the city") stands for a place named before it. Raises ValueError if
        the span is not inside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"not a span of the text: {start}..{end}")
        part = self._wording_part(start, end)
        if whole := self._whole(start, end):
            return whole
        named = self._named(start, end)
        if not named:
            return self._stand_in(start, end, part)
        finest = min(named, key=lambda t: (fineness(t), t.start))
        larger = [
            t for t in named if t is not finest and t.place and (finest.place is None or t.place.holds(finest.place))
        ]
        if finest.place is None and not finest.is_adjective:
            around = min((t for t in named if t.place), key=fineness, default=None)
            if around and around.place and around.place.kind != "country":
                note = f"{finest.text} is not in the gazetteer; within {around.place.name}"
                lat, lon = self._point(around.place, None)
                return replace(
                    around, start=start, end=end, text=self.text[start:end], reason=note, part=part, lat=lat, lon=lon,
                    precision=max(2, precision(around.place, part)),
                )  # fmt: skip
            if around and around.place:
                return replace(
                    self._unresolved(start, end, finest.kind, around.place, part), candidates=finest.candidates
                )
        if finest.place is None:
            return replace(finest, start=start, end=end, text=self.text[start:end], part=part)
        place = finest.place
        if part and not larger:
            place = self._wider(place, part)
            if place.kind == "country":
                place = self._region(place, part) or place
        lat, lon = self._point(place, part)
        return replace(
            finest, start=start, end=end, text=self.text[start:end], place=place, kind=place.kind, part=part,
            precision=precision(place, part), lat=lat, lon=lon, is_adjective=False,
        )  # fmt: skip

    def _whole(self, start: int, end: int) -> Toponym | None:
        """The wording as a gazetteer name of its own, in a country in play: "southern Lebanon", "Hama central prison"."""
        key = normalise(self.text[start:end]).removeprefix("the ")
        if " " not in key or key.split()[-1] in words("parts", "rural"):
            return None
        _ = self._groups
        found = [
            m
            for m in self.gazetteer.lookup(key)
            if m.entry.country in (*self._in_play, "") and m.entry.source == "mahdar"
        ]
        return self._answer(start, end, found[0].entry, None) if found else None

    def _region(self, country: Entry, part: str | None) -> Entry | None:
        """The supplement's entry for a named side of a country ("northern Iraq")."""
        for word in (part or "").split():
            if word in words("parts", "compass"):
                for m in self.gazetteer.lookup(f"{word.replace('-', ' ')} {normalise(country.name)}"):
                    return m.entry
        return None

    def _named(self, start: int, end: int) -> list[Toponym]:
        """The place names inside a wording, recognised or, since somebody says it is a place, merely capitalised."""
        inside = [t for t in self._touching(start, end) if not t.is_adjective]
        out = [t for t in inside if start <= t.start and t.end <= end] or inside
        for first, last in self._capitalised(start, end):
            met = [t for t in out if t.start < last and first < t.end]
            if any(t.start <= first and last <= t.end for t in met):
                continue
            if met and any(t.place and t.place.country in (*self._in_play, "") for t in met):
                run = normalise(self.text[first:last])
                if (
                    len(run.split()) == len(normalise(met[0].text).split())
                    or len(met) > 1
                    or run.split()[-1] in kind_words()
                ):
                    continue
                whole = self._single(self.scan.at(first, last))
                if whole.place is None:
                    continue
                out = [t for t in out if t not in met] + [whole]
                continue
            out = [t for t in out if t not in met]
            out.append(self._single(self.scan.at(first, last)))
        return out

    def _touching(self, start: int, end: int) -> tuple[Toponym, ...]:
        """The recognised place names that share something with a stretch, in order."""
        starts, ends = self._edges
        return self.toponyms[bisect_right(ends, start) : bisect_left(starts, end)]

    @cached_property
    def _edges(self) -> tuple[list[int], list[int]]:
        return [t.start for t in self.toponyms], [t.end for t in self.toponyms]

    def _capitalised(self, start: int, end: int) -> list[tuple[int, int]]:
        """The capitalised runs of a wording, kind words, nationalities and compass points left out."""
        scan = self.scan
        out: list[tuple[int, int]] = []
        adjectives = [(t.start, t.end) for t in self._touching(start, end) if t.is_adjective]
        inside = [k for k in scan.inside(start, end) if not any(a <= scan.starts[k] < b for a, b in adjectives)]
        run: list[int] = []
        for k in [*inside, -1]:
            name = k >= 0 and (
                scan.capital[k]
                or (scan.low[k] in words("joints", "articles") and k + 1 in inside and scan.capital[k + 1])
                or (bool(run) and scan.low[k] in words("joints", "articles"))
            )
            dull = (
                k >= 0
                and not run
                and (scan.low[k] in ("the", "a", "an") or scan.low[k] in nationalities() or part_word(scan.low[k]))
            )
            if name and not dull and (not run or (run[-1] == k - 1 and scan.adjoins(k - 1))):
                run.append(k)
                continue
            if run and scan.low[run[-1]] not in words("joints", "articles"):
                out.append((max(start, scan.starts[run[0]]), min(end, scan.ends[run[-1]])))
            run = [k] if name and not dull else []
        return out

    def _single(self, s: Spot) -> Toponym:
        """Settle a name that the scan did not take for a place, among the countries in play."""
        _ = self._groups
        surface = self.text[s.start : s.end]
        matches = [
            m
            for m in self.gazetteer.matches(surface, self._in_play)
            if m.entry.country in self._in_play or not self._in_play
        ]
        strict = [m for m in s.matches if m.entry.source == "mahdar" or well_known(m)]
        if strict and all(m.loose for m in matches):
            matches = strict
        matches = matches or [m for m in s.matches if well_known(m)]
        if not matches:
            pieces = [p for p in re.split(r"[\s-]+(?:and[\s-]+)?", surface) if p]
            return self._unresolved(s.start, s.end, "place" if len(pieces) < 4 else "site", None, None)
        group = Group(s.key, without_hamlets(matches)[:CANDIDATES])
        rank([group], replace(self._around, said=self._votes.country), weights("resolve"))
        return self._settled(s.start, s.end, group, None)

    def _stand_in(self, start: int, end: int, part: str | None) -> Toponym:
        """A wording without a name: "the capital", "the Iraqi capital", "the city", "the Turkish border"."""
        text = self.text[start:end]
        said = normalise(text).split()
        adjectives = [t for t in self._touching(start, end) if t.is_adjective]
        country = adjectives[0].place if adjectives else None
        home = self.gazetteer.area(self.focus) if self.focus else None
        if any(w in words("anaphora", "capital") for w in said):
            if found := self._capital(country or home):
                return self._answer(start, end, found, part)
        elif country:
            bordering = bool({"border", "borders"} & set(said)) and home is not None and home.country != country.country
            if bordering and home and (line := self._border(home, country)):
                return self._answer(start, end, line, part)
            return self._answer(start, end, self._region(country, part) or country, part)
        elif any(w in words("anaphora", "country") for w in said) and home:
            return self._answer(start, end, self._region(home, part) or home, part)
        else:
            for group in ("city", "admin1"):
                if any(w in words("anaphora", group) for w in said) and (before := self._last(start, group)):
                    return self._answer(start, end, before, part)
        if home and part and len(said) <= 3 and (side := self._region(home, part)):
            return self._answer(start, end, side, None)
        return self._unresolved(start, end, "place", None, part)

    def _answer(self, start: int, end: int, place: Entry, part: str | None) -> Toponym:
        lat, lon = self._point(place, part)
        return Toponym(
            start, end, self.text[start:end], place.kind, place, (place.candidate(1.0),), part=part,
            precision=precision(place, part), lat=lat, lon=lon,
        )  # fmt: skip

    def _capital(self, country: Entry | None) -> Entry | None:
        if country is None:
            return None
        return next((e for e in self.gazetteer.find(f"capital of {country.country}", country.country)), None)

    def _border(self, home: Entry, other: Entry) -> Entry | None:
        """The supplement's entry for the border of two countries."""
        for a, b in ((home, other), (other, home)):
            for e in self.gazetteer.find(f"{a.name}-{b.name} border"):
                return e
        return None

    def _last(self, before: int, group: str) -> Entry | None:
        kinds = asked_kinds([group])
        found = [
            t for t in self.toponyms if t.start < before and t.place and t.place.kind in kinds and not t.is_adjective
        ]
        return found[-1].place if found else None

    def _wording_part(self, start: int, end: int) -> str | None:
        low = self.scan.low
        return " ".join(low[k] for k in self.scan.inside(start, end) if part_word(low[k])) or None

    def _wider(self, place: Entry, part: str) -> Entry:
        """For "rural Idlib" and "southern Idlib": the governorate rather than its city, if both bear the name."""
        if place.kind not in ("city", "capital", "town") or not any(
            w in words("parts", "rural") or w in words("parts", "compass") for w in part.split()
        ):
            return place
        rural = any(w in words("parts", "rural") for w in part.split())
        named = [m.entry for m in self.gazetteer.lookup(normalise(place.name)) if m.entry.country == place.country]
        areas = [e for e in named if e.kind == "admin1" and e.admin1 == place.admin1]
        if areas and (rural or place.population < 400_000):
            return areas[0]
        return place


@cache
def shipped() -> Gazetteer:
    """The gazetteer opened once for the process."""
    return Gazetteer.open()


def nationality(adjective: str) -> str | None:
    """ISO alpha-2 of a country's adjective or people ("Syrian", "the Turks"); None if it is none."""
    return nationalities().get(adjective.strip().casefold().removeprefix("the "))


@cache
def outlet_country(outlet: str, gazetteer: Gazetteer) -> str | None:
    found = re.findall(r"[A-Z][a-z]+|[a-z]+", outlet)
    for word in found:
        if code := nationality(word):
            return code
        if len(word) > 3:
            for match in gazetteer.lookup(normalise(word)):
                if match.entry.kind in ("country", "capital") and not match.alternate:
                    return match.entry.country
    return None


def without_hamlets(matches: list[Match]) -> list[Match]:
    """Without the places that bear by another name what a far bigger town of their country bears as its own."""
    big: dict[str, int] = {}
    for m in matches:
        if not m.alternate and m.entry.kind in ("city", "capital", "town"):
            big[m.entry.country] = max(big.get(m.entry.country, 0), m.entry.population)
    return [
        m for m in matches
        if m.entry.is_area or m.entry.rank == 0 or m.entry.source == "mahdar"
        or m.entry.population * (20 if m.alternate else 200) >= big.get(m.entry.country, 0)
    ]  # fmt: skip


def well_known(match: Match) -> bool:
    """Whether a name, spelt just so, is a country's or a big town's own."""
    return (
        not match.loose and not match.alternate and (match.entry.kind == "country" or match.entry.population >= 100_000)
    )


def part_word(word: str) -> bool:
    return any(word in words("parts", group) for group in ("compass", "rural", "side", "near"))


_FINENESS = {
    "country": 6,
    "continent": 7,
    "region": 4,
    "water": 5,
    "admin1": 4,
    "admin2": 3,
    "admin3": 2,
    "road": 2,
    "border": 3,
}


def fineness(t: Toponym) -> float:
    """Lower is finer. A name the gazetteer lacks is finer than any place around it."""
    return 0.5 if t.place is None else _FINENESS.get(t.place.kind, 1)


def precision(place: Entry, part: str | None) -> int:
    """The codebook's geo_precision: 1 the settlement or site, 2 near it or a part of its surroundings, 3 an area."""
    if place.kind in AREAS and place.kind not in ("admin3",):
        return 3
    return 2 if part else 1


_NORTH = re.compile(r"\bnorth")
_SOUTH = re.compile(r"\bsouth")
_EAST = re.compile(r"east(?:ern)?\b")
_WEST = re.compile(r"west(?:ern)?\b")


def moved(lat: float, lon: float, part: str, step: float) -> tuple[float, float]:
    """The point `step` km away in the compass direction that a part such as "south-eastern rural" names, if any."""
    north = bool(_NORTH.search(part)) - bool(_SOUTH.search(part))
    east = bool(_EAST.search(part)) - bool(_WEST.search(part))
    if not (north or east):
        return lat, lon
    step /= 111.2 * (1.41 if north and east else 1.0)
    return round(lat + north * step, 4), round(lon + east * step, 4)


__all__ = ["Places", "Toponym", "nationality"]
