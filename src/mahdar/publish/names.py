"""Withheld names found in a text however they are spelt there, and private people's names told by rule (`people.toml`).

Two spellings are one name if their letters and digits agree after case, accents and whatever stands between words are
taken away: "Jory Pell", "JORY-PELL" and "jory_pell" are one, and so is "Jory%20Pell" in an address.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote_plus

import ahocorasick

_APART = re.compile("[\\W_\u0640]+")  # the last is tatweel, which only stretches Arabic letters
_WORD = re.compile(r"[^\W\d_][\w'’]*")
SHORTEST_PART = 3  # letters of a part of a name ("Pell") that is looked for by itself
# An apposition that follows a name says who it is: "Jory Pell, a baker whose shop front was blown in".
_APPOSITION = re.compile(r",\s[^,.;:!?\n\"“”]{1,90}(?=[,.;:!?\n\"“”]|$)")


def squash(text: str) -> str:
    """`text` without case, accents and anything that is neither letter nor digit."""
    if text.isascii():
        return _APART.sub("", text).lower()
    return _APART.sub("", unicodedata.normalize("NFKD", text).casefold())


def _offsets(text: str) -> list[int]:
    """For each character of `squash(text)` the offset of the character it comes from."""
    if text.isascii():
        return [offset for offset, character in enumerate(text) if character.isalnum()]
    return [offset for offset, character in enumerate(text) for _ in range(_width(character))]


@lru_cache(maxsize=4096)
def _width(character: str) -> int:
    return len(squash(character))


@dataclass(frozen=True, slots=True)
class _Pattern:
    replacement: str
    part: bool  # a single word of a name, which counts only where it is capitalised


class Names:
    """A set of names with what to write in their place. `parts` are words of names, matched only where capitalised."""

    def __init__(self, names: Mapping[str, str], parts: Mapping[str, str] | None = None) -> None:
        self._find = ahocorasick.Automaton()
        for part, replacement in (parts or {}).items():
            if len(squash(part)) >= SHORTEST_PART:
                self._find.add_word(squash(part), (len(squash(part)), _Pattern(replacement, part=True)))
        for name, replacement in names.items():
            if squash(name):
                self._find.add_word(squash(name), (len(squash(name)), _Pattern(replacement, part=False)))
        if self._find:
            self._find.make_automaton()

    def __bool__(self) -> bool:
        return len(self._find) > 0

    def reveals(self, text: str) -> bool:
        """Whether the text, or the text as an address spells it, holds one of the names."""
        return bool(self and (self._hits(text) or ("%" in text and self._hits(unquote_plus(text)))))

    def found(self, text: str) -> set[str]:
        """What would be written in the place of the names that the text holds."""
        return {replacement for spelt in {text, unquote_plus(text)} for _, _, replacement in self._hits(spelt)}

    def cut(self, text: str, *, address: str) -> str:
        """`text` with every name replaced; what follows as an apposition goes with it. `address` stands for a whole URL
        that holds one."""
        if not self:
            return text
        if "%" in text and self._hits(unquote_plus(text)):
            text = unquote_plus(text)
        hits = self._hits(text)
        if not hits:
            return text
        if "://" in text:
            return address
        out: list[str] = []
        at = 0
        for start, end, replacement in hits:
            if start < at:
                continue
            out += [text[at:start], replacement]
            at = end
            if follows := _APPOSITION.match(text, end):
                at = follows.end()
        return "".join([*out, text[at:]])

    def _hits(self, text: str) -> list[tuple[int, int, str]]:
        """Where names stand: start, end, replacement; leftmost first, the longest of those that start together first."""
        squashed = squash(text)
        found = list(self._find.iter(squashed))
        if not found:
            return []
        offsets = _offsets(text)
        hits = []
        for last, (length, pattern) in found:
            start, end = offsets[last - length + 1], offsets[last] + 1
            inside = (start and text[start - 1].isalpha()) or (end < len(text) and text[end].isalpha())
            lower = pattern.part and not text[start].isupper() and text[start].islower() and "://" not in text
            if not inside and not lower:
                hits.append((start, end, pattern.replacement))
        return sorted(hits, key=lambda hit: (hit[0], -hit[1]))


def parts(name: str, besides: frozenset[str] = frozenset()) -> Iterator[str]:
    """The words of a name that may stand for it ("Pell" for "Jory Pell"), without particles and those in `besides`."""
    words = _WORD.findall(name)
    if len(words) > 1:
        skipped = _people().particles | besides
        yield from (w for w in words if len(w) >= SHORTEST_PART and squash(w) not in skipped)


@dataclass(frozen=True, slots=True)
class _People:
    """`people.toml`, compiled."""

    particles: frozenset[str]
    bodies: frozenset[str]
    offices: frozenset[str]
    run: re.Pattern[str]
    hint: re.Pattern[str]  # found wherever a run is, and sooner
    cues: tuple[re.Pattern[str], ...]


@cache
def _people() -> _People:
    table = tomllib.loads(Path(__file__).with_name("people.toml").read_text(encoding="utf-8"))
    small = "|".join(table["particles"])
    word = r"(?:[^\W\d_a-z]\.|[^\W\d_a-z][^\W\d_]*(?:['’-][^\W\d_]+)*)"
    linked = rf"(?:(?:{small})[- ])*(?:[Aa]l-|[Ee]l-)?{word}"
    run = rf"(?<![\w-]){linked}(?:[ \u00a0-]{linked}){{1,4}}"
    hint = rf"{word}[ \u00a0-]{linked}"  # a run without what may precede its first word
    # The cues that begin with the name are one pattern: names are looked for once.
    after = [cue.removeprefix("{name}") for cue in table["cues"] if cue.startswith("{name}")]
    before = [cue for cue in table["cues"] if not cue.startswith("{name}")]
    cues = [*before, f"{{name}}(?:{'|'.join(after)})"]
    return _People(
        frozenset(table["particles"]),
        frozenset(table["bodies"].split()),
        frozenset(table["offices"].split()),
        re.compile(run),
        re.compile(hint),
        tuple(re.compile(cue.replace("{name}", f"(?P<name>{run})")) for cue in cues),
    )


def people_in_wording(wording: str, known: Callable[[], frozenset[str]]) -> Iterator[str]:
    """Names of private people in an actor's wording. `known` gives the squashed words of places, registered actors and
    outlets, asked for only where there is something to decide; a wording that names an office names who speaks in it."""
    for run in _runs_in_wording(wording):
        yield from _private(run, known())


def people_in_excerpt(excerpt: str, known: Callable[[], frozenset[str]]) -> Iterator[str]:
    """Names in an excerpt that a cue gives away as a private person's."""
    for run in _runs_in_excerpt(excerpt):
        yield from _private(run, known())


