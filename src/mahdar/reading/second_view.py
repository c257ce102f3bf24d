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
from mahdar.reading.context import Context
from mahdar.reading.mentions import Mention, logit
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


def join(mentions: Sequence[Mention], found: Sequence[Mention]) -> None:
    """Add to each mention what the rules saw in its sentence."""
    for m in mentions:
        here = [r for r in found if r.sentence == m.sentence]
        same = [r for r in here if r.type == m.type]
        others = [r.score for r in here if r.type != m.type]
        m.features["rules"] = logit(max((r.score for r in same), default=0.02)) + 4
        m.features["rules_none"] = float(not here)
        m.features["rules_rival"] = logit(max(others, default=0.02)) + 4
        nearest = sorted(
            same or [r for r in here if r.trigger.overlaps(m.trigger)],
            key=lambda r: abs(r.trigger.start - m.trigger.start),
        )
        if nearest:
            m.roles = m.roles + [replace(r, by="rules") for r in nearest[0].roles]
