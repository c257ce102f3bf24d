"""Wordings compared: are two names of an actor, target or place the same, and which of them is the fuller?"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SMALL = frozenset("the a an of in on at to for and or by with from al el s its their his her our some several".split())

PRONOUNS = frozenset(
    """he she it they them him her us we i who which that this these those their its his himself itself themselves both all
    others another one ones some many several most others' latter former whom whose there here people's someone anyone""".split()
)


_STAMP = re.compile(r"[A-Z]{4,}\s+(?=[A-Z][a-z.]|U\.)")  # the place of a dateline that lost its dash
_AHEAD = re.compile(
    r"(?:(?:on|in|at|since|by)\s+)?(?:early\s+|late\s+|last\s+)?"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october"
    r"|november|december|\d{4}|earlier|later|meanwhile|however|today|yesterday|also|along with|online)"
    r"(?:\s+\d{1,2})?(?:,\s+|\s+(?=an?\b|the\b))",
    re.I,
)
_WHO = re.compile(r",\s+(?:who|which|that|whose|where|when|writing|speaking|reporting|citing|quoting|adding)\b")
_ACTS = re.compile(
    r"\s+(?:and\s+)?(?:(?:posted|released|shared|published|issued)"
    r"(?!\s+(?:on|online|by|to|via|across|in|last|this|early|late|\w+day))"
    r"|told|said|condemned|gave|have|has|had|was|were|called|blamed|accused|wrote|warned|denied|claimed|who|which|whose|that)\b"
)
_NAMED = r"(?:[A-Z][\w’'.-]+|(?:al|el|as|ash|an)-[A-Z][\w’'-]+|bin|ibn|de|van)"
_NAME = re.compile(rf"{_NAMED}(?:\s+{_NAMED})*")


def speaker(text: str, start: int, end: int) -> tuple[int, int]:
    """The wording of who speaks, without the day or dateline before it, what it does behind it, and its apposition: of "Abu
    Zaki, a resident of the village" and of "head of the council, Abu Zaki" annotators give the name (with its office or not)."""
    begins = start == 0 or text[start - 1] == "\n"
    for ahead in (_STAMP.match(text, start, end) if begins else None, _AHEAD.match(text, start, end)):
        if ahead and end - ahead.end() > 2:
            start = ahead.end()
    for tail in (_WHO, _ACTS):
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


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """Content words, plain ASCII, lower case, without plural s."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold().replace("'", "")
    found = [w for w in re.findall(r"[a-z0-9]+", plain) if w not in _SMALL]
    return tuple(w[:-1] if len(w) > 3 and w.endswith("s") else w for w in found)


@lru_cache(maxsize=16384)
def alike(a: str, b: str) -> bool:
    """At least half of the content words are shared (Dice)."""
    x, y = words(a), words(b)
    both = len(x) - len(_without(x, y))
    return bool(both) and 2 * both / (len(x) + len(y)) >= 0.5


@lru_cache(maxsize=16384)
def covers(a: str, b: str) -> bool:
    """Every content word of b stands in a."""
    return bool(words(b)) and not _without(words(b), words(a))


def _without(x: tuple[str, ...], y: tuple[str, ...]) -> list[str]:
    """The words of x that are left when each word of y has taken one away."""
    left = list(x)
    for w in y:
        if w in left:
            left.remove(w)
    return left


@lru_cache(maxsize=8192)
def is_pronoun(text: str) -> bool:
    return all(w in PRONOUNS for w in re.findall(r"[a-z']+", text.lower()))


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A crude stem: 'bombed', 'bombing', 'bombs' -> 'bomb'."""
    w = re.sub(r"[^a-z]", "", word.lower())
    return re.sub(r"(?:ings?|ed|es|s|e|ers?|ment|ions?)$", "", w) if len(w) > 4 else w
