"""What two claims have in common, feature by feature: the pairs worth comparing, their values, and how each is shown."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mahdar.corroboration import stories
from mahdar.corroboration.blocks import Pairs, mix, pack, pairs_within, unpack
from mahdar.corroboration.clusters import FLOOR
from mahdar.corroboration.ragged import CHUNK, Ragged, Rows, steps, tally
from mahdar.corroboration.scorer import Matrix, Scorer
from mahdar.corroboration.stories import text_features
from mahdar.corroboration.table import FAMILIES, SLACK, STATUSES, TYPES, ClaimTable
from mahdar.corroboration.texts import UNKNOWN, Texts

FEATURES = (
    *("story", "lead_story", "evidence", "position"),
    *("same_type", "same_family", "days", "vague_time", "same_day"),
    *("same_place", "km", "vague_place", "other_country"),
    *("actors", "targets", "figures", "toll"),
)
NARROW = 10
"""Days: an interval no longer than this puts a claim into blocks by day."""
BUCKET = 4
"""Days of one block; the next overlaps it."""
MONTH = 31
ALIKE = 0.08
"""Cosine of two reports above which all their claims are compared."""
EARTH = 6371.0
VAGUE = 0.25
"""What a region or country in common counts, a town or site counting 1."""
FAMILY = {name: at for at, name in enumerate(FAMILIES)}
VIOLENT = [FAMILY[name] for name in ("battles", "remote", "civilians", "protests", "riots")]
"""Families whose events one report may call one thing and another report another."""
KIN = {name: tuple(FAMILIES[at] for at in VIOLENT) if FAMILY[name] in VIOLENT else (name,) for name in FAMILIES}
"""The families a claim of each family may be linked with."""
INTENDED = STATUSES.index("intended")


def candidates(table: ClaimTable) -> Pairs:
    """Pairs of claims that may be of one event: of reports alike, or of one kind of act at one place or by one party about
    one time. Never two claims of one report, unless one denies what the other says, and never a plan with a deed."""
    kind = np.where(np.isin(table.family, VIOLENT), VIOLENT[0], table.family).astype(np.int64)
    found = list(_of_alike_reports(table))
    day = table.first.astype(np.int64)
    dated = table.first != UNKNOWN
    narrow = dated & (table.last - table.first <= NARROW)
    for sets in (table.places, table.figures):
        at = sets.row_of
        keys, rows = sets.keys[narrow[at]], at[narrow[at]]
        for shift in (0, 1):
            found.append(pairs_within(mix(keys, kind[rows], day[rows] // BUCKET + shift), rows, day[rows]))
    at = table.places.row_of
    keys, rows = table.places.keys[dated[at]], at[dated[at]]
    for shift in (0, 1):
        month = table.last[rows].astype(np.int64) // MONTH + shift
        found.append(pairs_within(mix(keys, table.type[rows], month), rows, day[rows]))
    at = table.actors.row_of
    keys, rows = table.actors.keys[narrow[at]], at[narrow[at]]
    block = mix(keys, table.country[rows], kind[rows], day[rows] // BUCKET)
    found.append(pairs_within(block, rows, day[rows]))
    left, right = unpack(tally(np.sort(np.concatenate(found)))[0])
    one_report = table.report[left] == table.report[right]
    denial = (table.status[left] == STATUSES.index("denied")) != (table.status[right] == STATUSES.index("denied"))
    denial &= (kind[left] == VIOLENT[0]) | (table.type[left] == table.type[right])
    plans = (table.status[left] == INTENDED) != (table.status[right] == INTENDED)
    keep = (kind[left] == kind[right]) & ~plans & (~one_report | denial) & _meet(table, left, right)
    return pack(left[keep], right[keep])


def _of_alike_reports(table: ClaimTable) -> Iterator[Pairs]:
    """All pairs of claims of two reports that are alike in words."""
    words = table.texts.words
    held = np.bincount(table.report, minlength=len(table.texts))
    first = np.cumsum(held) - held  # claims stand in the order of their reports
    for pairs in table.texts.alike():
        left, right = unpack(np.sort(pairs))
        near = words.cosine(left, right) > ALIKE
        left, right = left[near], right[near]
        times = held[left] * held[right]
        pair, at = np.repeat(np.arange(len(left)), times), steps(times)
        width = held[right[pair]]
        yield pack(first[left[pair]] + at // width, first[right[pair]] + at % width)


def _meet(table: ClaimTable, left: Rows, right: Rows) -> NDArray[np.bool_]:
    """Days no further apart than what two reports of one event may err by."""
    gap = days_apart(table, left, right)
    return np.isnan(gap) | (gap <= MONTH)


def days_apart(table: ClaimTable, left: Rows, right: Rows) -> NDArray[np.float32]:
    """Days between two intervals, 0 where they overlap, NaN where one is unknown."""
    gap = np.maximum(table.first[left], table.first[right]) - np.minimum(table.last[left], table.last[right])
    unknown = (table.first[left] == UNKNOWN) | (table.first[right] == UNKNOWN)
    return np.where(unknown, np.nan, np.maximum(gap, 0)).astype(np.float32)


def km_apart(table: ClaimTable, left: Rows, right: Rows) -> NDArray[np.float32]:
    """Kilometres between the nearest two places of each pair, NaN where one has none."""
    out = np.empty(len(left), dtype=np.float32)
    for begin in range(0, len(left), CHUNK):
        one, other = left[begin : begin + CHUNK], right[begin : begin + CHUNK]
        lat1, lat2 = np.radians(table.lat[one])[:, :, None], np.radians(table.lat[other])[:, None, :]
        lon1, lon2 = np.radians(table.lon[one])[:, :, None], np.radians(table.lon[other])[:, None, :]
        half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
        angle = np.fmin.reduce(half, axis=(1, 2))
        out[begin : begin + CHUNK] = 2 * EARTH * np.arcsin(np.sqrt(np.clip(angle, 0, 1)))
    return out


def features(table: ClaimTable, left: Rows, right: Rows) -> Matrix:
    """One row a pair, columns as in FEATURES, NaN where something cannot be told."""
    out = np.empty((len(left), len(FEATURES)), dtype=np.float32)
    for begin in range(0, len(left), CHUNK):
        out[begin : begin + CHUNK] = _features(table, left[begin : begin + CHUNK], right[begin : begin + CHUNK])
    return out


def _features(table: ClaimTable, left: Rows, right: Rows) -> Matrix:
    texts = table.texts
    a, b = table.report[left].astype(np.int64), table.report[right].astype(np.int64)
    gap = days_apart(table, left, right)
    precise = (table.time_precision[left] == 1) & (table.time_precision[right] == 1)
    slack = np.maximum(table.slack[left], table.slack[right])
    vague = slack > SLACK[2]
    km = np.maximum(km_apart(table, left, right) - slack, 0)
    countries = (table.country[left] != 0) & (table.country[right] != 0)
    story = alike(texts, a, b)
    position = np.minimum(table.rank[left] + table.rank[right], 6)
    columns = (
        story,
        np.where(position <= 1, story, 0),
        table.words.cosine(left, right),
        position,
        table.type[left] == table.type[right],
        table.family[left] == table.family[right],
        np.log1p(gap),
        np.where(np.isnan(gap), np.nan, np.maximum(table.time_precision[left], table.time_precision[right])),
        np.where(np.isnan(gap), np.nan, precise & (gap == 0)),
        _known(table.places, left, right, (table.places.dot(left, right) > 0) * np.where(vague, VAGUE, 1)),
        np.log1p(km),
        np.where(np.isnan(slack), np.nan, vague),
        np.where(countries, table.country[left] != table.country[right], np.nan),
        _known(table.actors, left, right, table.actors.containment(left, right)),
        _known(table.targets, left, right, table.targets.containment(left, right)),
        _known(table.figures, left, right, np.sqrt(table.figures.dot(left, right))),
        np.abs(np.log1p(table.toll[left]) - np.log1p(table.toll[right])),
    )
    return np.stack([np.asarray(column, dtype=np.float32) for column in columns], axis=1)


def alike(texts: Texts, a: Rows, b: Rows) -> NDArray[np.float32]:
    """Log odds that two reports tell one story, by their words and publication days alone."""
    told = text_features(texts, a, b)
    unknown = np.full((len(told), len(stories.FEATURES) - told.shape[1]), np.nan, dtype=np.float32)
    odds = Scorer.load(stories.WEIGHTS).log_odds(np.concatenate((told, unknown), axis=1))
    return np.clip(odds, FLOOR, -FLOOR).astype(np.float32)


def _story_shown(texts: Texts, one: int, other: int) -> str:
    a, b = np.array([one]), np.array([other])
    words, names = texts.words.cosine(a, b)[0], texts.names.cosine(a, b)[0]
    gap = texts.gap(a, b)[0]
    days = "publication days not known" if np.isnan(gap) else f"published {gap:.0f} days apart"
    return f"the reports' telling words are {words:.0%} alike, the names in them {names:.0%}; {days}"


def _known(sets: Ragged, left: Rows, right: Rows, values: NDArray[np.generic]) -> NDArray[np.float32]:
    return np.where((sets.sizes[left] == 0) | (sets.sizes[right] == 0), np.nan, values).astype(np.float32)


def shown(table: ClaimTable, left: int, right: int, values: NDArray[np.float32]) -> tuple[str, ...]:
    """Each feature's value of one pair in words, in the order of FEATURES."""
    value = dict(zip(FEATURES, values.tolist(), strict=True))
    one, other = TYPES[table.type[left]], TYPES[table.type[right]]
    words = {
        "story": _story_shown(table.texts, int(table.report[left]), int(table.report[right])),
        "lead_story": "both open their reports" if value["position"] <= 1 else "not both open their reports",
        "evidence": f"the sentences are {value['evidence']:.0%} alike",
        "position": f"{table.rank[left] + table.rank[right]} other claims stand before them in their reports",
        "same_type": one if one == other else f"{one}, {other}",
        "same_family": "acts of one kind" if value["same_family"] else "acts of two kinds",
        "days": "days that overlap" if value["days"] == 0 else f"{np.expm1(value['days']):.0f} days apart",
        "vague_time": ("", "both to the day", "one to the week", "one to the month", "one to the year")[
            int(np.nan_to_num(value["vague_time"]))
        ],
        "same_day": "the same day" if value["same_day"] else "not both known to be of the same day",
        "same_place": "a place in common" if value["same_place"] else "no place in common",
        "km": "within reach" if value["km"] == 0 else f"{np.expm1(value['km']):.0f} km too far apart",
        "vague_place": "a region or country only" if value["vague_place"] else "towns or sites",
        "other_country": "two countries" if value["other_country"] else "one country",
        "actors": f"{value['actors']:.0%} of the actors in common",
        "targets": f"{value['targets']:.0%} of the targets in common",
        "figures": "figures in common" if value["figures"] else "no figure in common",
        "toll": f"tolls {np.expm1(abs(value['toll'])):.0%} apart" if value["toll"] else "the same toll",
    }
    return tuple(words[name] for name in FEATURES)
