"""Find the place names of a text: capitalised words against the gazetteer, weighed by a small linear model.

No named-entity recogniser is needed. Every run of capitalised words is looked up, longest first; what is found, and what a
kind word ("River", "Street", "Camp") marks as a place without being in the gazetteer, becomes a `Spot`. A logistic model
(weights in `data/recognise.json`, trained by `training/where_model.py`) tells places from persons and bodies by the words
around. Texts without capitals, or all in capitals, are scanned for well-known names only.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from mahdar.where.gazetteer import Gazetteer, Match, core
from mahdar.where.lexicon import kind_words, nationalities, priors, transliterating, words
from mahdar.where.names import normalise, without_article

_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|[^\W_]+(?:['’‘`ʼ](?!s\b|S\b)[^\W_]+)*")
_ENDS_SENTENCE = re.compile(r"[.!?\n:;\"“”(]")
LONGEST = 5
# Well-known enough to be looked for where capitals tell nothing.
WELL_KNOWN = 100_000
THRESHOLD = 0.5
# Kinds of place whose noun is part of the name even where it is written small.
LINES_AND_SITES = frozenset(("road", "crossing", "airfield", "camp", "site"))


@dataclass(slots=True)
class Spot:
    """A stretch that may be a place name: tokens `first..last`, offsets, key, gazetteer matches and probability.

    `marked` is the kind of place that a common noun beside a name the gazetteer lacks makes it ("the village of X").
    """

    first: int
    last: int
    start: int
    end: int
    key: str
    matches: tuple[Match, ...]
    adjective: str | None = None
    probability: float = 0.0
    features: dict[str, float] = field(default_factory=dict)
    marked: str | None = None


class Scan:
    """The tokens of a text and the place names among them. `spots` are in text order and do not overlap."""

    def __init__(
        self, text: str, gazetteer: Gazetteer, weights: dict[str, float], threshold: float = THRESHOLD
    ) -> None:
        self.text, self.gazetteer, self._weights, self._threshold = text, gazetteer, weights, threshold
        found = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
        self.tokens = [t for t, _, _ in found]
        self.starts = [s for _, s, _ in found]
        self.ends = [e for _, _, e in found]
        self.low = [t.casefold() for t in self.tokens]
        capitals = [t[0].isupper() or "\u0620" <= t[0] <= "\u064a" for t in self.tokens]
        share = sum(capitals) / len(capitals) if capitals else 0.0
        self.caseless = len(capitals) > 12 and (share < 0.015 or share > 0.7)
        self.capital = [True] * len(capitals) if self.caseless else capitals

    @cached_property
    def spots(self) -> list[Spot]:
        """Chosen place names and adjectives of nationality."""
        return self._chosen[0]

    @property
    def doubtful(self) -> list[Spot]:
        """Names below the threshold that the gazetteer holds or a noun marks as places; they overlap nothing chosen."""
        return self._chosen[1]

    @cached_property
    def _chosen(self) -> tuple[list[Spot], list[Spot]]:
        taken = bytearray(len(self.tokens))

        def free(spots: list[Spot]) -> list[Spot]:
            out = []
            for spot in spots:
                if not any(taken[spot.first : spot.last + 1]):
                    taken[spot.first : spot.last + 1] = b"\1" * (spot.last - spot.first + 1)
                    out.append(spot)
            return sorted(out, key=lambda s: s.start)

        spots = self.candidates()
        for spot in spots:
            spot.probability = 1.0 if spot.adjective else self._probability(spot)
        spots.sort(key=lambda s: (-(s.probability + 0.3 * (s.last - s.first)), s.start))
        sure = [s.probability >= self._threshold and not (s.marked and s.last > s.first) for s in spots]
        chosen = free([s for s, y in zip(spots, sure, strict=True) if y])
        return chosen, free([s for s, y in zip(spots, sure, strict=True) if not y and (s.matches or s.marked)])

    def candidates(self) -> list[Spot]:
        """Every stretch worth weighing, with its features; they may overlap."""
        out: list[Spot] = []
        articles = words("joints", "articles")
        passed = -1
        for i, low in enumerate(self.low):
            if i <= passed or not (self.capital[i] or (low in articles and self._opens(i))):
                continue
            if spot := self._longest(i):
                out.append(spot)
                passed = spot.last
        out += self._marked(out)
        doc = Counter(s.key for s in out if s.first and self.low[s.first - 1] in ("in", "at", "near", "from"))
        persons = self._persons(out)
        for spot in out:
            if not spot.adjective:
                spot.features = self._features(spot, doc, persons)
        return out

    def _opens(self, i: int) -> bool:
        """Whether the article at token i begins a name ("al-Bab")."""
        return (
            i + 1 < len(self.tokens)
            and self.capital[i + 1]
            and self.text[self.ends[i] : self.starts[i + 1]] in ("-", " ")
        )

    def adjoins(self, i: int) -> bool:
        """Whether token i and the next may belong to one name."""
        if i + 1 >= len(self.tokens):
            return False
        gap = self.text[self.ends[i] : self.starts[i + 1]]
        return gap in (" ", "-", "\n", "–", "'", "’", "  ") or (
            gap == ". " and self.low[i] in ("st", "ste", "mt", "ft")
        )

    def _longest(self, i: int) -> Spot | None:
        """The longest stretch from token i that the gazetteer holds, or the nationality at i."""
        n = len(self.tokens)
        reach = [i] if self.capital[i] else []
        j = i
        while j + 1 < n and j - i < LONGEST - 1 and self.adjoins(j):
            j += 1
            if self.capital[j]:
                reach.append(j)
            elif self.low[j] not in words("joints", "inside"):
                break
        if spot := self._ending_small(i, reach):
            return spot
        for j in reversed(reach):
            surface = self.text[self.starts[i] : self.ends[j]]
            if j == i and (len(surface) < 3 and surface not in ("US", "UK")):
                continue
            if surface.casefold() in nationalities() and (not self.caseless or j > i or len(surface) > 5):
                return self._spot(i, j, (), nationalities()[surface.casefold()])
            matches = self.known(surface)
            if matches and self.caseless:
                matches = tuple(m for m in matches if m.entry.population >= WELL_KNOWN and not m.alternate)
            if matches:
                return self._spot(i, j, matches)
        return None

    def _ending_small(self, i: int, reach: list[int]) -> Spot | None:
        """A name of the supplement from token i whose last word is a small one: "Castello road", "Syrian-Turkish border"."""
        for j in reversed(reach):
            if not self.adjoins(j) or self.capital[j + 1]:
                continue
            if self.low[j + 1] != "border" and kind_words().get(self.low[j + 1]) not in LINES_AND_SITES:
                continue
            found = self.gazetteer.lookup(normalise(self.text[self.starts[i] : self.ends[j + 1]]))
            if found := tuple(m for m in found if m.entry.source == "mahdar"):
                return self._spot(i, j + 1, found)
        return None

    def known(self, surface: str) -> tuple[Match, ...]:
        """What the gazetteer holds under a surface, its article or kind word left out if need be."""
        key = normalise(surface)
        if not key or key in words("time", "months"):
            return ()
        if found := self.gazetteer.lookup(key):
            if len(surface) <= 4 and surface.isupper() and not self.caseless:
                found = tuple(m for m in found if m.entry.kind in ("country", "region") or len(surface) == 4)
            elif surface in ("us", "Us"):
                return ()
            return found
        bare = without_article(key)
        if bare != key and len(bare) > 2 and (found := self.gazetteer.lookup(bare)):
            return tuple(m for m in found if m.entry.kind != "country" and m.entry.country in transliterating())
        if key.endswith("s") and (found := self.gazetteer.lookup(key[:-1])) and found[0].entry.kind == "country":
            return found[:1]  # "Syrias": an apostrophe lost on the way
        inner = core(key)
        if inner and inner != key and " " in key and key.split()[-1] in kind_words():
            asked = kind_words()[key.split()[-1]]
            return tuple(m for m in self.gazetteer.lookup(inner) if suits(m, asked))
        return ()

    def inside(self, start: int, end: int) -> range:
        """The tokens that a stretch touches."""
        return range(bisect_right(self.ends, start), bisect_left(self.starts, end))

    def at(self, start: int, end: int) -> Spot:
        """The spot of a stretch that is known to be a place name."""
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first, bisect_left(self.starts, end) - 1)
        surface = self.text[start:end]
        adjective = nationalities().get(surface.casefold())
        matches = () if adjective else self.known(surface)
        return Spot(first, last, start, end, normalise(surface), matches, adjective, 1.0)

    def _spot(self, i: int, j: int, matches: tuple[Match, ...], adjective: str | None = None) -> Spot:
        start, end = self.starts[i], self.ends[j]
        return Spot(i, j, start, end, normalise(self.text[start:end]), matches, adjective)

    def _marked(self, held: list[Spot]) -> Iterator[Spot]:
        """Capitalised runs that a kind word in or beside them marks as a place though the gazetteer lacks them."""
        if self.caseless:
            return
        covered = {(s.first, s.last) for s in held}
        n = len(self.tokens)
        kinds, articles = kind_words(), words("joints", "articles")
        i = 0
        while i < n:
            if not (self.capital[i] or (self.low[i] in articles and self._opens(i))):
                i += 1
                continue
            j = i
            while (
                j + 1 < n
                and j - i < LONGEST
                and self.adjoins(j)
                and (
                    self.capital[j + 1]
                    or (
                        self.low[j + 1] in ("of", "the", "and", "al", "el")
                        and j + 2 < n
                        and self.capital[j + 2]
                        and self.adjoins(j + 1)
                    )
                )
            ):
                j += 1
            first = i
            i = j + 1
            if self.low[first] == "the" and j > first:
                first += 1
            if (first, j) in covered or self.adjective(first, j):
                continue
            if j > first and (self.low[j] in kinds or self.low[first] in kinds):
                yield self._spot(first, j, self.known(self.text[self.starts[first] : self.ends[j]]))
            elif marked := self._beside(first, j):
                first = max([first, *(k + 1 for k in range(first, j) if self.low[k] == "and")])  # a list's last name
                spot = self._spot(first, j, ())
                spot.marked = marked if self._may_be_name(first, j) else None
                if spot.marked or j == first:
                    yield spot

    def _beside(self, first: int, last: int) -> str | None:
        """The kind of place that the noun after a name, or before "of" and a name, asks for."""
        kinds = kind_words()
        if last + 1 < len(self.tokens) and self.adjoins(last) and self.low[last + 1] in kinds:
            return kinds[self.low[last + 1]]
        return kinds.get(self.low[first - 2]) if first > 1 and self.low[first - 1] == "of" else None

    def _may_be_name(self, first: int, last: int) -> bool:
        """Whether a run is no word that only opens a sentence, no acronym and no people ("the Sunni district")."""
        run = range(first, last + 1)
        if any(self.low[k] in words("people", "groups") or self.adjective(k, k) for k in run):
            return False
        if any(self.low[k] in words("time", "months") for k in run):
            return False
        if any(self.tokens[k].isupper() for k in run):
            return False
        return last > first or (self.capital[first] and not self.opens_sentence(first))

    def adjective(self, i: int, j: int) -> str | None:
        return nationalities().get(self.text[self.starts[i] : self.ends[j]].casefold())

    def _persons(self, spots: list[Spot]) -> Counter[str]:
        """How often each single word stands beside another capitalised word or behind a title: a person's likely name."""
        out: Counter[str] = Counter()
        for s in spots:
            if s.first == s.last and not s.adjective:
                i = s.first
                if i and self.capital[i - 1] and self.adjoins(i - 1) and self.low[i - 1] not in kind_words():
                    out[s.key] += 1
        return out

    def opens_sentence(self, i: int) -> bool:
        if i == 0:
            return True
        return bool(_ENDS_SENTENCE.search(self.text, self.ends[i - 1], self.starts[i]))

    def _features(self, s: Spot, located: Counter[str], persons: Counter[str]) -> dict[str, float]:
        """The named features of a spot, for the linear model."""
        i, j, low, n = s.first, s.last, self.low, len(self.tokens)
        f: dict[str, float] = {"bias": 1.0, f"length={min(j - i + 1, 3)}": 1.0}
        opens = self.opens_sentence(i)
        before = low[i - 1] if i else "^"
        gap = self.text[self.ends[i - 1] : self.starts[i]] if i else ""
        comma_before = gap.startswith(",")
        if opens:
            f["opens"] = 1.0
        f[f"before={before}" if not opens else "before=^"] = 1.0
        if i > 1 and not opens:
            f[f"before2={low[i - 2]}"] = 1.0
        after = low[j + 1] if j + 1 < n else "$"
        gap_after = self.text[self.ends[j] : self.starts[j + 1]] if j + 1 < n else "."
        if gap_after in (" ", "\n", "-"):
            f[f"after={after}"] = 1.0
            if after in kind_words():
                f["after_kind"] = 1.0
        else:
            f[f"gap={gap_after[:2].strip() or 'end'}"] = 1.0
        possessive = self.text[self.ends[j] : self.ends[j] + 2] in ("'s", "’s")
        if possessive:
            f["possessive"] = 1.0
        if i and self.capital[i - 1] and not opens and not comma_before:
            f["capital_before"] = 1.0
            if (
                gap == " "
                and before not in nationalities()
                and before not in kind_words()
                and before not in words("parts", "compass")
            ):
                f["name_before"] = 1.0
            if before in words("people", "titles"):
                f["title_before"] = 1.0
        if j + 1 < n and self.capital[j + 1] and self.adjoins(j):
            f["capital_after"] = 1.0
            if after in words("bodies", "tails"):
                f["body_after"] = 1.0
            if after in nationalities():
                f["nationality_after"] = 1.0
            if after not in kind_words() and not self.adjective(j + 1, j + 1):
                f["name_after"] = 1.0
        if i > 1 and before == "of" and low[i - 2] in words("bodies", "heads") and self.capital[i - 2]:
            f["body_before"] = 1.0
        if comma_before:
            f["comma_before"] = 1.0
            if i and self.capital[i - 1] and self.known(self.tokens[i - 1]):
                f["place_comma_before"] = 1.0
        if gap_after.startswith(",") and j + 1 < n and self.capital[j + 1]:
            k = j + 1
            if any(m.entry.is_area for m in self.known(self.tokens[k])) or (
                k + 1 < n and any(m.entry.is_area for m in self.known(self.text[self.starts[k] : self.ends[k + 1]]))
            ):
                f["area_after"] = 1.0
        if s.matches:
            best = max(s.matches, key=lambda m: (not m.alternate, m.entry.population))
            f["known"] = 1.0
            f[f"kind={best.entry.kind}"] = 1.0
            if all(m.alternate for m in s.matches):
                f["alternate"] = 1.0
            f["people"] = math.log10(1 + best.entry.population) / 7
            if s.matches[0].entry.source == "mahdar":
                f["supplement"] = 1.0
        else:
            f["unknown"] = 1.0
            kinds = kind_words()
            f[f"unknown_kind={kinds.get(low[j], kinds.get(low[i], kinds.get(after, 'none')))}"] = 1.0
            f[f"unknown_word={low[j]}"] = 1.0
        if i == j:
            prior = priors().get(s.key)
            if prior is None:
                f["rare"] = 1.0
            else:
                f["prior"] = prior / 4
        else:
            f[f"last={low[j]}"] = 1.0
            f[f"first={low[i]}"] = 1.0
        if located[s.key]:
            f["located"] = 1.0
        if persons[s.key] and i == j:
            f["person_elsewhere"] = 1.0
        if self.tokens[i].isupper() and len(self.tokens[i]) > 2:
            f["shouted"] = 1.0
        return f

    def _probability(self, s: Spot) -> float:
        w = self._weights
        score = sum(w.get(name, 0.0) * value for name, value in s.features.items())
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


_SUITABLE = {
    "admin1": {"admin1", "region", "admin2"},
    "admin2": {"admin2", "admin1", "region", "district"},
    "city": {"city", "capital", "town"},
    "airfield": {"airfield", "base"},
    "camp": {"camp", "district", "city"},
    "island": {"island", "region"},
    "water": {"water"},
    "mountain": {"mountain", "region"},
    "road": {"road"},
    "crossing": {"crossing"},
    "country": {"country"},
}


def suits(match: Match, asked: str) -> bool:
    """Whether an entry may be meant by a name with that kind word ("Idlib governorate": the governorate, not the city)."""
    if asked == "district":
        return True
    return match.entry.kind in _SUITABLE.get(asked, {asked})
