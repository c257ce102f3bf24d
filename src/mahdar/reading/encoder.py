"""The learned core: word pieces in, probabilities out. It judges; it decides nothing.

Runs the shipped ONNX graphs on the CPU. `skim` tells which sentences are worth it; `encode` is run once a window of these; `find`
says which event types each sentence holds and where their triggers stand; `fill` compares one trigger with every piece around it
for its roles, its scope and its status.
Deterministic: same input, same output.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mahdar.model import MahdarError, Span
from mahdar.reading.labels import FACTUAL, FILLED, SPEECH, STATUSES, TRIGGER_NUMBER, TRIGGERS, TYPES
from mahdar.reading.skim import Skim
from mahdar.reading.tokens import TokenisedReport, Window, Wordpieces

Floats = NDArray[np.float32]

MODEL = Path(__file__).with_name("model")
FILES = ("encode.onnx", "fill.onnx", "heads.npz", "skim.onnx", "skim.npz", "tokenizer.json", "labels.json")
_AT_ONCE = 8  # neighbourhoods in one run: bounds memory


@dataclass(slots=True, eq=False)
class Sighting:
    """What the finder saw in one sentence: probability of each type; for each word piece, of each type, of speech, and that
    what it names happened; and the mean of the pieces' states, by which sentences on one event are known."""

    sentence: int
    window: int
    types: Floats
    offsets: list[tuple[int, int]]
    pieces: Floats
    speech: Floats
    factual: Floats
    mean: Floats
    event: Floats  # what `mean` is reduced to, to compare it with another sentence's

    def factual_at(self, span: Span) -> float:
        """Probability that what the words name happened; 1 where the network does not see them."""
        touched = [f for (a, b), f in zip(self.offsets, self.factual, strict=True) if a < span.end and b > span.start]
        return float(touched[0]) if touched else 1.0


@dataclass(slots=True, eq=False)
class States:
    """What the graph makes of one window, a row a piece: its state, type logits of triggers, and what `fill` compares."""

    hidden: Floats
    triggers: Floats
    keys: Floats
    products: Floats


@dataclass(slots=True, eq=False)
class Filling:
    """What the filler saw around one trigger: for each piece, begin and inside probability of each role; and the ends."""

    offsets: list[tuple[int, int]]
    sentence: list[int]
    roles: Floats
    total: float
    status: Floats


def sigmoid(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.maximum(x, -30))), dtype=np.float32)


