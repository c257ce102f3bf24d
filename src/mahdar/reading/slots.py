"""A group of mentions -> what fills the slots of its claim.

Wordings that mean the same are brought together, the fullest is shown, and a fitted score a role (`filler_ROLE`) decides which
are kept. Nothing is kept without a span; what is computed rather than said carries what it was inferred from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from mahdar.model import Figure, FigureKind, Span, Time, Words
from mahdar.reading.attribution import attributions
from mahdar.reading.candidates import added
from mahdar.reading.context import Context
from mahdar.reading.labels import FIGURE_ROLES, OTHER_FIGURE
from mahdar.reading.mentions import Mention, RoleSpan, logit
from mahdar.reading.scoring import Scores
from mahdar.reading.wording import alike, covers, is_pronoun, words
from mahdar.when import TimeExpression
from mahdar.when.event_time import time_features
from mahdar.where import lexicon

UNSEEN = 0.05  # what a candidate counts that the network did not mark
_LONGEST = 14  # words of a wording that can still stand for a name
PLACE_ROLES = ("at", "from", "to")
_NAMES = ("name", "person")  # how an actor is told that is no place
_BEGAN = ("since", "began")  # openings of times from which a report counts
_COMPASS = frozenset(lexicon.words("parts", "compass"))
_LEAD = 3  # sentences at the top
_COUNT = re.compile(
    r"(?:about|at least|more than|over|some|nearly|around|an?|the)?\s*"
    r"(?:\d|two|three|four|five|six|seven|eight|nine|ten|dozens|hundreds|thousands)",
    re.I,
)
_JOINT = re.compile(r"\s*(?:,|,?\s*(?:and|or|&))\s+(?:the\s+|an?\s+|in\s+|from\s+|to\s+|both\s+)?", re.I)
_LONGEST_JOINT = 14
_ONE = re.compile(r"(?:an?|one|another|a single)\b", re.I)
_MANY = re.compile(r"(?:no|the|these|those|many|some|others?|civilians|people|dead|casualties)\b", re.I)


@dataclass(slots=True)
class Filler:
    """One filler of one role: all its wordings, the one shown, and how sure it is."""

    role: str
    spans: list[RoleSpan]
    features: dict[str, float] = field(default_factory=dict)
    confidence: float = 0.0
    _shown: Span | None = None

    @property
    def seen(self) -> float:
        """The network's surest view of it; `UNSEEN` where only a rule found it."""
        return max((x.probability for x in self.spans if x.by == "model"), default=UNSEEN)

    def add(self, r: RoleSpan) -> None:
        self.spans.append(r)
        self._shown = None

    def shown(self, text: str) -> Span:
        """The fullest wording: most content words, not a pronoun, not a whole clause; the earliest of equals."""
        if self._shown is None:
            self._shown = self._fullest(text)
        return self._shown

    def _fullest(self, text: str) -> Span:

        def fullness(r: RoleSpan) -> tuple[bool, bool, int, float, int]:
            said = text[r.span.start : r.span.end]
            size = len(words(said))
            return (not r.faint, not is_pronoun(said), size if size <= _LONGEST else 0, r.probability, -r.span.start)

        return max(self.spans, key=fullness).span


def fillers(group: Sequence[Mention], role: str, context: Context) -> list[Filler]:
    """The role's wordings over a group of mentions, brought together; features set, confidence not."""
    text = context.text
    out: list[Filler] = []
    wordings: list[set[str]] = []  # of each filler, so that what is said ten times is compared once
    seen = [r for m in group for r in m.options(role)] + added(role, group, context)
    for r in sorted(seen, key=lambda r: (r.faint, r.span.start - r.span.end, r.span.start)):
        said, ref = text[r.span.start : r.span.end], None
        if role in PLACE_ROLES:
            place = context.place_over(r.span).place
            if _is_no_place(r.span, place is not None, context):
                continue
            ref = place.ref if place else None
        for filler, known in zip(out, wordings, strict=True):
            if (
                said in known
                or _is_of(filler, r, ref, context)
                or any(alike(said, w) or covers(w, said) for w in known)
            ):
                filler.add(r)
                known.add(said)
                break
        else:
            out.append(Filler(role, [r]))
            wordings.append({said})
    around = _Around(group, role)
    tops = sorted((f.seen for f in out), reverse=True)
    for f in out:
        f.features = _features(f, tops, around, context)
    _add_joined(out, text)
    if role in PLACE_ROLES:
        _add_place_features(out, group, context)
    return out


