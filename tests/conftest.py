"""What all tests share: the same examples on every run, and a reader that needs no model.

`pytest --hypothesis-profile=explore` looks for new examples.
"""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import settings

import mahdar
from mahdar.model import Claim, Reading, Report

# No deadline: a slow machine is no failure. The same examples each time: a change is judged, not luck.
settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("house")


class ReadsStruck:
    """Finds one claim wherever "struck" stands."""

    version = "struck"

    def __init__(self) -> None:
        self.seen: list[Report] = []

    def read(self, report: Report) -> Reading:
        self.seen.append(report)
        at = report.text.find("struck")
        if at < 0:
            return Reading(report, (), (), self.version)
        words = report.words(at, at + 6)
        name = hashlib.sha256(report.id.encode()).hexdigest()[:16]
        claim = Claim(name, report.id, "air_drone_strike", "event", "asserted", words, (words,))
        return Reading(report, (claim,), (), self.version)


@pytest.fixture
def struck(monkeypatch: pytest.MonkeyPatch) -> ReadsStruck:
    """The shipped reader replaced for this test."""
    reader = ReadsStruck()
    monkeypatch.setattr(mahdar, "_reader", lambda: reader)
    return reader