class Encoder:
    """The model of a directory (`FILES`), held in memory; about 60 MB."""

    def __init__(self, directory: Path = MODEL) -> None:
        import onnxruntime
        from threadpoolctl import ThreadpoolController
        from tokenizers import Tokenizer

        missing = [f for f in FILES if not (directory / f).is_file()]
        if missing:
            raise MahdarError(f"the reader's model in {directory} lacks {', '.join(missing)}")
        labels = json.loads((directory / "labels.json").read_text(encoding="utf-8"))
        if labels != {"triggers": list(TRIGGERS), "roles": list(FILLED), "statuses": list(STATUSES)}:
            raise MahdarError(f"the reader's model in {directory} was trained for other labels than this version's")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3

        def session(name: str) -> Any:
            return onnxruntime.InferenceSession(str(directory / name), options, providers=["CPUExecutionProvider"])

        self._encode, self._fill = session("encode.onnx"), session("fill.onnx")
        self.skim = Skim(session("skim.onnx"), directory)
        with np.load(directory / "heads.npz") as heads:
            self._heads = {k: heads[k] for k in heads.files}
        tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.wordpieces = Wordpieces(tokenizer)
        self._pools = ThreadpoolController()

    def alone(self) -> AbstractContextManager[Any]:
        """While it holds, numpy multiplies on one thread: for products as small as skimming's the others only wait, which costs
        more than half as much again as all of reading."""
        held: AbstractContextManager[Any] = self._pools.limit(limits=1, user_api="blas")
        return held

    def look(self, text: str, title: str | None, sentences: Sequence[Span], *, skimmed: bool = False) -> Look:
        """Prepare one report, all of it or what is worth reading; nothing but that is computed until asked for."""
        report = TokenisedReport(self.wordpieces, text, title, sentences)
        chances = self.skim.chances(report.ids)
        read = self.skim.worth_reading(chances) if skimmed else frozenset(range(len(sentences)))
        return Look(self, report.windows(read), read, chances)

    def states(self, windows: Sequence[Window]) -> list[States]:
        """What the graph makes of each window, one by one: together they would be padded to one length, a fifth more work."""
        names = ["states", "triggers", "keys", "products"]
        return [States(*self._encode.run(names, {"ids": np.array(w.ids, dtype=np.int64)})) for w in windows]

    def find(self, windows: Sequence[Window], states: Sequence[States]) -> list[Sighting]:
        out: list[Sighting] = []
        for number, (window, state) in enumerate(zip(windows, states, strict=True)):
            seen = sigmoid(state.triggers)
            judged = [(k, own) for k in window.judged if (own := window.pieces_of(k))]
            if not judged:
                continue
            hidden = [state.hidden[own[0] : own[-1] + 1] for _, own in judged]  # a judged sentence stands in one piece
            means = np.stack([h.mean(0) for h in hidden])
            types = sigmoid(self._head("sentence", np.concatenate([means, np.stack([h.max(0) for h in hidden])], 1)))
            events = np.tanh(self._head("merge", means)) if "merge_weight" in self._heads else means
            for row, (sentence, own) in enumerate(judged):
                pieces = seen[own[0] : own[-1] + 1]
                told = pieces[:, : len(TYPES)], pieces[:, TRIGGER_NUMBER[SPEECH]], pieces[:, TRIGGER_NUMBER[FACTUAL]]
                offsets = window.offsets[own[0] : own[-1] + 1]
                out.append(Sighting(sentence, number, types[row], offsets, *told, means[row], events[row]))
        return out

    def fill(self, wanted: Sequence[tuple[Window, States, int, Span, str]]) -> list[Filling]:
        """What the words around triggers are to the events of their types, or to speech.

        wanted: (window, its states, sentence, trigger, type).
        """
        out: list[Filling] = []
        for low in range(0, len(wanted), _AT_ONCE):
            batch = wanted[low : low + _AT_ONCE]
            where = [window.neighbourhood(sentence) for window, _, sentence, _, _ in batch]
            length = max(map(len, where))
            given = {
                "keys": np.zeros((len(batch), length, batch[0][1].keys.shape[1]), dtype=np.float32),
                "products": np.zeros((len(batch), length, batch[0][1].products.shape[1]), dtype=np.float32),
                "told": np.zeros((len(batch), 2 * batch[0][1].hidden.shape[1]), dtype=np.float32),
                "step": np.zeros((len(batch), length), dtype=np.int64),
                "apart": np.zeros((len(batch), length), dtype=np.int64),
            }
            for q, ((window, state, sentence, trigger, code), positions) in enumerate(zip(batch, where, strict=True)):
                size, marked = len(positions), window.touching(sentence, trigger)
                given["keys"][q, :size] = state.keys.take(positions, 0)
                given["products"][q, :size] = state.products.take(positions, 0)
                given["step"][q, :size], given["apart"][q, :size] = window.standing(sentence, positions, marked)
                half = state.hidden.shape[1]
                if marked:
                    given["told"][q, :half] = state.hidden[marked].mean(0)
                given["told"][q, half:] = self._heads["kind"][TRIGGER_NUMBER[code]]
            roles, ends = self._fill.run(["roles", "ends"], given)
            roles, total = sigmoid(roles), sigmoid(ends[:, 0])
            for q, ((window, *_), positions) in enumerate(zip(batch, where, strict=True)):
                status = np.exp(ends[q, 1:] - ends[q, 1:].max())
                out.append(
                    Filling(
                        [window.offsets[p] for p in positions],
                        [window.sentence[p] for p in positions],
                        roles[q, : len(positions)],
                        float(total[q]),
                        np.asarray(status / status.sum(), dtype=np.float32),
                    )
                )
        return out

    def _head(self, name: str, x: Floats) -> Floats:
        """A linear head of `heads.npz` over the last axis."""
        return np.asarray(x @ self._heads[f"{name}_weight"].T + self._heads[f"{name}_bias"], dtype=np.float32)

    def same_event(self, a: Sighting, b: Sighting) -> float:
        """Probability that mentions of one type in these two sentences tell of one event, by the sentences' states alone."""
        x, y = a.event, b.event
        return float(sigmoid(self._head("same", np.concatenate([np.abs(x - y), x * y]))[0]))


class Look:
    """One report before the encoder: which of its sentences are read, what chance skimming gave each, the windows of those read,
    what the finder sees in them, and fillings on request."""

    def __init__(self, encoder: Encoder, windows: list[Window], read: frozenset[int], chances: Floats) -> None:
        self._encoder, self.windows, self.read, self.chances = encoder, windows, read, chances
        self._states: list[States] = []
        self.seen: list[Sighting] = []

    def sightings(self) -> list[Sighting]:
        """The finder's view of every sentence; computed once."""
        if not self._states:
            self._states = self._encoder.states(self.windows)
            self.seen = self._encoder.find(self.windows, self._states)
        return self.seen

    def fillings(self, wanted: Sequence[tuple[Sighting, Span, str]]) -> list[Filling]:
        """One filling for each (sighting, trigger, type)."""
        return self._encoder.fill(
            [(self.windows[s.window], self._states[s.window], s.sentence, t, code) for s, t, code in wanted]
        )
