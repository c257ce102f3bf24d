"""Whether an agreement held on the days of an event: yes, no, or cannot tell, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from mahdar.agreements.register import Agreement
from mahdar.model import Time
from mahdar.when import days

# News without a date of its own: how long before its last day it may have happened, by the codebook's time precision.
SLACK = {1: 0, 2: 7, 3: 31}
FRESH = 730  # days
_MONTHS = "January February March April May June July August September October November December".split()
_DAY_BEGINS = ("00:00", "00:01")


@dataclass(frozen=True, slots=True)
class Holding:
    """The answer for some days, and its reason in words."""

    answer: Literal["yes", "no", "unknown"]
    reason: str


def span_of(time: Time) -> tuple[date | None, date | None]:
    """First and last day an event may have happened on. A side that is open is bounded by the precision, if that tells."""
    first, last = days(time.start, time.end)
    slack = SLACK.get(time.precision or 0)
    if first is None and last is not None and slack is not None:
        first = last - timedelta(days=slack)
    if last is None and first is not None and slack is not None:
        last = days(None, time.start)[1]
    return first, last


def held(agreement: Agreement, time: Time) -> Holding:
    """Did the agreement hold on the days of an event?"""
    begins, sure_from, ends, sure_to = _bounds(agreement)
    first, last = span_of(time)
    if first is None and last is None:
        return Holding("unknown", f"the day is not known; it held {period(agreement)}")
    if last is not None and last < begins:
        return Holding("no", f"not yet in effect: it took effect on {moment(agreement.in_effect or agreement.signed)}")
    if first is not None and ends is not None and first > ends:
        return Holding("no", f"no longer in effect: {_ended(agreement)}")
    if first is not None and last is not None and sure_from <= first and (sure_to is None or last <= sure_to):
        return Holding("yes", f"in effect {period(agreement)}")
    return Holding("unknown", _why(agreement, first, last, sure_from, ends))


def rules_out(agreement: Agreement, first: date | None, last: date | None) -> bool:
    """Whether the agreement surely did not hold on any of these days; the answer of `held`, without its words."""
    begins, _, ends, _ = _bounds(agreement)
    return (last is not None and last < begins) or (first is not None and ends is not None and first > ends)


def fresh(agreement: Agreement, time: Time) -> bool:
    """Whether an event came within two years of an agreement's beginning."""
    first, last = span_of(time)
    day, begins = first or last, _bounds(agreement)[0]
    return day is not None and (day - begins).days <= FRESH


def _why(agreement: Agreement, first: date | None, last: date | None, sure_from: date, ends: date | None) -> str:
    doubt = _first(agreement.doubt_from)
    if doubt and (last is None or last >= doubt) and (ends is None or first is None or first <= ends):
        return f"whether it still held cannot be told: {agreement.doubt}"
    if first is None or first < sure_from:
        if first is not None and first == last:
            return f"it took effect that day ({moment(agreement.in_effect or agreement.signed)})"
        return f"the event may have come before it took effect on {moment(agreement.in_effect or agreement.signed)}"
    if first == last and ends is not None:
        return f"it ended that day: {agreement.how_ended}"
    return (
        f"the event may have come after its end: {_ended(agreement)}"
        if agreement.ended
        else "the last day is not known"
    )


def period(agreement: Agreement) -> str:
    since = f"from {moment(agreement.in_effect or agreement.signed)}"
    return f"{since} to {moment(agreement.ended)}" if agreement.ended else since


def moment(iso: str) -> str:
    """`2020-03-06T00:01` as "6 March 2020, 00:01", `2012-06` as "June 2012"."""
    day, _, hour = iso.partition("T")
    parts = day.split("-")
    if len(parts) == 1:
        return day
    written = f"{_MONTHS[int(parts[1]) - 1]} {parts[0]}"
    if len(parts) == 3:
        written = f"{int(parts[2])} {written}"
    return f"{written}, {hour}" if hour else written


def _ended(agreement: Agreement) -> str:
    return f"it ended on {moment(agreement.ended)}" + (f" ({agreement.how_ended})" if agreement.how_ended else "")


@lru_cache(maxsize=8192)
def _bounds(agreement: Agreement) -> tuple[date, date, date | None, date | None]:
    """The first day on which it may have held and the first on which it held all day; the last day on which it may have
    held and the last on which it held all day without a doubt.
    """
    iso = agreement.in_effect or agreement.signed
    first, last = days(iso[:10], iso[:10])
    assert first is not None
    assert last is not None
    sure_from = first if iso[11:] in _DAY_BEGINS else last + timedelta(days=1)
    may = sure = None
    if agreement.ended:
        end, final = days(agreement.ended[:10], agreement.ended[:10])
        assert end is not None
        sure = end - timedelta(days=1)
        may = sure if agreement.ended[11:] in _DAY_BEGINS else final
    doubt = _first(agreement.doubt_from)
    if doubt and (sure is None or doubt <= sure):
        sure = doubt - timedelta(days=1)
    return first, sure_from, may, sure


def _first(iso: str) -> date | None:
    return days(iso[:10], None)[0] if iso else None
