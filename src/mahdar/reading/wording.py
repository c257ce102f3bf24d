"""Wordings compared: are two names of an actor, target or place the same, and which of them is the fuller?"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SMALL = frozenset(
    "the a an of in on at to for and or by with from al el s its their his her our some several mr mrs ms".split()
)

PRONOUNS = frozenset(
    """he she it they them him her us we i who which that this these those their its his himself itself themselves both all
    others another one ones some many several most others' latter former whom whose there here people's someone anyone""".split()
)


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
    if 4 * min(len(x), len(y)) < len(x) + len(y):
        return False
    both = len(x) - len(_without(x, y))
    return bool(both) and 2 * both / (len(x) + len(y)) >= 0.5


@lru_cache(maxsize=16384)
def covers(a: str, b: str) -> bool:
    """Every content word of b stands in a."""
    x, y = words(a), words(b)
    return 0 < len(y) <= len(x) and not _without(y, x)


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
