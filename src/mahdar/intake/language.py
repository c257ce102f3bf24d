"""Which language a text is in, told by script and small words (`language.toml`). The reader reads English; the rest is
refused.

Made to refuse only what is surely another language: short or name-heavy texts, lists and damaged English pass.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

_SAMPLE = 4_000  # characters from the middle of the text, where menus are rare
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 12
_FEWEST_SIGNS = 4  # small words of the other language
_FEWEST_LETTERS = 20  # letters of another script
_OTHER = re.compile(r"[\u0370-\u1cff\u1f00-\u1fff\u3040-\ud7ff\ufb00-\ufeff]+")  # letters of scripts other than Latin
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")


@cache
def _small_words() -> dict[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in _data()["latin"].items()}


@cache
def _scripts() -> list[tuple[re.Pattern[str], str, dict[str, re.Pattern[str]]]]:
    return [
        (
            re.compile(f"[{script['letters']}]"),
            script["name"],
            {name: re.compile(f"[{letters}]") for name, letters in script.get("told_by", {}).items()},
        )
        for script in _data()["script"]
    ]


@cache
def _data() -> dict:  # type: ignore[type-arg]  # the shape is the file's
    return tomllib.loads(Path(__file__).with_name("language.toml").read_text(encoding="utf-8"))


def foreign_language(text: str) -> str | None:
    """The name of the language if the text is surely not English, else None."""
    skip = max(0, (len(text) - _SAMPLE) // 2)
    sample = text[skip : skip + _SAMPLE]
    return _by_script(sample) or _by_small_words(sample)


def _by_script(sample: str) -> str | None:
    other = sum(map(len, _OTHER.findall(sample)))
    # A quoted slogan in its own script inside an English item is no reason to refuse it.
    if other < _FEWEST_LETTERS or other <= len(_LATIN.findall(sample)):
        return None
    counts = [(len(letters.findall(sample)), name, told_by) for letters, name, told_by in _scripts()]
    kana = next(count for count, name, _ in counts if name == "Japanese")
    if kana * 20 > other:
        return "Japanese"
    count, name, told_by = max(counts, key=lambda entry: entry[0])
    marks = Counter({kind: len(letters.findall(sample)) for kind, letters in told_by.items()})
    if marks:
        kind, marked = marks.most_common(1)[0]
        if marked * 100 > count:
            return kind
    return name


def _by_small_words(sample: str) -> str | None:
    words = [word.lower() for word in _WORD.findall(sample)]
    if len(words) < _FEWEST_WORDS:
        return None
    counts = Counter(words)
    small = _small_words()
    english = sum(counts[word] for word in small["English"]) / len(words)
    # In English news small words are a third of all words, and under a fifth only in lists of names and the like.
    if english >= 0.2:
        return None
    shares = {name: sum(counts[word] for word in small[name]) / len(words) for name in small if name != "English"}
    best = max(shares, key=lambda name: shares[name])
    sure = shares[best] >= 0.15 and shares[best] * len(words) >= _FEWEST_SIGNS and shares[best] > 1.5 * english
    return best if sure else None
