"""The grammar: rules over word classes, each followed by what it means.

A rule's pattern is a regular expression whose letters are the word classes of words.toml: `NUM UNIT AGO` matches a
number, a unit and "ago". `n=NUM` names a token for the meaning. Rules are tried in the order of this file at each
token, so longer readings come first; each is a bounded pattern, so reading is linear in the text. A meaning returns
None to refuse ("March" the verb).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from mahdar.when.days import (
    Interval,
    day_of,
    easter,
    interval_of,
    islamic,
    month_value,
    persian,
    quarter_value,
    shift_days,
    shift_months,
    week_value,
)
from mahdar.when.expression import Anchor, Kind
from mahdar.when.tokens import Token, Value, lexicon

# "Friday night", "Monday morning": TimeML's two gold sets give the plain day (17 times) or a part of it (12).
PLAIN_PARTS = ("NI", "MO")
# Half of a unit, as TIMEX3 writes it: two and a half years are P2Y6M.
HALVES = {"Y": "6M", "TH": "30M", "TM": "30S"}
DAYS_IN = {"D": 1, "W": 7, "2W": 14}
PARTICIPLE = re.compile(r"[a-z]{3,}ed")
MONTHS_IN = {"M": 1, "Q": 3, "Y": 12, "10Y": 120, "100Y": 1200, "1000Y": 12000}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an expression means. `interval` is None where the value alone tells it (days.interval_of), `precision` where
    the interval does (days.precision_of).
    """

    kind: Kind
    value: str | None
    mod: str | None = None
    interval: Interval | None = None
    anchor: Anchor = "text"
    anchored_to: str | None = None
    precision: int | None = None


# What a rule returns for words that look like time but are not, all of them; None leaves them to the rules after it.
NOT_TIME = Meaning("DATE", "")


@dataclass(slots=True)
class Story:
    """What the text has said so far: the publication day, and the last dates and quarter named, which later words
    lean on.

    `months_told` says that figures of "the first nine months" came after those of the quarter. `stand_in` says that
    `published` is a day of the text, taken for want of a better.
    """

    published: date | None
    tokens: list[Token]
    last: str | None = None
    last_day: date | None = None
    quarter: str | None = None
    months_told: bool = False
    sentence_day: date | None = None
    stand_in: bool = False

    def remember(self, meaning: Meaning) -> None:
        """Keep a resolved date as an anchor for what follows."""
        value = meaning.value
        if value is None or meaning.kind not in ("DATE", "TIME") or not value[:1].isdigit() or "X" in value[4:]:
            return
        self.last = value
        found = re.match(r"\d{4}-\d\d-\d\d", value)
        if found:
            self.last_day = self.sentence_day = day_of(found.group())

    def outlook(self, i: int, j: int) -> int:
        """Where the words around tokens `i..j` put them: 1 after publication, -1 before it, 0 if they do not say.

        The nearest verb cue within the sentence decides; words before the expression count as nearer than words after
        it.
        """
        if j < len(self.tokens) and "POSSESSIVE" in self.tokens[j].meanings:
            return -1
        if self.before(i, "UNTIL", "TO") and (
            any("DEFER" in token.meanings for token in self.tokens[max(0, i - 8) : i])
            or self.tokens[max(0, i - 2)].lower == "now"
        ):
            # "postponed until Tuesday"; "between now and 10 February".
            return 1
        nearest, verdict = 99, 0
        for step, reach, handicap in ((-1, 12, 0), (1, 14, 3)):
            k = i - 1 if step < 0 else j
            for distance in range(1, reach):
                if not 0 <= k < len(self.tokens) or distance + handicap >= nearest:
                    break
                token = self.tokens[k]
                if "STOP" in token.meanings or "BREAK" in token.meanings:
                    break
                if "FUTURE" in token.meanings and "MONTH" not in token.meanings:
                    # "had been due to expire on Friday" says nothing of which Friday.
                    had = any(other.lower == "had" for other in self.tokens[max(0, k - 5) : k])
                    nearest, verdict = distance + handicap, 0 if had else 1
                    break
                if "SAID" in token.meanings and distance > 2:
                    # What somebody said may be about any time; "said on Friday" is past.
                    k += step
                    continue
                if self._tells_past(k):
                    nearest, verdict = distance + handicap, -1
                    break
                k += step
        return verdict

    def _tells_past(self, k: int) -> bool:
        """Whether token `k` is a verb of the past. A participle after "be" ("must be returned by Friday") leaves the
        word to the verb before it; one after an article ("a still unspecified date") is an adjective.
        """
        token, before = self.tokens[k], self.tokens[max(0, k - 1)]
        if before.lower in ("be", "to be"):
            return False
        if {"PASTVERB", "SAID"} & token.meanings.keys():
            # "were planning to march on Saturday" looks ahead.
            return k + 1 >= len(self.tokens) or "FUTURE" not in self.tokens[k + 1].meanings
        if PARTICIPLE.fullmatch(token.word) is None or "NOPAST" in token.meanings:
            return False
        if before.lower == "still" or before.lower.endswith("ly"):
            before = self.tokens[max(0, k - 2)]
        return not {"A", "THE"} & before.meanings.keys()

    def ahead(self, i: int, j: int) -> bool:
        """Whether the words around tokens `i..j` put them after publication."""
        return self.outlook(i, j) > 0

    def before(self, i: int, *classes: str) -> bool:
        """Whether the token before token `i` belongs to one of the classes."""
        return i > 0 and any(name in self.tokens[i - 1].meanings for name in classes)


@dataclass(frozen=True, slots=True)
class Found:
    """A rule's match: tokens `i..j` of the story, and the tokens the pattern named."""

    story: Story
    i: int
    j: int
    named: dict[str, Token] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.named

    def get(self, name: str, cls: str) -> Value:
        return self.named[name].meanings[cls]

    def number(self, name: str) -> int:
        """The named token as a whole number, whatever of NUM, ORD, YEAR, MONTH, WEEKDAY … it is."""
        meanings = self.named[name].meanings
        for cls in ("NUM", "ORD", "YEAR", "MONTH", "WEEKDAY", "VAGUE", "DEICTIC"):
            if cls in meanings:
                return int(meanings[cls])
        raise KeyError(name)

    @property
    def lower(self) -> str:
        return " ".join(token.lower for token in self.story.tokens[self.i : self.j])


MeaningOf = Callable[[Found], Meaning | None]


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: re.Pattern[str]
    meaning: MeaningOf


RULES: list[Rule] = []
# The word classes that occur in a rule; all others only give context.
CLASSES: set[str] = set()


def _compile(pattern: str) -> re.Pattern[str]:
    """A pattern over class names to one over class characters."""
    known = lexicon()
    CLASSES.update(re.findall(r"[A-Z]+", pattern))
    body = re.sub(r"([a-z]+)=\((?:\?:)?", r"(?P<\1>", pattern)
    body = re.sub(r"([a-z]+)=([A-Z]+)", r"(?P<\1>\2)", body)
    body = re.sub(
        r"[A-Z]{1,}(?![a-z<])", lambda found: f"[{known.any_of(found.group())}]", re.sub(r"\(\?P<", "(?\x00<", body)
    )
    body = body.replace("\x00", "P").replace(" ", "")
    try:
        return re.compile(body)
    except re.error as error:
        raise ValueError(f"a rule of the grammar is malformed, {error}: {pattern}") from error


def rule(*patterns: str) -> Callable[[MeaningOf], MeaningOf]:
    """Add a rule to the grammar, one reading for each pattern."""

    def add(meaning: MeaningOf) -> MeaningOf:
        RULES.extend(Rule(_compile(pattern), meaning) for pattern in patterns)
        return meaning

    return add


