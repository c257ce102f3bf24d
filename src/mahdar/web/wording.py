"""How values are said on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from mahdar.codebook import EVENT_TYPES
from mahdar.model import Figure, Place, Report, Time
from mahdar.record.query import Query

NBSP = "\N{NO-BREAK SPACE}"  # a date is not torn apart at the end of a line
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
PRECISIONS = {1: "the day", 2: "the week", 3: "the month", 4: "the year or longer"}
GEO_PRECISIONS = {1: "the settlement or site", 2: "near it, or part of it", 3: "region or country"}
DONE = {  # what was decided, as a history says it
    "accept": "accepted",
    "reject": "rejected",
    "edit": "edited",
    "add": "added",
    "merge": "merged",
    "split": "split",
    "comment": "commented on",
    "not_coded": "put down as not coded",
    "undo": "took back the last decision on",
}
REVIEWS = {"suggested": "machine suggestion", "accepted": "accepted", "edited": "edited", "rejected": "not coded"}


def type_label(code: str) -> str:
    return EVENT_TYPES[code].label if code in EVENT_TYPES else code


def event_label(code: str) -> str:
    """ACLED's event type of a type."""
    return EVENT_TYPES[code].acled_event if code in EVENT_TYPES else ""


def day(iso: str | None) -> str:
    """`2024-03-12` as 12 Mar 2024, `2024-03` as Mar 2024, on one line; years as they are."""
    if not iso:
        return ""
    year, _, rest = iso.partition("-")
    month, _, number = rest.partition("-")
    if not month.isdigit() or not 1 <= int(month) <= 12:
        return iso
    return NBSP.join(filter(None, (number[:2].lstrip("0"), MONTHS[int(month) - 1], year)))


def interval(time: Time) -> str:
    """When, as short as it can be said."""
    if time.start and time.end and time.start != time.end:
        return f"{day(time.start)} – {day(time.end)}"
    if time.start and not time.end:
        return f"since {day(time.start)}"
    if time.end and not time.start:
        return f"by {day(time.end)}"
    return day(time.start)


def place_label(place: Place) -> str:
    """A place by its register name, or its words where it has none."""
    name = place.name or place.words.text
    return f"{name}, {place.country}" if place.country and place.kind != "country" else name


def places_label(places: Iterable[Place]) -> str:
    return "; ".join(place_label(p) for p in places) or "place unknown"


def actors_label(actors: Iterable[Any]) -> str:
    return "; ".join(a.name or a.words.text for a in actors)


def amount(figure: Figure) -> str:
    """`14`, `9 to 14`, `at least 9`, `at most 14`."""
    low, high = figure.low, figure.high
    if low is not None and high is not None:
        return f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"at least {low:,}" if low is not None else f"at most {high:,}"


def report_label(report: Report) -> str:
    """A report by its outlet, its title, or the last part of what it was called."""
    return report.outlet or report.title or report.name.replace("\\", "/").rstrip("/").rpartition("/")[2]


def named(sentence: str, reports: Mapping[str, Report]) -> str:
    """A sentence of the machine's with reports called by name instead of by id."""
    for id, report in reports.items():
        sentence = sentence.replace(id, report_label(report))
    return sentence


def percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def coefficient(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def params(pairs: Iterable[tuple[str, Any]]) -> str:
    """A query string with its question mark, or nothing."""
    text = urlencode(list(pairs))
    return f"?{text}" if text else ""


def address(query: Query) -> str:
    """A query as a link of the explore page, which always says what it finds."""
    pairs = [pair for pair in query.to_params() if pair[0] != "find"]
    return params([("find", query.find), *pairs])


FILTERS: dict[str, Callable[..., Any]] = {
    "type_label": type_label,
    "event_label": event_label,
    "day": day,
    "interval": interval,
    "place_label": place_label,
    "places_label": places_label,
    "actors_label": actors_label,
    "amount": amount,
    "report_label": report_label,
    "named": named,
    "percent": percent,
    "coefficient": coefficient,
    "count": count,
    "params": params,
    "address": address,
    "time_precision": lambda value: PRECISIONS.get(value, ""),
    "geo_precision": lambda value: GEO_PRECISIONS.get(value, ""),
    "done": lambda action: DONE.get(action, action.replace("_", " ")),
    "review_label": lambda value: REVIEWS.get(value, value),
}
