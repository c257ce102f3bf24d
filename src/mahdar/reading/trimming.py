"""The words that the network marks, cut to a wording as annotators give it: what belongs to it, and nothing loose at its edges.

The word lists are those of `[edges]` in `codebook/cues.toml`.
"""

from __future__ import annotations

import re
from functools import cache

from mahdar.model import Span
from mahdar.reading.cues import any_of, listed
from mahdar.reading.labels import COUNTS, PLACE_ROLES
from mahdar.reading.wording import words

_MARKS, _OPENING = " \t\n,.;:–—-\"'“”’‘([", ")]"
_STAMP = re.compile(r"[A-Z]{4,}\s+(?=[A-Z][a-z.]|U\.)")  # the place of a dateline that lost its dash
_AS = re.compile(r"(?:known\s+)?as\s+(?=\S)", re.I)
_BLANK = re.compile(r"\s+")
_OF = re.compile(r"\s+(?:of\s+)?(?:thousands\s+of\s+)?(?:(?:the|an?)\s+)?", re.I)
_TOWN = re.compile(r"\b(?:the|its|their)\s+(?:\w+\s+)?(?:capital|city|town|village)$")
_JOINT = re.compile(r"(?:[,;:/&–—-]|\b(?:and|or|as|than|including|versus|vs))$", re.I)
# "Activists and a monitoring group" are two (annotators take but three of some sixty such for one), unless a preposition governs
# both: "an inquiry by the ministry and the army".
_OTHER = re.compile(r",?\s+and\s+(?=(?:an?|the)\s)")
_BOUND = re.compile(r"\b(?:of|in|by|for|from|with|between|both)\b", re.I)
_NAMED = r"(?:[A-Z][\w’'.-]+|(?:al|el|as|ash|an)-[A-Z][\w’'-]+|bin|ibn|de|van)"
_NAME = re.compile(rf"{_NAMED}(?:\s+{_NAMED})*")


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Word pieces may end inside a word; a wording never does."""
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def is_one(role: str, text: str, end: int, start: int) -> bool:
    """Whether what ends at `end` and what begins at `start` are one wording: "rebel" and "fighters", "a crowd" and "women" of "a
    crowd of women", "the capital" and "Orvan" of "the capital, Orvan"; not where a comma or an "and" stands between, and no two
    places."""
    end -= text.startswith(",", end - 1)
    if role not in PLACE_ROLES and text[end:start] == ", " and _TOWN.search(text, max(0, end - 30), end):
        return text[start].isupper()
    gap = _BLANK if role in PLACE_ROLES else _OF
    return bool(gap.fullmatch(text, end, start)) and not _JOINT.search(text, max(0, end - 10), end)


def trimmed(role: str, text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A wording without words of time before it or loose words behind it; who backs somebody is a party of its own."""
    while start < end and text[start] in _MARKS + _OPENING:
        start += 1
    while end > start and text[end - 1] in _MARKS:
        end -= 1
    if text.rfind("(", start, end) > text.rfind(")", start, end) and text.startswith(")", end):
        end += 1
    if role == "time" or role in COUNTS:  # read as days and numbers: every word of theirs may tell
        return [(start, end)] if end > start else []
    for ahead in (_ahead(), _AS, _opening()):
        if (lead := ahead.match(text, start, end)) and words(text[lead.end() : end]):
            start = lead.end()
    end = without_loose(text, start, end)
    if role == "source":
        end = _without("spoke", text, start, end)
    if role == "target":
        end = with_what(text, Span(start, end))
    if role in ("actor", "source") and (parted := _parted(role, text, start, end)):
        first, second = parted
        return [*trimmed(role, text, start, first), *trimmed(role, text, second, end)]
    if role == "source" and start < end:
        start, end = speaker(text, start, end)
    return [(start, end)] if end > start else []


def without_loose(text: str, start: int, end: int) -> int:
    """Where words end without the loose ones behind them: "eight soldiers and"."""
    return _without("loose", text, start, end)


