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
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import mahdar.codebook
from mahdar.model import Span
from mahdar.reading.context import Context
from mahdar.reading.mentions import RoleSpan
from mahdar.reading.wording import is_pronoun
from mahdar.who import ActorMention, find_actors

_CLAUSE = r"(?:\s*,[^,;.!?\n“”\"]{2,90},)?"
_OPENS = re.compile(r"(?:^|[,;:“”\"\n.]|\b(?:and|but|while|meanwhile|whereas))\s*(?:(?:the|a|an|another)\s+)?$", re.I)
_ENDS = re.compile(
    r"\s*(?:$|[.,;“”\"()\n]|(?:in|on|at|who|which|adding|citing|from|late|early|referring|as|after|during|by|to|for|of|today|yesterday"
    r"|head|director|spokes\w+|a|an|the|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)",
    re.I,
)
_LONGEST_CARRY = 3  # sentences a speaker is carried over without being named again
_OPEN_QUOTE = re.compile(r"[“\"][^”\"]*$")


@dataclass(frozen=True, slots=True)
class Attribution:
    """A source of one sentence: where it is named (perhaps earlier), and the pattern that found it."""

    span: Span
    pattern: str
    sentence: int  # the sentence its words stand in


def sources_of(context: Context, sentence: int) -> list[RoleSpan]:
    """Candidate sources of a sentence as role spans, outermost first: who quotes stands before who is quoted."""
    chances = _data()["patterns"]
    found = attributions(context)[sentence]
    return [RoleSpan("source", a.span, chances.get(a.pattern, 0.3), a.sentence) for a in found]


def attributions(context: Context) -> list[list[Attribution]]:
    """For every sentence of the report its candidate sources."""
    spans = tuple((s.start, s.end) for s in context.sentences)
    return _attributions(context.text, spans)


@lru_cache(maxsize=4)
def actors_of(text: str) -> list[ActorMention]:
    """`find_actors`, remembered for the reports at hand: several stages ask for it."""
    return find_actors(text)


@lru_cache(maxsize=4)
def _attributions(text: str, sentences: tuple[tuple[int, int], ...]) -> list[list[Attribution]]:
    mentions = [m for m in actors_of(text) if m.text.lower() not in _data()["words"]["never"]]
    out: list[list[Attribution]] = []
    speaking: list[Attribution] = []
    carried = 0
    for number, (start, end) in enumerate(sentences):
        found = _explicit(text, start, end, number, mentions)
        named = [a for a in found if a.pattern not in ("told", "denied", "claimed")]
        if named:
            speaking, carried = named, 0
        elif speaking and carried < _LONGEST_CARRY:
            how = _continues(text, start, end, sentences[number - 1])
            if how:
                found += [Attribution(a.span, how, a.sentence) for a in speaking if a.pattern != "told"]
                carried += 1
            else:
                speaking = []
        out.append(found)
    return out


def _explicit(text: str, start: int, end: int, number: int, mentions: list[ActorMention]) -> list[Attribution]:
    """The sources named in one sentence, one each, by the surest pattern, in order of who quotes whom, then of the text."""
    here = [m for m in mentions if start <= m.start and m.end <= end]
    grammar = _grammar()
    found: list[Attribution] = []

    def add(span: Span | None, pattern: str) -> None:
        if span is not None and not any(a.span.overlaps(span) for a in found):
            found.append(Attribution(span, pattern, number))

    for match in grammar["quote"].finditer(text, start, end):
        add(_before(text, match.start(), start, here), "quoting")
        add(_after(text, match.end(), end, here), "quoted")
    for match in grammar["according"].finditer(text, start, end):
        add(_after(text, match.end(), end, here), "according")
        for joint in _joined_after(text, found[-1].span.end if found else match.end(), end, here):
            add(joint, "according")
    for match in grammar["tell"].finditer(text, start, end):
        add(teller := _before(text, match.start(), start, here), "said")
        for joint in _joined_before(text, teller.start, here) if teller else []:
            add(joint, "said")
        add(_after(text, match.end(), end, here), "told")
    for name, pattern in (("claim", "claimed"), ("deny", "denied"), ("say", "said")):
        for match in grammar[name].finditer(text, start, end):
            inverted = pattern == "said" and re.search(
                r"[,”\"’]\s*$", text[max(start, match.start() - 3) : match.start()]
            )
            behind = _after(text, match.end(), end, here)
            if behind and not _ENDS.match(text, behind.end, end):
                behind = None
            if inverted and behind:
                add(behind, "inverted")
                continue
            before = _before(text, match.start(), start, here)
            add(before, pattern)
            for joint in _joined_before(text, before.start, here) if before else []:
                add(joint, pattern)
            if before is None and pattern == "said" and match.end() < end:
                add(behind, "behind")
    return found


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
    return _trimmed(text, min((m for m in fits if m.end == end), key=lambda m: m.start))


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
    return _trimmed(text, max(fits, key=lambda m: (m.end, -m.start)))


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


def _continues(text: str, start: int, end: int, before: tuple[int, int]) -> str | None:
    """How the sentence goes on with the speech before it: by a pronoun or noun that speaks, an open quotation, or a new one."""
    said = text[start:end]
    if _grammar()["carry"].search(said):
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


@cache
def _grammar() -> dict[str, re.Pattern[str]]:
    words = _data()["words"]

    def any_of(*lists: str) -> str:
        found = sorted({w for name in lists for w in words[name]}, key=len, reverse=True)
        return "(?:" + "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in found) + ")"

    out = {
        name: re.compile(rf"\b{any_of(name)}\b", re.I)
        for name in ("say", "deny", "claim", "tell", "quote", "according")
    }
    skipped = rf"(?:\s*[,’'”\"]?\s*\b{any_of('between')}\b)*"
    out["gap"] = re.compile(rf"(?:\s*\([^()]{{1,20}}\))?{_CLAUSE}{skipped}\s*,?\s*", re.I)
    capital = r"(?:[A-Z][\w’'-]+|(?:al|el|as|ash|an)-[A-Z][\w’'-]+|bin|ibn|de|van)"
    out["office"] = re.compile(
        rf"(?P<name>(?!(?:In|On|At|But|And|The|A|An|Since|After|Earlier|Meanwhile|Last|This|That)\b)[A-Z][\w’'.-]+(?:\s+{capital}){{0,4}})(?=,\s)"
    )
    speaks = any_of("say", "deny", "tell")
    out["carry"] = re.compile(
        rf"\b(?:{any_of('speaker_pronouns')}(?:\s+(?:also|later|has|had|further|then))*\s+{speaks}|{any_of('speech_nouns')}\b|{speaks}\s+{any_of('speaker_pronouns')}\b)",
        re.I,
    )
    return out
