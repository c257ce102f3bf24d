"""What rules add to the network's candidates for a slot: its view ends with the neighbourhood of a trigger, theirs does not.

Sources by attribution patterns and carried from earlier sentences; places named in the sentence, carried from the mention before,
from the title and the dateline. The fitted filler scores decide which of them are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from mahdar.model import PlaceRole, Span
from mahdar.reading.attribution import Attribution, attributions
from mahdar.reading.context import Context
from mahdar.reading.mentions import PLACE_OF, Mention, RoleSpan, place_role
from mahdar.reading.wording import words
from mahdar.where.event_place import rank_places

# How likely the place last named still holds, one sentence on, two, …: shares of such places in the annotated reports.
_CARRIED = (0.6, 0.45, 0.3, 0.25, 0.2, 0.15)
# Shares right of who speaks elsewhere, in the annotated reports: one, two, … sentences before or after the event; in the first
# sentence, the second, …, of an event of the lead; in a sentence with two, three, … of the event's rarer words.
_SPOKE = (0.11, 0.09, 0.04, 0.03)
_SPEAKS_NEXT = (0.22, 0.14, 0.08, 0.07)
_LEAD_SPEAKS = (0.27, 0.45, 0.33, 0.26, 0.22, 0.23)
_RETOLD = (0.14, 0.15, 0.26)
# Patterns weighed each by itself; the others name who speaks.
_APART = ("told", "weak", "behind", "denied", "claimed", "shown", "continued", "quotation", "paragraph")
_RARELY = ("weak", "behind", "denied", "claimed")  # patterns that seldom name who speaks of anything else
_STILL = 2  # sentences that an actor is carried over
_LEAD = 3  # sentences at the top whose places may hold for the whole report


def added(role: str, group: Sequence[Mention], context: Context) -> list[RoleSpan]:
    """Candidates of one role for a group of mentions."""
    if role == PLACE_OF.get(group[0].type, "at"):
        return _places(group, context)
    find = _FINDERS.get(role)
    return find(group, context) if find else []


def _sources(group: Sequence[Mention], context: Context) -> list[RoleSpan]:
    out: list[RoleSpan] = []
    for sentence in sorted({m.sentence for m in group}):
        triggers = [m.trigger for m in group if m.sentence == sentence]
        for a in attributions(context)[sentence]:
            tells = any(a.tells(t) for t in triggers)
            by = a.pattern if a.pattern in _APART else "attribution" if tells else "beside"
            out.append(RoleSpan("source", a.span, a.probability, a.sentence, by))
    out += _speakers(group, context)
    for m in group:
        for speech in context.speeches:
            tells = speech.tells(m.trigger)
            if tells or speech.sentence == m.sentence:
                by = "speech" if tells else "speech_beside"
                out += [
                    RoleSpan("source", r.span, speech.probability * r.probability, r.sentence, by)
                    for r in speech.sources
                ]
    return out


def _speakers(group: Sequence[Mention], context: Context) -> list[RoleSpan]:
    """Who speaks elsewhere in the report: last before the group, next after it, most often; in its lead, for an event told
    there; and wherever the group's own words come again."""
    own = sorted({m.sentence for m in group})
    named = [
        (k, a)
        for k, here in enumerate(attributions(context))
        for a in here
        if a.sentence == k and a.pattern not in _RARELY
    ]
    before = [(k, a) for k, a in named if k < own[0]]
    after = [(k, a) for k, a in named if k > own[-1]]

    def spoken(by: str, k: int, a: Attribution, chances: Sequence[float], step: int) -> RoleSpan:
        return RoleSpan("source", a.span, chances[min(step, len(chances) - 1)], k, by)

    out = [spoken("spoke", k, a, _SPOKE, own[0] - k - 1) for k, a in before if k == before[-1][0]]
    out += [spoken("speaks_next", k, a, _SPEAKS_NEXT, k - own[-1] - 1) for k, a in after if k == after[0][0]]
    if own[0] < _LEAD:
        out += [spoken("lead", k, a, _LEAD_SPEAKS, k) for k, a in named if k < len(_LEAD_SPEAKS) and k not in own]
    seen = context.rare_words
    mine = frozenset[str]().union(*(seen[k] for k in own))
    for k, a in named:
        again = len(mine & seen[k] - {*words(context.text[a.span.start : a.span.end])})
        if k not in own and again > 1:
            out.append(spoken("retold", k, a, _RETOLD, again - 2))
    counts = Counter(words(context.text[a.span.start : a.span.end]) for _, a in named)
    if counts and counts.most_common(1)[0][1] > 1:
        often = counts.most_common(1)[0][0]
        k, a = next((k, a) for k, a in named if words(context.text[a.span.start : a.span.end]) == often)
        out.append(RoleSpan("source", a.span, counts[often] / len(named), k, "often"))
    return out