# Fragments of patterns. A clock time, a modifier such as "the end of", and what may stand between a weekday and its
# date.
CLOCK = "(?:clock=CLOCK|hour=NUM(?= (?:AMPM|ZONE)))(?: ampm=AMPM)?(?: OPEN? (?:NUM|CLOCK)? zone=ZONE CLOSE?)?"
MOD = "(?:THE? mod=MODWORD (?:HYPHEN|(?:IN|OF)? THE?))"
NAMED_DAY = "(?:(?:LAST|THIS? NEXT|THIS)? weekday=WEEKDAY COMMA? THE? )?"
YEAR_BESIDE = " OF? side=(?:LAST|THIS|NEXT) span=UNIT"
MONTH_DAY = "(?:LAST|THIS|NEXT)? month=MONTH THE? day=(?:NUM|ORD)(?: COMMA? (?:OF)? year=YEAR|" + YEAR_BESIDE + ")?"
DAY_MONTH = "THE? day=(?:NUM|ORD)(?: OF)? month=MONTH(?: COMMA? year=YEAR|" + YEAR_BESIDE + ")?"


# --- days and clock times


@rule("iso=ISO")
def iso_day(m: Found) -> Meaning | None:
    """2020-04-02, 2020/04/02; with the year last the day comes first unless only the American order is a date."""
    numbers = [int(part) for part in re.split(r"[-/.]", m.named["iso"].word)]
    year, month, day = numbers if numbers[0] > 31 else (numbers[2], numbers[1], numbers[0])
    if month > 12:
        month, day = day, month
    found = _day(year, month, day)
    return Meaning("DATE", found.isoformat()) if found else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _yearless(story: Story, month: int, day: int, outlook: int) -> date | None:
    """A day and month without a year: by the words around it before or after publication; else the nearest such day.

    Nearest, because a writer names the year of a day that is most of a year away; a day just past publication is then
    one to come.
    """
    ref = story.published
    if ref is None:
        return None
    candidates = [found for year in range(ref.year - 4, ref.year + 5) if (found := _day(year, month, day)) is not None]
    if outlook < 0:
        candidates = [found for found in candidates if (found - ref).days <= 1]
    elif outlook > 0:
        # "was due on Nov. 1", said shortly after it, stays where it is.
        near = [found for found in candidates if -183 <= (ref - found).days <= 60]
        candidates = near or candidates
    return min(candidates, key=lambda found: abs((found - ref).days), default=None)


def _names_event(m: Found) -> bool:
    """Whether the date only identifies an event ("the 7 October attacks", "a 14 January deadline")."""
    story = m.story
    led = "THE" in story.tokens[m.i].meanings or story.before(m.i, "THE", "A")
    follows = story.tokens[m.j] if m.j < len(story.tokens) else None
    return led and follows is not None and follows.word.isalpha() and not follows.meanings.keys() - {"APPOINTMENT"}


def _clock(m: Found) -> str | None:
    """The TIMEX3 clock part of a match, `22:00`, or None if its numbers are no time."""
    written = m.named["clock" if "clock" in m else "hour"]
    if "clock" in m:
        hour, minute = (int(part) for part in str(m.get("clock", "CLOCK")).split(":"))
    else:
        # "0900 GMT", "9 a.m."
        hour, minute = divmod(m.number("hour"), 100) if len(written.word) == 4 else (m.number("hour"), 0)
    half = str(m.get("ampm", "AMPM")) if "ampm" in m else ""
    if not half and "part" in m and m.get("part", "DAYPART") in ("AF", "EV", "NI"):
        half = "pm" if 1 <= hour <= 12 else ""  # 9 o'clock Monday night
    if half and not 1 <= hour <= 12 and not (half == "pm" and hour < 24):
        return None
    if half == "pm" and hour < 12:
        hour += 12
    if half == "am" and hour == 12:
        hour = 0
    return f"{hour:02d}:{minute:02d}" if hour <= 24 and minute < 60 else None


def _dated(m: Found) -> tuple[date | None, Anchor]:
    """The day of a match that names a month and day, a weekday, or a deictic day; and its anchor."""
    story = m.story
    if "month" in m:
        month, day = m.number("month"), m.number("day")
        if "year" in m:
            return _day(m.number("year"), month, day), "text"
        if story.published and "side" in m and m.get("span", "UNIT") == "Y":
            return _day(story.published.year + _step(m.named["side"]), month, day), "publication"
        outlook = story.outlook(m.i, m.j)
        if story.before(m.i, "UNTIL"):
            outlook = min(outlook + 1, 1)
        if _names_event(m):
            # An appointment may be to come; other events that a date names have happened.
            appointed = any("APPOINTMENT" in token.meanings for token in story.tokens[m.j : m.j + 2])
            outlook = 0 if appointed else -1
        found = _yearless(story, month, day, outlook)
        return found, "publication"
    if story.published is None:
        return None, "publication"
    if "weekday" in m:
        return _weekday(m), "publication"
    if "deictic" in m:
        return shift_days(story.published, m.number("deictic")), "publication"
    return story.published, "publication"


# Words before a weekday that a wire's bare "Friday" has not: "on Friday", "since Friday", "late Friday".
LEADS_DAY = ("ON", "SINCE", "FROM", "UNTIL", "TO", "THE", "JOIN", "EARLIER", "LATER", "MODWORD", "AT", "OF")


def _weekday(m: Found) -> date:
    """The last such day up to publication; the next where the words say so."""
    ref = m.story.published
    assert ref is not None
    if "last" in m and m.named["last"].lower in ("previous", "preceding") and m.story.last_day:
        ref = m.story.last_day
    back = (ref.isoweekday() - m.number("weekday")) % 7
    if "last" in m and int(m.get("last", "LAST")) < 0:
        return shift_days(ref, -(back or 7))
    if "next" in m:
        if m.named["next"].lower == "following" and _possessive(m):
            # "following Monday's attack" is after the last Monday.
            return shift_days(ref, -back)
        if m.named["next"].lower == "following" and m.story.last_day:
            day = m.story.last_day
            return shift_days(day, (m.number("weekday") - day.isoweekday()) % 7 or 7)
        return shift_days(ref, 7 - back)
    if back and m.story.ahead(m.i, m.j):
        return shift_days(ref, 7 - back)
    if m.story.stand_in:
        return shift_days(ref, -back if back <= 3 else 7 - back)
    if back == 6 and not m.story.before(m.i, *LEADS_DAY) and not _possessive(m):
        # "he said Friday", dated Thursday: a wire's clock is in another time zone; a week ago would be "last Friday".
        return shift_days(ref, 1)
    return shift_days(ref, -back)


def _possessive(m: Found) -> bool:
    return m.j < len(m.story.tokens) and "POSSESSIVE" in m.story.tokens[m.j].meanings


DATED = (
    NAMED_DAY + MONTH_DAY,
    NAMED_DAY + DAY_MONTH,
    "(?:last=LAST|THIS? next=NEXT|THIS)? weekday=WEEKDAY",
    "deictic=DEICTIC",
)


@rule(
    *(f"{CLOCK} (?:ON|COMMA|OF)? {dated}(?: part=DAYPART)?" for dated in DATED),
    *(f"{dated} COMMA? (?:AT|COMMA) {CLOCK}" for dated in DATED),
    f"{CLOCK}",
)
def clock_time(m: Found) -> Meaning | None:
    """10 p.m. Wednesday; Nov. 6 at 5 p.m. EST; 20:45."""
    clock = _clock(m)
    if clock is None or (
        "clock" in m and not {"ampm", "zone", "month", "weekday", "deictic"} & set(m.named) and not _clock_cue(m)
    ):
        return None
    named = {"month", "weekday", "deictic"} & set(m.named)
    day, anchor = _dated(m) if named else (m.story.sentence_day or m.story.published, "publication")
    return Meaning("TIME", f"{day.isoformat()}T{clock}" if day else None, anchor=anchor)


