"""Read the time expressions of a text: tokens, the grammar's rules, then the words that open or join intervals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from mahdar.when.days import Interval, day_of, days, interval_of, precision_of
from mahdar.when.expression import TimeExpression
from mahdar.when.grammar import CLASSES, NOT_TIME, RULES, Found, Meaning, Story
from mahdar.when.tokens import CORE, Token, lexicon, tokenise

# How far before a date "since" may stand when a clause comes between ("since the group took up arms in 1984"), in
# tokens.
CLAUSE = 20
# The most tokens a rule has before its first word of time ("at least the last twenty-four …").
REACH = 10
# The most tokens between the two ends of "between X and Y": the joining word, commas and articles.
JOINT = 5
# A day named with its year this near the top can stand in for a missing publication date, in characters.
TOP = 1500


@dataclass(frozen=True, slots=True)
class Grammar:
    """All rules as one alternation (its groups `r0`, `r1` … say which matched), and what finds the runs of tokens
    worth trying it on.
    """

    rules: re.Pattern[str]
    run: re.Pattern[str]
    core: re.Pattern[str]


@cache
def _grammar() -> Grammar:
    known = lexicon()
    bodies = (re.sub(r"\(\?P<[a-z]+>", "(?:", rule.pattern.pattern) for rule in RULES)
    in_rules = "".join(char for classes, char in known.codes.items() if classes & CLASSES)
    in_core = "".join(char for classes, char in known.codes.items() if classes & CORE)
    leading = "".join(char for char in in_rules if char not in in_core)
    return Grammar(
        re.compile("|".join(f"(?P<r{i}>{body})" for i, body in enumerate(bodies))),
        re.compile(f"(?<![{in_rules}])[{leading}]*[{in_core}][{in_rules}]*"),
        re.compile(f"[{in_core}]"),
    )


def read_times(
    text: str,
    published: str | None,
    *,
    dateline: str | None = None,
    agreements: Mapping[str, str] | None = None,
) -> list[TimeExpression]:
    """The time expressions of `text`, in order.

    `published` is the publication day (ISO) that "Monday" and "last month" are counted from. `dateline`, the day the
    text itself carries (`find_publication_date`), wins over it. With neither, a day named in full near the top stands
    in, and the anchor is then `story`; without that too, expressions that lean on it have no value. `agreements` maps
    lower-case names of agreements to their ISO days, so that "since the Sochi deal" is an interval. Raises ValueError
    if `published` or `dateline` is no ISO day.
    """
    tokens, classes = tokenise(text)
    anchor = dateline or published
    stand_in = None
    if anchor is None:
        stand_in = anchor = _stand_in(tokens, classes)
    story = Story(day_of(anchor) if anchor else None, tokens, stand_in=stand_in is not None)
    readings = _read(story, classes)
    expressions = [_expression(text, *reading) for reading in readings]
    _open(expressions, readings, tokens, story)
    _join(expressions, readings, tokens)
    if stand_in:
        expressions = [replace(x, anchor="story") if x.anchor == "publication" else x for x in expressions]
    if agreements:
        expressions = _with_agreements(text, expressions, agreements, anchor)
    return expressions


def _stand_in(tokens: list[Token], classes: str) -> str | None:
    """The last day named in full near the top; None if the text tells of a later year (an anniversary's day is no day
    of publication).
    """
    named = [
        (tokens[f.i].start, m.value) for f, m in _read(Story(None, tokens), classes) if m.anchor == "text" and m.value
    ]
    days_near = [value[:10] for start, value in named if start < TOP and re.match(r"\d{4}-\d\d-\d\d", value)]
    day = max(days_near, default=None)
    later = day and any(value[:4].isdigit() and value[:4] > day[:4] for _, value in named)
    return None if later else day


def _read(story: Story, classes: str) -> list[tuple[Found, Meaning]]:
    """Every expression of the text in order: the grammar tried on each run of tokens that holds a word of time."""
    grammar = _grammar()
    out: list[tuple[Found, Meaning]] = []
    seen = 0
    for run in grammar.run.finditer(classes):
        position, end = run.span()
        while (core := grammar.core.search(classes, position, end)) is not None:
            match = grammar.rules.search(classes, max(position, core.start() - REACH), end)
            if match is None:
                break
            if any(
                "STOP" in token.meanings or "BREAK" in token.meanings for token in story.tokens[seen : match.start()]
            ):
                story.sentence_day = None
            seen = match.start()
            reading = _meaning(story, classes, match)
            if reading is None:
                position = match.start() + 1
                continue
            position = reading[0].j
            if reading[1] is not NOT_TIME:
                out.append(reading)
                story.remember(reading[1])
    return out


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
        meaning.precision or precision_of(*interval),
        meaning.anchor,
        anchored_to,
    )


def _stretched(expression: TimeExpression, interval: Interval) -> TimeExpression:
    return replace(expression, interval_start=interval[0], interval_end=interval[1], precision=precision_of(*interval))


def _open(
    expressions: list[TimeExpression], readings: list[tuple[Found, Meaning]], tokens: list[Token], story: Story
) -> None:
    """Stretch what follows "since" to publication, and what follows "until" back without limit."""
    taken = 0
    for n, (found, _) in enumerate(readings):
        expression = expressions[n]
        lead = _lead(tokens, found.i, taken)
        taken = found.j
        if expression.interval_start is None or expression.kind == "SET":
            continue
        if lead == "since" or tokens[found.i].lower == "since":
            today = story.published
            first = days(expression.interval_start, None)[0]
            if today is None or first is None or first <= today:
                stretch = (expression.interval_start, today.isoformat() if today else None)
                told = _told(tokens, found)
                expressions[n] = replace(_stretched(expression, stretch), opening="since", told=told)
        elif lead == "until":
            expressions[n] = replace(_stretched(expression, (None, expression.interval_end)), opening="until")
        elif lead == "began":
            expressions[n] = replace(expression, opening="began")


def _told(tokens: list[Token], found: Found) -> tuple[int, int] | None:
    """What happened at the time after "since": "since REBELS SEIZED IT IN 2012", "since 2012, WHEN REBELS SEIZED IT"."""
    after = found.j + (found.j < len(tokens) and "COMMA" in tokens[found.j].meanings)
    if after < len(tokens) and tokens[after].lower == "when":
        return tokens[after].start, _end(tokens, after, "STOP", "BREAK")
    first = found.i
    while first > 0 and "SINCE" not in tokens[first].meanings and found.i - first < CLAUSE:
        first -= 1
    if all({"THE", "ON", "IN", "APPROX", "AT"} & token.meanings.keys() for token in tokens[first + 1 : found.i]):
        return None
    opens = first == 0 or bool({"STOP", "BREAK"} & tokens[first - 1].meanings.keys())
    end = tokens[found.j - 1].end if opens else _end(tokens, found.j, "STOP", "BREAK", "COMMA")
    return tokens[first].start, end


def _end(tokens: list[Token], i: int, *classes: str) -> int:
    """Where the text before the next token of one of the classes ends, from token `i` on."""
    while i < len(tokens) and not set(classes) & tokens[i].meanings.keys():
        i += 1
    return tokens[i - 1].end


def _lead(tokens: list[Token], i: int, taken: int) -> str | None:
    """The word that opens the expression at token `i`: directly before it, or a "since" before its clause."""
    k = i - 1
    while k >= max(taken, i - 3) and {"THE", "ON", "IN", "APPROX", "AT"} & set(tokens[k].meanings):
        k -= 1
    if k >= taken:
        if "SINCE" in tokens[k].meanings:
            return "since"
        if tokens[k].lower in ("until", "till", "up to"):
            return "until"
    began = k >= taken and "BEGAN" in tokens[k].meanings
    for token in reversed(tokens[max(taken, i - CLAUSE) : k + 1]):
        if {"STOP", "BREAK", "COMMA"} & token.meanings.keys():
            break
        if "SINCE" in token.meanings:
            return "since"
    return "began" if began else None


def _join(expressions: list[TimeExpression], readings: list[tuple[Found, Meaning]], tokens: list[Token]) -> None:
    """Give both ends of "between X and Y", "from X to Y", "X - Y" the joint interval."""
    for n in range(len(readings) - 1):
        (first, _), (second, _) = readings[n], readings[n + 1]
        if second.i - first.j > JOINT:
            continue
        between = [token for token in tokens[first.j : second.i] if not {"THE", "COMMA"} & set(token.meanings)]
        if (
            len(between) != 1
            or expressions[n].kind in ("DURATION", "SET")
            or expressions[n + 1].kind in ("DURATION", "SET")
        ):
            continue
        led = [token.lower for token in tokens[max(0, first.i - 2) : first.i]]
        word = between[0]
        if not (
            (word.lower == "and" and "between" in led)
            or "JOIN" in word.meanings
            or (
                {"DASH", "HYPHEN"} & set(word.meanings)
                and len(expressions[n].named[0] or "") == len(expressions[n + 1].named[1] or "")
            )
        ):
            continue
        start, end = expressions[n].named[0], expressions[n + 1].named[1]
        first_day, last_day = days(start, end)
        if first_day and last_day and first_day <= last_day:
            expressions[n] = replace(_stretched(expressions[n], (start, end)), opening=None)
            expressions[n + 1] = replace(_stretched(expressions[n + 1], (start, end)), opening=None)


_AGREEMENT_LEAD = r"\b(since|after|following|before|until|prior to)\s+(?:the\s+|a\s+)?(?:[\w’'-]+\s+){0,2}?"


def _with_agreements(
    text: str, expressions: list[TimeExpression], agreements: Mapping[str, str], anchor: str | None
) -> list[TimeExpression]:
    """Add "since the Sochi deal": the day of the named agreement, to or from publication."""
    lower = text.lower()
    out: list[TimeExpression] = []
    for name in sorted((name for name in agreements if name in lower), key=len, reverse=True):
        day = agreements[name]
        for match in re.finditer(_AGREEMENT_LEAD + re.escape(name) + r"\b", lower):
            if any(x.start < match.end() and match.start() < x.end for x in out):
                continue
            later = match.group(1) in ("since", "after", "following")
            interval: Interval = (day, anchor) if later else (None, day)
            if later and anchor and day_of(day) > day_of(anchor):
                continue
            out.append(
                TimeExpression(
                    match.start(),
                    match.end(),
                    text[match.start() : match.end()],
                    "DATE",
                    day,
                    None,
                    *interval,
                    precision_of(*interval),
                    "agreement",
                    name,
                    "since" if later else "until",
                )
            )
    kept = [x for x in expressions if not any(y.start < x.end and x.start < y.end for y in out)]
    return sorted(kept + out, key=lambda x: x.start)
