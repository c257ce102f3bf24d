"""A group of mentions -> when: the surest time expression, else the day of publication if it is news, else unknown.

What is computed rather than said carries what it was inferred from. Fitted scores: `time` and `news`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mahdar.model import Span, Time, Words
from mahdar.reading.context import Context
from mahdar.reading.fillers import UNSEEN
from mahdar.reading.mentions import Mention, RoleSpan, logit
from mahdar.reading.scoring import Scores
from mahdar.when import TimeExpression
from mahdar.when.event_time import time_features

_BEGAN = ("since", "began")  # openings of times from which a report counts

_SUPERLATIVE = re.compile(r"\b(?:\w{3,}(?:est|iest)|most|worst|first|last)\b[^.;:\n]{0,80}$", re.I)
_SPAN = re.compile(r".*\b(?:years|months|weeks|days)(?P<of>\s+of)?", re.I)
_CLOCK = re.compile(
    r"\d{1,2}(?:[:.]\d\d|\s*[ap])(?:\s*[ap])?(?:\.?\s?m\b\.?)?(?:\s+(?:local(?:\s+time)?|gmt|utc))?", re.I
)
_OF = re.compile(r"\s+of\s")
_PLACE_AHEAD = re.compile(r"[A-Z][\w’'/ .-]{1,40},\s*")
_WIRE = re.compile(r"(?:,?\s*\d{4})?\s*(?:\([^()\n]{2,40}\)\s*)?[-–—]+\s")
_FAR = 100  # characters


def when(group: Sequence[Mention], context: Context, scores: Scores) -> Time:
    """The claim's time: its surest expression; else the publication date if it is news; else unknown."""
    options = [(scores["time"](features), -t.start, t, features) for t, features in time_options(group, context)]
    if options:
        confidence, _, t, features = max(options, key=lambda o: o[:2])
        old = not features["carried"] and all(context.is_past(o) for _, _, o, _ in options)
        if confidence >= scores.bars["time"] or old:
            start, end = interval(t, group, context)
            said = Words(Span(t.start, t.end), context.text[t.start : t.end])
            return Time(start, end, t.precision, said, t.anchor, scores.shown("time", confidence, t.anchor))
    if context.published:
        news = scores["news"](news_features(group, context))
        if news >= scores.bars["news"]:
            return Time(None, context.published, 2, None, "publication", scores.shown("time", news, "publication"))
        return Time(confidence=1 - news)
    return Time()


def time_options(group: Sequence[Mention], context: Context) -> list[tuple[TimeExpression, dict[str, float]]]:
    """The time expressions that may date a group of mentions, in order of the text, with what speaks for each."""
    marked: dict[int, tuple[TimeExpression, list[RoleSpan]]] = {}
    for m in group:
        for r in m.of("time"):
            t = context.time_over(r.span)
            if t and (t.interval_start or t.interval_end):
                marked.setdefault(t.start, (t, []))[1].append(r)
    sentences = {m.sentence for m in group}
    for k in sentences:
        for t in context.times_in(k):
            if t.interval_start or t.interval_end:
                marked.setdefault(t.start, (t, []))
    carried = [] if marked else _times_beside(group, context)
    marked |= {t.start: (t, []) for t in carried}
    pictured = bool(sentences & context.captions)
    marked = {
        k: v
        for k, v in marked.items()
        if not context.is_stamp(context.sentence_at(k))
        and (pictured or not context.is_of_old_picture(v[0]))
        and not _compares(v[0], context)
    }
    vague = {k for k, (t, _) in marked.items() if _is_clock(t, context) or _is_dateline(t, context)}
    if any(t.precision == 1 for k, (t, _) in marked.items() if k not in vague):
        marked = {k: v for k, v in marked.items() if k not in vague}
    out = []
    for _, (t, spans) in sorted(marked.items()):
        top = max((r.probability for r in spans if r.by == "model"), default=UNSEEN)
        ruled = max((r.probability for r in spans if r.by != "model"), default=UNSEEN)
        features = {
            "probability": logit(top),
            "unseen": float(top == UNSEEN),
            "unmarked": float(not spans),
            "by_rules": logit(ruled),
            "own_sentence": float(context.sentence_at(t.start) in sentences),
            "first_sentence": float(context.sentence_at(t.start) == group[0].sentence),
            "day": float(t.precision == 1),
            "year": float(t.precision == 4),
            "support": float(len({r.sentence for r in spans}) > 1 or len(spans) > 2),
            "story": float(t.anchor == "story"),
            "since": float(t.opening == "since"),
            "alone": float(len(marked) == 1),
            "before": float(t.start < group[0].trigger.start),
            "total": float(group[0].total > 0.5),
            "total_day": float(group[0].total > 0.5 and t.precision == 1),
            "carried": float(bool(carried)),
            "carried_since": float(bool(carried) and t.opening in _BEGAN),
            "carried_total": float(bool(carried) and group[0].total > 0.5),
            f"type:{group[0].type}": 1.0,
        }
        out.append(
            (t, features | time_features(context.text, _nearest_trigger(t, group, context), t, context.published))
        )
    nearest = max((features["near"] for _, features in out), default=0.0)
    for _, features in out:
        features["nearest"] = float(features["near"] == nearest and len(out) > 1)
    return out


