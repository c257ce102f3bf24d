"""The in-force test: yes, no or cannot tell for parties, place and days, with a reason that a coder would accept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mahdar.agreements import Agreements, in_force
from mahdar.agreements.parties import standing
from mahdar.model import Claim, Incident, InForce, Time
from mahdar.who import Register
from tests.agreements.conftest import HAMA, IDLIB, PALMYRA, SARAQIB, SYRIA, claim


def about(agreement: str, event: Claim | Incident, **more: object) -> InForce:
    """What is said of one agreement, however it comes out."""
    return next(x for x in in_force(event, every=True, **more) if x.agreement == agreement)  # type: ignore[arg-type]


class TestIdlibUnderTheMoscowProtocol:
    def test_looting_news_of_2_april_2020_falls_in_the_zone_but_not_within_its_terms(self) -> None:
        looting = claim(
            "looting_property_destruction",
            by=("military-sy-2000", "iran-militias-syria"),
            on=(None,),
            at=(IDLIB,),
            start=None,
            precision=2,
        )
        first = in_force(looting)[0]
        assert (first.agreement, first.answer, first.within_terms) == ("sy-moscow-2020", "yes", False)
        assert "Idlib lies in its area" in first.reason
        assert "from 6 March 2020, 00:01" in first.reason
        assert "a party" in first.reason
        assert "not among the acts it forbids" in first.reason

    def test_shelling_there_falls_within_its_terms_though_no_source_calls_it_a_breach(self) -> None:
        found = about("sy-moscow-2020", claim())
        assert (found.answer, found.within_terms, found.reported_violation) == ("yes", True, None)

    def test_three_agreements_lie_over_each_other_the_latest_first(self) -> None:
        found = in_force(claim())
        assert [x.agreement for x in found] == ["sy-moscow-2020", "sy-sochi-2018", "sy-idlib-zone-2017"]


class TestDays:
    @pytest.mark.parametrize(
        ("day", "january", "moscow"),
        [
            ("2020-01-11", "no", "no"),
            ("2020-01-12", "yes", "no"),
            ("2020-03-05", "yes", "no"),
            ("2020-03-06", "no", "yes"),
        ],
    )
    def test_one_ceasefire_follows_the_other_at_midnight(self, day: str, january: str, moscow: str) -> None:
        event = claim(start=day, end=day)
        assert about("sy-idlib-2020-01", event).answer == january
        assert about("sy-moscow-2020", event).answer == moscow

    def test_a_stretch_that_begins_before_it_took_effect_cannot_be_told(self) -> None:
        found = about("sy-moscow-2020", claim(start="2020-03-01", end="2020-03-10", precision=2))
        assert found.answer == "unknown"
        assert "before it took effect" in found.reason

    def test_the_day_it_took_effect_at_an_hour_cannot_be_told(self) -> None:
        found = about("sy-idlib-2019-08-31", claim(start="2019-08-31", end="2019-08-31"))
        assert found.answer == "unknown"
        assert "took effect that day (31 August 2019, 06:00)" in found.reason

    def test_doubt_is_told_as_the_register_tells_it(self) -> None:
        found = about("sy-annan-2012", claim(by=("government-sy-2000",), start="2012-05-28", end="2012-05-28"))
        assert found.answer == "unknown"
        assert "fighting had resumed" in found.reason

    def test_an_event_without_a_day(self) -> None:
        found = about("sy-moscow-2020", claim(start=None, end=None, precision=None))
        assert found.answer == "unknown"
        assert "The day is not known" in found.reason
        assert in_force(claim(start=None, end=None, precision=None)) == ()


class TestPlaces:
    def test_far_from_the_zone_it_is_left_out(self) -> None:
        assert about("sy-moscow-2020", claim(at=(PALMYRA,))).answer == "no"
        assert "sy-moscow-2020" not in [x.agreement for x in in_force(claim(at=(PALMYRA,)))]

    def test_a_province_of_which_a_part_lies_in_the_zone_cannot_be_told(self) -> None:
        found = about("sy-moscow-2020", claim(at=(HAMA,)))
        assert found.answer == "unknown"
        assert "Only part of Hama" in found.reason

    def test_a_country_alone_cannot_be_told_for_a_zone_but_for_a_nationwide_ceasefire(self) -> None:
        spring = claim(at=(SYRIA,), start="2016-03-10", end="2016-03-10")
        assert about("sy-cessation-2016", spring).answer == "yes"
        assert about("sy-moscow-2020", claim(at=(SYRIA,))).answer == "unknown"

    def test_where_the_report_is_about_helps_an_event_without_a_place(self) -> None:
        spring = claim(at=(), start="2016-03-10", end="2016-03-10")
        assert about("sy-cessation-2016", spring, country="SY").answer == "yes"
        assert about("sy-cessation-2016", spring, country="IQ").answer == "no"
        assert about("sy-cessation-2016", spring).answer == "unknown"

    def test_without_a_place_only_acts_that_its_terms_speak_of_are_held_against_it(self) -> None:
        assert "sy-moscow-2020" in [x.agreement for x in in_force(claim(at=()), country="SY")]
        assert in_force(claim("displacement", at=()), country="SY") == ()


class TestParties:
    def test_a_division_of_the_army_is_the_state_and_a_brigade_is_its_alliance(self) -> None:
        found = about("sy-moscow-2020", claim("armed_clash", by=("tiger-forces",), on=("nfl-syria",)))
        assert found.answer == "yes"
        assert "Tiger Forces belongs to the state of Syria, a party" in found.reason
        assert "belongs to Opposition Rebels (Syria), a party" in found.reason

    def test_those_who_support_a_party_stand_with_it(self) -> None:
        found = about("sy-moscow-2020", claim(by=("hezbollah",)))
        assert found.answer == "yes"
        assert "Hezbollah acts in support of the state of Syria" in found.reason

    def test_a_guarantor_is_bound(self) -> None:
        found = about("sy-moscow-2020", claim("air_drone_strike", by=("military-ru-2000",)))
        assert (found.answer, found.within_terms) == ("yes", True)
        assert "guarantor" in found.reason

    def test_whom_the_terms_exclude_they_do_not_protect(self) -> None:
        found = about("sy-cessation-2016", claim(on=("nusra",), start="2016-03-10", end="2016-03-10"))
        assert found.answer == "no"
        assert "excluded by its terms" in found.reason

    def test_fighting_with_an_outsider_or_within_one_side_is_not_its_matter(self) -> None:
        assert about("sy-moscow-2020", claim("armed_clash", on=("sdf",))).answer == "no"
        same = about("sy-moscow-2020", claim("armed_clash", by=("hts",), on=("nfl-syria",)))
        assert (same.answer, "Both sides" in same.reason) == ("no", True)

    def test_an_unknown_actor_or_other_side_cannot_be_told(self) -> None:
        unknown = about("sy-moscow-2020", claim(by=(None,)))
        assert (unknown.answer, unknown.within_terms) == ("unknown", None)
        assert "A party is unknown" in unknown.reason
        nobody = about("sy-moscow-2020", claim(by=()))
        assert "Who did it is not told" in nobody.reason
        clash = about("sy-moscow-2020", claim("armed_clash", on=()))
        assert (clash.answer, "the other side is not named" in clash.reason) == ("unknown", True)

    def test_a_ceasefire_declared_by_one_side_binds_that_side_alone(self) -> None:
        spring = Time("2020-04-20", "2020-04-20", 1)
        aden = replace(SARAQIB, name="Aden", country="YE", lat=12.8, lon=45.0, admin1="YE.02")
        assert (
            about("ye-coalition-2020", replace(claim(by=("saudi-led-coalition",), at=(aden,)), time=spring)).answer
            == "yes"
        )
        assert about("ye-coalition-2020", replace(claim(by=("houthis",), at=(aden,)), time=spring)).answer == "no"


class TestWhatASourceSays:
    def test_a_reported_breach_is_kept_apart_from_our_own_reckoning(self) -> None:
        told = claim(
            "ceasefire_violation", at=(IDLIB,), evidence="The army broke the Moscow deal.", agreement="the Moscow deal"
        )
        found = about("sy-moscow-2020", told)
        assert found.reported_violation is not None
        assert found.reported_violation.text == "the Moscow deal"
        assert found.within_terms is None

    def test_a_breach_of_nothing_by_name_is_of_the_latest_in_force(self) -> None:
        told = claim("ceasefire_violation", at=(IDLIB,), evidence="The army violated the deal.", agreement="the deal")
        broken = [x.agreement for x in in_force(told) if x.reported_violation]
        assert broken == ["sy-moscow-2020"]

    def test_an_agreement_that_is_only_named_is_not_reported_broken(self) -> None:
        event = claim(evidence="Shells fell in the Idlib de-escalation zone.", agreement="the Idlib de-escalation zone")
        assert about("sy-idlib-zone-2017", event).reported_violation is None
        event = claim(evidence="Despite the Moscow deal shells fell.", agreement="the Moscow deal")
        assert about("sy-moscow-2020", event).reported_violation is not None

    def test_a_named_agreement_is_answered_even_where_it_no_longer_holds(self) -> None:
        late = claim(
            start="2025-02-01",
            end="2025-02-01",
            evidence="It broke the Sochi deal on Idlib.",
            agreement="the Sochi deal",
        )
        found = in_force(late, country="SY", published="2025-02-02")
        assert [(x.agreement, x.answer) for x in found if x.agreement == "sy-sochi-2018"] == [("sy-sochi-2018", "no")]

    def test_an_agreement_being_made_breaks_none(self) -> None:
        assert in_force(claim("agreement")) == ()

    def test_an_agreement_being_made_is_known_by_its_name(self) -> None:
        made = claim("agreement", start="2018-09", end="2018-09", evidence="It led to the Sochi deal on Idlib.")
        (sochi,) = in_force(made, country="SY", published="2020-04-02")
        assert (sochi.agreement, sochi.within_terms) == ("sy-sochi-2018", None)
        assert sochi.reason.startswith("It is the agreement itself, signed 17 September 2018; ")

    def test_a_violation_without_a_place_is_of_the_agreement_that_it_names(self) -> None:
        broken = claim(
            "ceasefire_violation", at=(), evidence="They broke the Sochi deal on Idlib.", agreement="the Sochi deal"
        )
        found = in_force(broken, country="SY", published="2020-04-02")
        assert [(x.agreement, x.reported_violation is not None) for x in found] == [("sy-sochi-2018", True)]

    def test_a_sum_over_many_acts_is_held_against_what_it_names_alone(self) -> None:
        toll = replace(claim("casualty_toll"), scope="total")
        assert in_force(toll) == ()
        since = replace(
            claim("casualty_toll", evidence="Since the Sochi deal on Idlib many died.", agreement="the Sochi deal"),
            scope="total",
        )
        assert [x.agreement for x in in_force(since, country="SY", published="2020-04-02")] == ["sy-sochi-2018"]

    def test_what_is_only_threatened_is_not_within_terms_yet(self) -> None:
        found = about("sy-moscow-2020", replace(claim(), status="intended"))
        assert (found.answer, found.within_terms) == ("yes", None)


def test_an_incident_is_held_against_the_register_as_a_claim_is() -> None:
    one = claim()
    incident = Incident(
        "i1", one.type, "asserted", (one.id,), (one.report,),
        actors=one.actors, targets=one.targets, places=one.places, time=Time("2020-04-02", "2020-04-02", 1),
    )  # fmt: skip
    assert in_force(incident, claims=[one]) == in_force(one)


def test_a_grain_deal_protects_ports_and_says_that_more_is_to_be_known() -> None:
    odesa = replace(SARAQIB, name="Odesa", country="UA", lat=46.48, lon=30.73, admin1="UA.17")
    strike = claim(by=("military-ru-2000",), at=(odesa,), start="2022-07-23", end="2022-07-23")
    found = about("ua-grain-2022", strike)
    assert (found.answer, found.within_terms) == ("yes", None)
    assert "port facilities" in found.reason


def test_whoever_governs_a_state_that_day_is_the_state() -> None:
    """The Taliban govern Afghanistan since August 2021: a ceasefire of that state binds them, an earlier one did not."""
    spin_boldak = replace(SARAQIB, name="Spin Boldak", country="AF", lat=31.0, lon=66.4, admin1="AF.23")
    now = claim("armed_clash", by=("taliban",), on=("military-pk-2022",), at=(spin_boldak,))
    later = replace(now, time=Time("2025-11-20", "2025-11-20", 1))
    assert about("af-pk-2025", later).answer == "yes"
    before = claim("armed_clash", by=("hizb-i-islami",), on=("taliban",), at=(spin_boldak,))
    earlier = replace(before, time=Time("2019-05-01", "2019-05-01", 1))
    assert about("af-hezb-2016", earlier).answer == "no"


def test_an_organ_of_a_state_without_a_table_of_regimes_is_that_state() -> None:
    found = standing(Agreements.shipped().by_id["dj-er-2010"], "military-dj-1999", "2012-01-01", Register.load())
    assert found is not None
    assert (found.role, found.side) == ("party", "DJ")
    made = standing(Agreements.shipped().by_id["lk-cfa-2002"], "government-no", "2005-01-01", Register.load())
    assert made is None  # Norway brokered it, and is not bound
