"""Skimming: which sentences of a report are worth the network's reading. Most of a page of news tells of no event, even in war.

A small convolution over word pieces (`model/skim.onnx`), its largest values in each sentence, the two beside it and the report,
and a layer over these (`model/skim.npz`) give each sentence a chance of being evidence of a claim, for about a hundredth of what
the network costs. Both are fitted by `training.skim`. Its bars are set for recall: what is skipped is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Skim:
    """`session`: of the convolution, numbers of pieces in, a row a unit out. `directory`: where `skim.npz` holds the weights of
    what follows, and `bar`, the chance from which a sentence is read, and `open`, the one that a report's surest sentence must
    have for any of it to be."""

    def __init__(self, session: Any, directory: Path) -> None:
        self._session = session
        with np.load(directory / "skim.npz") as held:
            self._held: dict[str, Floats] = {k: held[k] for k in held.files}
        self.bar, self.open = float(self._held["bar"]), float(self._held["open"])

    def worth_reading(self, chances: Floats) -> frozenset[int]:
        """The numbers of the sentences to read by their chances: none of a report that most likely tells of no event."""
        if chances.max(initial=0.0) < self.open:
            return frozenset()
        return frozenset(np.flatnonzero(chances >= self.bar).tolist())

    def chances(self, sentences: Sequence[Sequence[int]]) -> Floats:
        """Chance of each sentence, given as the numbers of its pieces, to be evidence of a claim."""
        sizes = np.array([len(s) for s in sentences], dtype=np.int64)
        if not sizes.any():
            return np.zeros(len(sentences), dtype=np.float32)
        pieces = np.fromiter(chain.from_iterable(sentences), dtype=np.int64, count=int(sizes.sum()))
        units = self._session.run(["units"], {"pieces": pieces})[0]
        full = np.flatnonzero(sizes)
        told = np.zeros((len(sentences) + 2, len(units)), dtype=np.float32)  # with an empty row at either end
        told[full + 1] = np.maximum(np.maximum.reduceat(units, (np.cumsum(sizes) - sizes)[full], axis=1).T, 0)
        own = told[1:-1]
        beside = np.concatenate([own, told[:-2], told[2:]], axis=1)
        report = np.concatenate([own.mean(0), own.max(0)])
        near, far = np.split(self._held["hidden_weight"], [beside.shape[1]], axis=1)
        hidden = np.maximum(beside @ near.T + (far @ report + self._held["hidden_bias"]), 0)
        logits = hidden @ self._held["out_weight"] + self._held["out_bias"]
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)
