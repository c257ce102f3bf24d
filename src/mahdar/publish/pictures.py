"""Pictures as SVG: a map, a time line, and counts by week, type or actor, with what is uncertain drawn as uncertain.

On a map a place that is known roughly is an area, not a pin. On a time line a day is a dot, a vaguer time a bar, and dashes
lead to the side that is open. A count has a solid part, sure to belong there, and a pale one of those that may belong
elsewhere. Each says under it how to read it and how many it does not show. Nothing depends on the machine or the clock: the
same cases give the same bytes.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from mahdar.publish.case import Case
from mahdar.publish.geography import scene, spots
from mahdar.publish.outlines import Box, Outline, Ring, outlines
from mahdar.publish.redaction import Cleared
from mahdar.publish.wording import label
from mahdar.when.days import days

FONT = "Libertinus Serif, Georgia, serif"
INK, MUTED, LINE, SEA, LAND, MARK, PALE = "#22272e", "#6b7280", "#b8b2a6", "#e4ecf1", "#f6f3ec", "#9d2f26", "#dfa79f"
KM_OF_DEGREE = 111.32
_WEEK = re.compile(r"\d{4}-W\d\d")
RADIUS = {1: 0.0, 2: 12.0, 3: 40.0}
"""Kilometres around a point by `geo_precision`; 1 is drawn as a dot."""
LEAST = 4.5  # degrees that a map shows at least: enough for a border or a coast to tell where one is
MOST_ROWS = 16  # bars of counts by type or actor; a time line holds twice as many
NOTE = 22  # height of the line under a picture that says how to read it
OPEN = 34  # pixels of the dashes towards a side that is open
MANY = 20  # incidents at one point that make the biggest dot, at least


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on a map: how far off it may be in km, how many incidents it stands for, and what it is called."""

    lat: float
    lon: float
    km: float = 0.0
    count: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """What a map shows: the marks, most incidents first, and how many incidents have no point."""

    marks: tuple[Mark, ...]
    nowhere: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A row of a time line: from one day to another (the same: a dot); a side that is None is open."""

    name: str
    first: date | None
    last: date | None
    strong: bool = False

    @property
    def ends(self) -> tuple[date, date]:
        """The first and last day that are told."""
        told = self.first or self.last
        assert told is not None, "a span has a day at least"
        return self.first or told, self.last or told


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: how many are sure to belong there, and how many more may."""

    name: str
    sure: int
    unsure: int = 0


def places(cases: Iterable[Cleared]) -> Places:
    """Where cases happened; those at one point are one mark. A rounded point is as vague as its rounding."""
    held: dict[tuple[float, float], Mark] = {}
    nowhere = 0
    for cleared in cases:
        found = spots(cleared.case)
        nowhere += not found
        decimals = cleared.profile.decimals
        rounded = 0.0 if decimals is None else KM_OF_DEGREE * 10**-decimals / 2
        for place in found:
            assert place.lat is not None  # spots have points
            assert place.lon is not None
            at = (place.lat, place.lon)
            km = max(RADIUS.get(place.precision or 3, RADIUS[3]), rounded if rounded > 1 else 0.0)
            before = held.get(at)
            count = before.count + 1 if before else 1
            held[at] = Mark(*at, max(km, before.km if before else 0.0), count, place.name or place.words.text)
    return Places(tuple(sorted(held.values(), key=lambda m: (-m.count, m.lat, m.lon))), nowhere)


def draw_map(places: Places, *, width: int = 640, height: int = 400, title: str = "Map") -> str:
    """A map around the marks, at least some 500 km wide, with country outlines and a scale."""
    marks = places.marks
    view = _View.around(marks, width, height)
    out = [f'<rect width="{width}" height="{height}" fill="{SEA}"/>']
    shown = outlines(view.box)
    for outline in shown:
        path = "".join(view.path(ring) for ring in outline.rings)
        out.append(f'<path d="{path}" fill="{LAND}" fill-rule="evenodd" stroke="{LINE}" stroke-width="0.8"/>')
    dots = [view.xy(m.lon, m.lat) for m in marks]
    for outline in shown:
        free = (s for s in view.hearts(outline) if all(abs(s[0] - x) > 130 or abs(s[1] - y) > 22 for x, y in dots))
        if spot := next(free, None):
            out.append(_text(*spot, outline.name, 12, MUTED, anchor="middle"))
    biggest = max([MANY, *(m.count for m in marks)])
    for mark in marks:
        x, y = view.xy(mark.lon, mark.lat)
        if mark.km:
            radius = max(view.pixels(mark.km), 7.0)
            out.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{MARK}" fill-opacity="0.16" stroke="{MARK}" '
                f'stroke-opacity="0.5" stroke-dasharray="3 3"/>'
            )
        dot = 4 + 6 * math.sqrt((mark.count - 1) / biggest)
        out.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{dot:.1f}" fill="{MARK}" fill-opacity="0.85" stroke="#fff" '
            f'stroke-width="0.8"/>'
        )
    out += _names(marks, view, width)
    out += view.scale(height)
    read = ["a dashed circle: somewhere within"] * any(m.km for m in marks) + ["a bigger dot: more incidents"] * any(
        m.count > 1 for m in marks
    )
    return _svg(
        width, height, title, out, read, _left(places.nowhere, "incident has no point", "incidents have no point")
    )


