"""Candidate mentions by the lexicon: a sentence, a type, the words that tell of it, and features that tell real from false."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from mahdar.codebook.lexicon import Entry, Lexicon
from mahdar.model import Span, Status
from mahdar.reading.attribution import attributions
from mahdar.reading.context import Context
from mahdar.reading.cues import listed, names, pattern
from mahdar.reading.labels import FIGURE_ROLES
from mahdar.reading.mentions import Mention, logit
from mahdar.reading.rules.roles import find_roles
from mahdar.reading.scoring import Scores

HERE = Path(__file__).parent
LEAST = 0.12  # lexicon weight from which a type is looked into
TYPES_A_SENTENCE = 4  # the surest only
_COUNTED = (*FIGURE_ROLES, "other_figure")
_WHOLE_WORD = re.compile(r"[\w-]+")
_CLAUSE_END = re.compile(r"[;:.!?]|,\s+(?:but|and|while)\b|\b(?:but|while|although)\b", re.I)


def find_mentions(context: Context, lexicon: Lexicon | None = None) -> list[Mention]:
    """All candidate mentions of a report in order of their triggers, with features, unscored; none of them filled."""
    lexicon = lexicon or Lexicon.load()
    told = [best_hits(context, i, lexicon) for i in range(len(context.sentences))]
    top = [max((w for _, _, w, _ in found), default=0.02) for found in told]
    report = _report_features(context, top)
    out: list[Mention] = []
    for number, found in enumerate(told):
        here = _sentence_features(context, number) if found else {}
        for trigger, code, weight, others in found:
            rival = max((w for _, c, w, _ in found if c != code), default=0.02)
            features = {
                "lexicon": logit(weight),
                "others": min(others, 3) / 3,
                "rival": logit(rival),
                "beside_before": logit(top[number - 1] if number else 0.02),
                "beside_after": logit(top[number + 1] if number + 1 < len(top) else 0.02),
                **report,
                **here,
                **_trigger_features(context, number, trigger),
            }
            out.append(Mention(code, number, trigger, [], 0.0, _statuses(context, number, trigger), features))
    return sorted(out, key=lambda m: (m.trigger, m.type))


def fill(mentions: Iterable[Mention], context: Context, scores: Scores | None = None) -> None:
    """Give each mention its role spans and its chance of being a total. The dear part: only for likely ones."""
    scores = scores or Scores.load(HERE / "scores.json")
    for mention in mentions:
        mention.roles = find_roles(mention, context, scores)
        mention.total = scores["total"](total_features(mention, context))


def best_hits(context: Context, number: int, lexicon: Lexicon) -> list[tuple[Span, str, float, int]]:
    """For each likely type of a sentence: its surest words, their weight, and how many other words tell of it too."""
    s = context.sentences[number]
    by_type: dict[str, list[tuple[int, int, Entry]]] = defaultdict(list)
    for start, end, entry in lexicon.hits(context.text, s.start, s.end):
        by_type[entry.type].append((start, end, entry))
    out = []
    for code, found in by_type.items():
        whole = [h for h in found if not any(_inside(h, other) for other in found)]
        start, end, entry = max(whole, key=lambda h: (h[2].weight, h[0] - h[1], -h[0]))
        if entry.weight >= LEAST:
            others = len({h[2].key for h in whole if h[1] <= start or h[0] >= end})
            out.append((Span(start, end), code, entry.weight, others))
    return sorted(out, key=lambda t: (-t[2], t[1]))[:TYPES_A_SENTENCE]


def _inside(hit: tuple[int, int, Entry], other: tuple[int, int, Entry]) -> bool:
    return other[0] <= hit[0] and hit[1] <= other[1] and hit[1] - hit[0] < other[1] - other[0]


def _report_features(context: Context, top: list[float]) -> dict[str, float]:
    size = max(1, len(top))
    out = {
        "report_top": logit(max(top, default=0.02)),
        "report_mean": sum(top) / size,
        "report_share": sum(p > 0.4 for p in top) / size,
    }
    return out | topics_of(context.text)


def topics_of(text: str) -> dict[str, float]:
    """What else a report may be about (crime, sport, weather, …): for each topic, how many of its words stand there, to five."""
    low = text.lower()
    held = set(_WHOLE_WORD.findall(low))
    out = {}
    for topic in names("topics"):
        said = listed("topics", topic)
        if any(" " in w and w in low for w in said):  # a word may be part of a longer wording of its list
            found = set(map(str.lower, pattern("topics", topic).findall(text)))
        else:
            found = held & said
        out[f"topic_{topic}"] = min(len(found), 5) / 5
    return out


def _sentence_features(context: Context, number: int) -> dict[str, float]:
    s = context.sentences[number]
    classes = {m.cls for m in context.actors_around(s) if s.start <= m.start}
    said = context.text[s.start : s.end]
    return {
        **{f"has_{c}": float(c in classes) for c in ("armed", "state", "civil", "source", "official")},
        "has_place": float(bool(context.toponyms_in(number))),
        "has_day": float(any(t.precision == 1 for t in context.times_in(number))),
        "has_time": float(bool(context.times_in(number))),
        "has_killed": float(bool(pattern("figures", "killed").search(said))),
        "attributed": float(any(a.pattern != "paragraph" for a in attributions(context)[number])),
        "question": float(said.rstrip().endswith("?")),
        "short": float(len(said) < 60),
        "long": float(len(said) > 260),
        "first": float(number == 0),
        "early": float(number <= 3),
        "headline": float(number in context.is_headline),
    }


def _trigger_features(context: Context, number: int, trigger: Span) -> dict[str, float]:
    text, s = context.text, context.sentences[number]
    before = clause_before(context, number, trigger)
    near = " ".join(text[max(s.start, trigger.start - 16) : trigger.start].lower().split())
    said = text[trigger.start : trigger.end].lower()
    return {
        "negated": float(bool(pattern("status", "negated").search(before[-28:]))),
        "intended": float(bool(pattern("status", "intended").search(before))),
        "uncertain": float(bool(pattern("status", "uncertain").search(before))),
        "after_to": float(near.endswith(" to")),
        "after_the": float(bool(re.search(r"\b(?:the|this|that|these|those|such)$", near))),
        "after_a": float(bool(re.search(r"\b(?:an?|another|\w+ed|\w+ly)$", near))),
        "after_was": float(bool(re.search(r"\b(?:was|were|been|being|is|are|be)(?: \w+ly)?$", near))),
        "after_had": float(bool(re.search(r"\b(?:had|has|have)(?: \w+ly)?$", near))),
        "past": float(said.endswith("ed")),
        "going": float(said.endswith("ing")),
        "late_in_sentence": (trigger.start - s.start) / max(1, s.end - s.start),
        "many_words": float(" " in said or "-" in said),
    }


def clause_before(context: Context, number: int, trigger: Span) -> str:
    """The trigger's clause up to the trigger."""
    before = context.text[context.sentences[number].start : trigger.start]
    ends = [m.end() for m in _CLAUSE_END.finditer(before)]
    return before[ends[-1] if ends else 0 :]