def _clock_cue(m: Found) -> bool:
    return m.story.before(m.i, "AT", "APPROX", "SINCE", "UNTIL", "FROM", "ON", "EARLIER")


@rule(
    *(f"noon=NOON (?:ON|OF)? {dated}" for dated in DATED),
    *(f"{dated} AT noon=NOON" for dated in DATED),
    "(?:THE)? noon=NOON",
)
def noon(m: Found) -> Meaning | None:
    named = {"month", "weekday", "deictic"} & set(m.named)
    day, anchor = _dated(m) if named else (m.story.sentence_day or m.story.published, "publication")
    hour = int(m.get("noon", "NOON"))
    clock = "24" if hour == 24 else f"{hour:02d}:00"
    return Meaning("TIME", f"{day.isoformat()}T{clock}" if day else None, anchor=anchor)


@rule(
    *(
        f"(?:mod=MODWORD HYPHEN?)? {dated} (?:COMMA|IN|AT)? (?:THE)? (?:mods=MODWORD HYPHEN?)? part=DAYPART"
        for dated in DATED
    ),
    *(f"(?:THE )?(?:mods=MODWORD HYPHEN?)? part=DAYPART (?:ON|OF)? {dated}" for dated in DATED),
)
def part_of_day(m: Found) -> Meaning | None:
    """Saturday night, late Monday evening, the morning of 3 March."""
    day, anchor = _dated(m)
    mod = m.get("mod", "MODWORD") if "mod" in m else m.get("mods", "MODWORD") if "mods" in m else None
    return _part(m, day, anchor, mod)


def _part(m: Found, day: date | None, anchor: Anchor, mod: Value | None = None) -> Meaning:
    if m.named["part"].lower.endswith("s") and "weekday" in m:
        return Meaning("SET", f"XXXX-WXX-{m.number('weekday')}T{m.get('part', 'DAYPART')}")
    part = str(m.get("part", "DAYPART"))
    if part in PLAIN_PARTS and not mod and {"weekday", "month"} & set(m.named):
        return Meaning("DATE", day.isoformat() if day else None, anchor=anchor)
    value = f"{day.isoformat()}T{part}" if day else None
    return Meaning("TIME", value, str(mod) if mod else None, anchor=anchor)


@rule("(?:mod=MODWORD HYPHEN?)? this=(?:THIS|LAST|NEXT|THAT) part=DAYPART", "THE next=NEXT part=DAYPART")
def this_morning(m: Found) -> Meaning | None:
    """this morning, last night, that evening, the next morning."""
    story = m.story
    ref = story.published
    mod = m.get("mod", "MODWORD") if "mod" in m else None
    if "next" in m or "THAT" in m.named["this"].meanings or "NEXT" in m.named["this"].meanings:
        day = story.last_day or ref
        later = "next" in m or "NEXT" in m.named["this"].meanings
        return _part(m, shift_days(day, 1 if later else 0) if day else None, "story", mod)
    step = -1 if "LAST" in m.named["this"].meanings and "THIS" not in m.named["this"].meanings else 0
    return _part(m, shift_days(ref, step) if ref else None, "publication", mod)


@rule("mods=MODWORD HYPHEN? part=DAYPART")
def part_of_the_day(m: Found) -> Meaning | None:
    """by mid-afternoon: of the day the sentence tells of."""
    return _part(m, m.story.published, "publication", m.get("mods", "MODWORD"))


@rule("OVERNIGHT (?:ON|FROM)? weekday=WEEKDAY", "OVERNIGHT into=JOIN weekday=WEEKDAY", "OVERNIGHT")
def overnight(m: Found) -> Meaning | None:
    """The night before the day the sentence tells of; "overnight Saturday", that day's own; "overnight into Sunday".
    Two days.
    """
    story = m.story
    if story.published is None:
        return Meaning("TIME", None, anchor="publication")
    eve = shift_days(_weekday(m), -1 if "into" in m else 0) if "weekday" in m else shift_days(story.published, -1)
    interval = (eve.isoformat(), shift_days(eve, 1).isoformat())
    return Meaning("TIME", f"{eve.isoformat()}TNI", interval=interval, anchor="publication")


# --- calendar dates


@rule(
    "day=(?:NUM|ORD) (?:TO|DASH|HYPHEN) THE? final=(?:NUM|ORD) OF? month=MONTH(?: COMMA? year=YEAR)?",
    "month=MONTH day=(?:NUM|ORD) (?:TO|DASH|HYPHEN) final=(?:NUM|ORD)(?: COMMA? year=YEAR)?(?! MONTH)",
)
def days_of_month(m: Found) -> Meaning | None:
    """from 3 to 7 March; May 5-9, 2016; on September 1 and 2: one expression for the whole stretch."""
    first, anchor = _dated(m)
    final = _day(first.year, first.month, m.number("final")) if first else None
    if first is None or final is None or final < first:
        return None
    if " and " in m.lower and not m.story.before(m.i, "FROM") and (final - first).days > 1:
        return None
    return Meaning("DATE", first.isoformat(), interval=(first.isoformat(), final.isoformat()), anchor=anchor)


@rule(*(f"(?:mod=MODWORD (?:ON)?)? {dated}" for dated in DATED))
def calendar_day(m: Found) -> Meaning | None:
    """Monday, 26 October 1998; Nov. 6; last Friday; late yesterday; tonight."""
    weekday = m.named.get("weekday")
    if weekday is not None and "month" not in m:
        if weekday.lower.endswith("days") and (m.story.before(m.i, "ON", "EACH") or m.i == 0):
            return Meaning("SET", f"XXXX-WXX-{m.number('weekday')}")
        if len(weekday.lower) == 3:
            # "Sun", "Sat" alone are a paper and a verb, "Wed" another.
            return None
    if "deictic" in m and m.named["deictic"].lower == "tonight":
        day = m.story.published
        return Meaning("TIME", f"{day.isoformat()}TNI" if day else None, anchor="publication")
    day, anchor = _dated(m)
    if day is None and "month" in m and not 1 <= m.number("day") <= 31:
        return None
    mod = str(m.get("mod", "MODWORD")) if "mod" in m else None
    return Meaning("DATE", day.isoformat() if day else None, mod, anchor=anchor)


@rule(
    f"{MOD}? month=MONTH (?:COMMA|OF|IN)? year=YEAR",
    f"{MOD}? month=MONTH (?:COMMA|OF)? which=(?:LAST|THIS|NEXT|THAT) unit=UNIT",
)
def month_of_year(m: Found) -> Meaning | None:
    """August 1988; the end of June last year."""
    anchor: Anchor = "text"
    if "year" in m:
        year: int | None = m.number("year")
    elif m.get("unit", "UNIT") != "Y":
        return None
    else:
        anchor = "publication"
        year = m.story.published.year + _step(m.named["which"]) if m.story.published else None
    value = f"{year:04d}-{m.number('month'):02d}" if year else None
    return Meaning("DATE", value, _mod(m), anchor=anchor)


