"""Photo captions and their credits: a paragraph that ends in `[Name – Agency]`, `(Credit: Name)`, `Name/AFP` and the
like.

A credit says who took the picture; it is neither an actor nor a source of the report. The agencies are in
`outlets.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path

from mahdar.model import Caption, Span, Words

_LONGEST = 100  # words of a caption
_LINE = re.compile(r"[^\n]+")
_MAY_CREDIT = re.compile(r"[\])]\.?\Z|\w\Z")  # how a line with a credit ends
_NAME = r"(?:[A-Z][\w.'’-]*)(?:[ \t]+(?:[A-Z][\w.'’-]*|al|el|de|van|von|bin|ben|and|for|via|of|the)){0,6}"


@cache
def agencies() -> tuple[str, ...]:
    """Names of agencies, longest first."""
    data = tomllib.loads(Path(__file__).with_name("outlets.toml").read_text(encoding="utf-8"))
    return tuple(sorted(data["agencies"], key=len, reverse=True))


@cache
def _credit() -> re.Pattern[str]:
    agency = "(?:" + "|".join(map(re.escape, agencies())) + ")"
    names = rf"(?:{_NAME}\s*[/–—|,-]\s*)+{_NAME}"
    label = r"(?:[Pp]hoto(?:graph)?s?|[Cc]redit|CREDIT|[Ii]mage|[Pp]icture|PHOTO)(?: [Cc]redit)?"
    kinds = (
        # [Name – Agency]
        rf"\[(?P<square>(?:(?:photo|credit|image|file)s?[: ]+)?"
        rf"(?:{names}|(?:{_NAME}[ /,]+(?:via )?)?{agency}|{agency}[^\]]{{0,40}}))\]\.?",
        # (Credit: Name)
        rf"\({label}\s?(?::|by)\s?(?P<label>[^()]{{2,80}})\)\.?",
        # (AP Photo/Name)
        rf"\((?P<round>(?:AP Photo|AFP|Reuters|REUTERS|EPA|Getty Images)(?:[/,][^()]{{2,60}})?|{_NAME}/{agency})\)\.?",
        # REUTERS/Name, Name/AFP, Name / Agency via Agency
        rf"(?:\A|(?<=\s))(?P<bare>{agency}/{_NAME}(?:/[A-Z][\w ]+)*"
        rf"|{_NAME}/(?:{_NAME}/)*{agency}(?:/[A-Z][\w ]+)?|{_NAME} / {_NAME} via {_NAME})",
        # Photo: Name
        rf"(?:\A|(?<=[.!?…\"”’] )|(?<=\s\s)){label}(?:\s?:|\s?by|(?=\s(?:via\s)?{agency}))"
        rf"\s?(?P<open>(?:via )?{_NAME}(?:\s?[/,–|-]\s?{_NAME})*)",
    )
    return re.compile("|".join(rf"(?:{kind}\s*\Z)" for kind in kinds))


def mark_captions(text: str, known: Collection[str] = ()) -> tuple[Caption, ...]:
    """The captions of a clean text: paragraphs that end in a credit, and those among `known` (told from the page's own
    markup).
    """
    captions = []
    for match in _LINE.finditer(text):
        raw = match.group()
        line = raw.strip()
        start = match.start() + len(raw) - len(raw.lstrip())
        if not line or line.count(" ") > _LONGEST:
            continue
        credit = _credit().search(line, max(0, len(line) - 160)) if _MAY_CREDIT.search(line[-2:]) else None
        if credit is None and line not in known:
            continue
        end = start + (len(line[: credit.start()].rstrip()) if credit else len(line))
        if end > start:
            captions.append(Caption(Span(start, end), _words(credit, start) if credit else None))
    return tuple(captions)


def is_credit(line: str) -> bool:
    """Whether a line is nothing but a credit."""
    match = _credit().match(line) if len(line) <= 160 and _MAY_CREDIT.search(line[-2:]) else None
    return match is not None


def _words(credit: re.Match[str], offset: int) -> Words:
    group = credit.lastgroup or 0
    start, end = credit.span(group)
    return Words(Span(offset + start, offset + end), credit.group(group))
