"""A report as word pieces: the windows that the encoder reads and, inside them, the neighbourhood of one trigger.

A window holds whole sentences with the title before them; sentences of context are repeated from the window before, so that
who, where and when can be found there, but they are not judged twice. Of sentences that are not to be read (`skim.py`) only the
end is shown, before one that is. Every piece carries its offsets in the clean text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from mahdar.model import Span

Numbers = NDArray[np.int64]

WINDOW = 256  # word pieces a window holds
TITLE = 16  # of these, for the title
CONTEXT = 48  # of these, for the two sentences before the first judged one
SKIPPED = 24  # pieces of a sentence not to be read that are shown before one that is
LONGEST = 160  # pieces of one sentence; the rest of a longer one goes unread
NEAR = 150  # pieces that the filler looks at around a trigger
NO_SENTENCE = -1

_BORDERS = (-64, -32, -16, -8, -4, -2, -1, 0, 1, 2, 3, 5, 9, 17, 33, 65)  # of the distances that are told apart
STEPS = len(_BORDERS) + 1  # classes of `Window.standing`: how many pieces before or behind the trigger
_STEP_OF = np.array([bisect_right(_BORDERS, away) for away in range(-2 * WINDOW, 2 * WINDOW)], dtype=np.int64)
APART = 5  # and which sentence: two before, one before, the same, the one after, none

# Stretches that the tokenizer treats one by one: it parts at blanks and at every mark of ASCII punctuation.
_WORD = re.compile(r"[!-/:-@\[-`{-~]|[^ \n!-/:-@\[-`{-~]+")
_KNOWN = 50_000  # words remembered; then all are forgotten
_Found = TypeVar("_Found")
_WORTH = 40  # characters of a word that is remembered: a longer one is no word, and will not come again


class Wordpieces:
    """The tokenizer, asked once for each word: nine in ten words of a report were in one before it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.start: int = tokenizer.token_to_id("[CLS]") or 0
        self.stop: int = tokenizer.token_to_id("[SEP]") or 0
        self._tokenizer = tokenizer
        self._known: dict[str, list[int]] = {}
        self._stand: dict[str, list[tuple[int, int]]] = {}

    def ids(self, text: str) -> list[int]:
        """The numbers of a stretch's pieces."""
        known, out = self._known, list[int]()
        for word in _WORD.findall(text):
            out += known[word] if word in known else self._learn(word)
        return out

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Where each of these pieces stands in the stretch."""
        stand, out = self._stand, list[tuple[int, int]]()
        for match in _WORD.finditer(text):
            word, at = match[0], match.start()
            found = stand.get(word)
            out += [(a + at, b + at) for a, b in (self._measure(word) if found is None else found)]
        return out

    def _measure(self, word: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = self._tokenizer.encode(word, add_special_tokens=False).offsets
        return _remembered(self._stand, word, found)

    def _learn(self, word: str) -> list[int]:
        found: list[int] = self._tokenizer.encode(word, add_special_tokens=False).ids
        return _remembered(self._known, word, found)


def _remembered(known: dict[str, _Found], word: str, found: _Found) -> _Found:
    if len(word) <= _WORTH:
        if len(known) >= _KNOWN:
            known.clear()
        known[word] = found
    return found


@dataclass(slots=True)
class Window:
    """Word pieces in order: ids, offsets in the clean text ((0, 0) where not text), sentence index (-1 where none).

    `judged` holds the sentences this window answers for; the others are context.
    """

    ids: list[int] = field(default_factory=list)
    offsets: list[tuple[int, int]] = field(default_factory=list)
    sentence: list[int] = field(default_factory=list)
    judged: list[int] = field(default_factory=list)
    _stands: dict[int, list[int]] = field(default_factory=dict)  # where each sentence's pieces are

    def add(self, ids: Sequence[int], offsets: Sequence[tuple[int, int]], sentence: int) -> None:
        self._stands.setdefault(sentence, []).extend(range(len(self.ids), len(self.ids) + len(ids)))
        self.ids.extend(ids)
        self.offsets.extend(offsets)
        self.sentence.extend([sentence] * len(ids))

    def mark(self, *ids: int) -> None:
        self.add(ids, [(0, 0)] * len(ids), NO_SENTENCE)

    def __len__(self) -> int:
        return len(self.ids)

    def pieces_of(self, sentence: int) -> list[int]:
        """Positions of a sentence's pieces, in order; not to be changed."""
        return self._stands.get(sentence, [])

    def neighbourhood(self, sentence: int) -> list[int]:
        """Positions that the filler looks at for a trigger in that sentence: the mark at the start, the sentence, and as
        far as `NEAR` allows the one before, the one after, and the one before that."""
        chosen = [*self.pieces_of(sentence)]
        for other, tail in ((sentence - 1, True), (sentence + 1, False), (sentence - 2, True)):
            room = NEAR - len(chosen)
            if other >= 0 and room > 0:
                positions = self.pieces_of(other)
                chosen += positions[-room:] if tail else positions[:room]
        return [0, *sorted(chosen)]

    def touching(self, sentence: int, span: Span) -> list[int]:
        """Positions of the sentence's pieces that the span touches."""
        own = self.pieces_of(sentence)
        first = bisect_right(own, span.start, key=lambda i: self.offsets[i][1])
        last = bisect_left(own, span.end, first, key=lambda i: self.offsets[i][0])
        return own[first:last]

    def standing(self, sentence: int, positions: Sequence[int], marked: Sequence[int]) -> tuple[Numbers, Numbers]:
        """How each position stands to the trigger on the `marked` ones: class of distance (`STEPS`), of sentence (`APART`)."""
        first, last = (marked[0], marked[-1]) if marked else (0, 0)
        at = np.asarray(positions)
        steps = _STEP_OF[at - np.minimum(np.maximum(at, first), last) + 2 * WINDOW]
        classes = {sentence + away: away + 2 for away in range(-2, 2) if sentence + away >= 0}
        within = self.sentence
        return steps, np.array([classes.get(within[p], APART - 1) for p in positions], dtype=np.int64)