@rule(f"{MOD}? which=(?:LAST|THIS|NEXT)? month=MONTH")
def month_alone(m: Found) -> Meaning | None:
    """in August; last April; the beginning of October. The last such month that has begun, or the next if the words
    look ahead.
    """
    story, token, month = m.story, m.named["month"], m.number("month")
    cued = "which" in m or "mod" in m or story.before(m.i, "IN", "SINCE", "UNTIL", "FROM", "TO", "OF", "OR", "EACH")
    after = story.tokens[m.j] if m.j < len(story.tokens) else None
    if not cued and not (
        after is not None
        and {"HYPHEN", "DASH"} & after.meanings.keys()
        and m.j + 1 < len(story.tokens)
        and "MONTH" in story.tokens[m.j + 1].meanings
    ):
        if token.lower in ("may", "march") and not (
            story.before(m.i, "THE") and after is not None and after.word.islower()
        ):
            return None
        if (
            after is not None
            and after.word[:1].isupper()
            and not after.meanings
            and token.lower in ("april", "june", "august")
        ):
            return None
    if len(token.lower) <= 3 and token.lower != "may" and token.end - token.start == len(token.word):
        # "Jan", "Mar" without a dot are names.
        return None
    if story.before(m.i, "EACH"):
        return Meaning("SET", f"XXXX-{month:02d}")
    ref = story.published
    if ref is None:
        return Meaning("DATE", None, _mod(m), anchor="publication")
    which = _step(m.named["which"]) if "which" in m else 0
    outlook = story.outlook(m.i, m.j)
    if which > 0:
        year = ref.year + (month <= ref.month)
    elif which < 0:
        # "last February", said in March, is not last month's.
        year = ref.year - (month >= ref.month - 1)
    elif "which" in m:
        year = ref.year
    else:
        if story.before(m.i, "UNTIL"):
            outlook = min(outlook + 1, 1)
        # Ahead: the next such month, those of the last two months excepted; no cue: up to two months ahead,
        # else the last one.
        furthest = {1: 9, 0: 2, -1: 0}[outlook]
        offset = (month - ref.month) % 12
        year = (ref.year * 12 + ref.month - 1 + (offset if offset <= furthest else offset - 12)) // 12
    return Meaning("DATE", f"{year:04d}-{month:02d}", _mod(m), anchor="publication")


def _mod(m: Found) -> str | None:
    return str(m.get("mod", "MODWORD")) if "mod" in m else None


def _step(token: Token) -> int:
    """-1 for last, 0 for this, 1 for next."""
    for cls in ("THIS", "LAST", "NEXT"):
        if cls in token.meanings:
            return int(token.meanings[cls])
    return 0


@rule(f"{MOD}? decade=DECADE")
def decade(m: Found) -> Meaning | None:
    """the late 1970s; the '80s. Written `198X`, as ISO 8601-2 and the younger of TimeML's gold sets do."""
    return Meaning("DATE", str(m.get("decade", "DECADE"))[:3] + "X", _mod(m))


@rule("THE? ord=ORD HYPHEN? unit=UNIT(?! HYPHEN)")
def century(m: Found) -> Meaning | None:
    """the 20th century."""
    if m.get("unit", "UNIT") != "100Y" or not 2 <= m.number("ord") <= 21:
        return None
    return Meaning("DATE", f"{m.number('ord') - 1:02d}")


# --- quarters and the year, as companies report them


@rule(
    "THE? year=YEAR (?:PERIOD|quarter=QUARTER)",
    "(?:THE|THAT)? (?:PERIOD|QUARTER) (?:OF|IN)? year=YEAR",
    "(?:THE|THAT)? (?:PERIOD|QUARTER) (?:OF|IN)? which=(?:LAST|THIS|NEXT) unit=UNIT",
)
def quarter_of_year(m: Found) -> Meaning | None:
    """the 1988 period, the same quarter last year: the quarter the report is about, of that year."""
    story = m.story
    if "unit" in m and (m.get("unit", "UNIT") != "Y" or story.published is None):
        return None
    if "year" in m:
        year = m.number("year")
    else:
        assert story.published is not None
        year = story.published.year + _step(m.named["which"])
    if story.quarter is None or story.months_told:
        return Meaning("DATE", f"{year:04d}")
    return Meaning("DATE", f"{year:04d}{story.quarter[4:]}", anchor="story", anchored_to=story.quarter)


@rule(
    f"{MOD}? THE? (?:FISCAL HYPHEN?)? year=YEAR FISCAL? HYPHEN? ord=ORD HYPHEN? QUARTER",
    f"{MOD}? THE? (?:FISCAL HYPHEN?)? ord=ORD HYPHEN? QUARTER(?: (?:OF)? (?:FISCAL)? year=YEAR)?",
    f"{MOD}? THE? which=(?:LAST|THIS|NEXT) unit=UNIT POSSESSIVE ord=ORD HYPHEN? QUARTER",
    f"{MOD}? THE? ord=ORD HYPHEN? QUARTER OF which=(?:LAST|THIS|NEXT) unit=UNIT",
    f"{MOD}? THE? ord=ORD half=HALF(?: (?:OF)? (?:FISCAL)? year=YEAR)",
    f"{MOD}? THE? ord=ORD half=HALF OF which=(?:LAST|THIS|NEXT) unit=UNIT",
    "THE? second=LAST half=HALF OF year=YEAR",
)
def numbered_quarter(m: Found) -> Meaning | None:
    """the third quarter; the 1988 second quarter; this year's third quarter; the first half of 1990."""
    number, ref = (2 if "second" in m else m.number("ord")), m.story.published
    if number > (2 if "half" in m else 4) or ("unit" in m and m.get("unit", "UNIT") != "Y"):
        return None
    letter = "H" if "half" in m else "Q"
    if "year" in m:
        return Meaning("DATE", f"{m.number('year'):04d}-{letter}{number}", _mod(m))
    if ref is None:
        return Meaning("DATE", None, _mod(m), anchor="publication")
    year = (
        ref.year + _step(m.named["which"])
        if "which" in m
        else ref.year
        if 3 * number - 2 <= ref.month
        else ref.year - 1
    )
    ended = (year, 3 * number) < (ref.year, ref.month)
    if letter == "Q" and (ended or m.story.quarter is None):
        # "The quarter", "a year earlier" are later measured from the quarter the report is about, not from
        # one it is compared with or one still to end.
        m.story.quarter = f"{year:04d}-Q{number}"
        m.story.months_told = False
    return Meaning("DATE", f"{year:04d}-{letter}{number}", _mod(m), anchor="publication")


@rule(
    "THE? (?:which=(?:LAST|THIS|NEXT|THAT))? FISCAL? quarter=QUARTER",
    "THE which=LAST PERIOD",
)
def quarter(m: Found) -> Meaning | None:
    """the quarter, the latest period: whichever quarter the report is about. Refused where it has named none (a
    city's quarter).
    """
    story, which, quarter_word = m.story, m.named.get("which"), m.named.get("quarter")
    if which is not None and "quarter" in m and story.published and which.lower in ("this", "current", "next", "last"):
        day = shift_months(story.published, 3 * (_step(which) if which.lower != "current" else 0))
        return Meaning("DATE", quarter_value(day), anchor="publication")
    if (
        story.quarter is None
        or story.before(m.i, "A")
        or (quarter_word is not None and "PLURAL" in quarter_word.meanings)
    ):
        return None
    return Meaning("DATE", story.quarter, anchor="story", anchored_to=story.quarter)


@rule(
    "THE? a=A unit=UNIT (?:AGO|EARLIER)",
    "THE? unit=UNIT HYPHEN (?:AGO|EARLIER)(?: FISCAL? ord=ORD? HYPHEN? (?:QUARTER|PERIOD))?",
    "THE (?:QUARTER|PERIOD) A unit=UNIT (?:AGO|EARLIER)",
)
def year_earlier(m: Found) -> Meaning | None:
    """a year earlier, the year-ago quarter: the named quarter of the year before, or the year before."""
    story = m.story
    if m.get("unit", "UNIT") != "Y":
        return _shifted(m, 1)
    ago = "ago" in m.lower
    quarter_named = None if story.months_told and "ord" not in m else story.quarter
    if quarter_named:
        number = m.number("ord") if "ord" in m else int(quarter_named[-1])
        return Meaning("DATE", f"{int(quarter_named[:4]) - 1:04d}-Q{number}", anchor="story", anchored_to=quarter_named)
    base = None if ago or story.months_told else story.last
    if base is not None:
        return Meaning(
            "DATE", f"{int(base[:4]) - 1:04d}" if base[:4].isdigit() else None, anchor="story", anchored_to=base
        )
    ref = story.published
    if ref is None:
        return Meaning("DATE", None, anchor="publication")
    month = month_value(shift_months(ref, -12))
    return Meaning("DATE", f"{ref.year - 1:04d}", interval=(month, month), anchor="publication")


