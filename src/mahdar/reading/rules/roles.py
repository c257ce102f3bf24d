"""Who, where, when and how many around a trigger, without a parser: candidates by name, weighed by how they stand to it.

A candidate's probability is a fitted score (`role_ROLE` in `scores.json`) of where it stands (before, after, behind "by" or "on",
how far), what it is (armed, state, civil) and how the trigger is built (passive, a noun), in its sentence and the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from mahdar.model import Span
from mahdar.reading.attribution import attributions, sources_of
from mahdar.reading.context import Context, actors_of
from mahdar.reading.cues import any_word, pattern
from mahdar.reading.figures import numbers
from mahdar.reading.labels import FIGURE_ROLES
from mahdar.reading.mentions import Mention, RoleSpan, logit
from mahdar.reading.scoring import Scores
from mahdar.reading.wording import is_pronoun
from mahdar.who import ActorMention

Features = dict[str, float]
Candidate = tuple[str, Span, int, Features]  # role, words, their sentence, features

LEAST = 0.12  # probability from which a candidate is worth assembly's while
MOVES = frozenset({"displacement", "return_of_displaced", "change_to_group_activity"})
_PASSIVE = re.compile(r"\b(?:was|were|been|being|is|are|be|got)\s+(?:\w+ly\s+|also\s+|reportedly\s+)?$", re.I)
_LEAD = re.compile(r"(?:(?:that|and|when|where|as)\s+)+", re.I)
_PREPOSITION = re.compile(
    r"\b(by|on|against|at|in|near|of|from|to|into|between|with|towards?|around|outside|across|targeting|among|over|for|and|inside"
    r"|through|within|including|who|,)\s*(?:the\s+|an?\s+|its\s+|their\s+)?(?:\w+\s+)?$",
    re.I,
)
_CLAUSE_MARK = re.compile(r"[,;:—–]|\b(?:that|who|which|while|when|where|after|before|but|as)\b", re.I)


def find_roles(mention: Mention, context: Context, scores: Scores) -> list[RoleSpan]:
    """The role spans of a mention, in order of the text."""
    out = []
    for role, span, sentence, features in candidates(mention, context):
        p = scores[f"role_{role}"](features)
        if p >= LEAST:
            out.append(RoleSpan(role, span, p, sentence))
    return sorted(out, key=lambda r: (r.span, r.role))


def candidates(mention: Mention, context: Context) -> Iterator[Candidate]:
    """Everything that may fill a slot of the mention, with its features."""
    yield from _actors(mention, context)
    yield from _places(mention, context)
    yield from _times(mention, context)
    yield from _figures(mention, context)
    yield from _sources(mention, context)
    yield from _agreements(mention, context)


def _standing(mention: Mention, span: Span, context: Context, sentence: int) -> tuple[Features, str]:
    """How the words stand to the trigger, and the word that leads to them."""
    text = context.text
    if sentence != mention.sentence:
        return {"earlier": 1.0}, "earlier"
    low, high = min(span.end, mention.trigger.end), max(span.start, mention.trigger.start)
    between = text[low:high] if low < high else ""
    side = "before" if span.end <= mention.trigger.start else "after" if span.start >= mention.trigger.end else "within"
    s = context.sentences[sentence]
    lead = _PREPOSITION.search(text[max(s.start, span.start - 24) : span.start])
    word = lead.group(1).lower() if lead else ("start" if span.start - s.start < 5 else "none")
    apart = len(between.split())
    return {
        side: 1.0,
        "apart": min(apart, 20) / 20,
        f"next_{side}": float(apart <= 2),
        f"marks_{side}": min(len(_CLAUSE_MARK.findall(between)), 3) / 3,
        f"lead_{word}": 1.0,
        f"{side}_{word}": 1.0,
    }, side


def _voice(mention: Mention, context: Context) -> str:
    text, t = context.text, mention.trigger
    said = text[t.start : t.end].lower().split()[-1]
    if _PASSIVE.search(text[max(0, t.start - 28) : t.start]):
        return "passive"
    if re.match(r"\s+by\b", text[t.end : t.end + 4]):
        return "passive"
    return "active" if said.endswith(("ed", "ing")) else "noun"


def _kind(code: str) -> str:
    """Families of types whose actors and targets stand alike."""
    if code in ("displacement", "return_of_displaced"):
        return "people"
    if code in ("armed_clash", "agreement", "casualty_toll", "change_to_group_activity", "access_obstruction"):
        return code
    return "deed"


def _actors(mention: Mention, context: Context) -> Iterator[Candidate]:
    text, voice, kind = context.text, _voice(mention, context), _kind(mention.type)
    speaking = [a.span for a in attributions(context)[mention.sentence]]
    first_of: set[int] = set()
    low = context.sentences[max(0, mention.sentence - 1)].start
    for m in _outermost(text):
        if not low <= m.start < context.sentences[mention.sentence].end:
            continue
        sentence = context.sentence_at(m.start)
        lead = _LEAD.match(text, m.start, m.end)
        span = Span(lead.end() if lead else m.start, m.end)
        if span.start >= span.end or is_pronoun(text[span.start : span.end]) or span.overlaps(mention.trigger):
            continue
        standing, side = _standing(mention, span, context, sentence)
        owns = text[span.end : span.end + 2] in ("'s", "’s") or text[span.end - 1 : span.end + 1] in ("s'", "s’")
        features = {
            **standing,
            f"cls_{m.cls}": 1.0,
            f"how_{m.how}": 1.0,
            f"{side}_{m.cls}": 1.0,
            f"{side}_{voice}": 1.0,
            f"{side}_{voice}_{m.cls}": 1.0,
            f"{side}_{kind}": 1.0,
            f"{kind}_{m.cls}": 1.0,
            f"type_{mention.type}": 1.0,
            f"owner_{side}": float(owns),
            "first": float(sentence not in first_of),
            "counted": float(
                bool(
                    re.match(
                        r"(?:at least|more than|about|some|\d|two|three|four|five|six|seven|eight|nine|ten|dozens|hundreds|an? )",
                        text[span.start : span.end],
                        re.I,
                    )
                )
            ),
            "speaks": float(any(span.overlaps(x) for x in speaking)),
            "alone": float(m.how == "country" and " " not in m.text),
        }
        first_of.add(sentence)
        yield "actor", span, sentence, features
        yield "target", span, sentence, features


@lru_cache(maxsize=4)
def _outermost(text: str) -> list[ActorMention]:
    """The actors of a text in their fullest wording: none that stands within another."""
    out: list[ActorMention] = []
    for m in actors_of(text):  # by start, the longer first
        if not out or m.end > out[-1].end:
            out.append(m)
    return out


def _places(mention: Mention, context: Context) -> Iterator[Candidate]:
    text = context.text
    actors = [(m.start, m.end) for m in actors_of(text) if m.how != "country"]
    seen_here = 0
    for t in context.places.toponyms:
        sentence = context.sentence_at(t.start)
        if t.is_adjective or not mention.sentence - 1 <= sentence <= mention.sentence:
            continue
        span = Span(t.start, t.end)
        standing, side = _standing(mention, span, context, sentence)
        preposition = _PREPOSITION.search(text[max(context.sentences[sentence].start, t.start - 24) : t.start])
        word = preposition.group(1).lower() if preposition else "none"
        features = {
            **standing,
            f"kind_{t.kind}": 1.0,
            f"{side}_kind_{t.kind}": 1.0,
            f"word_{word}": 1.0,
            "in_name": float(any(a <= t.start and t.end <= b for a, b in actors)),
            "agreement_name": float(t.in_agreement_name),
            "unknown": float(t.place is None),
            "first": float(seen_here == 0),
            "surely": t.confidence,
            "contains_next": float(bool(re.match(r",?\s+(?:in|of)\b|,", text[t.end : t.end + 6]))),
            f"family_{_kind(mention.type)}": 1.0,
        }
        seen_here += sentence == mention.sentence
        yield "at", span, sentence, features
        if mention.type in MOVES:
            moves = {**features, f"type_{mention.type}": 1.0}
            yield "from", span, sentence, moves
            yield "to", span, sentence, moves


def _times(mention: Mention, context: Context) -> Iterator[Candidate]:
    for sentence in (mention.sentence, mention.sentence - 1):
        found = context.times_in(sentence) if sentence >= 0 else []
        for t in found:
            if not (t.interval_start or t.interval_end):
                continue
            standing, _ = _standing(mention, Span(t.start, t.end), context, sentence)
            yield (
                "time",
                Span(t.start, t.end),
                sentence,
                {
                    **standing,
                    f"precision_{t.precision}": 1.0,
                    f"kind_{t.kind}": 1.0,
                    f"anchor_{t.anchor}": 1.0,
                    "alone": float(len(found) == 1),
                    "since": float(t.opening == "since"),
                    f"family_{_kind(mention.type)}": 1.0,
                },
            )


def _figures(mention: Mention, context: Context) -> Iterator[Candidate]:
    text, s = context.text, context.sentences[mention.sentence]
    found = numbers(text, s.start, s.end)
    for i, n in enumerate(found):
        left = found[i - 1].end if i else s.start
        right = found[i + 1].start if i + 1 < len(found) else s.end
        before, after = text[left : n.start], text[n.end : right]
        features: Features = {f"type_{mention.type}": 1.0, "first": float(i == 0), "several": float(len(found) > 2)}
        for what in ("killed", "injured", "displaced", "other"):
            cue = pattern("figures", what)
            behind, ahead = cue.search(after), list(cue.finditer(before))
            features[f"{what}_behind"] = float(bool(behind))
            features[f"{what}_close_behind"] = float(bool(behind and len(after[: behind.start()].split()) <= 4))
            features[f"{what}_ahead"] = float(bool(ahead))
            features[f"{what}_close_ahead"] = float(bool(ahead and len(before[ahead[-1].end() :].split()) <= 2))
            features[f"{what}_first"] = float(_first_cue(after) == what)
        features["people"] = float(bool(_PEOPLE.match(after)))
        features["including"] = float(bool(re.search(r"\b(?:including|among them|of them)\b", before[-24:])))
        features["small"] = float((n.high or n.low or 0) < 12)
        features["large"] = float((n.low or n.high or 0) >= 1000)
        for role in (*FIGURE_ROLES, "other_figure"):
            yield role, Span(n.start, n.end), mention.sentence, features


_PEOPLE = any_word(
    "people civilians persons children soldiers troops fighters militants rebels police policemen officers men women others"
    " villagers members terrorists insurgents residents protesters".split()
)


def _first_cue(after: str) -> str | None:
    """The kind of the cue that comes first behind a number."""
    found = [
        (m.start(), what)
        for what in ("killed", "injured", "displaced")
        if (m := pattern("figures", what).search(after))
    ]
    return min(found)[1] if found else None


def _sources(mention: Mention, context: Context) -> Iterator[Candidate]:
    how = {a.span: a.pattern for a in attributions(context)[mention.sentence]}
    for r in sources_of(context, mention.sentence):
        yield (
            "source",
            r.span,
            r.sentence,
            {
                "probability": logit(r.probability),
                f"by_{how[r.span]}": 1.0,
                f"{how[r.span]}_{_kind(mention.type)}": 1.0,
                "elsewhere": float(r.sentence != mention.sentence),
            },
        )


_NAMED = re.compile(r"(?:[\w’'-]+\s+){0,3}$")


def _agreements(mention: Mention, context: Context) -> Iterator[Candidate]:
    text, s = context.text, context.sentences[mention.sentence]
    for head in pattern("agreements", "heads").finditer(text, s.start, s.end):
        start = head.start()
        while word := re.search(
            r"(?:\b[A-Z][\w’'-]+|\b(?:peace|ceasefire|local|evacuation|fresh|new|de-escalation|the|a))[\s\xa0]+$",
            text[s.start : start],
        ):
            start = s.start + word.start()
        yield (
            "agreement",
            Span(start, head.end()),
            mention.sentence,
            {
                f"type_{mention.type}": 1.0,
                "named": float(text[start : start + 1].isupper() and start > s.start),
                "is_trigger": float(Span(start, head.end()).overlaps(mention.trigger)),
                "since": float(
                    bool(
                        re.search(
                            r"\b(?:since|under|violat\w+|breach\w*|despite|following)\b",
                            text[max(s.start, start - 30) : start],
                        )
                    )
                ),
            },
        )
