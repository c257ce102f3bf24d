"""Title and outlet of a bare text, told from its own words."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from mahdar.intake.captions import agencies, is_credit
from mahdar.intake.dates import find_day

_HEAD_LINES = 6
_LONGEST = 30  # words of a title
_WORD = re.compile(r"[^\W_]{4,}")
_FINAL = re.compile(r"[.:;,][\"'”’)\]]*\Z")
_BYLINE = re.compile(r"(?:by|from|with) [A-Z]", re.IGNORECASE)
_DATELINE = re.compile(r"(?:\A|\n)[^\n]{0,80}?\((?P<outlet>[A-Z][\w. -]{1,30})\)\s?(?:[-–—]|(?=[A-Z]))")
_BYLINE_OF = re.compile(
    r"\A\W*(?:by|from)\s+(?P<outlet>[A-Z].{1,40}?)(?:,|\s+staff|\s+correspondent|\Z)", re.IGNORECASE
)
_SOURCE = re.compile(r"\n\W*(?:source|published by|via)\s?:\s?(?P<outlet>[^\n]{2,50})\s*\Z", re.IGNORECASE)
_COPYRIGHT = re.compile(
    r"(?:copyright|©|\(c\))[\s©]*(?:(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)\d\d)?)?,?\s+"
    r"(?P<outlet>(?:the )?[A-Z][\w&' ]{1,40}?)(?=[.,\n]|\s+All\b|\Z)",
    re.IGNORECASE,
)


def find_title(text: str) -> str | None:
    """The headline: of the short lines above the first paragraph, the one that shares most words with the text below
    it.
    """
    lines = [line.strip() for line in text[:4000].split("\n") if line.strip()]
    if len(lines) < 2:
        return None
    head: list[str] = []
    for line in lines[:_HEAD_LINES]:
        if line.count(" ") >= _LONGEST or _FINAL.search(line):
            break
        head.append(line)
    candidates = [
        line for line in head if not (_BYLINE.match(line) or is_credit(line) or _is_date(line)) and _WORD.search(line)
    ]
    if not candidates:
        return None
    below = {word[:6].lower() for line in lines[len(head) :] for word in _WORD.findall(line)}
    # Of lines that share as much, the first: the headline stands above its subheading.
    return max(candidates, key=lambda line: len({word[:6].lower() for word in _WORD.findall(line)} & below))


def _is_date(line: str) -> bool:
    return len(line) < 60 and find_day(line) is not None


def find_outlet(text: str) -> str | None:
    """The agency or outlet that a dateline, byline, source line or copyright line of the text itself names."""
    match = _DATELINE.search(text, 0, 1500)
    if match and _is_agency(match["outlet"]):
        return match["outlet"].strip()
    for line in text[:1500].split("\n")[:_HEAD_LINES]:
        match = _BYLINE_OF.search(line.strip())
        if match and _is_agency(match["outlet"]):
            return match["outlet"].strip()
    tail = text[-600:]
    match = _SOURCE.search(tail)
    if match and match["outlet"].strip(" .Â\u00a0").lower() not in _nobody():
        return match["outlet"].strip(" .Â\u00a0")
    match = _COPYRIGHT.search(tail)
    return match["outlet"].strip() if match else None


def _is_agency(words: str) -> bool:
    return words.strip() in agencies()


@cache
def _nobody() -> frozenset[str]:
    data = tomllib.loads(Path(__file__).with_name("outlets.toml").read_text(encoding="utf-8"))
    return frozenset(data["nobody"])
