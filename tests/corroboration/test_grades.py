from pathlib import Path

import pytest

from mahdar.corroboration import grade, make_incident
from mahdar.model import Claim, Grade, MahdarError
from tests.corroboration.reports import actor, claim, report, source


def graded(*claims: Claim, preset: str = "airwars") -> Grade:
    reports = {c.report: report(c.report, outlet=f"{c.report} Post") for c in claims}
    return grade(make_incident(claims, reports), preset, claims)


def test_two_independent_origins_are_fair_and_confirm_each_other() -> None:
    assert graded(claim("a"), claim("b")).grade == "fair"
    assert graded(claim("a"), claim("b"), preset="admiralty").grade == "F1"


def test_two_reports_of_one_agency_story_are_weak() -> None:
    agency = (source("Reuters", "reuters"),)
    given = graded(claim("a", sources=agency), claim("b", sources=agency))
    assert given.grade == "weak"
    assert given.reasons[:2] == ("one origin carries it: Reuters", "2 reports, 1 independent origin")


def test_who_owns_the_harm_it_is_named_for_confirms() -> None:
    army = actor("Northern Army", "north", "State forces")
    owned = claim("a", said="Northern Army claimed responsibility for the strike", actors=(army,), sources=(army,))
    given = graded(owned)
    assert given.grade == "confirmed"
    assert "Northern Army" in given.reasons[0]


def test_who_only_reports_its_own_act_confirms_nothing() -> None:
    army = actor("Northern Army", "north", "State forces")
    assert graded(claim("a", said="Northern Army spoke of a strike", actors=(army,), sources=(army,))).grade == "weak"


def test_rival_perpetrators_are_contested() -> None:
    north, south = actor("Northern Army", "north", "State forces"), actor("Southern Army", "south", "State forces")
    assert graded(claim("a", actors=(north,)), claim("b", actors=(south,))).grade == "contested"


def test_what_is_only_denied_is_discounted() -> None:
    assert graded(claim("a", status="denied")).grade == "discounted"


def test_what_is_only_announced_is_no_event_yet() -> None:
    assert graded(claim("a", status="intended")).grade == "planned"


def test_origins_that_differ_are_probably_true_and_say_on_what_they_differ() -> None:
    given = graded(claim("a", killed=3), claim("b", killed=30), preset="admiralty")
    assert given.grade == "F2"
    assert "differ on killed" in given.reasons[0]


def test_a_single_origin_without_a_named_source_cannot_be_judged() -> None:
    assert graded(claim("a"), preset="admiralty").grade == "F6"
    assert graded(claim("a", sources=(source("a ferryman"),)), preset="admiralty").grade == "F3"


def test_rules_are_data(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[mine]\n[[mine.grade]]\nname = "seen"\nwhy = "{origins} tell it"\n')
    incident = make_incident([claim("a")], {"a": report("a")})
    assert grade(incident, "mine", path=rules) == Grade("mine", "seen", ("1 tell it", "1 report, 1 independent origin"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [("[mine", "no rules"), ('[mine]\n[[mine.grade]]\nname = "x"\nwhy = ""\nmood = 3\n', "mood")],
)
def test_rules_that_cannot_be_read_say_why(tmp_path: Path, text: str, reason: str) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(text)
    with pytest.raises(MahdarError, match=reason):
        grade(make_incident([claim("a")], {"a": report("a")}), "mine", path=rules)


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(MahdarError, match="airwars, admiralty"):
        grade(make_incident([claim("a")], {"a": report("a")}), "stars")
