"""Slot values in words a person reads: intervals, ranges, precisions, and text made safe for a terminal."""

from __future__ import annotations

import unicodedata

from mahdar.codebook import EVENT_TYPES
from mahdar.model import Figure, Place, Time

GEO_PRECISION = {1: "the exact place", 2: "near it, or a part of it", 3: "a region or country"}
TIME_PRECISION = {1: "to the day", 2: "to the week", 3: "to the month", 4: "to the year or longer"}
ANCHOR = {
    "text": "as the text dates it",
    "publication": "counted from the publication date",
    "story": "counted from an earlier time in the story",
    "agreement": "counted from the agreement it names",
}
# Controls could drive the terminal (ESC), format characters turn the reading direction round; neither is a word.
_UNSAFE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def safe(text: str) -> str:
    """`text` with control and format characters blanked, one for one, so that offsets into it still hold."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if unicodedata.category(c) in _UNSAFE else c for c in text)


def label(code: str) -> str:
    """An event type's label; a code that the codebook does not know stands for itself."""
    return EVENT_TYPES[code].label if code in EVENT_TYPES else code


def interval(time: Time) -> str:
    """`2020-04-02`, `2020-03-01 to 2020-04-02`, `from 2019 on`, `up to 2020-04-02`, or "unknown"."""
    if time.start and time.end:
        return time.start if time.start == time.end else f"{time.start} to {time.end}"
    if time.start:
        return f"from {time.start} on"
    return f"up to {time.end}" if time.end else "unknown"


def counted(figure: Figure) -> str:
    """A figure's range: `14`, `24 to 99`, `1,800 or more`, `up to 2,000,000`."""
    low, high = figure.low, figure.high
    if low is None and high is None:
        return "unknown"
    if low is None or high is None:
        return f"up to {high:,}" if low is None else f"{low:,} or more"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def located(place: Place) -> str:
    """What a place resolved to: `Idlib, SY (admin1, 35.93 36.63)`, or why it did not."""
    if place.name is None:
        return place.reason or "not resolved"
    point = f", {place.lat:.2f} {place.lon:.2f}" if place.lat is not None and place.lon is not None else ""
    where = f"{place.name}, {place.country}" if place.country else place.name
    return f"{where} ({place.kind or 'place'}{point})"
