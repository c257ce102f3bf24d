"""Standing relations between actors (who supports, opposes or is part of whom) by the patterns of `codebook/relations.toml`.

Four forms: `verb` ("Russia supports X"), `passive` ("X, backed by Y": Y supports X), `hyphen` ("Iran-backed militias": Iran
supports the militias) and `owner` ("Hamas's armed wing, Y"). Both parties must be actors by name or kind; precision comes first.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import mahdar.codebook
from mahdar.model import Relation, Span
from mahdar.reading.context import Context, actors_of
from mahdar.reading.cues import either
from mahdar.reading.wording import alike, is_pronoun
from mahdar.who import ActorMention

_PARTIES = ("armed", "state", "official")
_WORD = re.compile(r"\w+")
_ARTICLE = re.compile(r"(?:(?:the|a|an|that|and|some|several|many|other|another|both|its|their|with)\s+)+", re.I)


@dataclass(frozen=True, slots=True)
class _Pattern:
    relation: str
    form: str
    words: re.Pattern[str]
    not_after: re.Pattern[str] | None
    of_patron: frozenset[str]
    marks: frozenset[str]  # the longest word of each wording: a sentence without any of them need not be searched


def find_relations(context: Context) -> list[Relation]:
    """The relations a report states, each once, by the sentence that states it first."""
    text = context.text
    parties = [m for m in actors_of(text) if m.cls in _PARTIES]
    starts = [m.start for m in parties]
    out: list[Relation] = []
    for s in context.sentences:
        here = parties[bisect_left(starts, s.start) : bisect_left(starts, s.end)]
        if not here:
            continue
        held = set(_WORD.findall(text[s.start : s.end].lower()))
        patterns = [p for p in _patterns() if not held.isdisjoint(p.marks)]
        for pattern in patterns:
            for match in pattern.words.finditer(text, s.start, s.end):
                for subject, object_ in _ends(pattern, match, text, s, here):
                    _add(out, context, s, pattern.relation, subject, object_)
    return sorted(out, key=lambda r: (r.evidence.span, r.subject.span, r.object.span))


def _add(out: list[Relation], context: Context, sentence: Span, relation: str, subject: Span, object_: Span) -> None:
    text = context.text
    a, b = text[subject.start : subject.end], text[object_.start : object_.end]
    if alike(a, b) or subject.overlaps(object_):
        return
    known = any(r.relation == relation and alike(r.subject.text, a) and alike(r.object.text, b) for r in out)
    if not known:
        words = context.report.words
        kind: Any = relation
        evidence = words(sentence.start, sentence.end)
        out.append(Relation(words(subject.start, subject.end), kind, words(object_.start, object_.end), evidence))


def _ends(
    pattern: _Pattern, match: re.Match[str], text: str, s: Span, here: list[ActorMention]
) -> list[tuple[Span, Span]]:
    """(subject, object) pairs that a match joins."""
    if pattern.form == "hyphen":
        return _hyphened(pattern, match, text, here)
    if pattern.form == "owner":
        return _owned(match, text, here)
    if pattern.not_after and pattern.not_after.search(text[max(s.start, match.start() - 24) : match.start()]):
        return []
    left = _left(text, match.start(), here)
    rights = _rights(text, match.end(), s.end, here) or _leader(text, match, here)
    if left is None:
        return []
    return [(r, left) if pattern.form == "passive" else (left, r) for r in rights]


def _left(text: str, at: int, here: list[ActorMention]) -> Span | None:
    """The party that ends before the words with nothing between but small words or a comma."""
    fits = [m for m in here if m.end <= at and _between().fullmatch(text, m.end, at)]
    if not fits:
        return None
    end = max(m.end for m in fits)
    return _party(text, min((m for m in fits if m.end == end), key=lambda m: m.start))


def _rights(text: str, at: int, end: int, here: list[ActorMention]) -> list[Span]:
    """The party right behind the words, and those joined to it by "and" or a comma."""
    out: list[Span] = []
    joint = re.compile(r"\s+(?:(?:the|a|an|its|both|local|rival)\s+)?[“\"'‘]?")
    while gap := joint.match(text, at, end):
        fits = [m for m in here if at < m.start <= gap.end()]
        if not fits:
            break
        longest = max(fits, key=lambda m: (m.end, -m.start))
        if _of_theirs().match(text, longest.end, end):
            break
        party = _party(text, longest)
        if party is None:
            break
        out.append(party)
        at = longest.end
        joint = re.compile(r"\s+and\s+(?:(?:the|a|an|its)\s+)?")
    return out


def _leader(text: str, match: re.Match[str], here: list[ActorMention]) -> list[Span]:
    """Whom "him" stands for behind the words: the leader last named in the sentence, alone or as whose forces they are."""
    if not _leader_pronoun().match(text, match.end()):
        return []
    for m in reversed(
        [m for m in here if m.end < match.start() and m.cls in ("state", "official") and m.how != "country"]
    ):
        name = re.compile(r"(?:[A-Z][\w’'-]+|al-[A-Z]\w+)(?:\s+(?:[A-Z][\w’'-]+|al-[A-Z]\w+))*").search(
            text, m.start, m.end
        )
        if name:
            return [Span(*name.span())]
    return []


def _hyphened(pattern: _Pattern, match: re.Match[str], text: str, here: list[ActorMention]) -> list[tuple[Span, Span]]:
    """ "Iran-backed militias": the patron before the hyphen, and the rest of the phrase behind it."""
    whole = next((m for m in here if m.start <= match.start("first") and match.end() < m.end), None)
    patron = Span(match.start("first"), match.end("first"))
    inside = [m for m in here if m.end == patron.end and m.start >= patron.start - 24]
    if inside:
        patron = Span(min(m.start for m in inside), patron.end)
    lead = _ARTICLE.match(text, patron.start, patron.end)
    patron = Span(lead.end(), patron.end) if lead else patron
    if whole is None or patron.start >= patron.end or _of_theirs().match(text, whole.end):
        return []
    client = Span(match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip()), whole.end)
    said = text[client.start : client.end]
    if not said or not _is_party(said) or not text[patron.start].isupper():
        return []
    if text[match.start("word") : match.end("word")].lower() in pattern.of_patron or pattern.relation == "part_of":
        return [(client, patron)]
    return [(patron, client)]


def _owned(match: re.Match[str], text: str, here: list[ActorMention]) -> list[tuple[Span, Span]]:
    """ "Hamas's armed wing, the Qassam Brigades": the named wing is part of its owner."""
    owner = [m for m in here if m.how == "name" and re.fullmatch(r"(?:['’]s?)\s+", text[m.end : match.start()])]
    behind = re.compile(r",?\s+(?:the\s+)?").match(text, match.end())
    named = [m for m in here if behind and m.how == "name" and match.end() < m.start <= behind.end()]
    if not owner or not named:
        return []
    whole, part = _party(text, owner[0]), _party(text, max(named, key=lambda m: m.end))
    return [(part, whole)] if whole and part else []


def _lead_end(text: str, m: ActorMention) -> int:
    lead = _ARTICLE.match(text, m.start, m.end)
    return lead.end() if lead else m.start


def _party(text: str, m: ActorMention) -> Span | None:
    """The mention without its article, if it can be a party."""
    span = Span(min(_lead_end(text, m), m.end), m.end)
    return span if _is_party(text[span.start : span.end]) else None


def _is_party(said: str) -> bool:
    return bool(said.strip()) and not is_pronoun(said) and said.lower() not in _no_party()


@cache
def _data() -> dict[str, Any]:
    path = Path(mahdar.codebook.__file__).with_name("relations.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _no_party() -> frozenset[str]:
    return frozenset(_data()["words"]["no_party"])


@cache
def _between() -> re.Pattern[str]:
    return re.compile(rf"(?:\s*\([^()]{{1,20}}\))?(?:\s*,?\s*\b{either(_data()['words']['between'])}\b)*\s*,?\s*", re.I)


@cache
def _leader_pronoun() -> re.Pattern[str]:
    return re.compile(rf"\s+{either(_data()['words']['leader_pronouns'])}\b", re.I)


@cache
def _of_theirs() -> re.Pattern[str]:
    return re.compile(rf"\s*{either(_data()['words']['no_object_before'])}(?!\w)", re.I)


@cache
def _patterns() -> tuple[_Pattern, ...]:
    out = []
    for row in _data()["pattern"]:
        words = either(row["words"])
        shape = rf"(?<![\w-]){words}(?![\w-])"
        if row["form"] == "hyphen":
            shape = (
                rf"(?P<first>(?:[A-Z][\w.’']*|al-[A-Z]\w+)(?:[\s-][A-Z][\w.]*)?)\s?[-–‑]\s?(?P<word>(?i:{words}))(?=\s)"
            )
        barred = row.get("not_after")
        not_after = re.compile(rf"\b{either(barred)}\s+(?:\w+\s+)?$", re.I) if barred else None
        flags = re.NOFLAG if row["form"] == "hyphen" else re.I
        patron = frozenset(row.get("of_patron", ()))
        marks = frozenset(max(_WORD.findall(said.lower()), key=len) for said in row["words"])
        out.append(_Pattern(row["relation"], row["form"], re.compile(shape, flags), not_after, patron, marks))
    return tuple(out)
