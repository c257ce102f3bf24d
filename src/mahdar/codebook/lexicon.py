"""The lexicon: words that may tell of an event, with the type they tell of and how often they do (`lexicon.csv`).

One line a wording and type. `words` are matched in any inflection (`fold`); `weight` is the share of sentences with these words
that hold a claim of the type; `seen` is the number of annotated sentences the weight was counted on, 0 where a coder set it by
hand; `needs` (optional) lists words of which one must stand in the same sentence, `!word` words of which none may.
`training/lexicon.py` rewrites the counted lines and leaves those set by hand alone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from mahdar.codebook.event_types import EVENT_TYPES

PATH = Path(__file__).with_name("lexicon.csv")
COLUMNS = ("words", "type", "weight", "seen", "needs")
_WORD = re.compile(r"[^\W\d_]+(?:[’'](?!s\b)[^\W\d_]+)*")
_ENDINGS = re.compile(r"(?:ing|ied|ies|ed|es|s|e|y)$")
_WHOLE = frozenset(
    "during king wing evening morning building spring nothing news species united as his this was is has".split()
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the lexicon. `key` is the folded wording, as `occurrences` compares it."""

    words: str
    type: str
    weight: float
    seen: int = 0
    needs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return " ".join(fold(w) for w, _, _ in word_spans(self.words))


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """A word without its inflection: 'bombed', 'bombing', 'bombs' are one; 'fighter' and 'fight' are two."""
    w = word.lower().replace("’", "").replace("'", "")
    if len(w) < 4 or w in _WHOLE:
        return w
    bare = _ENDINGS.sub("", w)
    if len(bare) < 3:
        return w
    return bare[:-1] if len(bare) > 3 and bare[-1] == bare[-2] and bare[-1] not in "ls" else bare


def word_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[str, int, int]]:
    """The words of text[start:end] with their offsets; numbers and signs are no words, a possessive s is left out."""
    return [(m.group(), *m.span()) for m in _WORD.finditer(text, start, len(text) if end is None else end)]


def read(path: Path = PATH) -> list[Entry]:
    """The lines of a lexicon file. ValueError names the line that has an unknown type, a bad weight or is a duplicate."""
    out: list[Entry] = []
    known: set[tuple[str, str, tuple[str, ...]]] = set()
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            needs = tuple(w.strip() for w in (row["needs"] or "").split("|") if w.strip())
            entry = Entry(row["words"].strip(), row["type"], float(row["weight"]), int(row["seen"] or 0), needs)
            identity = (entry.key, entry.type, needs)
            if entry.type not in EVENT_TYPES:
                raise ValueError(f"{path.name}, line {number}: no event type {entry.type!r}")
            if not entry.key or not 0 < entry.weight < 1:
                raise ValueError(f"{path.name}, line {number}: needs words and a weight between 0 and 1")
            if identity in known:
                raise ValueError(f"{path.name}, line {number}: {entry.words!r} stands there twice as {entry.type}")
            known.add(identity)
            out.append(entry)
    return out


def write(entries: Iterable[Entry], path: Path = PATH) -> None:
    """Writes the lines, by type in the codebook's order, surest first."""
    order = list(EVENT_TYPES)
    lines = sorted(entries, key=lambda e: (order.index(e.type), -e.weight, e.words, e.needs))
    with path.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows((e.words, e.type, f"{e.weight:.2f}", e.seen, "|".join(e.needs)) for e in lines)


class Lexicon:
    """All lines, ready to be looked up in text."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.by_key: dict[str, list[Entry]] = {}
        for entry in entries:
            self.by_key.setdefault(entry.key, []).append(entry)
        self.longest = max((len(key.split()) for key in self.by_key), default=0)

    @staticmethod
    @cache
    def load() -> Lexicon:
        return Lexicon(read())

    def hits(self, text: str, start: int, end: int) -> list[tuple[int, int, Entry]]:
        """Where text[start:end], a sentence, holds a wording whose needs it meets: (start, end, entry). Hits may overlap."""
        found = word_spans(text, start, end)
        folded = [fold(w) for w, _, _ in found]
        here = set(folded)
        out = []
        for first in range(len(found)):
            for last in range(first + 1, min(first + self.longest, len(found)) + 1):
                for entry in self.by_key.get(" ".join(folded[first:last]), ()):
                    if _met(entry.needs, here):
                        out.append((found[first][1], found[last - 1][2], entry))
        return out


def _met(needs: tuple[str, ...], here: set[str]) -> bool:
    wanted = [fold(w) for w in needs if not w.startswith("!")]
    barred = [fold(w[1:]) for w in needs if w.startswith("!")]
    return (not wanted or any(w in here for w in wanted)) and not any(w in here for w in barred)
