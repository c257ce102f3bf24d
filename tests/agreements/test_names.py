"""Agreements that a text names, by name, by parties and date, and by what was named before."""

from __future__ import annotations

import pytest

from mahdar.agreements import NamedAgreement, anchors, find_agreements
from mahdar.when import read_times


def named(text: str, day: str | None = "2020-04-02", *countries: str) -> list[str]:
    return [n.agreement.id for n in find_agreements(text, day, countries or ("SY",))]


@pytest.mark.parametrize(
    ("text", "agreement"),
    [
        ("Little has changed since the Sochi deal on Idlib.", "sy-sochi-2018"),
        ("Turkish troops patrol the road under the Moscow protocol.", "sy-moscow-2020"),
        ("The March 5 ceasefire in Idlib is holding.", "sy-moscow-2020"),
        ("Shells fell despite the ceasefire that Turkey and Russia agreed on 12 January.", "sy-idlib-2020-01"),
        ("In Moscow on 5 March the presidents of Turkey and Russia reached a new deal.", "sy-moscow-2020"),
        ("The zones go back to the Astana talks of 2017.", "sy-astana-2017"),
        ("A truce that Moscow and Ankara brokered in December 2016 covered the country.", "sy-nationwide-2016-12"),
    ],
)
def test_by_name_or_by_parties_place_and_date(text: str, agreement: str) -> None:
    assert named(text) == [agreement]


@pytest.mark.parametrize(
    ("text", "day", "country", "agreement"),
    [
        ("Both armies broke Minsk II again.", "2018-03-01", "UA", "ua-minsk-2015"),
        ("The Minsk protocol was signed in September.", "2014-10-01", "UA", "ua-minsk-2014"),
        ("Fuel ships entered under the truce that began on 2 April.", "2022-06-01", "YE", "ye-2022"),
        ("Talks on the Stockholm agreement went on in Hodeidah.", "2019-03-01", "YE", "ye-stockholm-2018"),
        ("Tigray's leaders pointed to the Pretoria agreement.", "2023-05-01", "ET", "et-pretoria-2022"),
        ("The army held to the NCA with eight groups.", "2016-05-01", "MM", "mm-nca-2015"),
        ("Hamas spoke of breaches of the ceasefire of 19 January.", "2025-02-20", "PS", "ps-gaza-2025-01"),
    ],
)
def test_in_other_wars(text: str, day: str, country: str, agreement: str) -> None:
    assert named(text, day, country) == [agreement]


def test_one_name_means_another_agreement_in_another_country() -> None:
    text = "Nobody keeps to the Doha agreement."
    assert named(text, "2020-06-01", "AF") == ["af-doha-2020"]
    assert named(text, "2012-06-01", "SD") == ["sd-doha-2011"]
    assert named(text, "2022-10-01", "TD") == ["td-doha-2022"]


def test_nothing_made_after_the_report_is_meant() -> None:
    assert named("The Sochi deal on Idlib holds.", "2018-10-01") == ["sy-sochi-2018"]
    assert named("The Sochi deal on Idlib holds.", "2018-01-01") == []


def test_the_truce_is_the_one_named_before() -> None:
    found = find_agreements(
        "The Moscow protocol took effect in March. Since then the truce has held.", "2020-04-02", {"SY"}
    )
    assert [(n.agreement.id, n.how) for n in found] == [("sy-moscow-2020", "name"), ("sy-moscow-2020", "named before")]


@pytest.mark.parametrize(
    "text",
    [
        "The truce is over.",
        "Residents hope for a ceasefire.",
        "The minister called for an immediate ceasefire in Idlib.",
        "Article 5 of the NATO treaty was cited.",
        "The company signed a deal on cement.",
        "Talks will go on.",
    ],
)
def test_what_does_not_tell_agreements_apart_names_none(text: str) -> None:
    assert named(text) == []


def test_offsets_hold_in_text_with_letters_that_grow_when_lowered() -> None:
    text = "İzmir’s paper on the Moscow protocol."
    (found,) = find_agreements(text, "2020-04-02", {"SY"})
    assert text[found.start : found.end] == found.text == "Moscow protocol"


def test_spelling_with_a_hyphen_and_a_curly_apostrophe() -> None:
    assert named("The March 5 cease-fire holds.") == ["sy-moscow-2020"]
    assert named("Idlib’s de-escalation zone was shelled.") == ["sy-idlib-zone-2017"]


class TestTimeAnchors:
    def interval(self, text: str, published: str = "2020-04-02") -> tuple[str | None, str | None, str]:
        agreements = anchors(text, find_agreements(text, published, {"SY"}))
        (t,) = read_times(text, published, agreements=agreements)
        return t.interval_start, t.interval_end, t.anchor

    def test_since_a_deal_runs_from_its_day_to_publication(self) -> None:
        assert self.interval("Thousands died since the Sochi deal on Idlib.") == (
            "2018-09-17",
            "2020-04-02",
            "agreement",
        )

    def test_a_ceasefire_counts_from_when_it_took_effect(self) -> None:
        assert self.interval("Two died since the Moscow protocol.") == ("2020-03-06", "2020-04-02", "agreement")

    def test_what_was_only_named_before_anchors_nothing(self) -> None:
        text = "The Moscow protocol holds. Two died since the truce."
        found = find_agreements(text, "2020-04-02", {"SY"})
        assert len(found) == 2
        assert anchors(text, found) == {}

    def test_what_followed_a_deal_did_not_go_on_ever_since(self) -> None:
        text = "Following the Moscow protocol patrols began."
        assert anchors(text, find_agreements(text, "2020-04-02", {"SY"})) == {}


def test_a_text_without_agreements_is_passed_over() -> None:
    none: list[NamedAgreement] = []
    assert find_agreements("Shells fell on the market.", "2020-04-02", {"SY"}) == none
    assert find_agreements("", None) == none
