"""Numbers in running text as ranges, by the codebook's word list (`codebook/numbers.toml`).

`over 1,800` is 1800 and open above; `nearly two million` is open below and 2000000; `dozens` is 24 to 99. Years, dates,
clock times, ages, distances and percentages are not figures.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import mahdar.codebook
from mahdar.reading.cues import either

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DIGITS = r"\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+(?!\d)|\d+(?:\.\d+)?"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as worded: offsets of the whole wording with its modifier, of the bare number, and the range."""

    start: int
    end: int
    low: int | None
    high: int | None
    bare_start: int


@cache
def _data() -> dict[str, Any]:
    path = Path(mahdar.codebook.__file__).with_name("numbers.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _grammar() -> tuple[re.Pattern[str], ...]:
    """Patterns: a number with its modifiers; what makes it a measure; a month, and a label, before it; a number's pieces."""
    data = _data()
    unit, power = either(list(data["units"])), either(list(data["powers"]))
    number = (
        rf"(?:(?:{_DIGITS})(?:\s?(?:{power})s?\b|[mk]\b)*"
        rf"|(?:{unit})(?:[-\s](?:{unit}))?(?:[-\s](?:{power})(?:\s+and\s+(?:{unit})(?:[-\s](?:{unit}))?|\s+(?:{unit})(?=[-\s]hundred\b))?)*)"
    )
    modifiers = data["modifiers"]
    modifier = either(modifiers["from"] + modifiers["to"] + modifiers["about"])
    whole = re.compile(
        rf"(?<![\w,/:$€£#-])(?<!\d\.)(?<!\s\.)(?:between\s+)?(?P<modifiers>(?:(?:{modifier})\s+){{0,3}})"
        rf"(?P<first>{either(list(data['vague']))}|{number})(?P<plus>\+)?(?![\w%])"
        rf"(?:(?P<joint>\s*(?:-|–|—)\s*|\s+(?:to|and|or)\s+)(?P<second>{number})(?![\w%]))?"
        rf"(?P<open>\s+(?:{either(modifiers['after_from'])})\b(?!\s+than))?",
        re.I,
    )
    measure = re.compile(
        rf"[-\s]?(?:{either(data['measures']['after'])})\b|\s?%|[:/]\d|(?:st|nd|rd|th)\b|-year|-?(?:thirds?|quarters?)\b",
        re.I,
    )
    month_before = re.compile(rf"\b(?:{_MONTHS})\.?\s+$", re.I)
    label = re.compile(rf"\b(?:{either(data['measures']['before'])})\s+$", re.I)
    pieces = re.compile(rf"{_DIGITS}|[a-z]+", re.I)
    return whole, measure, month_before, label, pieces


def _value(words: str) -> tuple[int, int]:
    data = _data()
    clean = " ".join(words.lower().split())
    if clean in data["vague"]:
        low, high = data["vague"][clean]
        return low, high
    total = current = 0.0
    for piece in _grammar()[4].findall(clean.replace("-", " ")):
        if piece[0].isdigit():
            current = float(piece.replace(",", "").replace(" ", ""))
        elif piece in data["units"]:
            current += data["units"][piece]
        elif piece.rstrip("s") in data["powers"]:
            power = data["powers"][piece.rstrip("s")]
            current = (current or 1) * power
            if power >= 1000:
                total, current = total + current, 0
        elif piece in ("m", "k"):
            current *= 1_000_000 if piece == "m" else 1_000
    return int(total + current), int(total + current)


def numbers(text: str, low: int = 0, high: int | None = None) -> list[Number]:
    """The counts in text[low:high], in order, not overlapping."""
    whole, measure, month_before, label, _ = _grammar()
    high = len(text) if high is None else high
    out: list[Number] = []
    for match in whole.finditer(text, low, high):
        first = match["first"]
        start, end = match.start(), match.end()
        said = " ".join(match["modifiers"].lower().split())
        if re.fullmatch(r"(?:19|20)\d\d", first) and not _limit("from", "to").search(said):
            continue
        if measure.match(text, match.end("second") if match["second"] else match.end("first")):
            continue
        if month_before.search(text[max(low, start - 12) : start]) and first.isdigit() and int(first) <= 31:
            continue
        bare = match.start("first")
        if label.search(text[max(low, bare - 16) : bare]) or _is_age(text, bare, match.end("first")):
            continue
        if first.lower() == "one" and not _counts_one(text, match.end("first")):
            continue
        least, most = _value(first)
        if match["second"]:
            other = _value(match["second"])[1]
            joint = match["joint"].strip().lower()
            if (joint != "and" or text[start : start + 7].lower() == "between") and other > least:
                most = other
            else:
                end = match.end("first")
        if least == most == 0:
            continue
        low_value: int | None = least
        high_value: int | None = most
        if _limit("from").search(said) or match["open"] or match["plus"]:
            high_value = None
        elif _limit("to").search(said):
            low_value, high_value = None, most
        start += len(match.group()) - len(match.group().lstrip())
        out.append(Number(start, end, low_value, high_value, match.start("first")))
    return out


@cache
def _limit(*sides: str) -> re.Pattern[str]:
    modifiers = _data()["modifiers"]
    return re.compile(rf"\b(?:{either([w for side in sides for w in modifiers[side]])})\b")


def _counts_one(text: str, end: int) -> bool:
    """'one' counts in 'one soldier', not in 'one of the', 'one another', 'one-off'."""
    return not re.match(r"\s+(?:of|another|day|more|thing|side|that|who)\b|-", text[end : end + 12], re.I)


def _is_age(text: str, start: int, end: int) -> bool:
    """A bare number between two commas behind a name ("Ahmed, 45, a farmer") is an age."""
    named = re.search(r"[A-Z][\w’'-]+,\s$", text[max(0, start - 24) : start])
    return named is not None and text[start:end].isdigit() and end - start <= 2 and text[end : end + 1] == ","