def _statuses(context: Context, number: int, trigger: Span) -> dict[Status, float]:
    """Chances of each status by the cues that stand before the trigger: a cue says more than none."""
    before = clause_before(context, number, trigger)
    near = before[-40:]
    out: dict[Status, float] = {"asserted": 0.5, "denied": 0.0, "intended": 0.0, "uncertain": 0.0}
    if pattern("status", "denied").search(near):
        out["denied"] = 0.8
    if pattern("status", "intended").search(near):
        out["intended"] = 0.7
    if pattern("status", "uncertain").search(before[-24:]):
        out["uncertain"] = 0.6
    whole = sum(out.values())
    return {status: p / whole for status, p in out.items()}


def total_features(mention: Mention, context: Context) -> dict[str, float]:
    """Is a sum over many events told?"""
    s = context.sentences[mention.sentence]
    said = context.text[s.start : s.end].lower()
    times = context.times_in(mention.sentence)
    counts = [n for role in _COUNTED for r in mention.of(role) if (n := context.number_over(r.span))]
    most = max((n.high or n.low or 0 for n in counts), default=0)
    cues = {w.lower() for w in pattern("total", "cues").findall(said)}
    return {
        f"type:{mention.type}": 1.0,
        "since": float("since" in said or any(t.opening == "since" for t in times)),
        "cues": min(len(cues), 4) / 4,
        "year": float(any((t.precision or 0) >= 3 for t in times)),
        "day": float(any(t.precision == 1 for t in times)),
        "hundreds": float(most >= 200),
        "thousands": float(most >= 2000),
        "counted": float(bool(counts)),
        "have": float(bool(re.search(r"\b(?:have|has|had)\s+(?:been|also|now)?", said))),
    }
