"""Reading without the model: mentions by the lexicon, roles by how words stand to the trigger, claims by the fitted scores."""

from __future__ import annotations

import json

import pytest

from mahdar.codebook.lexicon import Entry, Lexicon
from mahdar.intake import report_sentences
from mahdar.model import Report
from mahdar.reading import rules
from mahdar.reading.assembly import assemble
from mahdar.reading.context import Context
from mahdar.reading.labels import ROLES
from mahdar.reading.mentions import Mention
from mahdar.reading.rules.triggers import best_hits
from mahdar.reading.scoring import Scores
from mahdar.who import Register


def context(text: str) -> Context:
    report = Report("r", text, published="2016-05-10")
    return Context(report, report_sentences(report), Register.load())


def mention(text: str, code: str) -> Mention:
    return next(m for m in filled(context(text)) if m.type == code)


def filled(c: Context) -> list[Mention]:
    found = rules.find_mentions(c)
    rules.fill(found, c)
    return found


def said(text: str, m: Mention, role: str) -> list[str]:
    """The role's words, surest first."""
    return [text[r.span.start : r.span.end] for r in sorted(m.of(role), key=lambda r: -r.probability)]


def test_the_scores_hold_all_that_assembly_asks_for() -> None:
    data = json.loads((rules.HERE / "scores.json").read_text(encoding="utf-8"))
    fillers = {f"filler_{role}" for role in ROLES if role != "time"}
    assert {"mention", "pair", "claim", "time", "news", "total"} | fillers <= set(data["scores"])
    assert {f"role_{role}" for role in ROLES} <= set(data["scores"])
    assert {"mention", "both", "pair", "claim", "time", "news", "total"} | fillers <= set(data["bars"])


@pytest.mark.parametrize(
    ("text", "code", "trigger"),
    [
        ("Government jets carried out air strikes on Saraqib on Monday.", "air_drone_strike", "air strikes"),
        ("Militants kidnapped five farmers near Maiduguri on Monday.", "abduction_forced_disappearance", "kidnapped"),
        ("Thousands of families have fled their homes in Aleppo.", "displacement", "fled their homes"),
        ("Rebels seized the town of Manbij on Friday.", "non_state_actor_overtakes_territory", "seized"),
        ("A suicide bomber blew himself up in Kabul on Sunday.", "suicide_bomb", "blew himself up"),
    ],
)
def test_types_and_triggers(text: str, code: str, trigger: str) -> None:
    m = mention(text, code)
    assert text[m.trigger.start : m.trigger.end] == trigger


def test_the_longest_surest_wording_is_the_trigger() -> None:
    words = Lexicon([Entry("bomb", "attack", 0.3), Entry("roadside bomb", "remote_explosive_landmine_ied", 0.8)])
    found = best_hits(context("A roadside bomb hit a convoy."), 0, words)
    assert [(code, weight) for _, code, weight, _ in found] == [("remote_explosive_landmine_ied", 0.8), ("attack", 0.3)]


def test_who_did_what_to_whom_where_and_when() -> None:
    text = "On Monday, Boko Haram militants kidnapped five farmers near Maiduguri, local police said."
    m = mention(text, "abduction_forced_disappearance")
    assert said(text, m, "actor")[0] == "Boko Haram militants"
    assert said(text, m, "target")[0] == "farmers"
    assert said(text, m, "at")[0] == "Maiduguri"
    assert said(text, m, "time")[0].endswith("Monday")
    assert said(text, m, "source")[0] == "local police"


def test_a_passive_turns_the_sentence_round() -> None:
    text = "Five farmers were kidnapped by Boko Haram militants near Maiduguri."
    m = mention(text, "abduction_forced_disappearance")
    assert said(text, m, "actor")[0] == "Boko Haram militants"
    assert said(text, m, "target")[0] == "farmers"


def test_the_dead_and_the_wounded_are_told_apart() -> None:
    text = "Air strikes on Aleppo killed 12 people and wounded 30 others on Monday."
    m = mention(text, "air_drone_strike")
    assert said(text, m, "killed")[0] == "12"
    assert said(text, m, "injured")[0] == "30"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The militants kidnapped two farmers.", "asserted"),
        ("The army denied it had shelled the town.", "denied"),
        ("The rebels threatened to shell the town.", "intended"),
        ("The army allegedly shelled the town.", "uncertain"),
    ],
)
def test_status_by_the_words_before_the_trigger(text: str, status: str) -> None:
    assert {
        m.status for m in rules.find_mentions(context(text)) if text[m.trigger.start :].startswith(("kidnap", "shell"))
    } == {status}


def test_a_report_becomes_claims_with_their_words() -> None:
    c = context(
        "Warplanes hit Saraqib\n\nRussian warplanes carried out air strikes on the town of Saraqib in Idlib province on Monday,"
        " killing 12 civilians, the Syrian Observatory for Human Rights said."
    )
    claims = assemble(filled(c), c, Scores.load(rules.HERE / "scores.json"), None)
    strike = next(x for x in claims if x.type == "air_drone_strike")
    assert any((f.what, f.low, f.high) == ("killed", 12, 12) for f in strike.figures)
    assert [p.words.text for p in strike.places] == ["Saraqib"]
    assert (strike.time.start, strike.time.end) == ("2016-05-09", "2016-05-09")
    for x in (*strike.actors, *strike.targets, *strike.sources):
        assert c.text[x.words.span.start : x.words.span.end] == x.words.text


def test_a_report_of_something_else_makes_no_claim() -> None:
    c = context(
        "United beat City 3-1\n\nThe striker scored twice in the second half and the coach praised the fans after the match."
    )
    assert assemble(filled(c), c, Scores.load(rules.HERE / "scores.json"), None) == []
