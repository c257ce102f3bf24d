"""Near-copies: which reports repeat each other's words, by the five-word runs they share.

Found by a fixed sample of each report's runs (the hashes below a bar: a MinHash that also finds a short report inside a
long one), then counted over all runs. No pair of reports is compared that shares nothing in its sample.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from mahdar.corroboration.blocks import Pairs, pairs_within, unpack
from mahdar.corroboration.ragged import tally
from mahdar.corroboration.texts import Texts, texts_of
from mahdar.model import Report

COPY = 0.5
"""The share of the shorter report's runs from which on two reports are near-copies."""
SAMPLE = 6
"""One run in so many is looked up; of a short report at least `LEAST`."""
LEAST = 16
BOILERPLATE = 60
"""Reports from which on a shared run (a copyright line) brings only neighbours together."""


class Copy(NamedTuple):
    """Two reports by id and the share of the shorter one's five-word runs that the other has."""

    left: str
    right: str
    share: float


def find_copies(reports: Iterable[Report], least: float = COPY) -> list[Copy]:
    """All pairs of near-copies, in the order of the reports."""
    return copies_of(texts_of(reports), least)


def copies_of(texts: Texts, least: float = COPY) -> list[Copy]:
    pairs = candidates(texts)
    left, right = unpack(pairs)
    shares = texts.runs.containment(left, right)
    return [
        Copy(texts.ids[one], texts.ids[other], float(share))
        for one, other, share in zip(left.tolist(), right.tolist(), shares.tolist(), strict=True)
        if share >= least
    ]


def candidates(texts: Texts) -> Pairs:
    """Pairs of reports with two or more sampled runs in common, or the only ones of a very short report."""
    runs = texts.runs
    lowest = runs.reweighted((~runs.keys).astype(np.float32)).heaviest(LEAST)  # the hash is random: a sample
    keep = (runs.keys < 2**32 // SAMPLE) | lowest
    rows = runs.row_of[keep]
    day = texts.published[rows].astype(np.int64)
    found = pairs_within(runs.keys[keep].astype(np.uint64), rows, day, small=BOILERPLATE)
    pairs, shared = tally(np.sort(found))
    left, right = unpack(pairs)
    short = np.minimum(runs.sizes[left], runs.sizes[right]) < LEAST
    return pairs[(shared >= 2) | short]
