"""The places of a report, and what a wording comes to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mahdar.where import Gazetteer, Places, Toponym, nationality

REPORT = (
    "Regime forces shelled Saraqib and the Ariha countryside in Idlib on Monday, a breach of the Sochi deal. Syrian "
    "warplanes struck western Aleppo. President Washington Mbeki spoke in the capital. People fled towards the Turkish border."
)


def resolved(gazetteer: Gazetteer, text: str, wording: str) -> Toponym:
    start = text.index(wording)
    return Places(text, gazetteer=gazetteer).resolve(start, start + len(wording))


def named(gazetteer: Gazetteer, text: str) -> dict[str, Toponym]:
    return {t.text: t for t in Places(text, gazetteer=gazetteer).toponyms}


def test_the_names_of_a_report_and_its_focus(gazetteer: Gazetteer) -> None:
    places = Places(REPORT, gazetteer=gazetteer)
    found = {t.text: t for t in places.toponyms}
    assert {"Saraqib", "Idlib", "Aleppo"} <= set(found)
    assert all(
        t.place and t.place.country == "SY" for name, t in found.items() if name in ("Saraqib", "Idlib", "Aleppo")
    )
    assert places.focus == "SY"


def test_adjectives_and_names_of_agreements_are_marked(gazetteer: Gazetteer) -> None:
    found = named(gazetteer, REPORT)
    assert found["Syrian"].is_adjective
    assert found["Sochi"].in_agreement_name
    assert not found["Idlib"].in_agreement_name


def test_a_place_found_keeps_its_candidates(gazetteer: Gazetteer) -> None:
    for t in Places(REPORT, gazetteer=gazetteer).toponyms:
        if t.place and not t.is_adjective:
            assert t.candidates
            assert t.candidates[0].gazetteer_id == t.place.ref


def test_a_container_decides_between_namesakes(gazetteer: Gazetteer) -> None:
    text = "A fire broke out in Alexandria, Louisiana, on Monday."
    assert resolved(gazetteer, text, "Alexandria").place.admin1 == "US.LA"  # type: ignore[union-attr]
    text = "Egyptian police closed roads in Alexandria and Cairo on Monday."
    assert resolved(gazetteer, text, "Alexandria").place.country == "EG"  # type: ignore[union-attr]


def test_a_rural_part_belongs_to_the_governorate(gazetteer: Gazetteer) -> None:
    text = "Shells hit the southern countryside of Idlib on Monday."
    t = resolved(gazetteer, text, "the southern countryside of Idlib")
    assert t.place is not None
    assert (t.place.kind, t.part, t.precision) == ("admin1", "southern countryside", 3)
    assert t.lat is not None
    assert t.lat < t.place.lat


def test_a_foreign_province_is_not_guessed_for_an_unknown_quarter(gazetteer: Gazetteer) -> None:
    text = "Syrian soldiers clashed with Kurdish police in Qamishli and Hasakah in Syria. Shots rang out in al-Gharbiya quarter."
    t = resolved(gazetteer, text, "al-Gharbiya quarter")
    assert t.place is None or t.place.country == "SY"


def test_a_country_of_two_words_is_one_name(gazetteer: Gazetteer) -> None:
    text = "Shells hit Sanaa and Taiz in Yemen. Families hope to reach Saudi Arabia."
    t = resolved(gazetteer, text, "Saudi Arabia")
    assert t.place is not None
    assert t.place.ref == "SA"


def test_a_province_is_drawn_at_the_town_whose_name_it_bears(gazetteer: Gazetteer) -> None:
    text = "Air strikes hit Aleppo province in Syria."
    t = resolved(gazetteer, text, "Aleppo province")
    assert t.place is not None
    assert t.lon is not None
    assert (t.place.kind, t.precision) == ("admin1", 3)
    assert abs(t.lon - 37.16) < 0.1


def test_the_finest_name_of_a_wording_counts(gazetteer: Gazetteer) -> None:
    text = "Shells hit Ariha in the Idlib province of Syria on Monday."
    t = resolved(gazetteer, text, "Ariha in the Idlib province of Syria")
    assert t.place is not None
    assert abs(t.place.lat - 35.81) < 0.1
    assert t.precision == 1


def test_an_unknown_quarter_falls_back_to_its_town_and_says_so(gazetteer: Gazetteer) -> None:
    text = "Gunmen entered the Qwxzytrop neighbourhood of Mosul in Iraq."
    t = resolved(gazetteer, text, "Qwxzytrop neighbourhood of Mosul")
    assert t.place is not None
    assert (t.place.name, t.precision) == ("Mosul", 2)
    assert "not in the gazetteer; within Mosul" in (t.reason or "")


def test_an_unknown_name_alone_stays_unresolved_with_its_surroundings(gazetteer: Gazetteer) -> None:
    text = "Shelling hit Idlib in Syria. Gunmen entered Qwxzytrop at dawn."
    t = resolved(gazetteer, text, "Qwxzytrop")
    assert t.place is None
    assert t.lat is None
    assert t.reason is not None
    assert t.reason.startswith("not in the gazetteer")


@pytest.mark.parametrize(
    ("text", "wording", "country"),
    [
        ("Syrian troops clashed with rebels in Homs. A blast hit the capital.", "the capital", "SY"),
        ("Fighting went on in Syria. The Iraqi capital was calm.", "The Iraqi capital", "IQ"),
    ],
)
def test_the_capital_is_that_of_the_country_meant(gazetteer: Gazetteer, text: str, wording: str, country: str) -> None:
    t = resolved(gazetteer, text, wording)
    assert t.place is not None
    assert (t.place.kind, t.place.country) == ("capital", country)


def test_a_neighbours_border_is_the_border_of_the_country_in_focus(gazetteer: Gazetteer) -> None:
    t = resolved(gazetteer, REPORT, "the Turkish border")
    assert t.place is not None
    assert t.place.kind == "border"


def test_nationalities(gazetteer: Gazetteer) -> None:
    assert nationality("Syrian") == "SY"
    assert nationality("the Turks") == "TR"
    assert nationality("table") is None


def test_months_and_plain_words_are_no_places(gazetteer: Gazetteer) -> None:
    assert not [
        t
        for t in Places("In March and May the Reading of the bill began. Police said so.", gazetteer=gazetteer).toponyms
        if t.text in ("March", "May", "Police")
    ]


def test_a_span_outside_the_text_is_refused(gazetteer: Gazetteer) -> None:
    with pytest.raises(ValueError, match="not a span"):
        Places("Aleppo", gazetteer=gazetteer).resolve(0, 99)


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_read_and_spans_are_its_own(text: str) -> None:
    places = Places(text)
    for t in places.toponyms:
        assert text[t.start : t.end] == t.text
    if text:
        assert places.resolve(0, len(text)).text == text


def test_a_front_line_village_is_a_place_where_its_country_is_in_play(gazetteer: Gazetteer) -> None:
    report = "Rebels in Syria attacked the army. Fighters seized Sarrin on Monday, and shells fell on Hass."
    assert {"Sarrin", "Hass"} <= set(named(gazetteer, report))
    assert "Hass" not in named(gazetteer, "Police in France said on Monday that Hass had denied it.")


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Soldiers entered Tavo Mirke village at dawn.", "Tavo Mirke"),
        ("People fled towards the town of Tavomirke on Monday.", "Tavomirke"),
        ("A bomb went off in al-Tavomirke neighbourhood.", "al-Tavomirke"),
    ],
)
def test_a_noun_makes_an_unknown_name_a_place(gazetteer: Gazetteer, sentence: str, name: str) -> None:
    t = named(gazetteer, "Fighting went on near Mandalay in Myanmar. " + sentence)[name]
    assert t.place is None
    assert (t.reason or "").startswith("not in the gazetteer")


@pytest.mark.parametrize(
    "sentence", ["It is a mainly Sunni district.", "The town is quiet.", "They reached an NGO camp."]
)
def test_a_people_or_the_first_word_of_a_sentence_is_no_unknown_place(gazetteer: Gazetteer, sentence: str) -> None:
    assert set(named(gazetteer, "Fighting went on near Mosul in Iraq. " + sentence)) == {"Mosul", "Iraq"}


REPORTS = (
    REPORT,
    "London, Ontario and Paris, Texas.",
    "Police in Mosul said shells hit Alexandria on Monday.",
    "Gunmen entered Tavo Mirke village near Mandalay in Myanmar.",
)
READ = {text: Places(text).toponyms for text in REPORTS}


@settings(max_examples=10, deadline=None)
@given(st.permutations(REPORTS))
def test_the_answer_does_not_depend_on_the_order_of_reports(order: list[str]) -> None:
    assert {text: Places(text).toponyms for text in order} == READ


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from("Idlib Mosul Paris Texas in, near and the town of Alexandria shelled".split()), max_size=12
    )
)
def test_every_place_found_is_among_its_candidates(words: list[str]) -> None:
    for t in Places(" ".join(words)).toponyms:
        if t.place and not t.is_adjective:
            assert t.place.ref in {c.gazetteer_id for c in t.candidates}
