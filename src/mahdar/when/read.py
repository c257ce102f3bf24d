"""Read the time expressions of a text: tokens, the grammar's rules, then the words that open or join intervals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from mahdar.when.days import day_of, days, interval_of, precision_of
from mahdar.when.expression import Opening, TimeExpression
from mahdar.when.grammar import RULES, Found, Meaning, Story
from mahdar.when.tokens import OTHER, Token, tokenise


@cache
def _grammar() -> re.Pattern[str]:
    """All rules as one alternation; its groups `r0`, `r1` … say which matched. The rules' own names are dropped here."""
    bodies = (re.sub(r"\(\?P<[a-z]+>", "(?:", rule.pattern.pattern) for rule in RULES)
    return re.compile(f"(?=[^{OTHER}])(?:" + "|".join(f"(?P<r{i}>{body})" for i, body in enumerate(bodies)) + ")")


def read_times(
    text: str,
    published: str | None,
    *,
    dateline: str | None = None,
    agreements: Mapping[str, str] | None = None,
) -> list[TimeExpression]:
    """The time expressions of `text`, in order.

    `published` is the publication day (ISO) that "Monday" and "last month" are counted from; None leaves them without value. `dateline`,
    the day the text itself carries (`find_publication_date`), wins over it. `agreements` maps lower-case names of agreements to their
    ISO days, so that "since the Sochi deal" is an interval. Raises ValueError if `published` or `dateline` is no ISO day.
    """
    anchor = dateline or published
    story = Story(day_of(anchor) if anchor else None, [])
    story.tokens, classes = tokenise(text)
    grammar = _grammar()
    found: list[tuple[Found, Meaning]] = []
    position = 0
    while True:
        match = grammar.search(classes, position)
        if match is None:
            break
        reading = _meaning(story, classes, match)
        if reading is None:
            position = match.start() + 1
            continue
        found.append(reading)
        story.remember(reading[1])
        position = match.end()
    return [_expression(text, *reading) for reading in found]


def _meaning(story: Story, classes: str, match: re.Match[str]) -> tuple[Found, Meaning] | None:
    """The first rule that accepts the match: the one the alternation chose, or a later one at the same place."""
    assert match.lastgroup is not None
    start = match.start()
    for rule in RULES[int(match.lastgroup[1:]) :]:
        again = rule.pattern.match(classes, start)
        if again is None:
            continue
        named = {name: story.tokens[again.start(name)] for name in rule.pattern.groupindex if again.start(name) >= 0}
        found = Found(story, again.start(), again.end(), named)
        meaning = rule.meaning(found)
        if meaning is not None:
            return found, meaning
    return None


def _expression(text: str, found: Found, meaning: Meaning) -> TimeExpression:
    tokens = found.story.tokens
    start, end = tokens[found.i].start, tokens[found.j - 1].end
    interval = meaning.interval
    if interval is None:
        interval = interval_of(meaning.value, meaning.mod) if meaning.value else (None, None)
    published = found.story.published
    anchored_to = meaning.anchored_to or (
        published.isoformat() if meaning.anchor == "publication" and published else None
    )
    return TimeExpression(
        start,
        end,
        text[start:end],
        meaning.kind,
        meaning.value,
        meaning.mod,
        *interval,
        precision_of(*interval),
        meaning.anchor,
        anchored_to,
    )