def draw_time_line(spans: Sequence[Span], *, width: int = 640, title: str = "Time line") -> str:
    """Rows over one axis of days, in the order given, as many as it holds."""
    left_out = len(spans) - 2 * MOST_ROWS
    spans = spans[: 2 * MOST_ROWS]
    if not spans:
        return _svg(width, 40, title, [_text(10, 24, "No days are known.", 12, MUTED)])
    left, right, row = 230, 30, 24
    first = min(s.ends[0] for s in spans) - timedelta(days=1)
    last = max(s.ends[1] for s in spans) + timedelta(days=2)
    total = (last - first).days
    height = 34 + row * len(spans)

    def x(day: date) -> float:
        return left + (width - left - right) * (day - first).days / total

    out = [f'<rect width="{width}" height="{height}" fill="#fff"/>']
    for tick, name in _ticks(first, last):
        at = x(tick) + (x(tick + timedelta(days=1)) - x(tick)) / 2  # the middle of the day, where its dot is
        out.append(f'<line x1="{at:.1f}" y1="8" x2="{at:.1f}" y2="{height - 22}" stroke="{LINE}" stroke-width="0.6"/>')
        out.append(_text(at, height - 8, name, 11, MUTED, anchor="middle"))
    for number, span in enumerate(spans):
        y = 20 + row * number
        out.append(
            _text(left - 10, y + 4, _fitting(span.name, 38), 12, INK, anchor="end", weight="600" if span.strong else "")
        )
        colour = MARK if span.strong else "#4b6a88"
        start, stop = span.ends
        begin, end = x(start), x(stop + timedelta(days=1))
        middle = (begin + end) / 2
        for side, is_open in ((-OPEN, span.first is None), (OPEN, span.last is None)):
            if is_open:
                out.append(
                    f'<path d="M{middle:.1f} {y}h{side}" stroke="{colour}" stroke-width="2" stroke-dasharray="4 3"/>'
                )
        if start == stop:
            sure = span.first is not None and span.last is not None
            filled = f'fill="{colour}"' if sure else f'fill="#fff" stroke="{colour}" stroke-width="1.5"'
            out.append(f'<circle cx="{middle:.1f}" cy="{y}" r="5" {filled}/>')
        else:
            wide = max(end - begin, 10)
            out.append(
                f'<rect x="{middle - wide / 2:.1f}" y="{y - 5}" width="{wide:.1f}" height="10" rx="5" '
                f'fill="{colour}" fill-opacity="0.3" stroke="{colour}"/>'
            )
    read = ["a bar: some time within"] * any(s.ends[0] != s.ends[1] for s in spans)
    read += ["dashes: open to that side"] * any(s.first is None or s.last is None for s in spans)
    return _svg(width, height, title, out, read, _left(left_out, "later one is not shown", "later ones are not shown"))


def draw_bars(bars: Sequence[Bar], *, width: int = 640, title: str = "Counts") -> str:
    """Horizontal bars in the order given: the sure part solid, the unsure part pale behind it."""
    weeks = all(_WEEK.fullmatch(b.name) for b in bars)
    left_out = 0 if weeks else len(bars) - MOST_ROWS
    bars = bars if weeks else bars[:MOST_ROWS]
    left, right, row = 220, 70, 22
    height = 16 + row * max(len(bars), 1)
    most = max((b.sure + b.unsure for b in bars), default=1) or 1
    out = [f'<rect width="{width}" height="{height}" fill="#fff"/>']
    for number, bar in enumerate(bars):
        y = 10 + row * number
        sure = (width - left - right) * bar.sure / most
        unsure = (width - left - right) * bar.unsure / most
        out.append(_text(left - 10, y + 12, _fitting(bar.name, 34), 12, INK, anchor="end"))
        out.append(f'<rect x="{left}" y="{y}" width="{sure:.1f}" height="15" fill="{MARK}"/>')
        if bar.unsure:
            out.append(f'<rect x="{left + sure:.1f}" y="{y}" width="{unsure:.1f}" height="15" fill="{PALE}"/>')
        told = f"{bar.sure:,}" + (f" + {bar.unsure:,}" if bar.unsure else "")
        out.append(_text(left + sure + unsure + 6, y + 12, told, 11, MUTED))
    read = ["pale: may belong elsewhere"] * any(b.unsure for b in bars) + ["weeks without any are left out"] * weeks
    return _svg(width, height, title, out, read, _left(left_out, "rarer one is not shown", "rarer ones are not shown"))


