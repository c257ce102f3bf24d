"""From annotated reports to what the network is shown: windows with their sentence types, triggers, and mentions with roles."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tokenizers import Tokenizer

from mahdar.model import Span
from mahdar.reading.figures import numbers
from mahdar.reading.labels import FIGURE_ROLES, ROLE_NUMBER, STATUSES, TYPE_NUMBER
from mahdar.reading.tokens import TokenisedReport, Window
from mahdar.when import TimeExpression, days, read_times
from training import gold


@dataclass(slots=True)
class Mention:
    """One trigger of one type in a window; `spans` are (role, start, end). A false mention teaches what is no claim."""

    type: str
    sentence: int
    trigger: Span
    claim: int  # number of the claim in the report, -1 for a false mention
    total: bool = False
    status: int = 0
    spans: list[tuple[str, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Example:
    report: str
    window: Window
    types: dict[int, set[str]]
    triggers: list[tuple[str, int, int, int, int]]
    mentions: list[Mention]
    false: list[Mention]
    weight: float = 1.0


def stem(word: str) -> str:
    """A crude stem, enough to know a trigger again: 'bombed', 'bombing', 'bombs' -> 'bomb'."""
    w = re.sub(r"[^a-z]", "", word.lower())
    return re.sub(r"(?:ings?|ed|es|s|e|ers?|ment|ions?)$", "", w) if len(w) > 4 else w


class Lexicon:
    """Stems of annotated triggers with the types they had, for drawing false mentions."""

    def __init__(self, reports: Sequence[gold.GoldReport]) -> None:
        self.types: dict[str, Counter[str]] = defaultdict(Counter)
        for report in reports:
            for claim in report["claims"]:
                words = re.findall(r"[^\W\d_]+", claim["trigger"].split("|")[0])
                for word in words:
                    if len(word) > 3:
                        self.types[stem(word)][claim["type"]] += 1

    def hits(self, text: str, span: Span) -> list[tuple[Span, Counter[str]]]:
        out = []
        for match in re.compile(r"[^\W\d_]+").finditer(text, span.start, span.end):
            types = self.types.get(stem(match.group()))
            if types:
                out.append((Span(*match.span()), types))
        return out


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
) -> list[tuple[str, int, int]]:
    """Where the claim's fillers stand around sentence `index`: that sentence first, then before, then after."""
    text: str = report["text"]
    near = [k for k in (index, index - 1, index + 1, index - 2) if 0 <= k < len(sentences)]
    out: list[tuple[str, int, int]] = []

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


def examples(
    tokenizer: Tokenizer, reports: Sequence[gold.GoldReport], lexicon: Lexicon, weight: float = 1.0
) -> list[Example]:
    out: list[Example] = []
    for report in reports:
        text = report["text"]
        sentences = gold.sentences(report)
        types, triggers = gold.mentions(report, sentences)
        times = read_times(text, report.get("published"))
        real = [
            Mention(
                t,
                k,
                Span(a, b),
                number,
                report["claims"][number]["scope"] == "total",
                STATUSES.index(report["claims"][number]["status"]),
                role_spans(report["claims"][number], report, sentences, k, times),
            )
            for t, a, b, k, number in triggers
        ]
        false = []
        for k, s in enumerate(sentences):
            for span, counts in lexicon.hits(text, s):
                here = {m.type for m in real if m.sentence == k and m.trigger.overlaps(span)}
                for t, _ in counts.most_common(2):
                    if t not in types[k] and t not in here:
                        false.append(Mention(t, k, span, -1))
        for window in TokenisedReport(tokenizer, text, report.get("title"), sentences).windows():
            judged = set(window.judged)
            out.append(
                Example(
                    report["id"],
                    window,
                    {k: types[k] for k in judged},
                    [t for t in triggers if t[3] in judged],
                    [m for m in real if m.sentence in judged],
                    [m for m in false if m.sentence in judged],
                    weight,
                )
            )
    return out


__all__ = ["ROLE_NUMBER", "TYPE_NUMBER", "Example", "Lexicon", "Mention", "examples"]
