"""Days and intervals: ISO strings of a day (`2020-04-02`), a month (`2018-09`) or a year (`2017`), and TIMEX3 values.

Everything here is arithmetic on the proleptic Gregorian calendar; nothing reads text.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from functools import lru_cache

Interval = tuple[str | None, str | None]

_SEASON_MONTHS = {"SP": (3, 5), "SU": (6, 8), "FA": (9, 11), "WI": (12, 14)}
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_VALUE = re.compile(r"(\d{4})-?(W\d{2}|Q\d|H\d|SP|SU|FA|WI|\d{2})?(?:-(WE|\d{2}))?(?:T\w.*)?")


@lru_cache(maxsize=4096)
def day_of(iso: str, *, last: bool = False) -> date:
    """The first (or the last) day of an ISO day, month or year. Raises ValueError on anything else."""
    match = _ISO.fullmatch(iso)
    if match is None:
        raise ValueError(f"not an ISO day, month or year: {iso!r}")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if month is None:
        return date(year, 12, 31) if last else date(year, 1, 1)
    if day is None:
        return date(year, month, calendar.monthrange(year, month)[1] if last else 1)
    return date(year, month, day)


def days(start: str | None, end: str | None) -> tuple[date | None, date | None]:
    """First and last day of an interval; an open side is None. `days("2018-09", "2019")` is 1 September 2018 to 31
    December 2019.
    """
    return (day_of(start) if start else None, day_of(end, last=True) if end else None)


def format_interval(start: str | None, end: str | None) -> str:
    """ISO 8601 style: `2020-04-02`, `2019-01/2020-04-02`, `2019-01/..` and `../2019` for open sides, `..` for no time
    at all.
    """
    if start == end:
        return start or ".."
    return f"{start or '..'}/{end or '..'}"


def parse_interval(text: str) -> Interval:
    """The inverse of `format_interval`. Raises ValueError on a malformed side or a start after its end."""
    left, slash, right = text.partition("/")
    if not left or (slash and not right):
        raise ValueError(f"an open side is written with two dots: {text!r}")
    start = None if left == ".." else left
    end = (None if right == ".." else right) if slash else start
    first, final = days(start, end)
    if first and final and first > final:
        raise ValueError(f"starts after its end: {text!r}")
    return start, end


def precision_of(start: str | None, end: str | None) -> int | None:
    """The codebook's time precision of an interval: 1 the day, 2 the week, 3 the month, 4 the year or longer; None if
    it is empty.

    A night that ends on the next day counts as a day; a week has some slack, and up to a quarter counts by the month,
    as the gold set codes it.
    """
    if start is None and end is None:
        return None
    first, final = days(start or end, end or start)
    assert first is not None
    assert final is not None
    length = (final - first).days + 1
    return 1 if length <= 2 else 2 if length <= 10 else 3 if length <= 95 else 4


def shift_months(day: date, months: int) -> date:
    """The same day of the month, `months` later (negative: earlier), or that month's last day. Years stay within
    1..9999.
    """
    index = min(max(day.year * 12 + day.month - 1 + months, 12), 9999 * 12 + 11)
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def shift_days(day: date, days: float) -> date:
    """`day` moved by a number of days, stopped at the calendar's ends."""
    ordinal = min(max(day.toordinal() + round(days), date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(ordinal)


def week_value(day: date) -> str:
    """The TIMEX3 value of the ISO week that holds a day: `1998-W08`."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def month_value(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def quarter_value(day: date) -> str:
    return f"{day.year:04d}-Q{(day.month + 2) // 3}"


def _months(year: int, first: int, last: int) -> Interval:
    """An interval of whole months; a month beyond 12 lies in the next year."""
    start, end = (f"{year + (m - 1) // 12:04d}-{(m - 1) % 12 + 1:02d}" for m in (first, last))
    return start, end


def interval_of(value: str, mod: str | None = None) -> Interval:
    """The interval a TIMEX3 DATE or TIME value stands for; (None, None) for values that name no stretch of the
    calendar.

    A part of a month or year ("early", "late") stays the month or year, as the codebook records days, months and years.
    """
    if re.fullmatch(r"\d{3}X", value):
        first, last = {"START": (0, 3), "MID": (3, 6), "END": (6, 9)}.get(mod or "", (0, 9))
        return f"{value[:3]}{first}", f"{value[:3]}{last}"
    if re.fullmatch(r"\d{2}", value):
        return f"{value}00", f"{value}99"
    match = _VALUE.fullmatch(value)
    if match is None:
        return None, None
    year, part, rest = match.groups()
    if not 1 <= int(year) <= 9998:
        return None, None
    if part is None:
        return year, year
    if part[0] == "W" and part[1:].isdigit():
        week = int(part[1:])
        if not 1 <= week <= date(int(year), 12, 28).isocalendar().week:
            return None, None
        monday = date.fromisocalendar(int(year), week, 1)
        first_day = monday + timedelta(days=5 if rest == "WE" else 0)
        return first_day.isoformat(), (monday + timedelta(days=6)).isoformat()
    if part[0] == "Q":
        return _months(int(year), 3 * int(part[1]) - 2, 3 * int(part[1])) if part[1] in "1234" else (None, None)
    if part[0] == "H":
        return _months(int(year), 6 * int(part[1]) - 5, 6 * int(part[1])) if part[1] in "12" else (None, None)
    if part in _SEASON_MONTHS:
        return _months(int(year), *_SEASON_MONTHS[part])
    iso = f"{year}-{part}" + (f"-{rest}" if rest else "")
    try:
        day_of(iso)
    except ValueError:
        return None, None
    return iso, iso


def easter(year: int) -> date:
    """Western Easter Sunday (the anonymous Gregorian computus, Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def islamic(year: int, month: int, day: int) -> date:
    """The Gregorian day of a Hijri date: by the Umm al-Qura calendar from 1343 to 1500, by the tabular (civil) one
    elsewhere. Countries that watch for the moon may differ by a day or two.
    """
    from hijridate import Hijri

    if 1343 <= year <= 1500:
        month_length = Hijri(year, month, 1).month_length()
        first = Hijri(year, month, 1).to_gregorian()
        return date(first.year, first.month, first.day) + timedelta(days=min(day, month_length) - 1)
    ordinal = day + (59 * (month - 1) + 1) // 2 + (year - 1) * 354 + (3 + 11 * year) // 30 + 227014
    return shift_days(date.min, ordinal - 1)


_NOWRUZ = date(2020, 3, 20)  # 1 Farvardin 1399
_LEAP = (1, 5, 9, 13, 17, 22, 26, 30)


def persian(year: int, month: int, day: int) -> date:
    """The Gregorian day of a date of the solar Hijri calendar of Iran and Afghanistan, by its cycle of 33 years: exact
    from 1244 to 1472 (K. Borkowski, The Persian calendar for 3000 years, 1996).
    """

    def years(y: int) -> int:
        """Days from the epoch to the first of Farvardin."""
        cycles, rest = divmod(y - 1, 33)
        return 365 * (y - 1) + 8 * cycles + sum(leap <= rest for leap in _LEAP)

    before = 31 * (month - 1) if month <= 7 else 186 + 30 * (month - 7)
    return _NOWRUZ + timedelta(days=years(year) - years(1399) + before + day - 1)
