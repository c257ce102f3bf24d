"""From claims to incidents: which claims of different reports are of one event, and why.

    incidents = link(claims, reports, decisions, known)

`join` is the part that scales: columns in, one label a claim out. People's merges and splits are kept whatever the scores
say, and known incidents keep their ids. Pure: the same claims, decisions and weights give the same incidents.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mahdar.corroboration.blocks import unpack
from mahdar.corroboration.clusters import group
from mahdar.corroboration.copies import Copy, copies_of
from mahdar.corroboration.features import candidates, features, shown
from mahdar.corroboration.incidents import make_incident, news_first
from mahdar.corroboration.ragged import CHUNK
from mahdar.corroboration.scorer import Scorer, probability
from mahdar.corroboration.table import ClaimTable, TableBuilder
from mahdar.model import Claim, Incident, Link, Report

WEIGHTS = Path(__file__).with_name("links.json")


class Decided(Protocol):
    """What a person decided of incidents (`record.decisions.Decision` is one). `after` of a merge holds
    `{"together": [claim ids]}`, of a split `{"apart": [[claim ids], …]}`; other actions are passed over."""

    @property
    def action(self) -> str: ...
    @property
    def after(self) -> Any: ...


@dataclass(frozen=True)
class Joined:
    """`labels` gives each claim of the table its group (the group's lowest row); the pairs that were scored within one
    group, with their log odds, say why."""

    labels: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    log_odds: NDArray[np.float64]


def link(
    claims: Iterable[Claim],
    reports: Iterable[Report],
    decisions: Sequence[Decided] = (),
    known: Iterable[Incident] = (),
    *,
    anew: bool = False,
) -> list[Incident]:
    """The incidents that claims describe, first reported first. Totals are no incidents and are left out.

    Every claim's report must be among `reports` (KeyError). `known` are incidents as they stood: what they hold stays
    together and keeps its id, of two that turn out to be one the older; claims of theirs that are not given are left out.
    `anew` sorts their claims afresh: they then only lend their ids to what most of their claims come to.
    """
    by_report: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_report[claim.report].append(claim)
    all_reports = {report.id: report for report in reports}
    builder = TableBuilder()
    for id in sorted(by_report, key=lambda id: (published(all_reports[id]), id)):
        builder.add(all_reports[id], by_report[id])
    table = builder.build()
    given = {claim.id: claim for of in by_report.values() for claim in of}
    known = list(known)  # the oldest first: they name groups in this order
    joined = join(table, decisions, () if anew else known)
    groups: dict[int, list[int]] = defaultdict(list)
    for row, label in enumerate(joined.labels.tolist()):
        groups[label].append(row)
    links = links_of(table, joined)
    copies = copies_by_report(copies_of(table.texts))
    found = []
    for label, rows in groups.items():
        members = [given[table.ids[row]] for row in rows]
        found.append((label, incident_of(members, all_reports, copies, links.get(label, ()))))
    incidents = _named(found, joined, table, known)
    return sorted(incidents, key=lambda i: (published(all_reports[i.reports[0]]), i.id))


def published(report: Report) -> str:
    """A report's day, to sort by: undated ones last."""
    return report.published or "9"


def incident_of(
    claims: Iterable[Claim],
    reports: Mapping[str, Report],
    copies: Mapping[str, Sequence[Copy]],
    links: Sequence[Link],
) -> Incident:
    """The incident of a group of claims; `copies` are those of each report by its id (`copies_by_report`)."""
    members = news_first(claims, reports)
    within = {claim.report: reports[claim.report] for claim in members}
    among = [copy for id in within for copy in copies.get(id, ()) if copy.right in within]
    return make_incident(members, within, among, links)


def log_odds(table: ClaimTable, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """How likely each pair of rows is of one event."""
    scorer = Scorer.load(WEIGHTS)
    odds = np.empty(len(left))
    for begin in range(0, len(left), CHUNK):
        at = slice(begin, begin + CHUNK)
        odds[at] = scorer.log_odds(features(table, left[at], right[at]))
    return odds


def join(table: ClaimTable, decisions: Sequence[Decided] = (), known: Iterable[Incident] = ()) -> Joined:
    """Sort the rows of a table into groups of one event each."""
    scorer = Scorer.load(WEIGHTS)
    row = {id: at for at, id in enumerate(table.ids)}
    left, right = unpack(candidates(table))
    odds = log_odds(table, left, right)
    together, apart = _rulings(decisions, row)
    for incident in known:
        held = [row[id] for id in incident.claims if id in row]
        together += [(held[0], other) for other in held[1:]]
    labels = group(len(table), left, right, odds, scorer.bar, together=together, apart=apart)
    one = labels[left] == labels[right]
    return Joined(labels, left[one], right[one], odds[one])


def _rulings(decisions: Sequence[Decided], row: dict[str, int]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Pairs of rows that people put together and set apart; of two decisions on one pair the later holds."""
    verdicts: dict[tuple[int, int], bool] = {}
    for decision in decisions:
        if decision.action == "merge":
            held = [row[id] for id in decision.after["together"] if id in row]
            verdicts |= {_pair(a, b): True for at, a in enumerate(held) for b in held[at + 1 :]}
        elif decision.action == "split":
            parts = [[row[id] for id in part if id in row] for part in decision.after["apart"]]
            for at, part in enumerate(parts):
                verdicts |= {_pair(a, b): False for a in part for other in parts[at + 1 :] for b in other}
                verdicts |= {_pair(a, b): True for i, a in enumerate(part) for b in part[i + 1 :]}
    together = [pair for pair, one in verdicts.items() if one]
    return together, [pair for pair, one in verdicts.items() if not one]


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def links_of(table: ClaimTable, joined: Joined) -> dict[int, list[Link]]:
    """For each group, the strongest link of every claim to one that stands before it in the strongest tree."""
    scorer = Scorer.load(WEIGHTS)
    order = np.lexsort((joined.right, joined.left, -joined.log_odds))
    tree: dict[int, int] = {}

    def root(row: int) -> int:
        while tree.setdefault(row, row) != row:
            tree[row] = row = tree[tree[row]]
        return row

    chosen = []
    for at in order.tolist():
        a, b = root(int(joined.left[at])), root(int(joined.right[at]))
        if a != b:
            tree[b] = a
            chosen.append(at)
    left, right = joined.left[chosen], joined.right[chosen]
    values = features(table, left, right)
    found: dict[int, list[Link]] = defaultdict(list)
    for one, other, row, odds in zip(
        left.tolist(), right.tolist(), values, joined.log_odds[chosen].tolist(), strict=True
    ):
        why = scorer.explain(row, shown(table, one, other, row))
        found[int(joined.labels[one])].append(Link(table.ids[one], table.ids[other], probability(odds), why))
    return found


def copies_by_report(copies: Iterable[Copy]) -> dict[str, list[Copy]]:
    """Of each report the pairs that it is the first of."""
    found: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        found[copy.left].append(copy)
    return found


def _named(
    found: list[tuple[int, Incident]], joined: Joined, table: ClaimTable, known: Sequence[Incident]
) -> list[Incident]:
    """Give each group the id of the oldest known incident most of whose claims it holds; else one of its own."""
    row = {id: at for at, id in enumerate(table.ids)}
    names: dict[int, str] = {}
    for incident in known:
        held = Counter(int(joined.labels[row[id]]) for id in incident.claims if id in row)
        if held:
            names.setdefault(held.most_common(1)[0][0], incident.id)
    taken = set(names.values())
    out = []
    for label, incident in found:
        id = names.get(label, incident.id)
        if label not in names and id in taken:  # its first claim named an incident that now holds other claims
            id = f"{id}-{len(incident.claims)}"
        out.append(replace(incident, id=id))
    return out
