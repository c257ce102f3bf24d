"""The day a report was published, from the words at its head. Ambiguous figures ("05/07/2015") give no day rather than
a guess.
"""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_WRITTEN = (
    re.compile(rf"\b{_MONTH}\s{_DAY},?\s{_YEAR}\b", re.IGNORECASE),
    re.compile(rf"\b{_DAY}(?:\sof)?[\s-]{_MONTH},?[\s-]{_YEAR}\b", re.IGNORECASE),
    re.compile(rf"\b{_YEAR}[\s-]{_MONTH}[\s-]{_DAY}\b", re.IGNORECASE),
    re.compile(r"\b(?P<year>(?:19|20)\d\d)[-/.](?P<number>\d{2})[-/.](?P<day>\d{2})(?!\d)"),
    re.compile(r"\b(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?P<year>(?:19|20)\d\d)\b"),
)
_FIGURES = re.compile(r"\b(?P<first>\d{1,2})[/-](?P<second>\d{1,2})[/-](?P<year>(?:19|20)\d\d)\b")
_HEAD_LINES = 12
_DATE_LINE = 90  # characters: a longer line is a sentence that mentions a day
_GLUED_HEAD = 40  # characters at the head of a text without line breaks


def find_day(words: str) -> str | None:
    """The first full date in `words` as an ISO day, or None."""
    found: list[tuple[int, str]] = []
    for pattern in _WRITTEN:
        for match in pattern.finditer(words):
            groups = match.groupdict()
            month = int(groups["number"]) if "number" in groups else _MONTHS.index(groups["month"][:3].lower()) + 1
            day = _iso(int(groups["year"]), month, int(groups["day"]))
            if day:
                found.append((match.start(), day))
                break
    for match in _FIGURES.finditer(words):
        first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
        # Day and month first are both in use: only a figure above 12 (or two equal ones) tells which is meant.
        readings = {_iso(year, second, first), _iso(year, first, second)} - {None}
        if len(readings) == 1:
            found.append((match.start(), str(readings.pop())))
    return min(found)[1] if found else None


def find_published(text: str) -> str | None:
    """The day on a short line near the head of a report, or at the very start of one that lost its line breaks."""
    lines = [line.strip() for line in text[:5000].splitlines() if line.strip()][:_HEAD_LINES]
    for line in lines:
        if len(line) <= _DATE_LINE:
            day = find_day(line)
            if day:
                return day
    return find_day(lines[0][:_GLUED_HEAD]) if lines else None


def iso_day(value: object) -> str | None:
    """The day of an ISO time stamp, of a date in words, or None."""
    if not isinstance(value, str):
        return None
    match = re.match(r"\s*((?:19|20)\d\d)-?(\d\d)-?(\d\d)(?!\d)", value)
    return _iso(*map(int, match.groups())) if match else find_day(value)


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
