"""What every stage may ask about the report it works on: its sentences, times, places, numbers. Computed once, on demand."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from mahdar.agreements import NamedAgreement, anchors, find_agreements
from mahdar.agreements.names import speaks_of_agreements
from mahdar.model import Report, Span
from mahdar.reading.cues import listed
from mahdar.reading.figures import Number, numbers
from mahdar.reading.wording import words
from mahdar.when import TimeExpression, days, find_publication_date, read_times
from mahdar.where import Places, Toponym
from mahdar.who import ActorMention, Register, find_actors

if TYPE_CHECKING:
    from mahdar.reading.attribution import Attribution
    from mahdar.reading.mentions import Mention
    from mahdar.reading.speech import Speech

_Placed = TypeVar("_Placed", TimeExpression, Toponym)
_RARE = 3  # sentences that a rare word of a report stands in, at most
_BACKGROUND = 60  # days
_OLD_PICTURE = 7  # days
_LONGEST_STAMP = 80  # characters
_WORD = re.compile(r"[a-z]+")


@lru_cache(maxsize=4)
def actors_of(text: str) -> list[ActorMention]:
    """`find_actors`, remembered for the reports at hand: several stages ask for it."""
    return find_actors(text)


class Context:
    def __init__(self, report: Report, sentences: list[Span], register: Register) -> None:
        self.report, self.sentences, self.register = report, sentences, register
        self.text = report.text
        self.mentions: Sequence[Mention] = ()  # set by assembly: what else the report tells
        self.speeches: Sequence[Speech] = ()  # set by the reader: who says what, as the network sees it
        self._named_by: Sequence[Mention] | None = None
        self.attributed: Sequence[Sequence[Attribution]] | None = None  # set by `attribution.attributions`
        self._wordings: dict[str, dict[Mention, set[tuple[str, ...]]]] = {}
        self._filling: dict[tuple[str, int], list[tuple[Span, float, Mention]]] = {}
        self._meant: dict[Span, Toponym] = {}
        self._counted: dict[Span, Number | None] = {}
        self._numbers: dict[int, frozenset[tuple[int | None, int | None]]] = {}
        self._below: dict[int, frozenset[str]] = {}
        self._registered: dict[str, str | None] = {}
        self._starts = [s.start for s in sentences]

    def share_of(self, role: str, said: str, group: Sequence[Mention]) -> float:
        """Share of the report's other mentions with something in this role in which it is what `said` says."""
        self._index_fillers()
        others = [said_there for m, said_there in self._wordings.get(role, {}).items() if m not in group]
        content = words(said)
        return sum([content in said_there for said_there in others]) / len(others) if others and content else 0.0

    def elsewhere(self, role: str, span: Span, group: Sequence[Mention]) -> float:
        """How sure the network is at most that these very words fill the role for a mention outside the group."""
        self._index_fillers()
        there = self._filling.get((role, self.sentence_at(span.start)), ())
        return max([p for s, p, m in there if s.overlaps(span) and m not in group], default=0.0)

    def _index_fillers(self) -> None:
        """Who fills what for which mention, as the network sees it; anew when the mentions change."""
        if self._named_by is self.mentions:
            return
        self._named_by, self._wordings, self._filling = self.mentions, {}, {}
        for m in self.mentions:
            for r in m.roles:
                if r.by != "model":
                    continue
                self._filling.setdefault((r.role, r.sentence), []).append((r.span, r.probability, m))
                if not r.faint:
                    said_there = self._wordings.setdefault(r.role, {}).setdefault(m, set())
                    said_there.add(words(self.text[r.span.start : r.span.end]))

    def registered(self, said: str) -> str | None:
        """The entry of the register that who speaks is named or described by ("the Britain-based monitor"), if it is of one
        alone; looked up once."""
        if said not in self._registered:
            focus = sorted(self.places.countries)
            match = self.register.resolve(said, country=None, day=self.published, focus=focus, role="source")
            known = match is not None and match.candidates and match.how in ("label", "name")
            self._registered[said] = match.actor.id if match and known else None
        return self._registered[said]

    def place_over(self, span: Span) -> Toponym:
        """What a place's wording means; looked up once."""
        if span not in self._meant:
            self._meant[span] = self.places.resolve(span.start, span.end)
        return self._meant[span]

    @cached_property
    def named_places(self) -> list[Toponym]:
        """Place names that are neither nationalities nor part of an agreement's name."""
        return [t for t in self.places.toponyms if not t.is_adjective and not t.in_agreement_name]

    @cached_property
    def named_below(self) -> list[tuple[int, Toponym]]:
        """Those below the country, known or not, each with the number of its sentence."""
        return [(self.sentence_at(t.start), t) for t in self.named_places if t.kind != "country"]

    @cached_property
    def named_countries(self) -> list[tuple[int, Toponym]]:
        """Countries, in the names of agreements, too, each with the number of its sentence."""
        found = self.places.toponyms
        return [(self.sentence_at(t.start), t) for t in found if t.kind == "country" and not t.is_adjective]

    @cached_property
    def subject(self) -> list[tuple[str, Toponym, float]]:
        """Where the report as a whole plays: the place that it names most, and the country, each by its first name there and with
        its share of all such names."""
        named = [t for t in self.named_places if t.place]
        out = []
        for by, chosen in (
            ("most_named", [t for t in named if t.kind != "country"]),
            ("country_of_report", [t for t in named if t.kind == "country"]),
        ):
            counts = Counter(t.place.ref for t in chosen if t.place)
            if counts:
                ref, times = counts.most_common(1)[0]
                first = next(t for t in chosen if t.place and t.place.ref == ref)
                out.append((by, first, times / sum(counts.values())))
        return out

    def share_of_place(self, t: Toponym) -> float:
        """Share of the report's place names that mean this place."""
        refs = [x.place.ref for x in self.named_places if x.place]
        return refs.count(t.place.ref) / len(refs) if refs and t.place else 0.0

    def sentence_at(self, offset: int) -> int:
        """Index of the sentence that the offset stands in (or the one before it)."""
        return max(0, bisect_right(self._starts, offset) - 1)

    @cached_property
    def rare_words(self) -> list[frozenset[str]]:
        """Of every sentence, the longer words that few sentences of the report have."""
        here = [{w for w in words(self.text[s.start : s.end]) if len(w) > 3} for s in self.sentences]
        seen = Counter(w for s in here for w in s)
        return [frozenset(w for w in s if seen[w] <= _RARE) for s in here]

    @cached_property
    def published(self) -> str | None:
        """The day of publication: the text's own date where it carries one (codebook, section 4), else the report's."""
        found = find_publication_date(self.text, near=self.report.published)
        return found[0] if found else self.report.published

    @cached_property
    def times(self) -> list[TimeExpression]:
        """Its time expressions; "since the Sochi deal" counts from the day of that deal."""
        named = anchors(self.text, self.agreements)
        if not named:
            return self._times
        return read_times(self.text, self.report.published, dateline=self.published, agreements=named)

    @cached_property
    def _times(self) -> list[TimeExpression]:
        return read_times(self.text, self.report.published, dateline=self.published)

    @cached_property
    def agreements(self) -> list[NamedAgreement]:
        """The agreements of the register that the report names, in order."""
        if not speaks_of_agreements(self.text):
            return []
        focus = self.places.focus
        return find_agreements(self.text, self.published, [focus] if focus else [], times=self._times)

    def agreement_over(self, span: Span) -> NamedAgreement | None:
        """The agreement named in a stretch, or one whose name runs over it; the surest."""
        touching = [n for n in self.agreements if n.start < span.end and span.start < n.end]
        return max(touching, key=lambda n: n.score, default=None)

    def times_in(self, sentence: int) -> list[TimeExpression]:
        return self._times_by_sentence.get(sentence, [])

    @cached_property
    def _times_by_sentence(self) -> dict[int, list[TimeExpression]]:
        return self._by_sentence(self.times)

    def toponyms_in(self, sentence: int) -> list[Toponym]:
        """Every place name of a sentence, nationalities and names in agreements among them."""
        return self._toponyms_by_sentence.get(sentence, [])

    @cached_property
    def _toponyms_by_sentence(self) -> dict[int, list[Toponym]]:
        return self._by_sentence(self.places.toponyms)

    def _by_sentence(self, found: Sequence[_Placed]) -> dict[int, list[_Placed]]:
        """What stands in the text, by the sentence that it begins in; what begins in none is left out."""
        out: dict[int, list[_Placed]] = {}
        for x in found:
            k = self.sentence_at(x.start)
            if self.sentences and self.sentences[k].start <= x.start < self.sentences[k].end:
                out.setdefault(k, []).append(x)
        return out

    def actors_around(self, span: Span) -> list[ActorMention]:
        """The actors whose words share something with the span."""
        starts, reach = self._actor_edges
        out, k = [], bisect_left(starts, span.end) - 1
        actors = actors_of(self.text)
        while k >= 0 and reach[k] > span.start:
            if actors[k].end > span.start:
                out.append(actors[k])
            k -= 1
        return out

    @cached_property
    def _actor_edges(self) -> tuple[list[int], list[int]]:
        """Where the actors begin, and how far each and those before it reach at most."""
        actors = actors_of(self.text)
        return [m.start for m in actors], list(accumulate((m.end for m in actors), max))

    def is_past(self, t: TimeExpression) -> bool:
        """Over two months before publication: background, not news of the day."""
        return self._age(t) > _BACKGROUND

    def is_of_old_picture(self, t: TimeExpression) -> bool:
        """In a caption, and over a week before publication: the day of a picture from the files, and of nothing else told."""
        return self.sentence_at(t.start) in self.captions and self._age(t) > _OLD_PICTURE

    def _age(self, t: TimeExpression) -> int:
        """Days from its end to publication; 0 where either is unknown."""
        _, last = days(None, t.interval_end or t.interval_start)
        _, published = days(None, self.published)
        return (published - last).days if last and published else 0

    def places_in(self, sentence: int) -> frozenset[str]:
        """Names of places below the country that a sentence names; looked up once."""
        if sentence not in self._below:
            self._below[sentence] = frozenset(
                " ".join(words(self.text[t.start : t.end]))
                for t in self.toponyms_in(sentence)
                if t.kind != "country" and not t.is_adjective and not t.in_agreement_name
            )
        return self._below[sentence]

    def numbers_in(self, sentence: int) -> frozenset[tuple[int | None, int | None]]:
        """The numbers of a sentence as ranges, years and days left out; looked up once."""
        if sentence not in self._numbers:
            s, times = self.sentences[sentence], self.times_in(sentence)
            self._numbers[sentence] = frozenset(
                (n.low, n.high)
                for n in numbers(self.text, s.start, s.end)
                if not any(t.start < n.end and n.start < t.end for t in times)
            )
        return self._numbers[sentence]

    def is_stamp(self, sentence: int) -> bool:
        """A line that only dates the report ("Updated 6 June 2024, 10:15 GMT"): it tells of nothing and dates no event."""
        s = self.sentences[sentence]
        if s.end - s.start > _LONGEST_STAMP:
            return False
        times = self.times_in(sentence)
        if not times:
            return False
        rest, at = "", s.start
        for t in times:
            rest, at = rest + self.text[at : t.start], max(at, t.end)
        return not set(_WORD.findall((rest + self.text[at : s.end]).lower())) - listed("stamp", "words")

    @cached_property
    def captions(self) -> frozenset[int]:
        """Sentences that stand under a picture."""
        return frozenset(
            k
            for k, s in enumerate(self.sentences)
            if any(s.start < c.span.end and c.span.start < s.end for c in self.report.captions)
        )

    def time_over(self, span: Span) -> TimeExpression | None:
        """The time expression that shares most with the span."""
        touching = [t for t in self.times if t.start < span.end and span.start < t.end]
        return max(touching, key=lambda t: min(t.end, span.end) - max(t.start, span.start), default=None)

    def number_over(self, span: Span) -> Number | None:
        """The first number that shares something with the span; looked up once."""
        if span not in self._counted:
            found = numbers(self.text, max(0, span.start - 24), min(len(self.text), span.end + 16))
            self._counted[span] = next((n for n in found if n.start < span.end and span.start < n.end), None)
        return self._counted[span]

    @cached_property
    def places(self) -> Places:
        report = self.report
        return Places(self.text, title=report.title, country=report.country, outlet=report.outlet)

    @cached_property
    def is_headline(self) -> frozenset[int]:
        """Sentences that repeat the title."""
        title = (self.report.title or "").strip().lower()
        if len(title) < 15:
            return frozenset()
        return frozenset(
            i for i, s in enumerate(self.sentences[:6]) if self.text[s.start : s.end].strip().lower() in title
        )