def _without(name: str, text: str, start: int, end: int) -> int:
    """Where words end without those of a list of single words behind them."""
    if listed("edges", name).isdisjoint(map(str.lower, text[start:end].rsplit(None, 1)[-1:])):
        return end
    found = _behind(name).search(text, start, end)
    return found.start() if found else end


def _parted(role: str, text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the first of two parties ends and the second begins."""
    between = (_backed if role == "actor" else _quoted)().search(text, start, end)
    if between and between.start() > start and end - between.end() > 2:
        return between.span()
    other = _OTHER.search(text, start, end)
    if other and other.start() > start and not _BOUND.search(text, start, other.start()):
        return other.span()
    return None


def with_what(text: str, count: Span) -> int:
    """Where a bare count ends together with what is counted: "at least 14", "some of the six" alone say nothing of whom."""
    what = _what().match(text, count.end) if _counted().fullmatch(text, count.start, count.end) else None
    return what.end() if what else count.end


def begins_with_count(said: str) -> bool:
    return bool(_counted().match(said))


def speaker(text: str, start: int, end: int) -> tuple[int, int]:
    """The wording of who speaks, without the day or dateline before it, what it does behind it, and its apposition: of "Abu
    Zaki, a resident of the village" and of "head of the council, Abu Zaki" annotators give the name (with its office or not)."""
    begins = start == 0 or text[start - 1] == "\n"
    for ahead in (_STAMP.match(text, start, end) if begins else None, _ahead().match(text, start, end)):
        if ahead and end - ahead.end() > 2:
            start = ahead.end()
    for tail in (_who(), _acts()):
        behind = tail.search(text, start + 1, end)
        if behind and words(text[start : behind.start()]):
            end = behind.start()
    comma = text.find(", ", start, end)
    if comma > 0 and " and " not in text[comma:end]:
        first, last = text[start:comma], text.rfind(", ", start, end) + 2
        if _NAME.fullmatch(first) and not _NAME.fullmatch(text, last, end):
            return start, comma
        name = _NAME.match(text, last + len(text[last:end]) - len(text[last:end].lstrip()), end)
        if name and name.end() == end and " " in name[0]:
            return name.span()
    return start, end


@cache
def _ahead() -> re.Pattern[str]:
    times = rf"(?:{any_of('edges', 'times')}|\d{{4}})(?:\s+\d{{1,2}})?"
    return re.compile(
        rf"(?:(?:on|in|at|since|by)\s+)?(?:(?:early|late|last)\s+)?{times}(?:,\s+|\s+(?=an?\b|the\b))", re.I
    )


@cache
def _opening() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of('edges', 'opening')}\s+(?!least\b|most\b))+", re.I)


@cache
def _behind(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:,?\s+{any_of('edges', name)})+$", re.I)


@cache
def _who() -> re.Pattern[str]:
    return re.compile(rf",\s+{any_of('edges', 'asides')}\b")


@cache
def _acts() -> re.Pattern[str]:
    """Verbs behind who speaks; what he published only where it does not say of the words themselves when or where."""
    shown = rf"{any_of('edges', 'publishes')}(?!\s+(?:{any_of('edges', 'published')}\b|\w+day))"
    return re.compile(rf"\s+(?:and\s+)?(?:{shown}|{any_of('edges', 'acts')})\b")


@cache
def _backed() -> re.Pattern[str]:
    return re.compile(rf",?\s+{any_of('edges', 'backed')}\s+", re.I)


@cache
def _quoted() -> re.Pattern[str]:
    return re.compile(rf",?\s+{any_of('edges', 'quoted')}\s+", re.I)


@cache
def _counted() -> re.Pattern[str]:
    about, numbers = any_of("edges", "about"), any_of("edges", "numbers")
    of = r"(?:\s+(?:of|other|others|more))*"
    return re.compile(rf"(?:{about}\s+)?(?:[\d,.]+|{numbers})(?:\s+(?:million|thousand|hundred|dozen))?{of}", re.I)


@cache
def _what() -> re.Pattern[str]:
    return re.compile(rf"(?:\s+(?!{any_of('edges', 'ends_what')}\b)[\w’'-]+){{0,4}}")
