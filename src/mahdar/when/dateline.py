"""The day a text carries in its own head: a line of date, "Posted on …", a dateline such as "DAMASCUS, 3 March 2016
(Agency) --".
"""

from __future__ import annotations

import re

from mahdar.model import Span
from mahdar.when.read import read_times

# How far into the text a header or dateline may stand: site tagline, title, standfirst and byline come before it.
HEAD = 700
# How much text around a date is looked at, in characters.
AROUND = 80
_LABEL = re.compile(
    r"(?:publish(?:ed|ing)|publication|posted|updated|date|issued|released)(?:\s+(?:date|on|at))*\s*[:|]?\s*$", re.I
)
_CITY = re.compile(
    r"(?:^|\n|\s)(?:[A-Z][A-Z'’.-]+\s){0,3}[A-Z][A-Z'’.-]+(?:,\s[A-Z][\w.'’-]*(?:\s[A-Z][\w.'’-]*){0,2})?,\s*$"
)
_AFTER_DATELINE = re.compile(r"\s*(?:\([^)\n]{2,40}\)|/[^/\n]{2,30}/)?\s*(?:[-–—]{1,2}|:)\s")
_CLOCK = re.compile(
    r"[\s,|·-]*(?:(?:at|@)?\s*\d{1,2}[:.]?\d{0,2}\s*(?:[ap]\.?m\.?)?)?"
    r"\s*(?:\(?(?:GMT|UTC|EST|EDT|BST|local time)[^)\n]{0,8}\)?)?[\s|·]*",
    re.I,
)
_STAMP = re.compile(r"[A-Z][a-z]{2,8}day\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b")
_OPENING = re.compile(r"[#*\s|·–—-]*(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?,?\s*)?", re.I)


def find_publication_date(text: str, near: str | None = None) -> tuple[str, Span] | None:
    """The ISO day in the text's header or dateline, with its span; None if it carries none.

    Conservative: only a full date in the first 700 characters that stands as a line of its own, after a word such as
    "Posted on", first of all, or between a dateline's city and dash. `near`, the publication date from elsewhere (ISO
    day), gives a dateline without a year its year.
    """
    head = text[:HEAD]
    for expression in read_times(head, near):
        day = (expression.value or "")[:10]
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", day) or not re.search(r"\d", expression.text):
            continue
        before, after = head[: expression.start], text[expression.end : expression.end + AROUND]
        absolute = expression.anchor == "text"
        in_dateline = (absolute or near is not None) and _CITY.search(before) and _AFTER_DATELINE.match(after)
        if in_dateline or (absolute and _heads(before, expression.text, after)):
            return day, Span(expression.start, expression.end)
    return None


def _heads(before: str, words: str, after: str) -> bool:
    """Whether a full date heads the text: alone on its line, first of all, after a label, or as an agency's stamp."""
    line_before = before[before.rfind("\n") + 1 :]
    clock = _CLOCK.match(after)
    rest = after[clock.end() :] if clock else after
    opens = _OPENING.fullmatch(line_before) is not None
    alone = opens and ("\n" in after[: len(after) - len(rest)] or not rest.split("\n", 1)[0].strip(" .|)"))
    first = opens and "\n" not in before and not re.match(r"\s*[,a-z]", rest)
    # "AFP Sunday 5 Jun 2016 Dozens of …": a page whose line breaks were lost.
    stamped = _STAMP.match(words) and re.search(r"\b[A-Z][\w.]*,?\s*$", line_before) and re.match(r"\s*[A-Z0-9]", rest)
    return bool(alone or first or stamped or _LABEL.search(line_before[-AROUND:]))
