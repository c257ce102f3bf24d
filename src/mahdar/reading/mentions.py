"""A mention: one sentence telling of one event, with its trigger and the words around it that fill its slots.

Found by the learned core here, or by the lexicon (`rules.py`) when the model file is missing; assembly does not care which.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from mahdar.model import PlaceRole, Span, Status
from mahdar.reading.encoder import Filling, Look, Sighting
from mahdar.reading.labels import FILLED, ROLES, STATUSES, TYPES
from mahdar.reading.trimming import is_one, trimmed, whole_words

SEEN = 0.15  # a type is looked into from this probability of its sentence
BORDER, CORE = 0.3, 0.5  # a role span is as wide as its pieces over BORDER, if its surest is over CORE
FAINT_BORDER, FAINT_CORE = 0.12, 0.2  # the same of a faint one: an option to be weighed, not yet a finding
# Where people are driven out of a place it is where they come from (81 of 96 annotated), where they return it is where they go.
PLACE_OF: dict[str, PlaceRole] = {"displacement": "from", "return_of_displaced": "to"}
MOVING = frozenset(
    (
        "displacement",
        "return_of_displaced",
        "change_to_group_activity",
        "looting_property_destruction",
        "other",
        "agreement",
    )
)
TWO_SIDED = frozenset(("armed_clash",))
_BETWEEN = re.compile(
    r"\bbetween\s+(?P<actor>[^,.;\n]{3,70}?)\s+and\s+(?P<target>[^,.;\n]{3,70}?)"
    r"(?=[,.;\n”]|\s+(?:in|on|at|near|over|for|left|killed|have|has|was|were|which|that|around|outside|broke|erupted|since)\b)"
)
_BETWEEN_FAR = 200
_MOVED = re.compile(
    r"\b(?P<preposition>(?i:from|to|into|towards?))\s+"
    r"(?:(?i:the|nearby|neighbouring|\w+ern|city|town|village)\s+(?:of\s+)?)*"
    r"(?:[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)?(?:,|\s+and)\s+)*$"
)
SECOND = 0.5  # a second trigger of the same type in one sentence needs this probability


class RoleSpan(NamedTuple):
    """Words that may fill a slot, with a probability, the sentence they stand in, and who found them.

    `by`: `model` (or the reader without one), or the rule of `candidates.py` that added them.
    """

    role: str
    span: Span
    probability: float
    sentence: int
    by: str = "model"
    faint: bool = False


@dataclass(slots=True, eq=False)
class Mention:
    type: str
    sentence: int
    trigger: Span
    roles: list[RoleSpan]
    total: float
    statuses: dict[Status, float]
    features: dict[str, float] = field(default_factory=dict)
    score: float = 0.0
    sighting: Sighting | None = None
    filling: Filling | None = None

    @property
    def status(self) -> Status:
        return max(self.statuses, key=lambda s: self.statuses[s])

    def of(self, role: str) -> list[RoleSpan]:
        """What fills the role, as far as one can be sure from this mention alone."""
        return [r for r in self.roles if r.role == role and not r.faint]

    def options(self, role: str) -> list[RoleSpan]:
        """What may fill it: the faint ones too."""
        return [r for r in self.roles if r.role == role]


def logit(p: float) -> float:
    return math.log((p if p > 1e-4 else 1e-4) / (1 - p if p < 0.9999 else 1e-4))


def find_mentions(text: str, look: Look, size: int) -> list[Mention]:
    """All candidate mentions of a report of `size` sentences, in order of their triggers, with the features that tell real from
    false. Roles are empty until `fill`."""
    sightings = look.sightings()
    if not sightings:
        return []
    top = {s.sentence: float(s.types.max()) for s in sightings}
    size = max(size, len(top))
    wanted: list[tuple[Sighting, Span, str, float]] = []
    for sighting in sightings:
        for number in map(int, np.flatnonzero(sighting.types >= SEEN)):
            wanted += [(sighting, trigger, TYPES[number], p) for trigger, p in _triggers(sighting, number, text)]
    report = {
        "report_top": max(top.values()),
        "report_mean": sum(top.values()) / size,
        "report_share": sum(p > 0.5 for p in top.values()) / size,
        "skim_top": logit(float(look.chances.max())),
        "skim_mean": float(look.chances.mean()),
    }
    out: list[Mention] = []
    for sighting, trigger, code, p_piece in wanted:
        number = TYPES.index(code)
        features = {
            "sentence": logit(float(sighting.types[number])),
            "piece": logit(p_piece),
            "skim": logit(float(look.chances[sighting.sentence])),
            "factual": logit(sighting.factual_at(trigger)),
            "rival": logit(float(np.delete(sighting.types, number).max())),
            "beside_before": logit(top.get(sighting.sentence - 1, 0.02)),
            "beside_after": logit(top.get(sighting.sentence + 1, 0.02)),
            "first": float(sighting.sentence == 0),
            "early": float(sighting.sentence <= 3),
            **report,
        }
        out.append(Mention(code, sighting.sentence, trigger, [], 0.0, {}, features, sighting=sighting))
    return sorted(out, key=lambda m: (m.trigger, m.type))


def fill(text: str, look: Look, mentions: Sequence[Mention]) -> None:
    """Let the network read the neighbourhood of each mention: roles, scope, status. The dear part: only for likely ones."""
    wanted = [(m.sighting, m.trigger, m.type) for m in mentions if m.sighting is not None]
    for m, filling in zip([m for m in mentions if m.sighting is not None], look.fillings(wanted), strict=True):
        m.filling = filling
        m.total = filling.total
        m.statuses = {s: float(filling.status[i]) for i, s in enumerate(STATUSES)}
        sure = [r for r in role_spans(filling, text, m.trigger) if r.role in ROLES]
        m.roles = [
            r._replace(role=place_role(text, r.span.start, m.type)) if r.role == "at" else r
            for r in sure + faint_spans(filling, text, m.trigger, sure)
        ]
        if m.type in TWO_SIDED:
            m.roles = as_sides(text, m.trigger, m.roles)


def as_sides(text: str, trigger: Span, roles: list[RoleSpan]) -> list[RoleSpan]:
    """Of "clashes between A and B" the first is the actor, the second the target."""
    sides = _BETWEEN.search(text, trigger.start, trigger.end + _BETWEEN_FAR)
    if sides is None:
        return roles
    side_of = {role: Span(*sides.span(role)) for role in ("actor", "target")}
    return [
        r._replace(role=next((side for side, span in side_of.items() if span.overlaps(r.span)), r.role))
        if r.role in side_of
        else r
        for r in roles
    ]


def _triggers(sighting: Sighting, number: int, text: str) -> list[tuple[Span, float]]:
    """The surest run of pieces for a type; a second run far enough from it if it is sure as well."""
    column = sighting.pieces[:, number]
    best = int(column.argmax())
    start, end, p = _run(sighting, number, best)
    out = [(Span(*whole_words(text, start, end)), p)]
    rest = column.copy()
    for i, (a, b) in enumerate(sighting.offsets):
        if a < end + 20 and b > start - 20:
            rest[i] = 0
    second = int(rest.argmax())
    if rest[second] >= SECOND:
        start, end, p = _run(sighting, number, second)
        out.append((Span(*whole_words(text, start, end)), p))
    return out


def _run(sighting: Sighting, number: int, peak: int) -> tuple[int, int, float]:
    column = sighting.pieces[:, number]
    bar = min(0.3, 0.6 * float(column[peak]))
    low = high = peak
    while low > 0 and (column[low - 1] >= bar or (low > 1 and column[low - 2] >= bar)):
        low -= 1
    while high + 1 < len(column) and (column[high + 1] >= bar or (high + 2 < len(column) and column[high + 2] >= bar)):
        high += 1
    return sighting.offsets[low][0], sighting.offsets[high][1], float(column[peak])


def role_spans(filling: Filling, text: str, trigger: Span) -> list[RoleSpan]:
    """The runs of pieces that are sure enough of each role, as whole words."""
    surest = filling.roles[:, 1::2].max(0)
    return [
        r
        for number in map(int, np.flatnonzero(surest >= CORE))
        for r in _spans(filling, number, FILLED[number], text, trigger, BORDER, CORE)
    ]


def faint_spans(filling: Filling, text: str, trigger: Span, sure: Sequence[RoleSpan]) -> list[RoleSpan]:
    """The runs that may be something of a role, where nothing of that role is sure."""
    inside = filling.roles[:, 1::2]
    out: list[RoleSpan] = []
    for number in map(int, np.flatnonzero(((inside >= FAINT_CORE) & (inside < CORE)).any(0))):
        role = FILLED[number]
        if role not in ROLES:
            continue
        known = [r.span for r in sure if r.role == role]
        out += [
            r._replace(faint=True)
            for r in _spans(filling, number, role, text, trigger, FAINT_BORDER, FAINT_CORE)
            if not any(r.span.overlaps(k) for k in known)
        ]
    return out


def _spans(
    filling: Filling, number: int, role: str, text: str, trigger: Span, border: float, core: float
) -> list[RoleSpan]:
    return [
        RoleSpan(role, Span(low, high), run.probability, run.sentence)
        for run in _runs(filling, number, role, text, trigger, border, core)
        for low, high in trimmed(role, text, *whole_words(text, run.start, run.end))
    ]


class _Run(NamedTuple):
    """Neighbouring pieces that may be words of one role; `probability` is that of the surest."""

    start: int
    end: int
    probability: float
    sentence: int


def _runs(filling: Filling, number: int, role: str, text: str, trigger: Span, border: float, core: float) -> list[_Run]:
    """The runs over `border` whose surest piece is over `core`. Where a new wording seems to begin right behind another, the two
    are one unless something stands between them ("rebel fighters", but "rebels and policemen") or the first is the word for what
    happens ("looting homes")."""
    out: list[_Run] = []

    def close(run: _Run) -> None:
        if run.probability < core:
            return
        before = out[-1] if out else None
        happens = before is not None and trigger.start <= before.start and before.end <= trigger.end
        if before and not happens and before.sentence == run.sentence and is_one(role, text, before.end, run.start):
            out[-1] = _Run(before.start, run.end, max(before.probability, run.probability), run.sentence)
        else:
            out.append(run)

    over = np.flatnonzero(filling.roles[:, 2 * number + 1] >= border)
    begins = (filling.roles[over, 2 * number] >= 0.5).tolist()
    probabilities = filling.roles[over, 2 * number + 1].tolist()
    start, end, top, within, last = 0, -1, 0.0, -1, -2  # an end of -1: no run is open
    for i, p, is_first in zip(over.tolist(), probabilities, begins, strict=True):
        (a, b), sentence = filling.offsets[i], filling.sentence[i]
        if end >= 0 and (b <= a or i != last + 1 or sentence != within or (is_first and a > end)):
            close(_Run(start, end, top, within))
            end = -1
        if b > a:
            if end < 0:
                start, top, within = a, p, sentence
            end, top = b, max(top, p)
        last = i
    if end >= 0:
        close(_Run(start, end, top, within))
    return out


def place_role(text: str, start: int, code: str) -> PlaceRole:
    """Where a place stands in a movement, by the preposition before it: "fled from X", "took the goods to X".

    In the annotated reports "from" names an origin in 25 of 33 cases, and "to" or "into" a destination in 20 of 25 where
    people, forces or goods move.
    """
    match = _MOVED.search(text, max(0, start - 60), start)
    if match is None:
        return PLACE_OF.get(code, "at")
    if match["preposition"].lower() == "from":
        return "from"
    return "to" if code in MOVING else "at"
