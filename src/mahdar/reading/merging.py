"""Restatements of one event become one group of mentions: title, lead and later detail.

A fitted score (`pair`) judges two mentions of one type; groups grow by average link. Weights: `model/scores.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mahdar.model import Span, Status
from mahdar.reading.context import Context
from mahdar.reading.cues import pattern
from mahdar.reading.encoder import Encoder
from mahdar.reading.mentions import Mention, logit
from mahdar.reading.scoring import Score
from mahdar.reading.wording import alike, stem, words

_LEAD, _NEAR = 80, 24  # characters before a trigger
_COMPARED = ("actor", "target", "at", "to", "killed", "injured")


class Side(NamedTuple):
    """What is compared of one mention, looked up once: of a long list of attacks every pair is compared."""

    mention: Mention
    stems: frozenset[str]
    bag: frozenset[str]
    said: Mapping[str, tuple[str, ...]]
    when: frozenset[tuple[str | None, str | None]]
    places: frozenset[str]
    numbers: frozenset[tuple[int | None, int | None]]
    cues: tuple[str, ...]
    is_old: bool
    heads: bool
    status: Status


def side(m: Mention, context: Context) -> Side:
    text, sentence = context.text, context.sentences[m.sentence]
    said: dict[str, tuple[str, ...]] = {}
    for role in m.roles:
        if role.faint:
            continue
        said[role.role] = (*said.get(role.role, ()), text[role.span.start : role.span.end])
    times = (context.time_over(role.span) for role in m.of("time"))
    return Side(
        m,
        frozenset(map(stem, text[m.trigger.start : m.trigger.end].split())),
        frozenset(w for w in words(text[sentence.start : sentence.end]) if len(w) > 3),
        said,
        frozenset((t.interval_start, t.interval_end) for t in times if t),
        context.places_in(m.sentence),
        context.numbers_in(m.sentence),
        cues_of(text, sentence, m.trigger),
        any(context.is_past(t) for t in context.times_in(m.sentence)),
        m.sentence in context.is_headline or m.sentence == 0,
        m.status,
    )


def cues_of(text: str, sentence: Span, trigger: Span) -> tuple[str, ...]:
    """What leads up to a trigger and says whether it is told again ("the attack") or told anew ("another attack")."""
    lead = text[max(sentence.start, trigger.start - _LEAD) : trigger.start]
    near = lead[-_NEAR:]
    return tuple(name for name, said in (("again", near), ("anew", lead)) if pattern("restating", name).search(said))


def pair_features(a: Side, b: Side, encoder: Encoder | None) -> dict[str, float]:
    """Features of two mentions of one type, symmetrical; `a` stands first in the text."""
    one, other = a.mention, b.mention
    apart = abs(one.sentence - other.sentence)
    out = {
        "same_trigger": float(not a.stems.isdisjoint(b.stems)),
        "same_sentence": float(apart == 0),
        "next_sentence": float(apart == 1),
        "distance": min(apart, 15) / 15,
        "headline": float(a.heads),
        "lead": float(one.sentence <= 2 and other.sentence <= 4),
        "bag": 2 * len(a.bag & b.bag) / max(1, len(a.bag) + len(b.bag)),
    }
    if encoder is not None and one.sighting is not None and other.sighting is not None:
        out["vectors"] = logit(encoder.same_event(one.sighting, other.sighting))
    for role in _COMPARED:
        if role in a.said and role in b.said:
            same = any(alike(x, y) for x in a.said[role] for y in b.said[role])
            out[f"same_{role}" if same else f"other_{role}"] = 1.0
    if a.when and b.when:
        out["other_time" if a.when.isdisjoint(b.when) else "same_time"] = 1.0
    for what, one_has, other_has in (("place", a.places, b.places), ("number", a.numbers, b.numbers)):
        if one_has and other_has:
            out[f"other_{what}" if one_has.isdisjoint(other_has) else f"shared_{what}"] = 1.0
    for cue in b.cues:
        out[f"then_{cue}"] = 1.0
    out["one_old"] = float(a.is_old != b.is_old)
    out["both_total"] = float(one.total > 0.5 and other.total > 0.5)
    out["one_total"] = float((one.total > 0.5) != (other.total > 0.5))
    out["same_status"] = float(a.status == b.status)
    return out


class Links:
    """Chance that two mentions of a type tell of one event; each pair is judged once."""

    def __init__(self, context: Context, encoder: Encoder | None, score: Score) -> None:
        self._context, self._encoder, self._score = context, encoder, score
        self._sides: dict[int, Side] = {}
        self._judged: dict[tuple[int, int], float] = {}

    def __call__(self, a: Mention, b: Mention) -> float:
        if b.trigger < a.trigger:
            a, b = b, a
        key = (id(a), id(b))
        if key not in self._judged:
            self._judged[key] = self._score(pair_features(self._side(a), self._side(b), self._encoder))
        return self._judged[key]

    def _side(self, m: Mention) -> Side:
        if id(m) not in self._sides:
            self._sides[id(m)] = side(m, self._context)
        return self._sides[id(m)]


def group(mentions: list[Mention], link: Links, bar: float) -> list[list[Mention]]:
    """Mentions in groups, one group an event; by type, in order of the text."""
    out: list[list[Mention]] = []
    for code in dict.fromkeys(m.type for m in mentions):
        same = [m for m in mentions if m.type == code]
        links = np.zeros((len(same), len(same)))
        for i, x in enumerate(same):
            for j, y in enumerate(same[:i]):
                links[i, j] = link(y, x)
        out += [sorted((same[k] for k in part), key=lambda m: m.trigger) for part in _average_link(links, bar)]
    return out


def _average_link(links: NDArray[np.float64], bar: float) -> list[list[int]]:
    """Groups of 0..n-1 grown while the mean link between two groups reaches the bar; `links` is filled below the diagonal."""
    groups = [[k] for k in range(len(links))]
    total = links + links.T
    while len(groups) > 1:
        sizes = np.array([len(g) for g in groups])
        mean = np.tril(total / np.outer(sizes, sizes), -1)
        i, j = divmod(int(mean.argmax()), len(groups))
        if mean[i, j] < bar or i == j:
            break
        total[j] += total[i]
        total[:, j] += total[:, i]
        total = np.delete(np.delete(total, i, 0), i, 1)
        groups[j] += groups.pop(i)
    return groups