# --- last, this, next


@rule(f"{MOD}? THE? which=(?:LAST|THIS|NEXT|THAT) FISCAL? unit=UNIT")
def unit_named(m: Found) -> Meaning | None:
    """last week, earlier this year, the following month, that day, the same month."""
    token, unit = m.named["which"], str(m.get("unit", "UNIT"))
    if unit[0] == "T" or (unit == "D" and token.lower == "this"):
        return None
    if "PLURAL" in m.named["unit"].meanings and not (
        # "last months attack": an apostrophe lost on the way.
        token.lower in ("last", "this") and not m.story.before(m.i + 1, "THE") and _names_noun(m)
    ):
        return None
    story, ref = m.story, m.story.published
    on_story = "THAT" in token.meanings or token.lower in ("following", "previous", "preceding", "succeeding")
    step = 0 if "THAT" in token.meanings else _step(token)
    if unit == "D" and token.lower in ("next", "last"):
        on_story = True
    if unit in ("D", "10Y", "100Y") and token.lower == "past" and ref is not None:
        length = {"D": "P1D", "10Y": "P10Y", "100Y": "P100Y"}[unit]
        return Meaning("DURATION", length, interval=_span_back(ref, 1, unit), anchor="publication")
    if on_story and story.last is not None:
        base = (
            story.last_day
            if unit in ("D", "W") or (story.last_day and story.last == story.last_day.isoformat())
            else None
        )
        if base is None:
            if unit in ("D", "W") and len(story.last) < 10:
                return None
            first = interval_of(story.last)[0]
            base = day_of(first) if first else None
        if base is None:
            return None
        return Meaning("DATE", _unit_value(base, unit, step), _mod(m), anchor="story", anchored_to=story.last)
    if ref is None:
        return Meaning("DATE", None, _mod(m), anchor="publication")
    value = _unit_value(ref, unit, step)
    interval: Interval | None = None
    if unit == "D":
        value = ref.isoformat() if step == 0 else value
    rolling = token.lower == "past" or (story.before(m.i + 1, "THE") and token.lower == "last")
    so_far = step == 0 and unit in ("W", "M", "Y") and _mod(m) in (None, "START") and not story.ahead(m.i, m.j)
    if unit == "W" and so_far and _mod(m) and ref.isoweekday() == 1:
        # "Earlier this week", said on a Monday, is the week before.
        interval = (shift_days(ref, -7).isoformat(), ref.isoformat())
    elif unit == "W" and step < 0 and ref.isoweekday() == 7:
        # On a Sunday the last week is the one ending, whatever ISO says of its number.
        interval = (shift_days(ref, -7).isoformat(), shift_days(ref, -1).isoformat())
    elif rolling and unit != "D":
        interval = _span_back(ref, 1, unit)
        if unit == "W" and story.before(m.i, "DURING"):
            # "For the last week": the calendar week that holds most of the last seven days.
            value = week_value(shift_days(ref, -3))
    elif so_far and value and "early" not in m.lower.split():
        interval = (interval_of(value)[0], ref.isoformat())
    return Meaning("DATE", value, _mod(m), interval=interval, anchor="publication")


def _names_noun(m: Found) -> bool:
    follows = m.story.tokens[m.j] if m.j < len(m.story.tokens) else None
    return follows is not None and follows.word.islower() and not follows.meanings


def _unit_value(base: date, unit: str, step: int) -> str | None:
    """The TIMEX3 value of the day, week, month … that lies `step` units from the one that holds `base`."""
    if unit in DAYS_IN:
        day = shift_days(base, step * DAYS_IN[unit])
        return day.isoformat() if unit == "D" else week_value(day)
    day = shift_months(base, step * MONTHS_IN[unit])
    if unit == "10Y":
        return f"{day.year // 10:03d}X"
    return {"M": month_value(day), "Q": quarter_value(day)}.get(unit, f"{day.year:04d}"[: 4 if unit == "Y" else 2])


def _shift(base: date, number: float, unit: str) -> date:
    """`base` moved by a number of units; hours move it by whole days."""
    if unit in DAYS_IN:
        return shift_days(base, number * DAYS_IN[unit])
    if unit in MONTHS_IN:
        return shift_months(base, round(number * MONTHS_IN[unit]))
    hours = {"TH": 1.0, "TM": 1 / 60, "TS": 1 / 3600}[unit]
    return shift_days(base, number * hours / 24)


def _span_back(ref: date, number: float, unit: str) -> tuple[str, str]:
    """The interval of the last `number` units up to `ref`; years begin with the month."""
    first = _shift(ref, -number, unit)
    if unit in MONTHS_IN and MONTHS_IN[unit] * number >= 3:
        return month_value(first), ref.isoformat()
    return first.isoformat(), ref.isoformat()


@rule(
    f"{MOD}? which=(?:LAST|THIS|NEXT|THAT) NEXT? season=SEASON",
    f"{MOD}? THE? season=SEASON (?:OF|COMMA)? year=YEAR",
    f"(?:{MOD}|THE) season=SEASON(?! OF)",
)
def season(m: Found) -> Meaning | None:
    """last fall; the winter of 1994; this past spring."""
    ref, code = m.story.published, str(m.get("season", "SEASON"))
    if "year" in m:
        return Meaning("DATE", f"{m.number('year'):04d}-{code}", _mod(m))
    if (
        "which" not in m
        and not m.story.before(m.i, "IN", "SINCE", "UNTIL", "APPROX", "FROM", "MODWORD")
        and "mod" not in m
    ):
        return None
    if ref is None:
        return Meaning("DATE", None, _mod(m), anchor="publication")
    step = _step(m.named["which"]) if "which" in m else 0
    first = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}[code]
    year = ref.year
    if step < 0:
        over = ref.month >= first + 3 or (code == "WI" and ref.month < 12)
        year = ref.year - (1 if code == "WI" or not over else 0)
    elif step > 0:
        year = ref.year + (1 if ref.month >= first else 0)
    elif "which" not in m and ref.month < first and not m.story.ahead(m.i, m.j):
        year = ref.year - 1
    return Meaning("DATE", f"{year:04d}-{code}", _mod(m), anchor="publication")


@rule(f"{MOD}? (?:which=(?:LAST|THIS|NEXT|THAT)|THE|ON) WEEKEND")
def weekend(m: Found) -> Meaning | None:
    """the weekend: the last that has begun; next weekend, the coming one."""
    ref = m.story.published
    if ref is None:
        return Meaning("DATE", None, _mod(m), anchor="publication")
    step = _step(m.named["which"]) if "which" in m else (1 if m.story.ahead(m.i, m.j) else 0)
    saturday = shift_days(ref, -((ref.isoweekday() - 6) % 7))
    inside = ref.isoweekday() >= 6
    if step > 0 or (m.named.get("which") and m.named["which"].lower == "this" and m.story.ahead(m.i, m.j)):
        saturday = shift_days(saturday, 7)
    elif step < 0 and inside:
        saturday = shift_days(saturday, -7)
    return Meaning("DATE", f"{week_value(saturday)}-WE", _mod(m), anchor="publication")


