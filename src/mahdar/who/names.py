"""Spelling keys: how one name in many transliterations becomes one key. Exact after that; nothing here is fuzzy.

A key drops case, diacritics, apostrophes, the possessive and the Arabic article, folds plurals, and applies the table
`data/spellings.csv` (Hizballah → hezbollah, Shabab → shabaab, defense → defence). Hyphens part words.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

DATA = files("mahdar.who") / "data"

# An article glued or loose before its noun ("al-Nusra", "Al Qaeda", "ash-Sham") belongs to the noun's token.
# Its cases are spelt out, and its first letters asked for at once: this pattern is tried at every word of every report.
ARTICLE = (
    r"(?=[AEUaeu])(?:(?:[Aa]|[Ee])[Ll][-–‑\s]"
    r"|(?:[Aa][Ss][Hh]|[Aa][SsNnDdTtRrZz]|[Ee][ZzDdSs]|[Uu][LlRr])[-–‑])"
)
WORD = re.compile(rf"(?:(?<![\w-]){ARTICLE}[‘’ʿ'`]?(?=\w))?((?:[A-Za-z]\.){{2,}}|\w+(?:[’'ʼ`ʿ‘]\w+)*)(?:[’'](?!\w))?")
APOSTROPHES = str.maketrans("", "", "’'ʼ`ʿ‘.")
PLAIN = re.compile(r"(?!(?:al|el)\s|.*\s(?:al|el)\s)[a-z0-9]+(?: [a-z0-9]+)*", re.IGNORECASE | re.ASCII)
POSSESSIVE = tuple(mark + s for mark in "’'ʼ`" for s in "sS")


class Token(NamedTuple):
    """One word of a text: offsets (article included, possessive left out), its key and how it was written."""

    start: int
    end: int
    key: str
    raw: str
    possessive: bool
    capital: bool

    @property
    def acronym(self) -> bool:
        return len(self.raw) > 1 and self.raw.isupper()


def tokens(text: str) -> list[Token]:
    """The words of `text`, in order, each with its key."""
    out = []
    for match in WORD.finditer(text):
        raw, (start, whole), end = match[1], match.span(), match.end(1)
        possessive = whole > end  # the bare apostrophe of a plural possessive: "rebels'"
        if raw.endswith(POSSESSIVE):
            raw, end, possessive = raw[:-2], end - 2, True
        out.append(Token(start, end, word_key(raw), raw, possessive, raw[:1].isupper()))
    return out


def key(name: str) -> str:
    """The spelling key of a whole name: its words' keys, a leading "the" left out."""
    # Most names have no article, hyphen or apostrophe to mind.
    words = [word_key(w) for w in name.split(" ")] if PLAIN.fullmatch(name) else [t.key for t in tokens(name)]
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


@lru_cache(maxsize=1 << 16)
def word_key(raw: str) -> str:
    """The key of one word as written (`Hizballah` → `hezbollah`, `fighters` → `fighter`, `U.S.` → `us`)."""
    word = raw.translate(APOSTROPHES)
    if not word.isascii():
        word = unicodedata.normalize("NFKD", word)
        word = "".join(c for c in word if not unicodedata.combining(c)).replace("ı", "i").replace("ø", "o")
    low = word.lower()
    known = spellings().get(low)
    if known is not None:
        return known
    if len(low) > 3 and low.endswith("s") and not word.isupper() and not low.endswith(("ss", "us", "is")):
        low = low[:-3] + "y" if low.endswith("ies") and len(low) > 4 else low[:-1]
        return spellings().get(low, low)
    return low


@cache
def spellings() -> dict[str, str]:
    """Word as spelt (lower case) → the spelling it stands for, from `data/spellings.csv`."""
    return {row["spelling"]: row["stands for"] for row in rows(DATA / "spellings.csv")}


def rows(table: Traversable) -> csv.DictReader[str]:
    """The rows of a CSV table that ships with the package (UTF-8, one header line)."""
    return csv.DictReader(io.StringIO(table.read_text(encoding="utf-8")))