class TokenisedReport:
    """The word pieces of a report's title and sentences, made once and cut into windows."""

    def __init__(self, wordpieces: Wordpieces, text: str, title: str | None, sentences: Sequence[Span]) -> None:
        self._wordpieces, self._text, self._sentences = wordpieces, text, sentences
        self._title = wordpieces.ids(title or "")[:TITLE]
        self.ids: list[list[int]] = [wordpieces.ids(text[s.start : s.end])[:LONGEST] for s in sentences]

    def _offsets(self, sentence: int) -> list[tuple[int, int]]:
        """Where the sentence's pieces stand in the text."""
        s = self._sentences[sentence]
        return [(a + s.start, b + s.start) for a, b in self._wordpieces.offsets(self._text[s.start : s.end])[:LONGEST]]

    def windows(self, read: Collection[int] | None = None) -> list[Window]:
        """The windows that judge the sentences numbered in `read`, or all."""
        out: list[Window] = []
        left = sorted(range(len(self.ids)) if read is None else read, reverse=True)
        while left:
            window = Window()
            window.mark(self._wordpieces.start, *self._title, self._wordpieces.stop)
            self._add_context(window, left[-1])
            while left and not (window.judged and len(window) + self._length(left[-1], window) >= WINDOW):
                at = left.pop()
                if window.judged and window.judged[-1] != at - 1:
                    window.add(self.ids[at - 1][-SKIPPED:], self._offsets(at - 1)[-SKIPPED:], at - 1)
                window.add(self.ids[at], self._offsets(at), at)
                window.judged.append(at)
            window.mark(self._wordpieces.stop)
            out.append(window)
        return out

    def _length(self, sentence: int, window: Window) -> int:
        """Pieces that a sentence adds to a window, with what is shown of a skipped one before it."""
        skipped = 0 if window.judged[-1] == sentence - 1 else min(SKIPPED, len(self.ids[sentence - 1]))
        return len(self.ids[sentence]) + skipped

    def _add_context(self, window: Window, first: int) -> None:
        room, sizes = CONTEXT, list[tuple[int, int]]()
        for earlier in (first - 1, first - 2):
            if earlier >= 0 and room > 0:
                size = min(room, len(self.ids[earlier]))
                sizes.insert(0, (earlier, size))
                room -= size
        for earlier, size in sizes:
            if size:
                window.add(self.ids[earlier][-size:], self._offsets(earlier)[-size:], earlier)
        if sizes:
            window.mark(self._wordpieces.stop)
