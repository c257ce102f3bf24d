"""Which reports tell of one event, told from their words, days and places alone, before anything is read in them.

Reading takes a second a report; this takes milliseconds. It sorts a pile of clippings into stories and measures linking
where nobody has annotated claims.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mahdar.corroboration.blocks import Pairs, mix, pairs_within, unpack
from mahdar.corroboration.clusters import group
from mahdar.corroboration.ragged import CHUNK, Ragged, RaggedBuilder, Rows, tally
from mahdar.corroboration.scorer import Matrix, Scorer
from mahdar.corroboration.texts import Texts, texts_of
from mahdar.corroboration.words import body, key
from mahdar.model import Report
from mahdar.when import read_times
from mahdar.when.days import days
from mahdar.where import Places

WEIGHTS = Path(__file__).with_name("stories.json")
FEATURES = ("words", "words_root", "names", "title", "published", "days", "places")
DAYS = 8
"""So many days that a report names are looked at."""
FAR = 4
"""Days between two named days from which on they count as simply not the same."""


def find_stories(reports: Sequence[Report], scorer: Scorer | None = None) -> list[tuple[str, ...]]:
    """The ids of reports, sorted into stories: every report in one of them, each in the order given."""
    labels = story_labels(Sketches(reports), scorer or Scorer.load(WEIGHTS))
    stories: dict[int, list[str]] = {}
    for report, label in zip(reports, labels.tolist(), strict=True):
        stories.setdefault(label, []).append(report.id)
    return [tuple(ids) for ids in stories.values()]


def story_labels(sketches: Sketches, scorer: Scorer) -> NDArray[np.int64]:
    left, right = unpack(sketches.pairs)
    odds = scorer.log_odds(sketches.features(left, right))
    return group(len(sketches.texts), left, right, odds, scorer.bar)


class Sketches:
    """What is compared of each report: its words (`texts`), the days it names and the places it names."""

    def __init__(self, reports: Sequence[Report]) -> None:
        self.texts: Texts = texts_of(reports)
        self.days = np.full((len(reports), DAYS), np.nan, dtype=np.float32)
        builder = RaggedBuilder()
        for row, report in enumerate(reports):
            named = _days(report)[:DAYS]
            self.days[row, : len(named)] = named
            places = _places(report)
            builder.add(places, places.values())
        counts = builder.build()
        rarity = np.log((1 + len(reports)) / counts.counts()).clip(min=0.1)
        self.places: Ragged = counts.reweighted(((1 + np.log(counts.weights)) * rarity).astype(np.float32))

    @property
    def pairs(self) -> Pairs:
        """Pairs worth comparing: alike in words, or naming one place and one day."""
        texts = self.texts
        found = list(texts.alike())
        at = self.places.row_of
        for day in self.days.T:
            dated = ~np.isnan(day[at])
            rows = at[dated]
            found.append(pairs_within(mix(self.places.keys[dated], day[rows]), rows, rows))
        return tally(np.sort(np.concatenate(found)))[0]

    def features(self, left: Rows, right: Rows) -> Matrix:
        """One row a pair, columns as in FEATURES."""
        places = self.places.cosine(left, right)
        places[(self.places.sizes[left] == 0) | (self.places.sizes[right] == 0)] = np.nan
        return np.column_stack((text_features(self.texts, left, right), self._apart(left, right), places))

    def _apart(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        """Days between the nearest two days that the reports name, at most FAR; NaN if one names none."""
        out = np.empty(len(left), dtype=np.float32)
        for begin in range(0, len(left), CHUNK):
            one, other = self.days[left[begin : begin + CHUNK]], self.days[right[begin : begin + CHUNK]]
            out[begin : begin + CHUNK] = np.fmin.reduce(np.abs(one[:, :, None] - other[:, None, :]), axis=(1, 2))
        return np.minimum(out, FAR)


def text_features(texts: Texts, left: Rows, right: Rows) -> Matrix:
    """The columns of FEATURES that need no more than words and publication days."""
    words = texts.words.cosine(left, right)
    names = np.sqrt(texts.names.cosine(left, right))
    titles = texts.titles.cosine(left, right)
    return np.column_stack((words, np.sqrt(words), names, titles, np.log1p(texts.gap(left, right))))


def _days(report: Report) -> list[int]:
    """The days (ordinals) that the report names, none wider than a night, in order of first mention."""
    named: dict[int, None] = {}
    for time in read_times(report.text, report.published):
        first, last = days(time.interval_start, time.interval_end)
        if first and last and 0 <= (last - first).days <= 1:
            named[first.toordinal()] = None
    return list(named)


def _places(report: Report) -> Counter[int]:
    """How often each place but countries is named."""
    toponyms = Places(body(report), title=report.title, outlet=report.outlet, country=report.country).toponyms
    return Counter(key(t.place.ref) for t in toponyms if t.place is not None and t.place.kind != "country")