def _add_joined(found: Sequence[Filler], text: str) -> None:
    """How sure what stands beside a filler in a list is ("to Aleppo and Damascus"): one of them is seldom right alone."""
    places = sorted((x.span.start, x.span.end, k) for k, f in enumerate(found) for x in f.spans)
    for (_, end, one), (start, _, other) in pairwise(places):
        if one != other and 0 < start - end < _LONGEST_JOINT and _JOINT.fullmatch(text, end, start):
            for f, beside in ((found[one], found[other]), (found[other], found[one])):
                f.features["joined"] = max(f.features.get("joined", 0.0), logit(beside.seen) + 4)


def _is_no_place(span: Span, known: bool, context: Context) -> bool:
    """A point of the compass alone ("southern"); a person's or a registered actor's name that the gazetteer does not have."""
    if _COMPASS.issuperset(context.text[span.start : span.end].lower().split()):
        return True
    return not known and any(
        m.how in _NAMES and m.start < span.end and span.start < m.end for m in context.actors_around(span)
    )


def _is_of(f: Filler, r: RoleSpan, ref: str | None, context: Context) -> bool:
    """Whether words are those of a filler, or mean the place that it means."""
    low, high = r.span.start, r.span.end
    for x in f.spans:
        if x.span.start < high and low < x.span.end:
            return True
    place = context.place_over(f.spans[0].span).place if ref is not None else None
    return place is not None and place.ref == ref


def _add_place_features(places: Sequence[Filler], group: Sequence[Mention], context: Context) -> None:
    """What a place is, how often the report names it, and how it lies to the other places that may hold."""
    sentences = {m.sentence for m in group}
    meant = [context.place_over(f.spans[0].span) for f in places]
    own = [f.features["own_sentence"] > 0 for f in places]
    lead = sentences <= set(range(_LEAD))
    speakers = attributions(context)
    for f, t, here in zip(places, meant, own, strict=True):
        others = [(o, there) for o, there in zip(meant, own, strict=True) if o is not t and o.place and t.place]
        kind = "unknown" if t.place is None else "area" if t.place.is_area and t.kind != "country" else t.kind
        kind = kind if kind in ("unknown", "area", "country", "district", "site") else "settlement"
        f.features |= {
            f"kind_{kind}": 1.0,
            f"{kind}_total": float(group[0].total > 0.5),
            f"{kind}_here": float(here),
            f"{kind}_unseen": float(f.seen == UNSEEN),
            f"{kind}_actor": float(any(context.actors_around(x.span) for x in f.spans)),
            f"{kind}_speaks": float(any(x.span.overlaps(a.span) for x in f.spans for a in speakers[x.sentence])),
            "named_share": context.share_of_place(t),
            "lonely": float(not any(own)),
            "lonely_lead": float(not any(own) and any(x.sentence < _LEAD for x in f.spans)),
            "told_in_lead": float(lead),
            "holds": float(any(t.place.holds(o.place) for o, there in others if there and t.place and o.place)),
            "held": float(any(o.place.holds(t.place) for o, there in others if there and t.place and o.place)),
        }


class _Around:
    """What a role's fillers are weighed against: the group's options for it, other roles' words, who else is told of."""

    def __init__(self, group: Sequence[Mention], role: str) -> None:
        self.group, self.role = group, role
        self.options = [m.options(role) for m in group]
        self.rivals = [r for m in group for r in m.roles if r.role != role and r.by == "model"]
        self.sentences = {m.sentence for m in group}
        self.triggers = [m.trigger.start for m in group]
        self.alike = {"claim": logit(max(m.score for m in group)), f"type:{group[0].type}": 1.0}


def _features(f: Filler, tops: Sequence[float], around: _Around, context: Context) -> dict[str, float]:
    """What speaks for and against a filler: the network's view, the rules', and how it stands to the group and the report."""
    group, role, spans = around.group, around.role, f.spans
    said = context.text[slice(*_ends(f.shown(context.text)))]
    low, high = min(x.span.start for x in spans), max(x.span.end for x in spans)
    own = {id(x) for x in spans}
    own_of = [[r for r in options if id(r) in own] for options in around.options]
    support = sum(any(not r.faint for r in mine) for mine in own_of)
    top, best = f.seen, tops[0]
    ruled: dict[str, float] = {}
    for x in spans:
        if x.by != "model":
            ruled[x.by] = max(x.probability, ruled.get(x.by, 0.0))
    seen_by = [max((r.probability for r in mine), default=UNSEEN) for mine in own_of]
    content = words(said)
    found = {
        "probability": logit(top),
        "mean": logit(sum(seen_by) / len(seen_by)),
        "behind": logit(best) - logit(top),
        "ahead": logit(top) - logit(tops[1]) if top == best and len(tops) > 1 else 0.0,
        "second": float(len(tops) > 1 and top == tops[1] != best),
        "unseen": float(top == UNSEEN),
        "none_seen": float(best == UNSEEN),
        **{f"by_{by}": logit(p) + 4 for by, p in ruled.items()},
        "support": float(support > 1),
        "share": support / len(group),
        "own_sentence": float(any(x.sentence in around.sentences for x in spans)),
        "pronoun": float(is_pronoun(said)),
        "several": float(len(tops) > 1),
        "many": float(len(tops) > 3),
        "long": float(len(content) > 7),
        "empty": float(not content),
        "words": math.log1p(len(content)),
        "named": float(said[:1].isupper()),
        "counted": float(bool(_COUNT.match(said))),
        "far": math.log1p(min(abs(x.span.start - start) for x in spans for start in around.triggers) / 40),
        "elsewhere": context.share_of(role, said, group),
        **around.alike,
    }
    for r in around.rivals:
        if r.span.start < high and low < r.span.end and any(r.span.overlaps(x.span) for x in spans):
            rival = f"rival_{r.role}"
            found[rival] = max(found.get(rival, 0.0), r.probability)
    taken = max(context.elsewhere(role, x.span, group) for x in spans)
    found["taken"] = taken
    found["taken_surer"] = max(0.0, logit(max(taken, UNSEEN)) - logit(top))
    return found


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end


