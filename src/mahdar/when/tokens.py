"""Text to tokens: each word gets the classes of words.toml it belongs to, written as one character a token.

The grammar is then ordinary regular expressions over that string of characters (grammar.py). A token that belongs to
no class is `OTHER`, so a sentence without time words costs one dictionary look-up a word.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

Value = int | float | str
Meanings = Mapping[str, Value]

OTHER = "\N{MIDDLE DOT}"
# Classes given by a token's shape instead of by words.toml.
SHAPES = (
    "NUM",
    "ORD",
    "YEAR",
    "DECADE",
    "ISO",
    "CLOCK",
    "COMMA",
    "HYPHEN",
    "DASH",
    "STOP",
    "BREAK",
    "FEAST",
    "OPEN",
    "CLOSE",
)

_TOKEN = re.compile(
    r"""
    ( [aApP]\.[mM]\b\.? | [^\W\d_]\w*(?:['’](?!(?i:s|ll)\b)[^\W\d_]+)? )  # 1: words; M4 is one
  | ( (?<![\d./-])\d{4}[-/]\d{1,2}[-/]\d{1,2}(?![\d/-])                   # 2: 2020-04-02
    | (?<![\d./-])\d{1,2}(?:/\d{1,2}/|\.\d{1,2}\.|-\d{1,2}-)\d{4}(?![\d/])  # 02.04.2020
    | \d{1,2}[:.]\d{2}(?=\s?[aApP]\.?[mM]\b)                                # 7.15 p.m.
    | (?<![\d:.,])\d{1,2}:\d{2}(?::\d{2})?(?![\d:])                      # 20:45
    | \d{1,3}[ -]1/2(?![\d/])                                            # 2 1/2
    | \d[\d,.]*(?i:st|nd|rd|th|s)?(?![^\W\d_]{3})                       # 5, 1,200, 3rd, 1980s, 10(pm)
    | ['’‘]\d\d[sS]?\b )                                                 # '98, '90s
  | ( ['’](?i:s|ll)\b | \n[^\S\n]*\n | [^\w\s] )                          # 3: marks and possessives
    """,
    re.VERBOSE,
)
# A text is read in pieces, sentences more or less; a piece without any word or digits of time is not even tokenised.
_PIECE = re.compile(r"[.!?][\s\"'”’)]+(?=[A-Z\"'“‘(])|\n\s*\n")
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS_OF_TIME = re.compile(r"\d{4}|\d:\d\d|[’']\d0s|\d[/.-]\d")
# The classes without which no rule of the grammar matches.
CORE = frozenset(
    [
        "MONTH",
        "WEEKDAY",
        "UNIT",
        "QUARTER",
        "PERIOD",
        "WEEKEND",
        "SEASON",
        "DAYPART",
        "NOON",
        "AMPM",
        "DEICTIC",
        "OVERNIGHT",
        "REF",
        "ADJECTIVE",
        "FREQ",
        "DECADE",
        "FEAST",
        "HALF",
        "THEN",
        "BYGONE",
        "YEAR",
        "ISO",
        "CLOCK",
    ]
)
_ABBREVIATION = re.compile(
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thu|thurs?|fri|sat|sun|hrs|mins|yrs"
    r"|[a-z]|mrs?|ms|dr|gen|col|lt|sgt|maj|sen|rep|gov|st)"
)


@dataclass(slots=True)
class Token:
    """A word or mark of the text with its offsets, its lower-case form and what it may mean, by class."""

    start: int
    end: int
    word: str
    lower: str
    meanings: Meanings


@dataclass(frozen=True, slots=True)
class Lexicon:
    """words.toml and feasts.csv, turned around: word to meanings, first and second word of a phrase to the phrases."""

    words: Mapping[str, Meanings]
    phrases: Mapping[str, Mapping[str, list[tuple[list[str], Meanings]]]]
    codes: dict[frozenset[str], str]  # the one character that stands for a set of classes
    triggers: frozenset[str]
    numerals: frozenset[str]

    def any_of(self, name: str) -> str:
        """The characters of all sets of classes that hold the class `name`."""
        found = "".join(char for classes, char in self.codes.items() if name in classes)
        if not found:
            raise ValueError(f"no word class {name!r}")
        return found


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon, read once."""
    folder = resources.files(__package__)
    tables = tomllib.loads((folder / "words.toml").read_text("utf-8"))
    common = tables.pop("COMMON")
    meanings: dict[str, dict[str, Value]] = {}
    for name, table in tables.items():
        for word, value in table.items():
            meanings.setdefault(word, {})[name] = value
    for row in csv.DictReader((folder / "feasts.csv").read_text("utf-8").splitlines()):
        meanings.setdefault(row["name"], {})["FEAST"] = row["rule"]
    words: dict[str, Meanings] = {}
    phrases: dict[str, dict[str, list[tuple[list[str], Meanings]]]] = {}
    for word, classes in meanings.items():
        parts = [match.group().lower().replace("’", "'") for match in _TOKEN.finditer(word)]
        if len(parts) == 1:
            words[parts[0]] = classes
        else:
            phrases.setdefault(parts[0], {}).setdefault(parts[1], []).append((parts, classes))
    for seconds in phrases.values():
        for found in seconds.values():
            found.sort(key=lambda phrase: -len(phrase[0]))
    sets = {frozenset(classes) for classes in meanings.values()} | {frozenset((shape,)) for shape in SHAPES}
    sets |= {frozenset(pair) for pair in (("NUM", "YEAR"), ("UNIT", "ORD"), ("UNIT", "PLURAL"), ("FUTURE",))}
    codes = {classes: chr(0xE000 + i) for i, classes in enumerate(sorted(sets, key=sorted))}
    core = [word for word, classes in meanings.items() if CORE & classes.keys()]
    triggers = frozenset(part.lower() for word in core for part in _WORD.findall(word) if len(part) > 1)
    triggers |= {"m", "nineteen"}  # p.m.; "nineteen ninety-six" is a year
    return Lexicon(words, phrases, codes, triggers - common.keys(), frozenset(tables["NUMERAL"]))


_NOTHING: Meanings = {}
_GAP: Meanings = {"BREAK": 1}
_HYPHEN: Meanings = {"HYPHEN": 1}
_MARKS: Mapping[str, Meanings] = {
    ",": {"COMMA": 1},
    "-": {"DASH": 1},
    "–": {"DASH": 1},
    "—": {"DASH": 1},
    ".": {"STOP": 1},
    "!": {"STOP": 1},
    "?": {"STOP": 1},
    "(": {"OPEN": 1},
    ")": {"CLOSE": 1},
}


# In lower case these are words; other names of months and days are sometimes so written.
_NO_DAY_OR_MONTH = frozenset("march may mar mon wed sat sun dec jan oct sep".split())


def tokenise(text: str) -> tuple[list[Token], str]:
    """The tokens of a text and, of the same length, the string of their class characters. A piece without time words
    is one token.
    """
    known = lexicon()
    tokens: list[Token] = []
    start = 0
    # After a short word a full stop may be an abbreviation's ("Sept. Friday", "p.m. EST").
    ends = [
        m.end()
        for m in _PIECE.finditer(text)
        if text[max(0, m.start() - 4) : m.start()].isalpha() or m.group()[0] == "\n"
    ]
    for end in [*ends, len(text)]:
        piece = text[start:end]
        words = set(_WORD.findall(piece.lower()))
        if not known.triggers.isdisjoint(words) or _DIGITS_OF_TIME.search(piece):
            found = _phrases(_words(text, start, end, known), known)
            if not known.numerals.isdisjoint(words):
                found = _numbers(found)
            if "may" in words or "march" in words:
                _lower_case_months(found)
            tokens += found
        tokens.append(Token(end, end, "", "", _GAP if text[start:end].endswith("\n") else _MARKS["."]))
        start = end
    codes = known.codes
    return tokens, "".join([codes[frozenset(token.meanings)] if token.meanings else OTHER for token in tokens])


def _words(text: str, start: int, end: int, known: Lexicon) -> list[Token]:
    words = known.words
    tokens: list[Token] = []
    add = tokens.append
    for match in _TOKEN.finditer(text, start, end):
        word = match.group()
        start = match.start()
        end = start + len(word)
        lower = word.lower()
        shape = match.lastindex
        if shape == 1:
            meanings = words.get(lower)
            if meanings is None:
                meanings = words.get(lower.replace("’", "'"), _NOTHING) if "’" in lower else _NOTHING
            elif word in _NO_DAY_OR_MONTH:
                meanings = {name: value for name, value in meanings.items() if name == "FUTURE"}
            add(Token(start, end, word, lower, meanings))
        elif shape == 2:
            meanings, trailing = _digits(text, word, start)
            end -= trailing
            word, lower = word[: len(word) - trailing], lower[: len(lower) - trailing]
            add(Token(start, end, word, lower, meanings))
            if trailing:
                add(Token(end, end + trailing, text[end : end + trailing], text[end], _MARKS.get(text[end], _NOTHING)))
        elif word[0] == "\n":
            add(Token(start, end, word, lower, _GAP))
        elif word == "-" and start > 0 and end < len(text) and text[start - 1].isalnum() and text[end].isalnum():
            add(Token(start, end, word, lower, _HYPHEN))
        elif word == "." and tokens and tokens[-1].end == start and _ABBREVIATION.fullmatch(tokens[-1].lower):
            tokens[-1].end = end
        else:
            lower = lower.replace("’", "'")  # New Year’s Eve
            add(Token(start, end, word, lower, _MARKS.get(word) or words.get(lower, _NOTHING)))
    return tokens


def _lower_case_months(tokens: list[Token]) -> None:
    """In texts without capitals "1 may 2002", "in march": a month where a day, a year or a preposition of time stands
    beside it.
    """
    for i, token in enumerate(tokens):
        if token.word in ("march", "may") and i:
            before, after = tokens[i - 1], tokens[i + 1] if i + 1 < len(tokens) else token
            day = before.meanings.get("NUM", before.meanings.get("ORD"))
            if (
                (isinstance(day, int) and day <= 31)
                or "YEAR" in after.meanings
                or before.lower in ("in", "since", "last", "late", "early")
            ):
                token.meanings = lexicon().words[token.word]


def _digits(text: str, word: str, start: int) -> tuple[Meanings, int]:
    """What a run of digits may mean, and how many trailing marks of it are punctuation instead."""
    bare = word.rstrip(".,")
    trailing = len(word) - len(bare)
    if bare.endswith("1/2"):
        return {"NUM": int(re.split("[ -]", bare)[0]) + 0.5}, trailing
    if (start and text[start - 1] in "$€£#:/_@") or re.match(
        r"[%/_@]|:\d", text[start + len(bare) : start + len(bare) + 2]
    ):
        return _NOTHING, trailing
    if start > 1 and text[start - 1] == "." and text[start - 2].isdigit():
        return _NOTHING, trailing
    if bare.isdigit():
        number = int(bare) if len(bare) < 8 else 0
        if len(bare) == 4 and 1000 <= number <= 2100:
            return {"YEAR": number, "NUM": number}, trailing
        return ({"NUM": number}, trailing) if 0 < number < 10000 and len(bare) < 5 else (_NOTHING, trailing)
    low = bare.lower()
    if low[-2:] in ("st", "nd", "rd", "th") and low[:-2].isdigit() and len(low) < 6:
        return {"ORD": int(low[:-2])}, trailing
    if low[0] in "'’‘" and low[1:3].isdigit():
        year = int(low[1:3])
        if low.endswith("s"):
            return ({"DECADE": 1900 + year}, trailing) if year % 10 == 0 else (_NOTHING, trailing)
        return {"YEAR": (1900 if year > 30 else 2000) + year}, trailing
    if low.endswith("s") and low[:-1].isdigit():
        number = int(low[:-1]) if len(low) < 6 else 0
        return ({"DECADE": number}, trailing) if number % 10 == 0 and 1500 <= number <= 2100 else (_NOTHING, trailing)
    if re.fullmatch(r"\d{1,2}[:.]\d\d(:\d\d)?", bare):
        hour, minute = (int(part) for part in re.split("[:.]", bare)[:2])
        if ":" in bare or text[start + len(bare) :].lstrip()[:1].lower() in ("a", "p"):
            return (
                ({"CLOCK": f"{hour:02d}:{minute:02d}"}, trailing)
                if hour <= 24 and minute < 60
                else (_NOTHING, trailing)
            )
    if re.fullmatch(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}([./-])\d{1,2}\1\d{4}", bare):
        return {"ISO": bare}, trailing
    if re.fullmatch(r"\d{1,2}\.\d", bare):
        return {"NUM": float(bare)}, trailing
    if re.fullmatch(r"\d,\d{3}", bare):
        return {"NUM": int(bare.replace(",", ""))}, trailing
    return _NOTHING, trailing


def _phrases(tokens: list[Token], known: Lexicon) -> list[Token]:
    """Join the words of a phrase of the lexicon ("the day before yesterday") into one token."""
    phrases = known.phrases
    starts = [
        i
        for i in range(len(tokens) - 1)
        if tokens[i].lower in phrases and tokens[i + 1].lower in phrases[tokens[i].lower]
    ]
    for i in reversed(starts):
        token = tokens[i]
        for parts, meanings in phrases[token.lower].get(tokens[i + 1].lower, ()) if i + 1 < len(tokens) else ():
            if [other.lower for other in tokens[i : i + len(parts)]] == parts:
                final = tokens[i + len(parts) - 1]
                tokens[i : i + len(parts)] = [Token(token.start, final.end, token.word, " ".join(parts), meanings)]
                break
    return tokens


def _numbers(tokens: list[Token]) -> list[Token]:
    """Join number words: "twenty-four" 24, "nineteen ninety-six" the year 1996, "two thousand" 2000, "2 1/2" 2.5."""
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if "NUMERAL" not in token.meanings:
            out.append(token)
            i += 1
            continue
        parts: list[int] = []
        j = i
        while j < len(tokens):
            meanings = tokens[j].meanings
            if "NUMERAL" in meanings:
                parts.append(int(meanings["NUMERAL"]))
            elif not (
                j + 1 < len(tokens)
                and (
                    "NUMERAL" in tokens[j + 1].meanings
                    or ("ORD" in tokens[j + 1].meanings and parts[-1] in range(20, 100, 10))
                )
                and ("HYPHEN" in meanings or (tokens[j].lower == "and" and parts[-1] in (100, 1000)))
            ):
                break
            j += 1
        number, year = _number(parts)
        if (
            j < len(tokens)
            and parts[-1] in range(20, 100, 10)
            and "ORD" in tokens[j].meanings
            and "HYPHEN" in tokens[j - 1].meanings
        ):
            meaning: dict[str, Value] = {"ORD": parts[-1] + int(tokens[j].meanings["ORD"])}
            j += 1
        else:
            meaning = {"NUM": number, "YEAR": number} if year else {"NUM": number}
        out.append(Token(token.start, tokens[j - 1].end, token.word, token.lower, meaning))
        i = j
    return out


def _number(parts: list[int]) -> tuple[int, bool]:
    """The number that number words make, and whether it reads as a year: "nineteen" + "ninety" + "six" is 1996."""
    if len(parts) >= 2 and 13 <= parts[0] <= 20 and 10 <= parts[1] <= 90:
        return parts[0] * 100 + sum(parts[1:3]), True
    total = part = 0
    for number in parts:
        if number == 100:
            part = max(part, 1) * 100
        elif number == 1000:
            total, part = total + max(part, 1) * 1000, 0
        else:
            part += number
    total = min(total + part, 9999)
    return total, parts[:2] == [2, 1000] and 2000 <= total <= 2099