@lru_cache(maxsize=65536)
def _runs_in_wording(wording: str) -> tuple[str, ...]:
    rules = _people()
    runs = tuple(match[0] for match in rules.run.finditer(wording)) if rules.hint.search(wording) else ()
    if any(squash(word) in rules.offices for word in _WORD.findall(wording) if runs):
        return ()
    return runs


@lru_cache(maxsize=1024)  # copies of one report follow each other
def _runs_in_excerpt(excerpt: str) -> tuple[str, ...]:
    rules = _people()
    if not rules.hint.search(excerpt):
        return ()
    matches = (match for cue in rules.cues for match in cue.finditer(excerpt))
    return tuple(match["name"] for match in matches if not _in_office(excerpt[: match.start("name")]))


def _in_office(before: str) -> bool:
    """Whether what stands before a name ends in an office: "spokesman Radim Oske said"."""
    last = before.rsplit(None, 1)[-1:]
    return bool(last) and squash(last[0]) in _people().offices


def _private(run: str, known: frozenset[str]) -> Iterator[str]:
    words = [squash(word) for word in _WORD.findall(run)]
    rules = _people()
    own = [w for w in words if w not in rules.particles and w not in known]
    if own and not rules.bodies.intersection(words) and not rules.offices.intersection(words):
        yield run.rstrip(".")


def known_words(names: Iterable[str | None]) -> frozenset[str]:
    """The squashed words of names that are no private person's."""
    return frozenset(word for name in names if name for word in _squashed_words(name))


@lru_cache(maxsize=65536)
def _squashed_words(name: str) -> tuple[str, ...]:
    return tuple(squash(word) for word in _WORD.findall(name))
