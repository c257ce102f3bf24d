"""Attribution: who says what a sentence says, by the wordings of `codebook/attribution.toml`.

Each candidate is found by one named pattern:

    said, inverted, behind    "X said", "…, said X", "… said X" without a comma
    according                 "according to X", "in a report by X"
    told                      "told X": an agency, mostly
    quoting, quoted           "X quoted Y": both speak, X first
    denied, claimed           "X denied", "X claimed responsibility"
    continued                 "he added": the last source speaks on; likewise
    quotation, paragraph      where an open quotation, or just the paragraph, goes on

The agency of a dateline is no candidate: annotators list it too rarely (4 of 151 in the training reports).
A pattern's probability is the share of its finds that annotators agreed with (`training/attribution.py`).
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import mahdar.codebook
from mahdar.model import Span
from mahdar.reading.context import Context, actors_of
from mahdar.reading.cues import either
from mahdar.reading.mentions import RoleSpan
from mahdar.reading.trimming import speaker
from mahdar.reading.wording import is_pronoun, words
from mahdar.who import ActorMention

_CLAUSE = r"(?:\s*,[^,;.!?\n“”\"]{2,90},)?"
_OPENS = re.compile(r"(?:^|[,;:“”\"\n.]|\b(?:and|but|while|meanwhile|whereas))\s*(?:(?:the|a|an|another)\s+)?$", re.I)
_ENDS = re.compile(
    r"\s*(?:$|[.,;“”\"()\n]|(?:in|on|at|who|which|adding|citing|from|late|early|referring|as|after|during|by|to|for|of|today|yesterday"
    r"|head|director|spokes\w+|a|an|the|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)",
    re.I,
)
_LONGEST_PHRASE = 160  # characters before a verb in which its subject is looked for
_LONGEST_CARRY = 3  # sentences a speaker is carried over without being named again
_PLACED_FAR = re.compile(r"\b(?:in|at|near|on|of|from|with|to|by)\s+(?:[\w’'-]+\s+){0,2}$", re.I)
_BEEN = re.compile(r"\b(?:was|were|been)\b", re.I)
_NAME = re.compile(
    r",\s+(?P<name>[A-Z][\w’'-]+(?:\s+(?:[A-Z][\w’'-]+|(?:al|el|bin|ibn|de|van)\b[\w’'-]*)){1,3})(?=\s*(?:[,.;]|said|says|told))"
)
_PLACED = re.compile(r"\b(?:in|at|near|on|of|from|with|to|by)\s+(?:the\s+)?$", re.I)
_CLOSED = re.compile(r"[,”\"’]\s*$")
_OF = re.compile(r"\b(?:of|for|from|in|with|to|by)\b|[’']s?\s", re.I)
_STOP = re.compile(r"[.”\"\s]*$")
_OF_ALL = ("told", "quoted", "denied", "claimed")  # patterns whose source speaks for the whole sentence
_SOME = 12  # characters from which there is something said
_ASIDE = re.compile(
    r"[,.”\"]?\s*(?:$|[.;]|(?:in|on|at|via|late|early|earlier|later|citing|adding|today|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)",
    re.I,
)
_PASSIVE = re.compile(r"\b(?:was|were|been|being|is|are)\s+(?:\w+ly\s+)?$", re.I)
_WORD = re.compile(r"\w+")
_OPEN_QUOTE = re.compile(r"[“\"][^”\"]*$")


@dataclass(frozen=True, slots=True)
class Attribution:
    """A source of one sentence: where it is named (perhaps earlier), and the pattern that found it."""

    span: Span
    pattern: str
    sentence: int  # the sentence its words stand in
    cue: Span  # the words of saying
    told: Span | None = None  # the part of its sentence that it speaks for; None where it goes on speaking

    @property
    def probability(self) -> float:
        return float(_data()["patterns"][self.pattern])

    def tells(self, span: Span) -> bool:
        return self.told is None or self.told.overlaps(span)


def sources_of(context: Context, sentence: int) -> list[RoleSpan]:
    """Candidate sources of a sentence as role spans, outermost first: who quotes stands before who is quoted."""
    return [RoleSpan("source", a.span, a.probability, a.sentence) for a in attributions(context)[sentence]]


def attributions(context: Context) -> Sequence[Sequence[Attribution]]:
    """For every sentence of the report its candidate sources; computed once."""
    if context.attributed is None:
        context.attributed = _attributions(context.text, [(s.start, s.end) for s in context.sentences])
    return context.attributed


def _attributions(text: str, sentences: Sequence[tuple[int, int]]) -> list[list[Attribution]]:
    mentions = [m for m in actors_of(text) if m.text.lower() not in _data()["words"]["never"]]
    out: list[list[Attribution]] = []
    speaking: list[Attribution] = []
    carried = 0
    starts = [m.start for m in mentions]
    for number, (start, end) in enumerate(sentences):
        here = [m for m in mentions[bisect_left(starts, start) : bisect_left(starts, end)] if m.end <= end]
        found = _explicit(text, start, end, number, here)
        named = [a for a in found if a.pattern not in ("told", "denied", "claimed", "weak")]
        if named and speaking and carried < _LONGEST_CARRY and all(_goes_back(text, a.span) for a in named):
            found += [
                Attribution(a.span, "continued", a.sentence, a.cue)
                for a in speaking
                if a.pattern != "told" and not any(x.span.overlaps(a.span) for x in found)
            ]
            carried += 1
        elif named:
            speaking, carried = named, 0
        elif speaking and carried < _LONGEST_CARRY:
            how = _continues(text, start, end, sentences[number - 1])
            if how:
                found += [Attribution(a.span, how, a.sentence, a.cue) for a in speaking if a.pattern != "told"]
                carried += 1
            else:
                speaking = []
        out.append(found)
    return out


def _reaches(text: str, start: int, end: int, found: list[Attribution]) -> list[Attribution]:
    """The sources of a sentence, each with the part of it that it speaks for: up to the next one, on one side of its cue."""
    edges: dict[Span, Span] = {}  # of each cue, from the first to the last word of it and of who speaks
    for a in found:
        known = edges.get(a.cue, a.cue)
        edges[a.cue] = Span(min(known.start, a.span.start), max(known.end, a.span.end))
    out = []
    for a in found:
        here = edges[a.cue]
        before = max((e.end for e in edges.values() if e.end <= here.start), default=start)
        after = min((e.start for e in edges.values() if e.start >= here.end), default=end)
        ahead = here.start - before > _SOME and (
            here.end >= end - _SOME or a.cue.start < a.span.start or bool(_ASIDE.match(text, here.end, end))
        )
        told = Span(before, here.start) if ahead else Span(here.end, max(here.end, after))
        out.append(replace(a, told=Span(start, end) if a.pattern in _OF_ALL else told))
    return out


def _explicit(text: str, start: int, end: int, number: int, here: list[ActorMention]) -> list[Attribution]:
    """The sources named in one sentence, one each, by the surest pattern, in order of who quotes whom, then of the text.
    `here`: the actors of the sentence."""
    grammar = _grammar()
    found: list[Attribution] = []

    def add(span: Span | None, pattern: str, cue: re.Match[str]) -> None:
        if span is not None and not any(a.span.overlaps(span) for a in found):
            span = Span(*speaker(text, span.start, span.end))
            found.append(Attribution(span, pattern, number, Span(*cue.span())))
            called = _NAME.match(text, span.end, end)  # "the interior minister, Ali Noor, said"
            if called and not any(a.span.overlaps(Span(*called.span("name"))) for a in found):
                found.append(Attribution(Span(*called.span("name")), pattern, number, Span(*cue.span())))

    marks, begins = _marks(), _begins()
    held = set(_WORD.findall(text[start:end].lower()))
    if held.isdisjoint(marks["any"]):
        return []
    stand = [(m[0].lower(), m.start()) for m in _WORD.finditer(text, start, end)]

    def finds(name: str) -> Iterator[re.Match[str]]:
        """Like `finditer`, but asked only where a wording of the list can begin."""
        if held.isdisjoint(marks[name]):
            return
        after, firsts = start, begins[name]
        for word, at in stand:
            if word in firsts and at >= after and (match := grammar[name].match(text, at, end)):
                after = match.end()
                yield match

    for match in grammar["shown"].finditer(text, start, end) if not held.isdisjoint(marks["shown"]) else ():
        add(Span(*match.span("shows" if match["shows"] else "holds")), "shown", match)
    for match in finds("quoted_by"):
        add(_after(text, match.end(), end, here), "quoting", match)
        add(_before(text, match.start(), start, here) or _subject(text, match.start(), start), "quoted", match)
    for match in finds("quote"):
        add(_before(text, match.start(), start, here), "quoting", match)
        add(_after(text, match.end(), end, here), "quoted", match)
    for match in finds("according"):
        behind = _after(text, match.end(), end, here)
        add(behind, "according", match)
        for joint in _joined_after(text, behind.end, end, here) if behind else []:
            add(joint, "according", match)
        if behind is None and grammar["plainly"].fullmatch(match[0]):
            add(_object(text, match.end(), end), "phrase", match)
    for match in finds("tell"):
        add(teller := _before(text, match.start(), start, here), "said", match)
        for joint in _joined_before(text, teller.start, here) if teller else []:
            add(joint, "said", match)
        add(_after(text, match.end(), end, here), "told", match)
        if teller is None and grammar["plainly"].fullmatch(match[0]):
            add(_subject(text, match.start(), start), "phrase", match)
    for name, pattern in (("claim", "claimed"), ("deny", "denied"), ("say", "said"), ("weak", "weak")):
        for match in finds(name):
            if match[0][0].isupper() or _PASSIVE.search(
                text, start, match.start()
            ):  # "the United States", "was accused"
                continue
            quoted = pattern == "said" and _CLOSED.search(text, max(start, match.start() - 3), match.start())
            behind = _after(text, match.end(), end, here)
            if behind and not _ENDS.match(text, behind.end, end):
                behind = None
            if behind and (quoted or (pattern == "said" and _STOP.match(text, behind.end, end))):
                add(behind, "inverted", match)
                continue
            if quoted and (unknown := _object(text, match.end(), end)) and text[unknown.start].isupper():
                add(unknown, "phrase", match)
                continue
            before = _before(text, match.start(), start, here)
            add(before, pattern, match)
            for joint in _joined_before(text, before.start, here) if before else []:
                add(joint, pattern, match)
            if before is None and behind and pattern == "said" and match.end() < end:
                add(behind, "behind", match)
            elif before is None and grammar["plainly"].fullmatch(match[0]):
                add(_subject(text, match.start(), start), "phrase", match)
    return _reaches(text, start, end, found)


def _subject(text: str, verb: int, start: int) -> Span | None:
    """The noun phrase that ends before a verb with nothing but what may stand between."""
    low = max(start, verb - _LONGEST_PHRASE)
    match = _grammar()["subject"].search(text, low, verb)
    if match is None or _BEEN.search(text, match.end("pp"), verb):
        return None
    return _headed(text, match)


def _object(text: str, at: int, end: int) -> Span | None:
    """The noun phrase that begins right behind `at`."""
    match = _grammar()["object"].match(text, at, end)
    return _headed(text, match) if match else None


def _headed(text: str, phrase: re.Match[str]) -> Span | None:
    """A noun phrase without what is said of where it is, unless its head alone would say too little ("source in Homs")."""
    low, high = phrase.span("np")
    if len(words(text[low:high])) < 2:
        high = phrase.end("pp")
    return Span(low, high) if words(text[low:high]) and not is_pronoun(text[low:high]) else None


def _before(text: str, verb: int, start: int, here: list[ActorMention]) -> Span | None:
    """The longest phrase that ends before the verb with nothing but what may stand between."""
    near = [m for m in here if m.end <= verb and verb - m.end < 140 and m.start >= start]
    near += _names_with_office(text, verb, start)
    fits = [m for m in near if _grammar()["gap"].fullmatch(text, m.end, verb)]
    if not fits:
        return None
    # "Lise Grande, a coordinator in Iraq, said": who opens the clause speaks, not who ends the apposition.
    opening = [m for m in fits if text[:verb].rstrip().endswith(",") and _OPENS.search(text[start : m.start])]
    first = min((m.start for m in opening), default=-1)
    end = max(m.end for m in fits if m.start == first) if opening else max(m.end for m in fits)
    speaker = min((m for m in fits if m.end == end), key=lambda m: m.start)
    placed = _PLACED if " " in speaker.text else _PLACED_FAR
    if placed.search(text, start, speaker.start):  # "officials in Kyiv said"
        return _subject(text, verb, start) or _trimmed(text, speaker)
    return _whole(text, _proper(text, speaker, here), verb)


def _names_with_office(text: str, verb: int, start: int) -> list[ActorMention]:
    """A capitalised name that opens the clause and is explained between commas: "Abu Zaki, a resident of the village, said"."""
    out = []
    for match in _grammar()["office"].finditer(text, start, verb):
        if _OPENS.search(text[start : match.start()]):
            a, b = match.span("name")
            out.append(ActorMention(a, b, text[a:b], None, "source", "person"))
    return out


def _joined_before(text: str, at: int, here: list[ActorMention]) -> list[Span]:
    """A source joined by "and" to the one that begins at `at` ("the ministry and witnesses said")."""
    near = [m for m in here if m.end < at and re.fullmatch(r"\s+and\s+(?:the\s+|an?\s+)?", text[m.end : at])]
    span = _trimmed(text, min(near, key=lambda m: m.start)) if near else None
    return [span] if span else []


def _after(text: str, at: int, end: int, here: list[ActorMention]) -> Span | None:
    """The longest phrase that begins right behind `at`."""
    gap = re.compile(r"\s*(?:that\s|to\s)?\s*(?:the|a|an|its|his|her|their)?\s*[“\"'‘]?\s*", re.I).match(text, at, end)
    low, high = at, (gap.end() if gap else at) + 1
    fits = [m for m in here if low <= m.start <= high]
    if not fits:
        return None
    return _whole(text, _proper(text, max(fits, key=lambda m: (m.end, -m.start)), here), end)


def _proper(text: str, phrase: ActorMention, here: list[ActorMention]) -> Span | None:
    """A phrase, or the name that it ends in if the rest says more than the name ("the extremist group Dawn")."""
    name = max(
        (m for m in here if m.how == "name" and m.end == phrase.end and m.start > phrase.start),
        key=lambda m: m.end - m.start,
        default=None,
    )
    if (
        name is not None
        and 2 * len(words(name.text)) <= len(words(phrase.text))
        and not _OF.search(text, phrase.start, name.start)
    ):
        return _trimmed(text, name)
    return _trimmed(text, phrase)


def _whole(text: str, span: Span | None, end: int) -> Span | None:
    """A bare noun together with what says which ("source" of "a source at the hospital")."""
    if span is None or text[span.start].isupper() or len(words(text[span.start : span.end])) > 1:
        return span
    match = _grammar()["which"].match(text, span.end, end)
    return Span(span.start, match.end()) if match else span


def _joined_after(text: str, at: int, end: int, here: list[ActorMention]) -> list[Span]:
    """A second source joined to the first by "and" ("according to X and Y")."""
    joint = re.compile(r"\s+and\s+").match(text, at, end)
    span = _after(text, joint.end(), end, here) if joint else None
    return [span] if span else []


def _trimmed(text: str, m: ActorMention) -> Span | None:
    """The phrase without a leading article or conjunction; None for a pronoun or nothing at all."""
    lead = re.compile(r"(?:(?:that|the|a|an|and)\s+)*", re.I).match(text, m.start, m.end)
    start = lead.end() if lead else m.start
    said = text[start : m.end]
    return Span(start, m.end) if said.strip() and not is_pronoun(said) else None


def _goes_back(text: str, span: Span) -> bool:
    """Whether a speaker is somebody already named: "the ministry", "the group"."""
    return "the " + text[span.start : span.end].lower() in _data()["words"]["speech_nouns"] and bool(
        re.search(r"\bthe\s$", text[max(0, span.start - 5) : span.start], re.I)
    )


def _continues(text: str, start: int, end: int, before: tuple[int, int]) -> str | None:
    """How the sentence goes on with the speech before it: by a pronoun or noun that speaks, an open quotation, or a new one."""
    said = text[start:end]
    if not _marks()["carry"].isdisjoint(_WORD.findall(said.lower())) and _grammar()["carry"].search(said):
        return "continued"
    if _OPEN_QUOTE.search(text[before[0] : before[1]]) or said[:1] in '“"':
        return "quotation"
    if "\n" not in text[before[1] : start]:
        return "paragraph"
    return None


@cache
def _data() -> dict[str, Any]:
    path = Path(mahdar.codebook.__file__).with_name("attribution.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


_CUES = ("say", "weak", "deny", "claim", "tell", "quote", "quoted_by", "according")


@cache
def _begins() -> dict[str, frozenset[str]]:
    """The words that wordings of a list begin with."""
    lists = _data()["words"]
    return {name: frozenset(_WORD.findall(said.lower())[0] for said in lists[name]) for name in _CUES}


@cache
def _marks() -> dict[str, frozenset[str]]:
    """Words of which a sentence holds one if a pattern of that name finds anything in it, the longest of each wording: a set
    is sooner asked."""
    lists = _data()["words"]
    found = {name: lists[name] for name in _CUES} | {"shown": lists["material"]}
    marks = {
        name: frozenset(max(_WORD.findall(said.lower()), key=len) for said in listed) for name, listed in found.items()
    }
    goes_on = [*lists["speaker_pronouns"], *lists["speech_nouns"]]
    carry = frozenset(max(_WORD.findall(said.lower()), key=len) for said in goes_on)
    return marks | {"any": frozenset[str]().union(*marks.values()), "carry": carry}


@cache
def _grammar() -> dict[str, re.Pattern[str]]:
    lists = _data()["words"]

    def any_of(*names: str) -> str:
        return either({w for name in names for w in lists[name]})

    out = {
        name: re.compile(rf"\b{any_of(name)}\b", re.I)
        for name in ("say", "weak", "deny", "claim", "tell", "quote", "quoted_by", "plainly")
    }
    papers = rf"(?:\s+\w+){{0,3}}\s+{any_of('papers')}(?:\s+\w+){{0,2}}?\s+(?:by|from|of)"
    out["according"] = re.compile(rf"\b(?:according\s+to{papers}|{any_of('according')})\b", re.I)
    skipped = rf"(?:\s*[,’'”\"]?\s*\b(?:{any_of('between')}|\w+ly)\b)*"
    out["gap"] = re.compile(rf"(?:\s*\([^()]{{1,20}}\))?{_CLAUSE}{skipped}\s*,?\s*", re.I)
    capital = r"(?:[A-Z][\w’'-]+|(?:al|el|as|ash|an)-[A-Z][\w’'-]+|bin|ibn|de|van)"
    out["office"] = re.compile(
        rf"(?P<name>(?!(?:In|On|At|But|And|The|A|An|Since|After|Earlier|Meanwhile|Last|This|That)\b)[A-Z][\w’'.-]+(?:\s+{capital}){{0,4}})(?=,\s)"
    )
    article = r"(?:(?:the|an?|its|his|her|their|our|another)\s+)?"
    word = rf"(?!(?:the|an?|{any_of('outside', 'openers', 'inside')})\b)[^\W_][\w’'&/-]*(?:\.[\w]\.?)*"
    phrase = rf"{word}(?:\s+{word}){{0,5}}"
    behind = rf"(?P<pp>(?:\s+{any_of('inside')}\s+{article}(?![\d]){phrase}){{0,2}})"
    opens = rf"(?:(?<=[,;:“”\"‘(\n])|(?<=[.!?]\s)|^|\b{any_of('openers')}\b)\s*"
    out["subject"] = re.compile(rf"{opens}{article}(?P<np>{phrase}){behind}{out['gap'].pattern}$", re.I)
    out["object"] = re.compile(rf"\s+{article}(?P<np>{phrase}){behind}", re.I)
    out["which"] = re.compile(rf"\s+{any_of('inside')}\s+{article}(?!\d){word}(?:\s+(?-i:[A-Z])[\w’'-]+)*", re.I)
    online = rf"(?:\s+online|\s+(?:on|across|via)\s+{article}{word}(?:\s+{word})?)"
    seen = rf"(?:\s+(?:\w+ly\s+)?{any_of('published')}{online})?{online}?"
    material = rf"(?:{word}\s+){{0,3}}{any_of('material')}\b{seen}"
    aside = r"(?:\s+[^,;.]{2,60}?)?(?:\s*,[^,;.]{2,60},)?"
    out["shown"] = re.compile(
        rf"\b(?P<shows>{material}){aside}\s+{any_of('shows')}\b"
        rf"|\b(?:according\s+to|in|released|posted)\s+{article}(?P<holds>{material})",
        re.I,
    )
    speaks = any_of("say", "deny", "tell")
    out["carry"] = re.compile(
        rf"\b(?:{any_of('speaker_pronouns')}(?:\s+(?:also|later|has|had|further|then))*\s+{speaks}|{any_of('speech_nouns')}\b|{speaks}\s+{any_of('speaker_pronouns')}\b)",
        re.I,
    )
    return out