def _is_clock(t: TimeExpression, context: Context) -> bool:
    """An hour alone: of which day, another expression tells if there is one."""
    return bool(_CLOCK.fullmatch(context.text, t.start, t.end))


def _is_dateline(t: TimeExpression, context: Context) -> bool:
    """The day of a dateline ("ORVAN, Oct 30 (Harbour Wire) - …") is that of writing, if another is told."""
    start = context.sentences[context.sentence_at(t.start)].start
    return bool(_PLACE_AHEAD.fullmatch(context.text, start, t.start) and _WIRE.match(context.text, t.end))


def _compares(t: TimeExpression, context: Context) -> bool:
    """Whether a time only says how long nothing like the event has been ("the deadliest attack since 2017") or how long something
    else was ("after five years of war")."""
    if t.opening == "since":
        return bool(_SUPERLATIVE.search(context.text, max(0, t.start - _FAR), t.start))
    said = _SPAN.fullmatch(context.text, t.start, t.end)
    return said is not None and (bool(said["of"]) or bool(_OF.match(context.text, t.end)))


def interval(t: TimeExpression, group: Sequence[Mention], context: Context) -> tuple[str | None, str | None]:
    """The days a claim covers that this expression dates. A total counted from when something began runs to publication;
    what "since" starts from happened then ("since rebels seized it in 2012"), and so did an agreement in place since."""
    in_place = t.opening == "since" and group[0].type == "agreement" and t.named != (None, None)
    if in_place or any(t.tells(m.trigger.start) for m in group):
        return t.named
    start, end = t.interval_start, t.interval_end
    runs_on = t.opening == "since" or (t.opening == "began" and group[0].total > 0.5)
    if runs_on and context.published and (end is None or t.opening == "began"):
        end = context.published
    return start, end


def news_features(group: Sequence[Mention], context: Context) -> dict[str, float]:
    """Is an event without a time the news of the day, or background?"""
    first = group[0]
    s = context.sentences[first.sentence]
    said = context.text[s.start : s.end].lower()
    before = context.text[max(s.start, first.trigger.start - 24) : first.trigger.start].lower()
    return {
        "first": float(first.sentence <= 1),
        "early": float(first.sentence <= 4),
        "late": first.sentence / max(1, len(context.sentences)),
        "headline": float(first.sentence in context.is_headline),
        "total": float(first.total > 0.5),
        "not_asserted": float(first.status != "asserted"),
        "had": float(bool(re.search(r"\bhad\b", before))),
        "has": float(bool(re.search(r"\b(?:has|have|is|are)\b", before))),
        "restated": float(len(group) > 1),
        "dated": float(any(t.precision == 4 for t in context.times_in(first.sentence))),
        "timed": float(bool(context.times_in(first.sentence))),
        "since": float("since" in said),
        "after": float(bool(re.search(r"\b(?:after|when|where|following|which)\b", before))),
        f"type:{first.type}": 1.0,
    }


def _times_beside(group: Sequence[Mention], context: Context) -> list[TimeExpression]:
    """Of mentions without a time of their own: those of the sentences next to theirs, and, for a total, since when the report
    counts ("since the conflict began in April 2023")."""
    own = {m.sentence for m in group}
    beside = {k + step for k in own for step in (-1, 1)} - own
    total = group[0].total > 0.5
    return [
        t
        for t in context.times
        if (t.interval_start or t.interval_end)
        and (context.sentence_at(t.start) in beside or (total and t.opening in _BEGAN))
        and not _dates_another(t, group, context)
    ]


def _dates_another(t: TimeExpression, group: Sequence[Mention], context: Context) -> bool:
    """Whether the network gives the time to an event of another type in its own sentence, and to none of the group's type."""
    k, span = context.sentence_at(t.start), Span(t.start, t.end)
    dated = {m.type for m in context.mentions if m.sentence == k and any(r.span.overlaps(span) for r in m.of("time"))}
    return bool(dated) and group[0].type not in dated


def _nearest_trigger(t: TimeExpression, group: Sequence[Mention], context: Context) -> tuple[int, int]:
    """The group's trigger nearest to an expression, of those in its own sentence if there are any."""
    k = context.sentence_at(t.start)
    triggers = [m.trigger for m in group if m.sentence == k] or [m.trigger for m in group]
    nearest = min(triggers, key=lambda s: min(abs(s.start - t.end), abs(t.start - s.end)))
    return nearest.start, nearest.end
