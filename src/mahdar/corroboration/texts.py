"""What linking knows of many reports' words, as columns: rare words, names, titles, five-word runs, publication days."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mahdar.corroboration.blocks import Pairs, mix, pairs_within
from mahdar.corroboration.ragged import Ragged, RaggedBuilder, Rows
from mahdar.corroboration.words import TITLE_WORDS, body, look_up, rarity, words_of
from mahdar.model import Report
from mahdar.when.days import day_of

UNKNOWN = -1
"""In a column of days: no day."""
RUN = 5
AT_ONCE = 200_000
"""Words whose runs are hashed at a time."""
HEAVIEST = 48
"""So many of a report's words tell what it is about; the rest are not compared."""
RAREST = 16
"""By so many of its rarest words a report looks for reports like it."""
NEARBY = 16
"""Days within which reports that share a word no longer rare still look at each other."""
LIKENESS = 0.04
"""Cosine below which two reports are never looked at."""


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

    @cached_property
    def alike(self) -> Pairs:
        """Pairs of reports that share rare words, sorted: the only ones whose words are compared."""
        words = self.words
        keep = (words.rank < RAREST) & (words.counts() > 1)
        row, word = words.row_of[keep], words.keys[keep]
        day = self.published[row].astype(np.int64)
        found = [pairs_within(word.astype(np.uint64), row, day)]
        dated = day != UNKNOWN
        for shift in (0, 1):  # windows that overlap by half, so that days so near share one
            window = day[dated] // NEARBY + shift
            found.append(pairs_within(mix(word[dated], window), row[dated], day[dated]))
        return np.unique(np.concatenate(found))

    def gap(self, left: Rows, right: Rows) -> NDArray[np.float32]:
        """Days between publications, NaN where one is unknown."""
        a, b = self.published[left], self.published[right]
        return np.where((a == UNKNOWN) | (b == UNKNOWN), np.nan, np.abs(a - b)).astype(np.float32)


class TextsBuilder:
    """Takes reports one at a time and keeps only their columns."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._published = array("i")
        self._words, self._names, self._titles = (RaggedBuilder() for _ in range(3))
        self._runs = _Runs()

    def add(self, report: Report) -> int:
        """The report's row."""
        text = words_of(body(report))
        title = words_of(report.title) if report.title else text[:TITLE_WORDS]
        words: Counter[int] = Counter()
        names: Counter[int] = Counter()
        for word, times in Counter(title + text if report.title else text).items():
            known, name = look_up(word)
            words[known] += times
            if name:
                names[known] += times
        self._words.add(words, words.values())
        self._names.add(names, names.values())
        self._titles.add({look_up(word)[0] for word in title})
        self._runs.add([look_up(word)[0] for word in text])
        self._ids.append(report.id)
        self._published.append(day_of(report.published).toordinal() if report.published else UNKNOWN)
        return len(self._ids) - 1

    def build(self) -> Texts:
        return Texts(
            tuple(self._ids),
            np.frombuffer(self._published, dtype=np.int32).copy() if self._ids else np.zeros(0, np.int32),
            _weigh(self._words.build()),
            _weigh(self._names.build()),
            _weigh(self._titles.build()),
            self._runs.build(),
        )


def texts_of(reports: Iterable[Report]) -> Texts:
    builder = TextsBuilder()
    for report in reports:
        builder.add(report)
    return builder.build()


class _Runs:
    """Collects the five-word runs of reports, many reports at a time: one by one they cost ten times as much."""

    def __init__(self) -> None:
        self._words, self._sizes = array("I"), array("q")
        self._keys: list[NDArray[np.uint32]] = [np.zeros(0, np.uint32)]
        self._held: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]

    def add(self, words: Sequence[int]) -> None:
        """A report, as keys of its words in order."""
        self._words.extend(words)
        self._sizes.append(len(words))
        if len(self._words) > AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        words = np.array(self._words, dtype=np.uint64)
        row = np.repeat(np.arange(len(self._sizes), dtype=np.uint64), self._sizes)
        held = np.zeros(len(self._sizes), np.int64)
        if len(words) >= RUN:
            runs = len(words) - RUN + 1
            run = mix(*(words[at : at + runs] for at in range(RUN))) >> np.uint64(32)
            whole = row[:runs] == row[RUN - 1 :]  # no run goes over from one report into the next
            distinct = np.unique((row[:runs][whole] << np.uint64(32)) | run[whole])
            self._keys.append((distinct & np.uint64(0xFFFFFFFF)).astype(np.uint32))
            held = np.bincount((distinct >> np.uint64(32)).astype(np.int64), minlength=len(self._sizes))
        self._held.append(held)
        self._words, self._sizes = array("I"), array("q")

    def build(self) -> Ragged:
        self._flush()
        keys = np.concatenate(self._keys)
        ones = np.broadcast_to(np.float32(1), len(keys))  # takes no memory
        return Ragged(np.cumsum(np.concatenate(self._held)), keys, ones)


def _weigh(counted: Ragged) -> Ragged:
    """Term counts as TF-IDF weights; of each row the HEAVIEST."""
    weights = (1 + np.log(counted.weights)) * rarity(counted.keys, counted.counts(), len(counted))
    weighed = counted.reweighted(weights.astype(np.float32))
    return weighed.kept(weighed.rank < HEAVIEST)