def keep(group: Sequence[Mention], role: str, context: Context, scores: Scores) -> list[Filler]:
    """The fillers of a role that are sure enough, in order of the text."""
    score, bar = scores[f"filler_{role}"], scores.bars[f"filler_{role}"]
    out = fillers(group, role, context)
    for f in out:
        f.confidence = score(f.features)
    kept = [f for f in out if f.confidence >= bar and words(context.text[slice(*_ends(f.shown(context.text)))])]
    return sorted(kept, key=lambda f: f.shown(context.text))


def figures(group: Sequence[Mention], context: Context, scores: Scores) -> list[Figure]:
    """Counts with their ranges; the same range of the same kind only once, and one number of one kind only."""
    found: list[Figure] = []
    for role in (*FIGURE_ROLES, "other_figure"):
        what: FigureKind = FIGURE_ROLES.get(role) or OTHER_FIGURE.get(group[0].type, "other")
        for filler in keep(group, role, context, scores):
            for r in sorted(filler.spans, key=lambda r: r.span):
                count = count_of(r.span, context)
                if count:
                    span, low, high = count
                    said = Words(span, context.text[span.start : span.end])
                    found.append(Figure(what, low, high, said, confidence=filler.confidence))
    out: list[Figure] = []
    for f in sorted(found, key=lambda f: (-f.confidence, f.words.span)):
        if not any(
            (f.low, f.high) == (k.low, k.high) and (f.what == k.what or f.words.span.overlaps(k.words.span))
            for k in out
        ):
            out.append(f)
    return sorted((f for f in out if not _is_hedged(f, out)), key=lambda f: f.words.span)


def _is_hedged(figure: Figure, all_of_them: Sequence[Figure]) -> bool:
    """The headline's "10 killed" beside "at least 10 killed": annotators give the careful wording alone (in 11 of 13)."""
    return figure.low == figure.high and any(
        f.what == figure.what and (f.low, f.high) in ((figure.low, None), (None, figure.high)) for f in all_of_them
    )


def count_of(span: Span, context: Context) -> tuple[Span, int | None, int | None] | None:
    """The number in (or around the start of) a figure's words, with its span; a single person without a number is 1."""
    number = context.number_over(span)
    if number:
        return Span(min(number.start, span.start), max(number.end, span.end)), number.low, number.high
    said = context.text[span.start : span.end]
    if _ONE.match(said) or (said[:1].isupper() and not _MANY.match(said) and not said.lower().endswith("s")):
        return span, 1, 1
    return None


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
        if not context.is_stamp(context.sentence_at(k)) and (pictured or not context.is_of_old_picture(v[0]))
    }
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
    return _ends(min(triggers, key=lambda s: min(abs(s.start - t.end), abs(t.start - s.end))))


def when(group: Sequence[Mention], context: Context, scores: Scores) -> Time:
    """The claim's time: its surest expression; else the publication date if it is news; else unknown."""
    options = [(scores["time"](features), -t.start, t, features) for t, features in time_options(group, context)]
    if options:
        confidence, _, t, features = max(options, key=lambda o: o[:2])
        old = not features["carried"] and all(context.is_past(o) for _, _, o, _ in options)
        if confidence >= scores.bars["time"] or old:
            start, end = interval(t, group, context)
            said = Words(Span(t.start, t.end), context.text[t.start : t.end])
            return Time(start, end, t.precision, said, t.anchor, confidence)
    if context.published:
        news = scores["news"](news_features(group, context))
        if news >= scores.bars["news"]:
            return Time(None, context.published, 2, None, "publication", news)
        return Time(confidence=1 - news)
    return Time()


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
