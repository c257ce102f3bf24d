"""Place names as keys: which spellings count as the same name.

Two keys. `normalise` is strict: case, accents, hyphens, apostrophes and a few abbreviations ("St." for "Saint") do not
count; a name is looked up by it anywhere. `skeleton` is loose: it also forgets vowels, doubled letters, articles and the
usual choices of transliteration (q/k, ou/u, dh/d, final h), so that Idlib, Idleb and Edlib share one; it is only ever
compared inside one country, never across. Arabic script keeps its letters (short vowels, tatweel, hamza seats and the
article dropped) and has no skeleton.

This file imports nothing of mahdar and nothing outside the standard library, because the build hook loads it by its path.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARKS = "'’‘`ʻʼʾʿ´ʹ"
_FOLD = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys(_MARKS, "")
)
_ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ـ": "", "ئ": "ي", "ؤ": "و"}
)
_ABBREVIATED = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"}
_WORD = re.compile(r"[^\W_]+")
_ARABIC_ARTICLE = re.compile("^(?:ال)+(?=..)")

ARTICLES = frozenset("al el ul il ad ar as ash at ath an az adh ed er es esh et eth en ez edh aj ej l".split())
_DIGRAPHS = (
    ("tch", "C"), ("sch", "C"), ("sh", "C"), ("ch", "C"), ("kh", "X"), ("gh", "g"), ("th", "t"), ("dh", "d"), ("zh", "j"),
    ("dj", "j"), ("ph", "f"), ("ck", "k"), ("ts", "s"), ("dz", "z"),
)  # fmt: skip
_SILENT_H = re.compile("h(?![aeiouy])")
_SOFT = re.compile("[aeiouyw]")
_DOUBLED = re.compile(r"(.)\1+")
_CLASSES = str.maketrans({"q": "k", "c": "k", "v": "w", "p": "b", "x": "X"})


@lru_cache(maxsize=65536)
def normalise(name: str) -> str:
    """The strict key of a name: lower-case words parted by single spaces; "" if it holds no letter or digit."""
    folded = name.casefold().translate(_FOLD)
    if not folded.isascii():
        # Lettering has its case only once it is taken apart ("𝗔" is "A"), hence twice.
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", folded).casefold())
        folded = "".join(c for c in folded if not unicodedata.combining(c)).translate(_FOLD).translate(_ARABIC)
        if any("\u0600" <= c <= "\u06ff" for c in folded):
            return " ".join(_ARABIC_ARTICLE.sub("", w) for w in _WORD.findall(folded))
    words = _WORD.findall(folded)
    return " ".join(_ABBREVIATED.get(w, w) for w in words)


@lru_cache(maxsize=16384)
def skeleton(name: str) -> str:
    """The loose key of a name in Latin letters; "" where too little is left to tell two names apart."""
    words = normalise(name).split()
    while len(words) > 1 and words[0] in ARTICLES:
        words.pop(0)
    kept = [w for i, w in enumerate(words) if not (i and w in ARTICLES)]
    joined = "".join(kept)
    if not joined.isascii() or len(joined) < 3:
        return ""
    for a, b in _DIGRAPHS:
        if a in joined:
            joined = joined.replace(a, b)
    joined = joined[0] + _SILENT_H.sub("", joined[1:])
    joined = joined.translate(_CLASSES)
    head = "a" if joined[0] in "aeiou" else joined[0]
    body = _SOFT.sub("", joined[1:])
    bones = _DOUBLED.sub(r"\1", head + body)
    return bones if len(bones) >= 3 or (len(bones) == 2 and len(joined) <= 7) else ""


def without_article(key: str) -> str:
    """A strict key without its leading Arabic article ("al bab" -> "bab"); the key itself if it has none."""
    first, _, rest = key.partition(" ")
    return rest if rest and first in ARTICLES else key
