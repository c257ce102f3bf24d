"""Skimming: which sentences of a report are worth the network's reading. Most of a page of news tells of no event, even in war.

A small convolution over word pieces (`model/skim.onnx`, fitted by `training.skim`) gives each sentence a chance of being evidence
of a claim, for about a hundredth of what the network costs. Its bars are set for recall: what is skipped is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Skim:
    """The graph of an ONNX session: numbers of pieces, the sentence of each, and one entry a sentence in, chances out. Its
    metadata hold `bar`, the chance from which a sentence is read, and `open`, the one that a report's surest sentence must have
    for any of it to be."""

    def __init__(self, session: Any) -> None:
        self._session = session
        told = session.get_modelmeta().custom_metadata_map
        self.bar, self.open = float(told["bar"]), float(told["open"])

    def worth_reading(self, chances: Floats) -> frozenset[int]:
        """The numbers of the sentences to read by their chances: none of a report that most likely tells of no event."""
        if chances.max(initial=0.0) < self.open:
            return frozenset()
        return frozenset(np.flatnonzero(chances >= self.bar).tolist())

    def chances(self, sentences: Sequence[Sequence[int]]) -> Floats:
        """Chance of each sentence, given as the numbers of its pieces, to be evidence of a claim."""
        if not any(sentences):
            return np.zeros(len(sentences), dtype=np.float32)
        given = {
            "pieces": np.fromiter(chain.from_iterable(sentences), dtype=np.int64),
            "sentence": np.repeat(np.arange(len(sentences)), [len(s) for s in sentences]),
            "blank": np.zeros(len(sentences), dtype=np.float32),
        }
        return np.asarray(self._session.run(["chances"], given)[0])
