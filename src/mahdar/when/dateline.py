"""The day a text carries in its own head: a line of date, "Posted on …", a dateline such as "DAMASCUS, 3 March 2016 (Agency) --"."""

from __future__ import annotations

import re

from mahdar.model import Span
from mahdar.when.days import day_of
from mahdar.when.read import read_times

# How far into the text a header or dateline may stand: site tagline, title, standfirst and byline come before it.
HEAD = 700
_LABEL = re.compile(
    r"(?:publish(?:ed|ing)|publication|posted|updated|date|issued|released)(?:\s+(?:date|on|at))*\s*[:|]?\s*$", re.I
)
_CITY = re.compile(r"(?:^|\n|\s)(?:[A-Z][A-Z'’.-]+\s?){1,4}(?:,\s[A-Z][\w.'’-]*(?:\s[A-Z][\w.'’-]*){0,2})?,\s*$")
_AFTER_DATELINE = re.compile(r"\s*(?:\([^)\n]{2,40}\)|/[^/\n]{2,30}/)?\s*(?:[-–—]{1,2}|:)\s")
_CLOCK = re.compile(
    r"[\s,|·-]*(?:(?:at|@)?\s*\d{1,2}[:.]?\d{0,2}\s*(?:[ap]\.?m\.?)?)?\s*(?:\(?(?:GMT|UTC|EST|EDT|BST|local time)[^)\n]{0,8}\)?)?[\s|·]*", re.I
)
_OPENING = re.compile(r"[#*\s|·–—-]*(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?,?\s*)?", re.I)


def find_publication_date(text: str, near: str | None = None) -> tuple[str, Span] | None:
    """The ISO day in the text's header or dateline, with its span; None if it carries none.

    Conservative: only a full date in the first 700 characters that stands as a line of its own, after a word such as "Posted on", first of all,
    or between a dateline's city and dash. `near`, the publication date from elsewhere (ISO day), gives a dateline without a year its year.
    """
    head = text[:HEAD]
    for expression in read_times(head, near):
        if expression.kind not in ("DATE", "TIME") or not expression.value or (expression.anchor != "text" and near is None):
            continue
        day = expression.value[:10]
        if len(day) != 10 or not re.fullmatch(r"\d{4}-\d\d-\d\d", day) or not re.search(r"\d", expression.text):
            continue
        day_of(day)
        before, after = head[: expression.start], text[expression.end :]
        line_start = before.rfind("\n") + 1
        line_before = before[line_start:]
        in_dateline = _CITY.search(before) is not None and _AFTER_DATELINE.match(after) is not None
        if in_dateline:
            return day, Span(expression.start, expression.end)
        if expression.anchor != "text":
            continue
        tail = after[_CLOCK.match(after).end() :] if _CLOCK.match(after) else after  # type: ignore[union-attr]
        rest_of_line = tail.split("\n", 1)[0] if not _CLOCK.fullmatch(after.split("\n", 1)[0]) else ""
        alone = not rest_of_line.strip(" .|)") and _OPENING.fullmatch(line_before) is not None
        first = line_start == 0 and _OPENING.fullmatch(line_before) is not None and not re.match(r"\s*[,a-z]", tail)
        stamped = (
            re.match(r"[A-Z][a-z]{2,8}day?\b|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", expression.text) is not None
            and re.search(r"\b[A-Z][\w.]*,?\s*$", line_before) is not None
            and re.match(r"\s*[A-Z0-9]", tail) is not None
        )
        if alone or first or stamped or _LABEL.search(line_before):
            return day, Span(expression.start, expression.end)
    return None