@rule(
    "THE unit=UNIT (?:OF|ENDED) " + MONTH_DAY,
    "THE unit=UNIT (?:OF|ENDED) " + DAY_MONTH,
)
def week_of(m: Found) -> Meaning | None:
    """the week of March 6."""
    if m.get("unit", "UNIT") != "W":
        return None
    day, anchor = _dated(m)
    return Meaning("DATE", week_value(day) if day else None, anchor=anchor)


@rule("THE (?:FISCAL|FULL) unit=UNIT")
def full_year(m: Found) -> Meaning | None:
    """the fiscal year, the full year. "The fiscal year ended 31 March" is a length."""
    ref = m.story.published
    if m.get("unit", "UNIT") == "Y" and m.j < len(m.story.tokens) and "ENDED" in m.story.tokens[m.j].meanings:
        return Meaning("DURATION", "P1Y", interval=(None, None))
    return (
        Meaning("DATE", str(ref.year) if ref else None, anchor="publication") if m.get("unit", "UNIT") == "Y" else None
    )


@rule(f"{MOD}? THE? unit=UNIT (?:POSSESSIVE|HYPHEN)? end=MODWORD")
def end_of_unit(m: Found) -> Meaning | None:
    """year-end, year's end."""
    ref = m.story.published
    if m.named["end"].lower != "end" or m.get("unit", "UNIT") != "Y":
        return None
    if "-" in m.lower:
        return Meaning("DATE", f"{ref.year}-12-31" if ref else None, anchor="publication")
    return Meaning("DATE", str(ref.year) if ref else None, "END", anchor="publication")


@rule("mod=MODWORD (?:OF|IN) THE unit=UNIT", "THE mod=MODWORD OF THE unit=UNIT")
def end_of_the_unit(m: Found) -> Meaning | None:
    """by the end of the year, earlier in the year."""
    ref, unit = m.story.published, str(m.get("unit", "UNIT"))
    if unit not in ("W", "M", "Y") or "PLURAL" in m.named["unit"].meanings:
        return None
    return Meaning("DATE", _unit_value(ref, unit, 0) if ref else None, _mod(m), anchor="publication")


# --- so long ago, so long after

COUNT = "(?:n=(?:NUM|VAGUE)|a=A)"
LENGTH = f"(?:approx=APPROX)? {COUNT} (?:MORE|HYPHEN)? unit=UNIT"


@rule(f"{LENGTH} way=AGO")
def ago(m: Found) -> Meaning | None:
    """six weeks ago, nearly four years ago: dated as finely as its unit."""
    return _shifted(m, _count(m))


def _count(m: Found) -> float:
    if "n" not in m:
        return 1
    meanings = m.named["n"].meanings
    return float(meanings["NUM"] if "NUM" in meanings else meanings["VAGUE"])


def _shifted(m: Found, number: float, *, forward: bool = False) -> Meaning | None:
    """A number of units before (or after) publication ("ago", "from now") or the last date of the story ("earlier",
    "later").
    """
    story, unit = m.story, str(m.get("unit", "UNIT"))
    way = m.named.get("way")
    base: date | None = None
    anchor: Anchor = "story"
    on_story = way is not None and not {"AGO", "HENCE"} & set(way.meanings)
    if way is None:
        on_story = "ago" not in m.lower
    mod = str(m.get("approx", "APPROX")) if "approx" in m else None
    if "n" in m and "NUM" not in m.named["n"].meanings:
        ref = story.published
        interval = (None, None)
        return Meaning("DATE", "FUTURE_REF" if forward else "PAST_REF", interval=interval if ref else None)
    if on_story:
        base = story.last_day
        if story.last and unit in MONTHS_IN:
            first = interval_of(story.last)[0]
            base = day_of(first) if first else base
    if base is None:
        base, anchor = story.published, "publication"
    if base is None:
        return Meaning("DATE", None, mod, anchor=anchor)
    anchored = story.last if on_story else None
    day = _shift(base, number if forward else -number, unit)
    if unit[0] == "T":
        return Meaning("DATE", day.isoformat(), mod, anchor=anchor, anchored_to=anchored)
    if unit == "W" and number in (1, 2) and not mod:
        # "A week ago": that day, give or take.
        return Meaning("DATE", day.isoformat(), mod, anchor=anchor, anchored_to=anchored, precision=2)
    unit = "Y" if unit in ("10Y", "100Y", "1000Y") else unit
    return Meaning("DATE", _unit_value(day, unit, 0), mod, anchor=anchor, anchored_to=anchored)


@rule(*(f"(?:A|THE)? unit=UNIT way=(?:EARLIER|LATER) {dated}" for dated in DATED))
def day_beside(m: Found) -> Meaning | None:
    """the day before last Tuesday, a day after Friday's attack."""
    if "PLURAL" in m.named["unit"].meanings:
        return None
    if m.get("unit", "UNIT") not in ("D", "W") or m.named["way"].lower not in ("before", "after"):
        return None
    day, anchor = _dated(m)
    number = DAYS_IN[str(m.get("unit", "UNIT"))] * (1 if "LATER" in m.named["way"].meanings else -1)
    return Meaning("DATE", shift_days(day, number).isoformat() if day else None, anchor=anchor)


@rule(f"{LENGTH} way=(?:EARLIER|LATER|HENCE)")
def earlier(m: Found) -> Meaning | None:
    """two days earlier, a week later: counted from the last date of the story."""
    way = m.named["way"]
    story = m.story
    if str(m.get("unit", "UNIT"))[0] == "T":
        return _length(m)
    if way.lower in ("after", "before", "prior", "on"):
        follows = story.tokens[m.j] if m.j < len(story.tokens) else None
        if follows is not None and not {"STOP", "COMMA", "BREAK", "CLOSE", "DASH"} & set(follows.meanings):
            return _beside_event(m)
    return _shifted(m, _count(m), forward="LATER" in way.meanings or "HENCE" in way.meanings)


def _beside_event(m: Found) -> Meaning | None:
    """ "a day after the advance", said of Sunday's attack: the advance was on Saturday. The interval is the other
    event's.
    """
    story, unit, number = m.story, str(m.get("unit", "UNIT")), _count(m)
    base = story.sentence_day or story.published
    if base is None or unit[0] == "T" or "VAGUE" in m.named.get("n", m.named["unit"]).meanings:
        return _length(m)
    back = m.named["way"].lower == "after"
    day = _shift(base, -number if back else number, unit)
    interval = interval_of(day.isoformat() if unit in ("D", "W", "2W") else _unit_value(day, unit, 0) or "")
    length = _length(m, interval=interval)
    return replace(length, anchor="story", anchored_to=base.isoformat()) if length else None


# --- durations and sets


def _length(m: Found, *, interval: tuple[str | None, str | None] | None = None) -> Meaning | None:
    """A length of time as TIMEX3 writes it: P2Y, PT4H, PXD."""
    unit = str(m.get("unit", "UNIT"))
    number = _count(m)
    if unit == "M" and number in (6, 9):
        m.story.months_told = True
    vague = "n" in m and "NUM" not in m.named["n"].meanings
    factor = int(unit[:-1]) if unit[0].isdigit() else 1
    letter = unit.lstrip("0123456789")
    count = "X" if vague else f"{number * factor:g}"
    if number % 1 == 0.5 and letter in HALVES:
        count, letter = f"{int(number)}{letter[-1]}{HALVES[letter][:-1]}", letter[:-1] + HALVES[letter][-1]
    value = f"PT{count}{letter[1]}" if letter[0] == "T" else f"P{count}{letter}"
    mod = str(m.get("approx", "APPROX")) if "approx" in m else None
    return Meaning(
        "DURATION", value, mod, interval=interval or (None, None), anchor="publication" if interval else "text"
    )


