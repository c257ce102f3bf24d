"""The rules' view of what the network found: two readers that err differently are better than either.

The lexicon's mentions are looked into by the network as well; where both see one event, the rules' certainty becomes a feature of
the mention and their wordings become candidates for its slots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mahdar.codebook.lexicon import Lexicon
from mahdar.model import Span
from mahdar.reading import rules
from mahdar.reading.candidates import place_role
from mahdar.reading.context import Context
from mahdar.reading.mentions import Mention, RoleSpan, logit, parts
from mahdar.reading.scoring import Scores

LIKELY = 0.3  # a mention of the rules this sure is worth the network's look


def by_rules(context: Context, lexicon: Lexicon) -> list[Mention]:
    """The mentions that the rules find, scored by their own weights."""
    score = Scores.load(rules.HERE / "scores.json")["mention"]
    found = rules.find_mentions(context, lexicon)
    for m in found:
        m.score = score({**m.features, f"type:{m.type}": 1.0})
    return found


def worth_a_look(found: Sequence[Mention]) -> list[tuple[int, Span, str]]:
    return [(m.sentence, m.trigger, m.type) for m in found if m.score >= LIKELY]


def compare(mentions: Sequence[Mention], found: Sequence[Mention]) -> None:
    """Add to each mention's features how sure the rules are of it, or of something else in its sentence, and the topics."""
    topics = {k: v for k, v in found[0].features.items() if k.startswith("topic_") and v} if found else {}
    for m in mentions:
        here = [r for r in found if r.sentence == m.sentence]
        same = [r.score for r in here if r.type == m.type]
        others = [r.score for r in here if r.type != m.type]
        m.features.update(topics)
        m.features["rules"] = logit(max(same, default=0.02)) + 4
        m.features["rules_none"] = float(not here)
        m.features["rules_rival"] = logit(max(others, default=0.02)) + 4


def lend_roles(mentions: Sequence[Mention], found: Sequence[Mention], context: Context) -> None:
    """Add to each mention the wordings that the rules' nearest mention of its type, or on its trigger, fills its slots with."""
    filled = set[int]()
    for m in mentions:
        here = [r for r in found if r.sentence == m.sentence]
        same = [r for r in here if r.type == m.type] or [r for r in here if r.trigger.overlaps(m.trigger)]
        nearest = min(same, key=lambda r: abs(r.trigger.start - m.trigger.start), default=None)
        if nearest:
            if id(nearest) not in filled:
                rules.fill([nearest], context)
                filled.add(id(nearest))
            m.roles = m.roles + [lent for r in nearest.roles for lent in _lent(r, m.type, context.text)]


def _lent(r: RoleSpan, code: str, text: str) -> list[RoleSpan]:
    """A wording of the rules, cleaned like the network's, its place role by the preposition before it."""
    role = place_role(text, r.span.start, code) if r.role == "at" else r.role
    return [
        replace(r, role=role, span=Span(*ends), by="rules") for ends in parts(r.role, text, r.span.start, r.span.end)
    ]


def worth_reading(found: Sequence[Mention]) -> bool:
    """Whether the network should read the report: only where the rules take something in it for likely.

    To leave out single sentences in which they see nothing costs more accuracy (restatements, context) than it saves time.
    """
    return any(m.score >= LIKELY for m in found)
