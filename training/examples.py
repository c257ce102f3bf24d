"""What the network is shown: windows with the targets of each question as arrays, from annotation or from another reader.

Targets are probabilities (0 or 1 where a person annotated) beside the weight with which each counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.status import Document
from mahdar.intake.sentences import split_sentences
from mahdar.model import Span
from mahdar.reading.figures import numbers
from mahdar.reading.labels import (
    CONTENT,
    FACTUAL,
    FIGURE_ROLES,
    FILLED,
    FILLED_NUMBER,
    SPEECH,
    STATUSES,
    TRIGGER_NUMBER,
    TRIGGERS,
    TYPE_NUMBER,
    TYPES,
)
from mahdar.reading.skim import Skim
from mahdar.reading.tokens import TokenisedReport, Window, Wordpieces
from mahdar.when import TimeExpression, days, read_times
from training import gold

DOUBTFUL = 3  # by how much the bar of skimming is lower for training: it has learnt from the same reports
Floats = NDArray[np.float32]
RoleSpans = list[tuple[str, int, int]]


@dataclass(slots=True)
class Mention:
    """One trigger in a window and what is wanted of its neighbourhood."""

    type: int
    positions: list[int]
    marked: list[int]
    step: list[int]
    apart: list[int]
    roles: Floats  # (positions, 2 per role: begins, inside)
    counts: Floats  # (positions,)
    total: float
    status: Floats
    claim: int | None = None  # number of the claim in the report, where known: mentions of one claim are one event


@dataclass(slots=True)
class Example:
    report: str
    window: Window
    types: Floats  # (judged sentences, types)
    triggers: Floats  # (pieces, types and speech)
    counts: Floats  # the same
    mentions: list[Mention] = field(default_factory=list)
    weight: float = 1.0

    @property
    def is_empty(self) -> bool:
        return not (self.types > 0.3).any()


def interval(start: str | None, end: str | None) -> tuple[date, date] | None:
    """First and last day; a missing side is the other's."""
    if not (start or end):
        return None
    try:
        first, last = days(start or end, end or start)
    except ValueError:
        return None
    return (first, last) if first and last else None


def same_days(a: tuple[date, date] | None, b: tuple[date, date] | None) -> bool:
    """The scorer's rule: days in common over days in either, at least one half."""
    if not a or not b:
        return False
    common = (min(a[1], b[1]) - max(a[0], b[0])).days + 1
    union = (max(a[1], b[1]) - min(a[0], b[0])).days + 1
    return common > 0 and common / union >= 0.5


def role_spans(
    claim: dict[str, Any], report: gold.GoldReport, sentences: list[Span], index: int, times: list[TimeExpression]
) -> RoleSpans:
    """Where the claim's fillers stand around sentence `index`: that sentence first, then before, then after."""
    text: str = report["text"]
    near = [k for k in (index, index - 1, index + 1, index - 2) if 0 <= k < len(sentences)]
    out: RoleSpans = []

    def place(role: str, wording: str) -> tuple[int, int] | None:
        for k in near:
            hit = gold.find(wording, text, sentences[k].start, sentences[k].end)
            if hit:
                out.append((role, *hit))
                return hit
        return None

    for role, slot in (("actor", "actors"), ("target", "targets"), ("source", "sources")):
        for wording in claim[slot]:
            place(role, wording)
    for p in claim["places"]:
        place(p.get("role") or "at", p["text"])
    if claim.get("agreement"):
        place("agreement", claim["agreement"])
    for figure in claim["figures"]:
        role = FIGURE_ROLES.get(figure["what"], "other_figure")
        hit = place(role, figure["text"])
        if hit:  # only the number is marked
            found = [n for n in numbers(text, max(0, hit[0] - 24), hit[1]) if n.end > hit[0]]
            exact = [n for n in found if (n.low, n.high) == (figure["low"], figure["high"])] or found
            if exact:
                out[-1] = (role, max(exact[0].start, hit[0]), exact[0].end)
    want = interval(claim.get("start"), claim.get("end"))
    if want:
        for k in near:
            s = sentences[k]
            inside = [t for t in times if s.start <= t.start < s.end]
            right = [t for t in inside if same_days(want, interval(t.interval_start, t.interval_end))]
            if right:
                out.append(("time", right[0].start, right[0].end))
                break
    return out


def mention(window: Window, sentence: int, trigger: Span, code: str) -> Mention | None:
    """A mention without targets yet; None where the window has cut the trigger off."""
    marked = window.touching(sentence, trigger)
    if not marked:
        return None
    positions = window.neighbourhood(sentence)
    step, apart = window.standing(sentence, positions, marked)
    size = len(positions)
    return Mention(
        TRIGGER_NUMBER[code],
        positions,
        marked,
        step.tolist(),
        apart.tolist(),
        np.zeros((size, 2 * len(FILLED)), np.float32),
        np.zeros(size, np.float32),
        0.0,
        np.zeros(len(STATUSES), np.float32),
    )


def annotated(m: Mention, window: Window, claim: gold.GoldClaim, number: int, spans: RoleSpans, weight: float) -> None:
    """Fill in the targets of a mention from the claim it tells of."""
    m.claim, m.total = number, float(claim["scope"] == "total")
    m.status[STATUSES.index(claim["status"])] = 1
    for i, p in enumerate(m.positions):
        a, b = window.offsets[p]
        if b <= a:
            continue
        m.counts[i] = weight
        for role, x, y in spans:
            if a < y and b > x:
                m.roles[i, 2 * FILLED_NUMBER[role] + 1] = 1
                if a <= x:
                    m.roles[i, 2 * FILLED_NUMBER[role]] = 1


