"""What linking knows of many reports' words, as columns: rare words, names, titles, five-word runs, publication days."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mahdar.corroboration.blocks import Pairs, mix, pairs_alike
from mahdar.corroboration.ragged import CountedBuilder, Ragged, Rows, steps
from mahdar.corroboration.words import TITLE_WORDS, body, codes_of, rarity
from mahdar.model import Report
from mahdar.when.days import day_of

UNKNOWN = -1
"""In a column of days: no day."""
RUN = 5
AT_ONCE = 200_000
"""Words sorted at a time."""
HEAVIEST = 48
"""So many of a report's words tell what it is about; the rest are not compared."""
RAREST = 16
"""By so many of its rarest words a report looks for reports like it."""
NEIGHBOURS = 16
"""Of the reports that share a word each looks at so many that were published before it."""
LIKENESS = 0.04
"""What their rarest words must add to the cosine of two reports, or else the rest is not looked at."""


@dataclass(frozen=True)
class Texts:
    """One row a report, in the order they came."""

    ids: tuple[str, ...]
    published: NDArray[np.int32]
    """Day ordinals, UNKNOWN where a report has no date."""
    words: Ragged
    names: Ragged
    titles: Ragged
    runs: Ragged
    """Five-word runs, hashed."""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def row(self) -> dict[str, int]:
        return {id: row for row, id in enumerate(self.ids)}

    def alike(self) -> Iterator[Pairs]:
        """Pairs of reports whose rarest words alone make them LIKENESS alike: only their words are compared. Each pair once,
        some at a time."""
        words = self.words
        rare = words.kept(words.heaviest(RAREST) & (words.counts() > 1))
        unit = rare.reweighted((rare.weights / words.norms[rare.row_of]).astype(np.float32))
        return pairs_alike(unit, self.published, LIKENESS, NEIGHBOURS)

    def gap(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        """Days between publications, NaN where one is unknown."""
        a, b = self.published[left], self.published[right]
        return np.where((a == UNKNOWN) | (b == UNKNOWN), np.nan, np.abs(a - b)).astype(np.float32)


class TextsBuilder:
    """Takes reports one at a time and keeps only their columns; words are sorted many reports at a time, as one by one
    that costs ten times as much."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._published = array("i")
        self._codes, self._sizes = array("Q"), array("q")
        self._titles, self._texts = array("q"), array("q")  # of each report: words of its title, words before its text
        self._words, self._names = CountedBuilder(), CountedBuilder()
        self._in_titles, self._runs = CountedBuilder(counted=False), CountedBuilder(counted=False)

    def add(self, report: Report) -> int:
        """The report's row."""
        text = codes_of(body(report))
        title = codes_of(report.title or "")
        self._codes.extend(title + text)
        self._sizes.append(len(title) + len(text))
        self._titles.append(len(title) or TITLE_WORDS)
        self._texts.append(len(title))
        self._ids.append(report.id)
        self._published.append(day_of(report.published).toordinal() if report.published else UNKNOWN)
        if len(self._codes) > AT_ONCE:
            self._flush()
        return len(self._ids) - 1

    def _flush(self) -> None:
        rows = len(self._sizes)
        sizes = np.array(self._sizes, dtype=np.int64)
        codes = np.array(self._codes, dtype=np.uint64)
        key, named = codes >> np.uint64(1), (codes & np.uint64(1)).astype(np.bool_)
        row = np.repeat(np.arange(rows, dtype=np.uint64), sizes)
        place = steps(sizes)
        title = place < np.repeat(np.array(self._titles, dtype=np.int64), sizes)
        text = place >= np.repeat(np.array(self._texts, dtype=np.int64), sizes)
        self._words.add(rows, row, key)
        self._names.add(rows, row[named], key[named])
        self._in_titles.add(rows, row[title], key[title])
        self._runs.add(rows, *_runs(row[text], key[text]))
        self._codes, self._sizes, self._titles, self._texts = array("Q"), array("q"), array("q"), array("q")

    def build(self) -> Texts:
        self._flush()
        return Texts(
            tuple(self._ids),
            np.array(self._published, dtype=np.int32),
            _weigh(self._words.build()),
            _weigh(self._names.build()),
            _weigh(self._in_titles.build()),
            self._runs.build(),
        )


def texts_of(reports: Iterable[Report]) -> Texts:
    builder = TextsBuilder()
    for report in reports:
        builder.add(report)
    return builder.build()


def _runs(row: NDArray[np.uint64], words: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The five-word runs of reports, hashed to 32 bits, and the row of each; none goes over into the next report."""
    runs = max(len(words) - RUN + 1, 0)
    run = mix(*(words[at : at + runs] for at in range(RUN))) >> np.uint64(32)
    whole = row[:runs] == row[len(row) - runs :]
    return row[:runs][whole], run[whole]


def _weigh(counted: Ragged) -> Ragged:
    """Term counts as TF-IDF weights; of each row the HEAVIEST."""
    weights = counted.told(lambda words, held: rarity(words, held, len(counted)))
    for begin in range(0, len(weights), AT_ONCE):
        weights[begin : begin + AT_ONCE] *= 1 + np.log(counted.weights[begin : begin + AT_ONCE])
    weighed = counted.reweighted(weights)
    return weighed.kept(weighed.heaviest(HEAVIEST))
