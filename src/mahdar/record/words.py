"""The words of a full-text search: what a person types, as a tree, and as SQLite's FTS5 and PostgreSQL read it.

`drone strike` wants both words, `"drone strike"` the phrase, `drone OR rocket` either, `-drone` none of it, `strik*` any
word that begins so. A word of several parts (`al-Bara`) is a phrase. Case and accents do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from mahdar.model import MahdarError

_TERM = re.compile(r'(-?)(?:"([^"]*)(?:"|$)|(\S+))')
_ACCENT = re.compile("[\u0300-\u036f]")
MOST_WORDS = 64


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row; with `begins`, the last one may go on."""

    words: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Every group of `all` must be met by one of its phrases, and no phrase of `none` may occur.

    The engines find what holds a word, so `all` must not be empty for `fts5` and `tsquery`.
    """

    all: tuple[tuple[Phrase, ...], ...] = ()
    none: tuple[Phrase, ...] = ()


@lru_cache(maxsize=1024)
def parse(text: str) -> Words:
    """The tree of what was typed; empty for no words at all.

    Raises MahdarError for an OR without its sides, a text without a word, and more than `MOST_WORDS`.
    """
    groups: list[list[Phrase]] = []
    none: list[Phrase] = []
    either = False
    for minus, quoted, single in _TERM.findall(text):
        if single == "OR" and not minus:
            if either or not groups:
                raise MahdarError(f"q={text}: OR stands between two words")
            either = True
            continue
        phrase = Phrase(split(quoted or single), begins=single.endswith("*"))
        if not phrase.words:
            continue
        if minus and either:
            raise MahdarError(f"q={text}: OR stands between two words to find")
        if minus:
            none.append(phrase)
        elif either:
            groups[-1].append(phrase)
        else:
            groups.append([phrase])
        either = False
    if either:
        raise MahdarError(f"q={text}: OR stands between two words")
    if not groups and not none and text.strip():
        raise MahdarError(f"q={text}: holds no word")
    if sum(len(p.words) for g in (*groups, none) for p in g) > MOST_WORDS:
        raise MahdarError(f"q: more than {MOST_WORDS} words")
    return Words(tuple(map(tuple, groups)), tuple(none))


def split(text: str) -> tuple[str, ...]:
    """The words of a text as FTS5 cuts them, in lower case: letters and digits in a row, accents part of them."""
    return tuple(re.findall(r"[^\W_]+", _ACCENT.sub("", unicodedata.normalize("NFC", text.lower()))))


def bare(word: str) -> str:
    """A word without its accents, as the PostgreSQL index holds it; FTS5 sees to that by itself."""
    return _ACCENT.sub("", unicodedata.normalize("NFD", word))


def fts5(words: Words, column: str | None = None) -> str:
    """As an FTS5 query; with `column`, in that column only."""
    found = " AND ".join("(" + " OR ".join(map(_fts5, group)) + ")" for group in words.all)
    left_out = "".join(f" NOT {_fts5(phrase)}" for phrase in words.none)
    whole = f"({found}){left_out}"
    return f"{{{column}}} : ({whole})" if column else whole


def tsquery(words: Words, label: str | None = None) -> str:
    """As PostgreSQL's `to_tsquery('simple', …)` reads it; with `label` (A to D), in words of that weight only."""
    found = [("(" + " | ".join(_tsquery(p, label) for p in group) + ")") for group in words.all]
    return " & ".join([*found, *(f"!{_tsquery(p, label)}" for p in words.none)])


def _fts5(phrase: Phrase) -> str:
    return '"' + " ".join(phrase.words) + '"' + ("*" if phrase.begins else "")


def _tsquery(phrase: Phrase, label: str | None) -> str:
    last = len(phrase.words) - 1
    parts = []
    for index, word in enumerate(phrase.words):
        flags = ("*" if phrase.begins and index == last else "") + (label or "")
        parts.append(f"'{bare(word)}'" + (f":{flags}" if flags else ""))
    return "(" + " <-> ".join(parts) + ")"