def examples(
    wordpieces: Wordpieces, reports: Sequence[gold.GoldReport], weight: float = 1.0, skim: Skim | None = None
) -> list[Example]:
    """The windows of annotated reports; with `skim`, of their evidence and what the reader might read."""
    out: list[Example] = []
    for report in reports:
        text = report["text"]
        sentences = gold.sentences(report)
        types, triggers = gold.mentions(report, sentences)
        times = read_times(text, report.get("published"))
        spans = [role_spans(report["claims"][n], report, sentences, k, times) for _, _, _, k, n in triggers]
        whole = TokenisedReport(wordpieces, text, report.get("title"), sentences)
        read: frozenset[int] | None = None
        if skim is not None:
            likely = skim.chances(whole.ids) >= skim.bar / DOUBTFUL
            read = frozenset(k for k, held in enumerate(types) if held or likely[k])
        for window in whole.windows(read):
            example = _blank(report["id"], window, weight)
            for row, k in enumerate(window.judged):
                own = window.pieces_of(k)
                example.counts[own, : len(TYPES)] = weight
                have = {t for t, _, _, s, _ in triggers if s == k}
                for t in types[k]:
                    example.types[row, TYPE_NUMBER[t]] = 1
                    if t not in have:  # the trigger of that claim stands in another sentence
                        example.counts[own, TYPE_NUMBER[t]] = 0
            for (t, a, b, k, number), roles in zip(triggers, spans, strict=True):
                if k not in window.judged:
                    continue
                example.triggers[window.touching(k, Span(a, b)), TYPE_NUMBER[t]] = 1
                m = mention(window, k, Span(a, b), t)
                if m is not None:
                    annotated(m, window, report["claims"][number], number, roles, weight)
                    example.mentions.append(m)
            out.append(example)
    return out


def taught(wordpieces: Wordpieces, lessons: Sequence[Mapping[str, Any]], weight: float) -> list[Example]:
    """The windows of unlabelled reports with what another reader thinks of them (`training.teach`)."""
    out: list[Example] = []
    for lesson in lessons:
        sentences = [Span(a, b) for a, b in lesson["sentences"]]
        for window in TokenisedReport(wordpieces, lesson["text"], lesson["title"], sentences).windows():
            example = _blank(lesson["id"], window, weight)
            for row, k in enumerate(window.judged):
                seen = lesson["seen"].get(k)
                if seen is None:
                    continue
                own = window.pieces_of(k)
                example.types[row], example.triggers[own, : len(TYPES)] = seen
                example.counts[own, : len(TYPES)] = weight
            for k, trigger, code, filling in lesson["fillings"]:
                if k not in window.judged:
                    continue
                m = mention(window, k, Span(*trigger), code)
                if m is None:
                    continue
                rows = {o: r for o, r in zip(filling["offsets"], filling["roles"], strict=True) if o[1] > o[0]}
                for i, p in enumerate(m.positions):
                    if window.offsets[p] in rows:
                        m.roles[i, : len(rows[window.offsets[p]])], m.counts[i] = rows[window.offsets[p]], weight
                m.total, m.status[:] = filling["total"], filling["status"]
                example.mentions.append(m)
            out.append(example)
    return out


def spoken(wordpieces: Wordpieces, documents: Sequence[Mapping[str, Any]], weight: float) -> list[Example]:
    """The windows of documents annotated with who says what (PolNeAR: `attributions` of `source`, `cue`, `content`)."""
    out: list[Example] = []
    for document in documents:
        text = document["text"]
        sentences = split_sentences(text)
        starts = [s.start for s in sentences]
        told = [(bisect_right(starts, a["cue"][0][0]) - 1, a) for a in document["attributions"] if a["cue"]]
        for window in TokenisedReport(wordpieces, text, document.get("title"), sentences).windows():
            example = _blank(document["doc_id"], window, 0.0)  # of events nothing is known
            for k in window.judged:
                example.counts[window.pieces_of(k), TRIGGER_NUMBER[SPEECH]] = weight
            for k, a in told:
                cue = Span(a["cue"][0][0], a["cue"][0][1])
                m = mention(window, k, cue, SPEECH) if k in window.judged else None
                if m is None:
                    continue
                example.triggers[m.marked, TRIGGER_NUMBER[SPEECH]] = 1
                for i, p in enumerate(m.positions):
                    low, high = window.offsets[p]
                    m.counts[i] = weight * (high > low)
                    for role in ("source", CONTENT):
                        for x, y, _ in a[role]:
                            if low < y and high > x:
                                m.roles[i, 2 * FILLED_NUMBER[role] + 1] = 1
                                m.roles[i, 2 * FILLED_NUMBER[role]] = float(low <= x)
                example.mentions.append(m)
            out.append(example)
    return out


def judged(wordpieces: Wordpieces, documents: Sequence[Document], weight: float) -> list[Example]:
    """The windows of documents whose predicates are judged: did it happen? (UDS factuality)."""
    out: list[Example] = []
    for document in documents:
        for window in TokenisedReport(wordpieces, document.text, None, document.sentences).windows():
            example = _blank("", window, 0.0)
            for k, span, factuality in document.predicates:
                if k in window.judged and factuality:
                    own = window.touching(k, span)[:1]
                    example.counts[own, TRIGGER_NUMBER[FACTUAL]] = weight
                    example.triggers[own, TRIGGER_NUMBER[FACTUAL]] = float(factuality > 0)
            out.append(example)
    return out


def _blank(report: str, window: Window, weight: float) -> Example:
    return Example(
        report,
        window,
        np.zeros((len(window.judged), len(TYPES)), np.float32),
        np.zeros((len(window), len(TRIGGERS)), np.float32),
        np.zeros((len(window), len(TRIGGERS)), np.float32),
        weight=weight,
    )
