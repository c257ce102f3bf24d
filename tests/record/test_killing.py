"""Killed at any moment a record loses nothing that it said it kept. `python -m benchmarks.kill` kills two hundred times."""

from __future__ import annotations

import os
from collections.abc import Callable

from benchmarks.kill import run

KILLS = int(os.environ.get("MAHDAR_KILLS", "4"))


def test_nothing_that_was_said_is_lost(blank: Callable[[], str]) -> None:
    said, wrong = run(blank(), KILLS)
    assert wrong == []
    assert said.total() > 0, "the children lived long enough to do something"
