"""Counts over a whole record, kept as long as they are worth."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from mahdar.record import Record

T = TypeVar("T")
WORTH = 20  # a count that took a second may be twenty seconds behind; one of a millisecond is always right


class Counted(Generic[T]):
    """What `count` gives, counted anew when the record has changed and the last count has been worth its time."""

    def __init__(self, record: Record, count: Callable[[], T]) -> None:
        self._record = record
        self._count = count
        self._lock = threading.Lock()
        self._held: tuple[int, float, T] | None = None

    def get(self) -> T:
        head = self._record.head().seq
        held = self._held
        if held and (held[0] == head or time.monotonic() < held[1]):
            return held[2]
        with self._lock:  # one counts, the others wait for it
            held = self._held
            if held and (held[0] == head or time.monotonic() < held[1]):
                return held[2]
            begun = time.monotonic()
            value = self._count()
            done = time.monotonic()
            self._held = (head, done + WORTH * (done - begun), value)
        return value

    def forget(self) -> None:
        """Count anew at the next look: somebody has just changed it and wants to see that."""
        self._held = None
