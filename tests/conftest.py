"""A reader that finds one claim wherever "struck" stands: the face is tested without the model."""

from __future__ import annotations

import hashlib

import pytest

import mahdar
from mahdar.model import Claim, Reading, Report


class ReadsStruck:
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
