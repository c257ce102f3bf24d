"""One incident from the claims that describe it: the finest value of each slot, and everything said beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from mahdar.agreements import in_force
from mahdar.corroboration.copies import Copy
from mahdar.corroboration.disagreements import find_disagreements
from mahdar.corroboration.grades import PRESETS, grade
from mahdar.corroboration.origins import find_origins
from mahdar.corroboration.table import BACKGROUND, interval
from mahdar.corroboration.texts import UNKNOWN
from mahdar.model import Actor, Claim, Figure, Incident, Link, Report, Status, Time
from mahdar.when.days import day_of

_STATUSES: tuple[Status, ...] = ("asserted", "uncertain", "denied", "intended")
_GENERAL = ("attack", "armed_clash", "other")  # given way to where as many claims name the means
_LATE = "9999"
T = TypeVar("T")


def news_first(claims: Iterable[Claim], reports: Mapping[str, Report]) -> list[Claim]:
    """Claims in the order they were published; undated ones last."""
    return sorted(claims, key=lambda c: (reports[c.report].published or _LATE, c.report, c.id))


def make_incident(
    claims: Sequence[Claim], reports: Mapping[str, Report], copies: Sequence[Copy] = (), links: Sequence[Link] = ()
) -> Incident:
    """The incident of `claims` (at least one, as `news_first` orders them). Its id comes from the first of them.

    Slots are taken from the news; a claim that only recalls the event counts where there is nothing else.
    """
    recalled = tuple(c.id for c in claims if _recalls(c, reports[c.report]))
    news = [c for c in claims if c.id not in recalled]
    recalled = recalled if news else ()
    told = news or list(claims)
    asserted = [c for c in told if c.status == "asserted"] or told
    located = sorted((c for c in asserted if c.places), key=lambda c: c.geo_precision or 3)
    incident = Incident(
        id=f"inc-{claims[0].id}",
        type=_type(asserted),
        status=next(s for s in _STATUSES if any(c.status == s for c in told)),
        claims=tuple(c.id for c in claims),
        reports=tuple(dict.fromkeys(c.report for c in claims)),
        recalled=recalled,
        actors=_parties(a for c in asserted for a in c.actors),
        targets=_parties(a for c in asserted for a in c.targets),
        places=located[0].places if located else (),
        geo_precision=located[0].geo_precision if located else None,
        time=_time(asserted),
        figures=_figures(asserted),
        origins=tuple(find_origins([reports[id] for id in dict.fromkeys(c.report for c in told)], told, copies)),
        links=tuple(links),
        disagreements=tuple(find_disagreements(told, reports)),
    )
    first = reports[claims[0].report]
    return replace(
        incident,
        grades=tuple(grade(incident, preset, told) for preset in PRESETS),
        agreements=in_force(incident, claims=told, country=first.country, published=first.published),
    )


def _recalls(claim: Claim, report: Report) -> bool:
    """Whether the report came out long after what the claim tells of."""
    last = interval(claim.time)[1]
    return bool(report.published) and last != UNKNOWN and day_of(report.published or "").toordinal() - last > BACKGROUND


def _type(claims: Sequence[Claim]) -> str:
    counts = Counter(c.type for c in claims)
    return max(counts, key=lambda t: (counts[t], t not in _GENERAL, -[c.type for c in claims].index(t)))


def _time(claims: Sequence[Claim]) -> Time:
    """The finest time; of equally fine ones that of most claims, then of the first."""
    timed = [c.time for c in claims if c.time.start or c.time.end]
    if not timed:
        return Time()
    finest = [t for t in timed if (t.precision or 9) == min(t.precision or 9 for t in timed)]
    most = Counter((t.start, t.end) for t in finest).most_common(1)[0][0]
    return next(t for t in finest if (t.start, t.end) == most)


def _parties(actors: Iterable[Actor]) -> tuple[Actor, ...]:
    """Each party once, the most often named first."""
    found: dict[str, list[Actor]] = {}
    for actor in actors:
        found.setdefault(actor.actor_id or actor.words.text.lower(), []).append(actor)
    return tuple(of[0] for of in sorted(found.values(), key=lambda of: -len(of)))


def _figures(claims: Sequence[Claim]) -> tuple[Figure, ...]:
    """Every number told, each once, in the order it was published: none is averaged away."""
    return tuple({(f.what, f.low, f.high): f for c in reversed(claims) for f in reversed(c.figures)}.values())[::-1]
