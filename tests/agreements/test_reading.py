"""What reading makes of named agreements: anchors of its times, and the entry a claim speaks of."""

from __future__ import annotations

from mahdar.intake.sentences import split_sentences
from mahdar.model import Report, Span
from mahdar.reading.context import Context
from mahdar.who import Register


def context(text: str) -> Context:
    report = Report("r1", text, published="2020-04-02", country="SY")
    return Context(report, list(split_sentences(text)), Register.load())


def test_since_a_deal_is_an_interval_of_the_report() -> None:
    c = context("Idlib's hospitals were hit 40 times since the Sochi deal, a doctor in Idlib said.")
    (time,) = c.times
    assert (time.interval_start, time.interval_end, time.anchor) == ("2018-09-17", "2020-04-02", "agreement")


def test_words_of_a_claim_are_looked_up_where_they_stand() -> None:
    text = "Shells fell on Idlib despite the Moscow protocol."
    found = context(text).agreement_over(Span(text.index("the Moscow"), len(text) - 1))
    assert found is not None
    assert found.agreement.id == "sy-moscow-2020"


def test_a_report_without_agreements_has_none() -> None:
    c = context("Shells fell on Idlib on Monday.")
    assert c.agreements == []
    assert c.agreement_over(Span(0, 6)) is None
