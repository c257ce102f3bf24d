"""A group of mentions -> who and what fills the roles of its claim (its numbers: `counts.py`; its time: `dating.py`).

Wordings that mean the same are brought together, the fullest is shown, and a fitted score a role (`filler_ROLE`) decides which
are kept. Nothing is kept without a span; what is computed rather than said carries what it was inferred from.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from mahdar.model import Span
from mahdar.reading.attribution import attributions
from mahdar.reading.candidates import added
from mahdar.reading.context import Context
from mahdar.reading.labels import COUNTS, PLACE_ROLES
from mahdar.reading.mentions import Mention, RoleSpan, logit
from mahdar.reading.scoring import Scores
from mahdar.reading.trimming import begins_with_count
from mahdar.reading.wording import alike, covers, is_pronoun, words
from mahdar.where import lexicon

UNSEEN = 0.05  # what a candidate counts that the network did not mark
_LONGEST = 14  # words of a wording that can still stand for a name
SLOTS = {"actor": "actors", "target": "targets", "source": "sources", "agreement": "agreement"}
SLOTS |= dict.fromkeys(PLACE_ROLES, "places")  # the slot of each role; every other role is a figure's
_NAMES = ("name", "person")  # how an actor is told that is no place
_COMPASS = frozenset(lexicon.words("parts", "compass"))
_LEAD = 3  # sentences at the top
_JOINT = re.compile(r"\s*(?:,|,?\s*(?:and|or|&))\s+(?:the\s+|an?\s+|in\s+|from\s+|to\s+|both\s+)?", re.I)
_LONGEST_JOINT = 14


@dataclass(slots=True)
class Filler:
    """One filler of one role: all its wordings, the one shown, and how sure it is."""

    role: str
    spans: list[RoleSpan]
    features: dict[str, float] = field(default_factory=dict)
    confidence: float = 0.0
    ref: str | None = None
    """The place, registered actor or number that it means."""
    _shown: Span | None = None
    _seen: float | None = None

    @property
    def seen(self) -> float:
        """The network's surest view of it; `UNSEEN` where only a rule found it."""
        if self._seen is None:
            self._seen = max([x.probability for x in self.spans if x.by == "model"], default=UNSEEN)
        return self._seen

    def add(self, r: RoleSpan) -> None:
        self.spans.append(r)
        self._shown = self._seen = None

    def touches(self, span: Span) -> bool:
        """Whether any wording of it shares something with the span."""
        start, end = span.start, span.end
        for x in self.spans:  # noqa: SIM110  # asked some hundred times a claim: a generator takes twice as long
            if x.span.start < end and start < x.span.end:
                return True
        return False

    def shown(self, text: str) -> Span:
        """The fullest wording: a name, most content words, not a pronoun, not a whole clause; the earliest of equals."""
        if self._shown is None:
            self._shown = self._fullest(text)
        return self._shown

    def _fullest(self, text: str) -> Span:
        if len(self.spans) == 1:
            return self.spans[0].span

        def fullness(r: RoleSpan) -> tuple[bool, bool, bool, int, float, int]:
            said = text[r.span.start : r.span.end]
            size = len(words(said))
            size = size if size <= _LONGEST else 0
            named = size > 0 and any(w[0].isupper() for w in said.split() if words(w))
            return not r.faint, not is_pronoun(said), named, size, r.probability, -r.span.start

        return max(self.spans, key=fullness).span


def fillers(group: Sequence[Mention], role: str, context: Context) -> list[Filler]:
    """The role's wordings over a group of mentions, brought together; features set, confidence not."""
    text = context.text
    out: list[Filler] = []
    wordings: list[set[str]] = []  # of each filler, so that what is said ten times is compared once
    seen = [r for m in group for r in m.options(role)] + added(role, group, context)
    if not seen:
        return []
    for r in sorted(seen, key=lambda r: (r.faint, r.span.start - r.span.end, r.span.start)):
        said = text[r.span.start : r.span.end]
        if role in PLACE_ROLES:
            place = context.place_over(r.span).place
            if _is_no_place(r.span, place is not None, context):
                continue
            ref = place.ref if place else None
        elif role in COUNTS:
            number = context.number_over(r.span)
            ref = f"{number.low}-{number.high}" if number else said
        else:
            ref = context.registered(said) if role == "source" else None
        for filler, known in zip(out, wordings, strict=True):
            if (
                said in known
                or (ref is not None and filler.ref == ref)
                or filler.touches(r.span)
                or (role not in COUNTS and any(alike(said, w) or covers(w, said) for w in known))
            ):
                filler.add(r)
                known.add(said)
                break
        else:
            out.append(Filler(role, [r], ref=ref))
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
    seen_by = [max([r.probability for r in mine], default=UNSEEN) for mine in own_of]
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
        "own_sentence": float(not around.sentences.isdisjoint([x.sentence for x in spans])),
        "pronoun": float(is_pronoun(said)),
        "several": float(len(tops) > 1),
        "many": float(len(tops) > 3),
        "long": float(len(content) > 7),
        "empty": float(not content),
        "words": math.log1p(len(content)),
        "named": float(said[:1].isupper()),
        "counted": float(begins_with_count(said)),
        "far": math.log1p(min([abs(x.span.start - start) for x in spans for start in around.triggers]) / 40),
        "elsewhere": context.share_of(role, said, group),
        **around.alike,
    }
    for r in around.rivals:
        if r.span.start < high and low < r.span.end and f.touches(r.span):
            rival = f"rival_{r.role}"
            found[rival] = max(found.get(rival, 0.0), r.probability)
    taken = max([context.elsewhere(role, x.span, group) for x in spans])
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
    for f in kept:
        f.confidence = scores.shown(SLOTS.get(role, "figures"), f.confidence, role)
    return sorted(kept, key=lambda f: f.shown(context.text))