@rule("THE? which=ORD n=NUM unit=UNIT OF year=YEAR", "THE? which=LAST n=NUM unit=UNIT OF year=YEAR")
def part_of_year(m: Found) -> Meaning | None:
    """the first six months of 2021: a length with an interval of its own."""
    months = MONTHS_IN.get(str(m.get("unit", "UNIT")), 0) * int(_count(m))
    if not 0 < months < 12:
        return None
    year, end = m.number("year"), "LAST" in m.named["which"].meanings
    interval = (f"{year}-{13 - months:02d}", f"{year}-12") if end else (f"{year}-01", f"{year}-{months:02d}")
    length = _length(m)
    return replace(length, interval=interval) if length else None


def _lately(m: Found, length: Meaning | None) -> Meaning | None:
    """Some days, weeks, years up to publication: nobody says how many, so the start is open; as fine as the unit."""
    ref, unit = m.story.published, str(m.get("unit", "UNIT"))
    if length is None or ref is None:
        return length
    precision = 1 if unit[0] == "T" else {"D": 2, "W": 3, "2W": 3}.get(unit, 4)
    return replace(length, interval=(None, ref.isoformat()), anchor="publication", precision=precision)


def _vague(m: Found) -> bool:
    return "n" in m and "NUM" not in m.named["n"].meanings


@rule(
    f"(?:approx=APPROX)? (?:THE)? which=(?:LAST|NEXT|RECENT|ORD) {COUNT} HYPHEN? unit=UNIT",
    f"(?:approx=APPROX)? THE {COUNT} unit=UNIT",
)
def last_units(m: Found) -> Meaning | None:
    """the past two months, the next three years, in the last 24 hours."""
    ref, which = m.story.published, m.named.get("which")
    unit = str(m.get("unit", "UNIT"))
    if ref is None or which is None or "ORD" in which.meanings:
        return _length(m)
    if which.lower == "following" and "a" in m:
        # "following a month of fighting": after it.
        return _length(m, interval=_span_back(ref, 1, unit))
    if "NEXT" in which.meanings:
        return _length(m, interval=(ref.isoformat(), _shift(ref, _count(m), unit).isoformat()))
    return _lately(m, _length(m)) if _vague(m) else _length(m, interval=_span_back(ref, _count(m), unit))


@rule("which=(?:RECENT|LAST|NEXT) unit=PLURAL")
def recent_units(m: Found) -> Meaning | None:
    """in recent days: so many of them; "recent years", "coming months" are TimeML's PAST_REF and FUTURE_REF."""
    unit = str(m.get("unit", "UNIT")) if "UNIT" in m.named["unit"].meanings else ""
    if "NEXT" in m.named["which"].meanings:
        return Meaning("DATE", "FUTURE_REF", interval=(None, None), anchor="publication")
    kind: Kind = "DURATION" if unit in ("D", "W", "M", "Q") else "DATE"
    meaning = Meaning(kind, f"PX{unit}" if kind == "DURATION" else "PAST_REF", interval=(None, None))
    return _lately(m, meaning) if unit else meaning


@rule(f"{LENGTH} HYPHEN? OLD? CONFLICT")
def long_conflict(m: Found) -> Meaning | None:
    """the five-year-old war, a decade-long conflict: up to publication."""
    ref, unit = m.story.published, str(m.get("unit", "UNIT"))
    if ref is None or (unit not in ("Y", "10Y") and "old" not in m.lower):
        return _length(m)
    return _length(m, interval=_span_back(ref, _count(m), unit))


@rule(f"{LENGTH} HYPHEN? OLD", f"{LENGTH} OLD")
def age(_: Found) -> Meaning | None:
    """A person's age is no time, nor is any part of it."""
    return NOT_TIME


@rule("EACH (?:n=NUM)? unit=UNIT", "EACH weekday=WEEKDAY", "freq=FREQ", "TIMES a=A unit=UNIT")
def repeated(m: Found) -> Meaning | None:
    """every day, each Thursday, weekly, three times a month."""
    if "freq" in m:
        return Meaning("SET", str(m.get("freq", "FREQ")))
    if "weekday" in m:
        return Meaning("SET", f"XXXX-WXX-{m.number('weekday')}")
    length = _length(m)
    return Meaning("SET", length.value, interval=(None, None)) if length else None


@rule(f"{LENGTH}(?: of=OF)?")
def duration(m: Found) -> Meaning | None:
    """for nearly nine years, after two weeks of fighting: up to publication if "for" or "of" says so; else a bare
    length.
    """
    story, unit = m.story, str(m.get("unit", "UNIT"))
    lead = story.tokens[m.i - 1].lower if m.i else ""
    if "a" in m and m.named["unit"].lower == "second":
        return None
    if unit == "Q" and "of" in m:
        # three-quarters of the harvest
        return NOT_TIME
    if "of" in m and story.published and unit[0] != "T":
        return (
            _lately(m, _length(m)) if _vague(m) else _length(m, interval=_span_back(story.published, _count(m), unit))
        )
    if "a" in m and not (
        lead in ("for", "in", "within", "after", "than", "to", "once", "over", "during", "about") or "approx" in m
    ):
        return None
    if lead == "for" and story.published and unit[0] != "T":
        return (
            _lately(m, _length(m)) if _vague(m) else _length(m, interval=_span_back(story.published, _count(m), unit))
        )
    return _length(m)


@rule("unit=UNIT HYPHEN LONG")
def long_unit(m: Found) -> Meaning | None:
    """a day-long meeting, a decades-long battle."""
    length = _length(m)
    if length is None or length.value is None or "PLURAL" not in m.named["unit"].meanings:
        return length
    return replace(length, value=f"PX{str(m.get('unit', 'UNIT')).lstrip('0123456789')[-1]}")


@rule("unit=PLURAL")
def plural_units(m: Found) -> Meaning | None:
    """for months, after weeks of fighting."""
    token = m.named["unit"]
    if "UNIT" not in token.meanings or (
        not m.story.before(m.i, "APPROX") and (m.i == 0 or m.story.tokens[m.i - 1].lower not in ("for", "after", "in"))
    ):
        return None
    unit = str(token.meanings["UNIT"]).lstrip("0123456789")
    value = f"PTX{unit[1]}" if unit[0] == "T" else f"PX{unit}"
    return Meaning("DURATION", value, interval=(None, None))


# --- feasts, years, and words for now