def _places(group: Sequence[Mention], context: Context) -> list[RoleSpan]:
    sentences = sorted({m.sentence for m in group})
    best: dict[Span, RoleSpan] = {}
    code = group[0].type
    role = PLACE_OF.get(code, "at")
    for m in group:
        s = context.sentences[m.sentence]
        spans = [
            (t.start, t.end)
            for k, t in context.named_below
            if k == m.sentence and s.start <= t.start < s.end and place_role(context.text, t.start, code) == role
        ]
        trigger = (m.trigger.start, m.trigger.end)
        chances = rank_places(context.text, (s.start, s.end), trigger, spans) if spans else []
        for (a, b), chance in zip(spans, chances, strict=True):
            span = Span(a, b)
            if span not in best or best[span].probability < chance:
                best[span] = RoleSpan(role, span, chance, m.sentence, "named")
    out = list(best.values())
    out += _countries(role, sentences, context)
    for by, t, share in context.subject:
        out.append(RoleSpan(role, Span(t.start, t.end), share, context.sentence_at(t.start), by))
    before = [(k, t) for k, t in context.named_below if k < sentences[0]]
    last = max((k for k, _ in before), default=-1)
    for k, t in before:
        span = Span(t.start, t.end)
        if k == last and sentences[0] - k <= len(_CARRIED):
            out.append(RoleSpan(role, span, _CARRIED[sentences[0] - k - 1], k, "carried"))
        if k < _LEAD:
            out.append(RoleSpan(role, span, 0.4, k, "lead"))
    return out


def _moved(role: PlaceRole) -> Callable[[Sequence[Mention], Context], list[RoleSpan]]:
    def find(group: Sequence[Mention], context: Context) -> list[RoleSpan]:
        sentences = {m.sentence for m in group}
        return [
            RoleSpan(role, Span(t.start, t.end), 0.5, k, "named")
            for k, t in context.named_below
            if k in sentences and place_role(context.text, t.start, group[0].type) == role
        ]

    return find


def _countries(role: PlaceRole, sentences: Sequence[int], context: Context) -> list[RoleSpan]:
    """A country named in the sentences: a place of last resort, given only if nothing finer is."""
    return [
        RoleSpan(role, Span(t.start, t.end), 0.3, k, "country") for k, t in context.named_countries if k in sentences
    ]


def _actors(group: Sequence[Mention], context: Context) -> list[RoleSpan]:
    """Who acted in the mention before: likely where nobody is named here ("… The attack also wounded two")."""
    return _of_mentions_before("actor", group, context)


def _targets(group: Sequence[Mention], context: Context) -> list[RoleSpan]:
    """To whom or to what the mention before was done."""
    return _of_mentions_before("target", group, context)


def _of_mentions_before(role: str, group: Sequence[Mention], context: Context) -> list[RoleSpan]:
    first = min(m.sentence for m in group)
    before = [m for m in context.mentions if m.sentence <= first and m not in group and m.of(role)]
    if not before:
        return []
    last = max(before, key=lambda m: m.trigger)
    by = "carried" if first - last.sentence <= _STILL else "far"
    out = [RoleSpan(role, r.span, r.probability, r.sentence, by) for r in last.of(role) if r.by == "model"]
    same = [m for m in before if m.type == group[0].type and m is not last]
    return out + [RoleSpan(role, r.span, r.probability, r.sentence, "kin") for m in same[-1:] for r in m.of(role)]


_FINDERS: dict[str, Callable[[Sequence[Mention], Context], list[RoleSpan]]] = {
    "source": _sources,
    "from": _moved("from"),
    "to": _moved("to"),
    "actor": _actors,
    "target": _targets,
}