def spans_of(case: Case) -> list[Span]:
    """The time line of one case: when it is said to have happened, and when each report came out."""
    spans = []
    first, last = days(case.incident.time.start, case.incident.time.end)
    if first or last:
        spans.append(Span("The event, as claimed", first, last, strong=True))
    for document in case.documents:
        published, _ = days(document.published, None)
        if published:
            spans.append(Span(f"Report: {document.outlet or 'outlet unknown'}", published, published))
    return spans


def spans_of_many(cases: Iterable[Cleared]) -> list[Span]:
    """The cases whose day is known at least on one side, by day, for a time line of a query."""
    spans = []
    for cleared in cases:
        one = cleared.case.incident
        first, last = days(one.time.start, one.time.end)
        if first or last:
            place = scene(cleared.case)
            name = f"{label(one.type)}{f', {place.name or place.words.text}' if place else ''}"
            spans.append(Span(name, first, last, strong=True))
    return sorted(spans, key=lambda s: (s.ends, s.name))


def counted(cases: Iterable[Cleared], by: str) -> list[Bar]:
    """How many cases by `week`, `type` or `actor`. Unsure are those whose week is not told, or who are uncertain."""
    sure: Counter[str] = Counter()
    unsure: Counter[str] = Counter()
    for cleared in cases:
        one = cleared.case.incident
        if by == "week":
            first, last = days(one.time.start, one.time.end)
            told = last or first
            if told is None:
                continue
            year, week, _ = told.isocalendar()
            vague = first is None or last is None or first.isocalendar()[:2] != last.isocalendar()[:2]
            (unsure if vague else sure)[f"{year}-W{week:02}"] += 1
        else:
            doubtful = one.status != "asserted" or any(
                d.field == by + "s" and d.kind != "update" for d in one.disagreements
            )
            names = [label(one.type)] if by == "type" else [a.name or a.words.text for a in one.actors] or ["not told"]
            for name in dict.fromkeys(names):
                (unsure if doubtful else sure)[name] += 1
    bars = [Bar(name, sure[name], unsure[name]) for name in sure.keys() | unsure.keys()]
    if by == "week":
        return sorted(bars, key=lambda b: b.name)
    return sorted(bars, key=lambda b: (-b.sure - b.unsure, b.name))


@dataclass(frozen=True, slots=True)
class _View:
    """The part of the earth that a map shows: equirectangular, true to scale at its middle latitude."""

    box: Box
    width: int
    height: int

    @classmethod
    def around(cls, marks: Sequence[Mark], width: int, height: int) -> _View:
        if not marks:
            return cls(Box(-180, -60, 180, 80), width, height)
        lats, lons = [m.lat for m in marks], [m.lon for m in marks]
        middle, centre = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
        squeeze = max(math.cos(math.radians(middle)), 0.15)
        roomy = max(m.km for m in marks) / KM_OF_DEGREE * 3
        tall = max((max(lats) - min(lats)) * 1.35, LEAST, roomy)
        wide = max((max(lons) - min(lons)) * 1.35, LEAST / squeeze, roomy)
        degrees = max(tall / height, wide * squeeze / width)  # of latitude, a pixel
        half_tall, half_wide = degrees * height / 2, degrees * width / 2 / squeeze
        return cls(Box(centre - half_wide, middle - half_tall, centre + half_wide, middle + half_tall), width, height)

    def xy(self, lon: float, lat: float) -> tuple[float, float]:
        b = self.box
        return (lon - b.west) / (b.east - b.west) * self.width, (b.north - lat) / (b.north - b.south) * self.height

    def pixels(self, km: float) -> float:
        return km / KM_OF_DEGREE / (self.box.north - self.box.south) * self.height

    def path(self, ring: Ring) -> str:
        """A ring as a path: points far outside are drawn in, and those that would fall on one pixel left out."""
        out: list[str] = []
        last = (math.inf, math.inf)
        for lon, lat in ring:
            x, y = self.xy(lon, lat)
            x, y = min(max(x, -self.width), 2 * self.width), min(max(y, -self.height), 2 * self.height)
            if abs(x - last[0]) + abs(y - last[1]) >= 0.8:
                out.append(f"{'L' if out else 'M'}{x:.1f} {y:.1f}")
                last = (x, y)
        return "".join(out) + "Z" if len(out) > 2 else ""

    def hearts(self, outline: Outline) -> Iterator[tuple[float, float]]:
        """Where a country's name may be written, best first: in the middle of what shows of its biggest ring, or off it."""
        ring = max(outline.rings, key=len)
        points = [self.xy(*p) for p in ring]
        inside = [(x, y) for x, y in points if 0 <= x <= self.width and 0 <= y <= self.height]
        corners = [(x, y) for x in (0, self.width / 2, self.width) for y in (0, self.height / 2, self.height)]
        inside += [corner for corner in corners if _holds(points, corner)]
        if len(inside) < 3:
            return
        xs, ys = [x for x, _ in inside], [y for _, y in inside]
        if max(xs) - min(xs) < 70 or max(ys) - min(ys) < 24:
            return
        x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        for across, down in ((0.0, 0.0), (0.0, 0.25), (0.0, -0.25), (0.25, 0.0), (-0.25, 0.0)):
            spot = (x + across * (max(xs) - min(xs)), y + down * (max(ys) - min(ys)))
            if 45 < spot[0] < self.width - 45 and 14 < spot[1] < self.height - 30 and _holds(points, spot):
                yield spot

    def scale(self, height: int) -> list[str]:
        km = next(
            step for step in (5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 1) if self.pixels(step) < 130 or step == 1
        )
        long = self.pixels(km)
        y = height - 14
        return [
            f'<path d="M14 {y - 5}V{y}H{14 + long:.1f}V{y - 5}" fill="none" stroke="{INK}" stroke-width="1.2"/>',
            _text(20 + long, y, f"{km:,} km", 11, INK),
        ]