@rule(
    "day=(?:NUM|ORD) OF? feast=FEAST COMMA? year=YEAR",
    "feast=FEAST day=(?:NUM|ORD) COMMA? year=YEAR",
    "feast=FEAST COMMA? year=YEAR",
)
def hijri_date(m: Found) -> Meaning | None:
    """15 Ramadan 1437, Shawwal 1444; 24 Shahrivar 1401. A day of the moon's year may be seen a day or two later."""
    law, year = str(m.get("feast", "FEAST")), m.number("year")
    lunar, solar = law.startswith("hijri month"), law.startswith("persian month")
    if not (lunar or solar) or not 1244 <= year <= (1500 if lunar else 1472):
        return None
    convert, month = (islamic if lunar else persian), int(law[-2:])
    if "day" not in m:
        first = convert(year, month, 1)
        last = shift_days(convert(year + month // 12, month % 12 + 1, 1), -1)
        return Meaning("DATE", month_value(shift_days(first, 14)), interval=(first.isoformat(), last.isoformat()))
    if not 1 <= m.number("day") <= (30 if lunar or month > 6 else 31):
        return None
    return Meaning("DATE", convert(year, month, m.number("day")).isoformat(), "APPROX" if lunar else None)


@rule("(?:which=(?:LAST|THIS|NEXT))? feast=FEAST(?: COMMA? year=YEAR| unit=UNIT)?")
def feast(m: Found) -> Meaning | None:
    """Thanksgiving Day, last Christmas, Easter 2016 (feasts.csv tells the days)."""
    ref, law = m.story.published, str(m.get("feast", "FEAST"))
    if law.startswith("persian"):
        # Tir, Mehr and Azar are names; a month of Iran's year is told by its year.
        return None
    if "year" in m:
        found = _feast(law, m.number("year"))
        return Meaning("DATE", found, interval=None) if found else None
    if ref is None:
        return Meaning("DATE", None, anchor="publication")
    outlook = _step(m.named["which"]) if "which" in m else m.story.outlook(m.i, m.j)
    values = [found for year in range(ref.year - 2, ref.year + 3) if (found := _feast(law, year))]
    if outlook and "unit" not in m:
        values = [v for v in values if (day_of(v) - ref).days * outlook >= 0] or values
    chosen = min(values, key=lambda v: abs((day_of(v) - ref).days), default=None)
    if chosen and "unit" in m:
        chosen = week_value(day_of(chosen)) if m.get("unit", "UNIT") == "W" else chosen
    return Meaning("DATE", chosen, anchor="publication")


def _feast(law: str, year: int) -> str | None:
    """The day (or month) of a feast in a Gregorian year by its rule in feasts.csv."""
    if law.startswith("easter"):
        return shift_days(easter(year), int(law[6:])).isoformat()
    if law == "election":
        first_monday = next(date(year, 11, day) for day in range(1, 8) if date(year, 11, day).isoweekday() == 1)
        return shift_days(first_monday, 1).isoformat()
    if law.startswith("hijri month"):
        for hijri in (year - 579, year - 580, year - 578, year - 577):
            day = islamic(hijri, int(law[-2:]), 15)
            if day.year == year:
                return month_value(day)
        return None
    if law.startswith("hijri"):
        month, day_number = (int(part) for part in law[6:].split("-"))
        for hijri in range(year - 581, year - 575):
            day = islamic(hijri, month, day_number)
            if day.year == year:
                return day.isoformat()
        return None
    nth = re.fullmatch(r"(\d)\w\w (\w+) (\d\d)|(last) (\w+) (\d\d)", law)
    if nth:
        which, weekday, month_text = (part for part in nth.groups() if part)
        wanted = int(lexicon().words[weekday]["WEEKDAY"])
        days = [d for n in range(1, 32) if (d := _day(year, int(month_text), n)) and d.isoweekday() == wanted]
        return (days[-1] if which == "last" else days[int(which) - 1]).isoformat()
    return f"{year:04d}-{law}"


@rule(f"{MOD}? (?:THE unit=UNIT)? (?:fiscal=FISCAL)? year=YEAR", f"{MOD}? (?:THE)? fiscal=FISCAL unit=UNIT year=YEAR")
def year_alone(m: Found) -> Meaning | None:
    """in 1988, early 1990, fiscal 1989, the year 2000. A count of things ("2000 people") is no year."""
    story, year = m.story, m.number("year")
    if "unit" in m and m.get("unit", "UNIT") != "Y":
        return None
    before = [token.lower for token in story.tokens[max(0, m.i - 2) : m.i]]
    led = (
        bool({"unit", "fiscal", "mod"} & set(m.named))
        or before == ["post", "-"]
        or story.before(m.i, "IN", "SINCE", "UNTIL", "FROM", "TO", "OF", "EACH", "LATER", "EARLIER", "OPEN", "APPROX")
    )
    after = story.tokens[m.j] if m.j < len(story.tokens) else None
    counted = after is not None and (
        "COUNTED" in after.meanings or (after.word.islower() and not after.meanings and after.lower.endswith("s"))
    )
    if story.before(m.i, "POSSESSIVE") and after is not None and after.word[:1].isupper():
        # "their neighbour's 1987 Chevrolet" has its model year.
        return None
    stretch = "HYPHEN" in after.meanings and "YEAR" in story.tokens[m.j + 1].meanings if after is not None else False
    if (
        after is not None
        and {"HYPHEN", "UNIT", "ZONE"} & after.meanings.keys()
        and not stretch
        and "year" not in m.lower
    ):
        return None
    if m.named["year"].word[:1].isdigit() and len(m.named["year"].word) == 4:
        if not 1900 <= year <= 2099:
            return Meaning("DATE", f"{year:04d}", _mod(m)) if led and not counted and year >= 1000 else None
        if counted and not led:
            return None
        if story.before(m.i, "APPROX") and counted:
            return None
    elif "NUM" in m.named["year"].meanings and not led and counted:
        return None
    return Meaning("DATE", f"{year:04d}", _mod(m))


@rule("year=YEAR (?:HYPHEN|DASH) final=NUM(?! UNIT)")
def years(m: Found) -> Meaning | None:
    """the 1988-89 season, between 1994-96: TIMEX3 has no value for it but the first year's."""
    year, token = m.number("year"), m.named["final"]
    final = year // 100 * 100 + m.number("final")
    if len(token.word) != 2 or not token.word.isdigit() or not 1900 <= year < final <= 2099:
        return None
    return Meaning("DATE", f"{year:04d}", interval=(f"{year:04d}", f"{final:04d}"))


@rule("(?:SINCE|UNTIL) then=THEN")
def since_then(m: Found) -> Meaning | None:
    """since then, until then: from or to the last date of the story."""
    last = m.story.last
    if last is None:
        return None
    if "SINCE" in m.story.tokens[m.i].meanings:
        # A stretch, whose length TIMEX3 leaves to its ends.
        return Meaning("DURATION", None, interval=interval_of(last), anchor="story", anchored_to=last)
    return Meaning("DATE", last, anchor="story", anchored_to=last)


@rule("THE BYGONE(?! UNIT)")
def the_past(m: Found) -> Meaning | None:
    """in the past: no date, but TimeML's PAST_REF."""
    follows = m.story.tokens[m.j] if m.j < len(m.story.tokens) else None
    if not m.story.before(m.i, "IN") or (follows is not None and follows.meanings.keys() & {"NUM", "VAGUE", "SEASON"}):
        return None
    return Meaning("DATE", "PAST_REF", interval=(None, None))


@rule("THE unit=UNIT")
def the_year(m: Found) -> Meaning | None:
    """profit for the year; the first nine months of the year. "The year ended 31 March" is a length."""
    ref, story = m.story.published, m.story
    if m.get("unit", "UNIT") != "Y" or "PLURAL" in m.named["unit"].meanings or ref is None:
        return None
    lead = [token.lower for token in story.tokens[max(0, m.i - 2) : m.i]]
    if m.j < len(story.tokens) and "ENDED" in story.tokens[m.j].meanings:
        return Meaning("DURATION", "P1Y", interval=(None, None))
    if lead[-1:] != ["for"] and lead != ["months", "of"]:
        return None
    return Meaning("DATE", str(ref.year), interval=(str(ref.year), ref.isoformat()), anchor="publication")


@rule("ref=REF", "ref=ADJECTIVE")
def reference(m: Found) -> Meaning | None:
    """now, recently, soon: no date, but TimeML's PRESENT_REF, PAST_REF, FUTURE_REF."""
    cls = "REF" if "REF" in m.named["ref"].meanings else "ADJECTIVE"
    if m.lower == "soon" and not m.story.ahead(m.i, m.j):
        return None
    if m.named["ref"].word == "Now" and m.j < len(m.story.tokens) and "COMMA" in m.story.tokens[m.j].meanings:
        # "Now, let us see" only opens a sentence.
        return None
    return Meaning("DATE", str(m.get("ref", cls)), interval=(None, None))
