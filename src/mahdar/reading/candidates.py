"""What rules add to the network's candidates for a slot: its view ends with the neighbourhood of a trigger, theirs does not.

Sources by attribution patterns and carried from earlier sentences; places named in the sentence, carried from the mention before,
from the title and the dateline. The fitted filler scores decide which of them are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mahdar.model import Span
from mahdar.reading.attribution import sources_of
from mahdar.reading.context import Context
from mahdar.reading.mentions import Mention, RoleSpan
from mahdar.where import Toponym

_BACK = 6  # sentences that a place is carried over


def added(role: str, group: Sequence[Mention], context: Context) -> list[RoleSpan]:
    """Candidates of one role for a group of mentions."""
    find = _FINDERS.get(role)
    return find(group, context) if find else []


def _sources(group: Sequence[Mention], context: Context) -> list[RoleSpan]:
    out: list[RoleSpan] = []
    for sentence in sorted({m.sentence for m in group}):
        for r in sources_of(context, sentence):
            by = "attribution" if r.sentence == sentence else "carried"
            out.append(RoleSpan("source", r.span, r.probability, r.sentence, by))
    return out


def _places(group: Sequence[Mention], context: Context) -> list[RoleSpan]:
    sentences = sorted({m.sentence for m in group})
    out: list[RoleSpan] = []
    for t in _named(context):
        if context.sentence_at(t.start) in sentences:
            out.append(RoleSpan("at", Span(t.start, t.end), 0.4, context.sentence_at(t.start), "named"))
    if out or any(m.of("at") for m in group):
        return out
    first = sentences[0]
    before = [t for t in _named(context) if t.end <= context.sentences[first].start]
    if before:
        last = context.sentence_at(before[-1].start)
        if first - last <= _BACK:
            out += [
                RoleSpan("at", Span(t.start, t.end), 0.3, last, "carried")
                for t in before
                if context.sentence_at(t.start) == last
            ]
    return out


def _named(context: Context) -> list[Toponym]:
    """Place names below the country that are neither nationalities nor part of an agreement's name."""
    return [
        t
        for t in context.places.toponyms
        if not t.is_adjective and not t.in_agreement_name and t.kind != "country" and (t.place is not None)
    ]


_FINDERS: dict[str, Callable[[Sequence[Mention], Context], list[RoleSpan]]] = {"source": _sources, "at": _places}