def _names(marks: Sequence[Mark], view: _View, width: int) -> list[str]:
    """Names beside the biggest marks, leaving out what would lie on another."""
    out: list[str] = []
    taken: list[tuple[float, float]] = []
    for mark in marks:
        x, y = view.xy(mark.lon, mark.lat)
        if len(taken) < 12 and mark.name and all(abs(x - a) > 110 or abs(y - b) > 16 for a, b in taken):
            taken.append((x, y))
            ends = x > width - 130
            out.append(
                _text(
                    x - 12 if ends else x + 12,
                    y + 4,
                    _fitting(mark.name, 24),
                    12,
                    INK,
                    "end" if ends else "",
                    "600",
                    halo=True,
                )
            )
    return out


def _holds(ring: Sequence[tuple[float, float]], point: tuple[float, float]) -> bool:
    """Whether a point lies in a ring: an odd number of its sides cross the ray to the right."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Days to write under an axis, at most some six, on round steps: days, else firsts of months, else of years."""
    total = (last - first).days
    if total <= 60:
        step = next(n for n in (1, 2, 7, 14) if total / n <= 5 or n == 14)
        at = (first + timedelta(days=n) for n in range(step // 2 or 1, total, step))
        return [(day, day.isoformat()) for day in at]
    months = next(
        n for n in (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000) if total / (n * 30.44) <= 6 or n == 6000
    )
    begin = first.year * 12 + first.month
    firsts = (
        date(n // 12, n % 12 + 1, 1) for n in range(begin - begin % months, (last.year + 1) * 12, months) if n >= 12
    )
    return [
        (day, f"{day.year:04}" if months >= 12 else f"{day.year:04}-{day.month:02}")
        for day in firsts
        if first < day < last
    ]


def _fitting(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _text(
    x: float, y: float, text: str, size: int, fill: str, anchor: str = "", weight: str = "", *, halo: bool = False
) -> str:
    more = (f' text-anchor="{anchor}"' if anchor else "") + (f' font-weight="{weight}"' if weight else "")
    said = escape(_printable(text))
    body = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}"{more}'
    around = (
        f'<text {body} fill="none" stroke="#fff" stroke-width="3" stroke-opacity="0.8">{said}</text>' if halo else ""
    )
    return f'{around}<text {body} fill="{fill}">{said}</text>'


def _printable(text: str) -> str:
    """What XML can hold: no control characters, no lone surrogates."""
    return "".join(c if c.isprintable() or c == " " else " " for c in text)


def _left(count: int, one: str, many: str) -> list[str]:
    return [f"{count:,} {one if count == 1 else many}"] if count > 0 else []


def _svg(
    width: int, height: int, title: str, body: Sequence[str], read: Sequence[str] = (), left_out: Sequence[str] = ()
) -> str:
    """The picture, with how to `read` it and what is `left_out` written under it, where there is anything to say."""
    under: list[str] = []
    if said := "; ".join((*read, *left_out)):
        under = [
            f'<rect y="{height}" width="{width}" height="{NOTE}" fill="#fff"/>',
            _text(width - 10, height + NOTE - 7, said[0].upper() + said[1:] + ".", 11, MUTED, anchor="end"),
        ]
        height += NOTE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="{FONT}"><title>{escape(_printable(title))}</title>\n' + "\n".join([*body, *under]) + "\n</svg>\n"
    )
