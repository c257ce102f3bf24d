"""The learned core: word pieces in, probabilities out. It judges; it decides nothing.

Runs the shipped int8 ONNX graphs on the CPU. `encode` is run once a window; `find` says which event types each sentence holds
and where their triggers stand; `fill` reads the neighbourhood of one trigger for its roles, its scope and its status.
Deterministic: same input, same output.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mahdar.model import MahdarError, Span
from mahdar.reading.labels import ROLES, STATUSES, TYPE_NUMBER, TYPES
from mahdar.reading.tokens import TokenisedReport, Window

Floats = NDArray[np.float32]

MODEL = Path(__file__).with_name("model")
FILES = ("encode.onnx", "find.onnx", "fill.onnx", "heads.npz", "tokenizer.json", "labels.json")
_AT_ONCE = 8  # windows or neighbourhoods in one run: bounds memory


@dataclass(slots=True, eq=False)
class Sighting:
    """What the finder saw in one sentence: probability of each type, and of each type for each word piece."""

    sentence: int
    window: int
    types: Floats
    offsets: list[tuple[int, int]]
    pieces: Floats


@dataclass(slots=True, eq=False)
class Filling:
    """What the filler saw around one trigger: for each piece, begin and inside probability of each role; and the ends."""

    offsets: list[tuple[int, int]]
    sentence: list[int]
    roles: Floats
    real: float
    total: float
    status: Floats
    vector: Floats


def sigmoid(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -30, 30))), dtype=np.float32)


class Encoder:
    """The model of a directory (`FILES`), held in memory; about 60 MB."""

    def __init__(self, directory: Path = MODEL) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        missing = [f for f in FILES if not (directory / f).is_file()]
        if missing:
            raise MahdarError(f"the reader's model in {directory} lacks {', '.join(missing)}")
        labels = json.loads((directory / "labels.json").read_text(encoding="utf-8"))
        if labels != {"types": list(TYPES), "roles": list(ROLES), "statuses": list(STATUSES)}:
            raise MahdarError(f"the reader's model in {directory} was trained for other labels than this version's")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3

        def session(name: str) -> Any:
            return onnxruntime.InferenceSession(
                str(directory / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
            )

        self._encode, self._find, self._fill = session("encode"), session("find"), session("fill")
        with np.load(directory / "heads.npz") as heads:
            self._heads = {k: heads[k] for k in heads.files}
        self.tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def look(self, text: str, title: str | None, sentences: Sequence[Span]) -> Look:
        """Prepare one report; nothing is computed until asked for."""
        return Look(self, TokenisedReport(self.tokenizer, text, title, sentences).windows())

    def states(self, windows: Sequence[Window]) -> list[Floats]:
        out: list[Floats] = []
        for low in range(0, len(windows), _AT_ONCE):
            batch = windows[low : low + _AT_ONCE]
            length = max(map(len, batch))
            ids = np.zeros((len(batch), length), dtype=np.int64)
            mask = np.zeros((len(batch), length), dtype=np.float32)
            for j, window in enumerate(batch):
                ids[j, : len(window)], mask[j, : len(window)] = window.ids, 1
            (states,) = self._encode.run(None, {"ids": ids, "mask": mask})
            out += [states[j, : len(w)] for j, w in enumerate(batch)]
        return out

    def find(self, windows: Sequence[Window], states: Sequence[Floats]) -> list[Sighting]:
        out: list[Sighting] = []
        for low in range(0, len(windows), _AT_ONCE):
            batch = windows[low : low + _AT_ONCE]
            block, mask = _pad(states[low : low + _AT_ONCE])
            hidden, triggers = self._find.run(None, {"states": block, "mask": mask})
            for j, window in enumerate(batch):
                for sentence in window.judged:
                    own = window.pieces_of(sentence)
                    if not own:
                        continue
                    h = hidden[j, own]
                    pooled = np.concatenate([h.mean(0), h.max(0)])
                    types = sigmoid(self._heads["sentence_weight"] @ pooled + self._heads["sentence_bias"])
                    offsets = [window.offsets[i] for i in own]
                    out.append(Sighting(sentence, low + j, types, offsets, sigmoid(triggers[j, own])))
        return out

    def fill(self, wanted: Sequence[tuple[Window, Floats, int, Span, str]]) -> list[Filling]:
        """wanted: (window, its states, sentence, trigger, type)."""
        out: list[Filling] = []
        for low in range(0, len(wanted), _AT_ONCE):
            batch = wanted[low : low + _AT_ONCE]
            where = [window.neighbourhood(sentence) for window, _, sentence, _, _ in batch]
            block, mask = _pad([states[p] for (_, states, _, _, _), p in zip(batch, where, strict=True)])
            marked = np.zeros_like(mask)
            for q, ((window, _, sentence, trigger, _), positions) in enumerate(zip(batch, where, strict=True)):
                touched = set(window.touching(sentence, trigger))
                marked[q, : len(positions)] = [float(p in touched) for p in positions]
            types = np.array([TYPE_NUMBER[t] for *_, t in batch], dtype=np.int64)
            given = {"states": block, "mask": mask, "marked": marked, "types": types}
            roles, ends, vectors = self._fill.run(None, given)
            for q, ((window, *_), positions) in enumerate(zip(batch, where, strict=True)):
                status = np.exp(ends[q, 2:] - ends[q, 2:].max())
                out.append(
                    Filling(
                        [window.offsets[p] for p in positions],
                        [window.sentence[p] for p in positions],
                        sigmoid(roles[q, : len(positions)]),
                        float(sigmoid(ends[q, 0])),
                        float(sigmoid(ends[q, 1])),
                        np.asarray(status / status.sum(), dtype=np.float32),
                        vectors[q],
                    )
                )
        return out

    def same_event(self, a: Filling, b: Filling) -> float:
        """Probability that two mentions of one type tell of one event, by their vectors alone."""
        features = np.concatenate([np.abs(a.vector - b.vector), a.vector * b.vector])
        return float(sigmoid(self._heads["same_weight"][0] @ features + self._heads["same_bias"][0]))


class Look:
    """One report before the encoder: its windows, what the finder sees in them, and fillings on request."""

    def __init__(self, encoder: Encoder, windows: list[Window]) -> None:
        self._encoder, self.windows = encoder, windows
        self._states: list[Floats] = []

    def sightings(self) -> list[Sighting]:
        """The finder's view of every sentence."""
        self._states = self._encoder.states(self.windows)
        return self._encoder.find(self.windows, self._states)

    def fillings(self, wanted: Sequence[tuple[Sighting, Span, str]]) -> list[Filling]:
        """One filling for each (sighting, trigger, type)."""
        return self._encoder.fill(
            [(self.windows[s.window], self._states[s.window], s.sentence, t, code) for s, t, code in wanted]
        )


def _pad(states: Sequence[Floats]) -> tuple[Floats, Floats]:
    length = max(len(s) for s in states)
    block = np.zeros((len(states), length, states[0].shape[1]), dtype=np.float32)
    mask = np.zeros((len(states), length), dtype=np.float32)
    for j, s in enumerate(states):
        block[j, : len(s)], mask[j, : len(s)] = s, 1
    return block, mask
