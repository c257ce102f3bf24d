"""The words by which reports resemble each other: how rare each is, and which of them are names.

`frequencies.tsv` counts, over general and war news, in how many pages a word stands and in how many of those in small
letters; written by `python -m training.linking --words`. A word it lacks is as rare as can be.
"""

from __future__ import annotations

import re
import zlib
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mahdar.model import Report

FREQUENCIES = Path(__file__).with_name("frequencies.tsv")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s\b")
TITLE_WORDS = 14
"""So many first words stand in for a title that a report lacks."""


class Frequencies(NamedTuple):
    """`pages` counted; for each word key (sorted) in how many pages it stands; words that are mostly written small."""

    pages: int
    keys: NDArray[np.uint32]
    counts: NDArray[np.float32]
    small: frozenset[str]


@cache
def frequencies() -> Frequencies:
    lines = FREQUENCIES.read_text(encoding="utf-8").splitlines()
    pages = int(lines[0].split("\t")[1])
    rows = [(word, int(count), int(small)) for word, count, small in (line.split("\t") for line in lines[1:])]
    keys = np.array([key(word) for word, _, _ in rows], dtype=np.uint32)
    order = np.argsort(keys)
    counts = np.array([count for _, count, _ in rows], dtype=np.float32)
    return Frequencies(
        pages, keys[order], counts[order], frozenset(w for w, count, small in rows if small * 5 >= count)
    )


def key(label: str) -> int:
    """A 32-bit key of a word or label, the same in every process."""
    return zlib.crc32(label.encode())


def codes_of(text: str) -> list[int]:
    """The words of a text as numbers: twice the key of the word in small letters, and 1 more for a name, which is written
    with a capital here and not mostly small elsewhere."""
    return [_code(word) for word in words_of(text)]


@lru_cache(maxsize=1 << 20)
def _code(word: str) -> int:
    lower = word.lower()
    return key(lower) << 1 | (word[0].isupper() and lower not in frequencies().small)


def words_of(text: str) -> list[str]:
    """The words of a text as written, possessive endings left out."""
    return _WORD.findall(_POSSESSIVE.sub("", text))


def body(report: Report) -> str:
    """The report's text without its furniture."""
    if not report.furniture:
        return report.text
    pieces, at = [], 0
    for span in sorted(report.furniture):
        pieces.append(report.text[at : span.start])
        at = max(at, span.end)
    return " ".join((*pieces, report.text[at:]))


def rarity(keys: NDArray[np.uint32], here: NDArray[np.int64], reports: int) -> NDArray[np.float32]:
    """ln(pages / pages with the word) for each key, counting the background and the `reports` at hand together.

    `here` says in how many of those each word stands. Few reports lean on the background, many speak for themselves.
    """
    known = frequencies()
    at = np.minimum(np.searchsorted(known.keys, keys), len(known.keys) - 1)
    background = np.where(known.keys[at] == keys, known.counts[at], np.float32(0))
    return np.log((known.pages + reports) / (background + here + 0.5)).astype(np.float32).clip(min=0)
