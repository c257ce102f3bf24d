"""Restatements of one event become one group of mentions: title, lead and later detail.

A fitted score (`pair`) judges two mentions of one type; groups grow by average link. Weights: `model/scores.json`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mahdar.reading.context import Context
from mahdar.reading.encoder import Encoder
from mahdar.reading.mentions import Mention, logit
from mahdar.reading.scoring import Score
from mahdar.reading.wording import alike, stem, words

_COMPARED = ("actor", "target", "at", "to", "killed", "injured")


def pair_features(a: Mention, b: Mention, context: Context, encoder: Encoder | None) -> dict[str, float]:
    """Features of two mentions of one type, symmetrical; `a` stands first in the text."""
    text = context.text
    first, second = text[a.trigger.start : a.trigger.end], text[b.trigger.start : b.trigger.end]
    apart = abs(a.sentence - b.sentence)
    stems = {stem(w) for w in first.split()}, {stem(w) for w in second.split()}
    bags = [
        {w for w in words(text[context.sentences[m.sentence].start : context.sentences[m.sentence].end]) if len(w) > 3}
        for m in (a, b)
    ]
    out = {
        "same_trigger": float(bool(stems[0] & stems[1])),
        "same_sentence": float(apart == 0),
        "next_sentence": float(apart == 1),
        "distance": min(apart, 15) / 15,
        "headline": float(a.sentence in context.is_headline or a.sentence == 0),
        "lead": float(a.sentence <= 2 and b.sentence <= 4),
        "bag": 2 * len(bags[0] & bags[1]) / max(1, len(bags[0]) + len(bags[1])),
    }
    if encoder is not None and a.filling is not None and b.filling is not None:
        out["vectors"] = logit(encoder.same_event(a.filling, b.filling))
    for role in _COMPARED:
        said = [[text[r.span.start : r.span.end] for r in m.of(role)] for m in (a, b)]
        if said[0] and said[1]:
            same = any(alike(x, y) for x in said[0] for y in said[1])
            out[f"same_{role}" if same else f"other_{role}"] = 1.0
    whens = [
        {(t.interval_start, t.interval_end) for r in m.of("time") if (t := context.time_over(r.span))} for m in (a, b)
    ]
    if whens[0] and whens[1]:
        out["same_time" if whens[0] & whens[1] else "other_time"] = 1.0
    out[f"type:{a.type}"] = 1.0
    out["both_total"] = float(a.total > 0.5 and b.total > 0.5)
    out["one_total"] = float((a.total > 0.5) != (b.total > 0.5))
    out["same_status"] = float(a.status == b.status)
    return out


def group(
    mentions: list[Mention], context: Context, encoder: Encoder | None, score: Score, bar: float
) -> list[list[Mention]]:
    """Mentions in groups, one group an event; by type, in order of the text."""
    out: list[list[Mention]] = []
    for code in dict.fromkeys(m.type for m in mentions):
        same = [m for m in mentions if m.type == code]
        links = np.zeros((len(same), len(same)))
        for i, x in enumerate(same):
            for j, y in enumerate(same[:i]):
                links[i, j] = score(pair_features(y, x, context, encoder))
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
