"""What wordings resolve to: names anywhere, generic words by country and day, nothing rather than a wrong entry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mahdar.who import Register

REGISTER = Register.load()


def name(wording: str, country: str | None = None, day: str | None = None, **context: object) -> str | None:
    match = REGISTER.resolve(wording, country=country, day=day, **context)  # type: ignore[arg-type]
    return match.actor.name if match else None


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("Hezbollah", "Hezbollah"),
        ("Hizballah", "Hezbollah"),
        ("Hizbullah", "Hezbollah"),
        ("al-Shabaab", "Al-Shabaab"),
        ("Al Shabab", "Al-Shabaab"),
        ("Da'esh", "Islamic State"),
        ("DAESH", "Islamic State"),
        ("Jaish al-Islam", "Jaysh al-Islam"),
        ("the Islamic State of Iraq and the Levant (ISIL)", "Islamic State"),
        ("fighters from the Islamic State of Iraq and the Levant (ISIL)", "Islamic State"),
        ("suspected Boko Haram gunmen", "Boko Haram"),
        ("the militant group Abu Sayyaf", "Abu Sayyaf"),
        ("Kurdish YPG militia", "People's Protection Units"),
        ("Hay’at Tahrir al-Sham", "Hayat Tahrir al-Sham"),
        ("Medecins Sans Frontieres (MSF)", "Médecins Sans Frontières"),
    ],
)
def test_a_name_is_known_in_any_spelling_without_context(wording: str, expected: str) -> None:
    assert name(wording) == expected


@pytest.mark.parametrize(
    ("wording", "country", "day", "expected"),
    [
        ("the army", "SY", "2016-05-01", "Military Forces of Syria (2000-2024)"),
        ("the army", "NG", "2016-05-01", "Military Forces of Nigeria (2015-2023)"),
        ("regime forces", "SY", "2020-04-02", "Military Forces of Syria (2000-2024)"),
        ("Syrian regime forces", "TR", "2020-04-02", "Military Forces of Syria (2000-2024)"),
        ("government troops", "YE", "2016-05-01", "Military Forces of Yemen (2012-2022)"),
        ("police", "IQ", "2016-05-01", "Police Forces of Iraq (2014-)"),
        ("security forces", "EG", "2015-01-01", "Security Forces of Egypt (2013-)"),
        ("Russian jets", "SY", "2016-05-01", "Military Forces of Russia (2000-)"),
        ("Turkish military", "SY", "2019-10-09", "Military Forces of Turkey (2016-)"),
        ("Assad's air force", "SY", "2015-05-01", "Military Forces of Syria (2000-2024)"),
        ("the rebels", "SY", "2015-05-01", "Opposition Rebels (Syria)"),
        ("the rebels", "LY", "2011-05-01", "National Transitional Council Forces"),
        ("rebels", "YE", "2015-05-01", "Houthi Movement"),
        ("the coalition", "YE", "2016-05-01", "Saudi-led Coalition in Yemen"),
        ("the coalition", "SY", "2016-05-01", "Global Coalition Against Daesh"),
        ("coalition forces", "IQ", "2006-05-01", "Multi-National Force - Iraq"),
        ("Kurdish fighters", "SY", "2014-10-10", "People's Protection Units"),
        ("Kurdish fighters", "IQ", "2014-10-10", "Peshmerga"),
        ("Kurdish militants", "TR", "2016-03-15", "Kurdistan Workers' Party"),
        ("UN peacekeepers", "ML", "2016-05-01", "UN Multidimensional Integrated Stabilization Mission in Mali"),
        ("Iranian-backed militias", "SY", "2020-04-02", "Pro-Iran Militias (Syria)"),
        ("gunmen", "NG", "2016-05-01", "Unidentified Armed Group (Nigeria)"),
        ("the defence ministry in Moscow", "SY", "2017-10-07", "Ministry of Defence of Russia"),
        ("a spokesman for the Afghan Defense Ministry", "AF", "2016-05-01", "Ministry of Defence of Afghanistan"),
        ("Russian Foreign Minister Sergei Lavrov", "SY", "2016-05-01", "Ministry of Foreign Affairs of Russia"),
        ("the government of President Abd-Rabbu Mansour Hadi", "SA", "2015-03-30", "Government of Yemen (2012-2022)"),
        ("civilians", "SY", None, "Civilians (Syria)"),
        ("anti-government protesters", "IQ", None, "Protesters (Iraq)"),
        ("two journalists", "TR", None, "Journalists (Turkey)"),
        ("detainees", "SY", None, "Prisoners (Syria)"),
        ("aid workers", "SS", None, "Aid Workers (South Sudan)"),
    ],
)
def test_generic_words_follow_country_and_day(wording: str, country: str, day: str | None, expected: str) -> None:
    assert name(wording, country, day) == expected


@pytest.mark.parametrize(
    ("wording", "country"),
    [
        ("the Omar Brigades", "IQ"),
        ("anti-Houthi forces", "YE"),
        ("pro-Gaddafi gunmen", "ML"),
        ("soldiers loyal to Bemba", "CD"),
        ("the Kachin Lions militia", "MM"),
        ("the group", "SY"),
        ("its allies", "SY"),
        ("warplanes", "SY"),
        ("a rapid reaction force", "ML"),
        ("homes", "SY"),
        ("", "SY"),
    ],
)
def test_whatever_nothing_settles_stays_a_new_name(wording: str, country: str) -> None:
    assert name(wording, country, "2015-05-01") is None


def test_day_tells_two_bearers_of_one_name_apart() -> None:
    assert name("RSF", "SD", "2020-06-01") == "Rapid Support Forces"
    assert name("RSF", "SD", "2024-06-01") == "Rapid Support Forces (2023-)"


def test_actors_in_focus_decide_between_bearers_of_a_label() -> None:
    assert name("Islamist militants", "EG", "2013-05-01", focus=["ansar-bayt-al-maqdis"]) == "Ansar Bayt al-Maqdis"


def test_the_first_country_in_focus_stands_in_for_a_missing_one() -> None:
    assert name("the army", None, "2016-05-01", focus=["SY", "RU"]) == "Military Forces of Syria (2000-2024)"
    assert name("the army", None, "2016-05-01") is None


def test_residents_are_witnesses_when_they_speak_and_civilians_when_they_suffer() -> None:
    assert name("residents", "SY", role="source") == "Witnesses (Syria)"
    assert name("residents", "SY", role="target") == "Civilians (Syria)"


def test_an_acronym_in_small_letters_is_a_word() -> None:
    assert name("is") is None
    assert name("us", "SY") is None


def test_a_name_scores_above_a_guess_by_country_and_keeps_its_candidates() -> None:
    sure = REGISTER.resolve("Boko Haram", country="NG", day="2015-01-01")
    guess = REGISTER.resolve("militants", country="NG", day="2015-01-01")
    assert sure and guess
    assert sure.score > guess.score
    assert len(guess.candidates) >= 1


@pytest.mark.parametrize(
    ("actor", "country", "day", "side"),
    [
        ("military-sy-2000", "SY", "2016-01-01", "state"),
        ("tiger-forces", "SY", "2018-01-01", "state"),
        ("hezbollah", "SY", "2016-01-01", "state_ally"),
        ("military-ru-2000", "SY", "2016-01-01", "state_ally"),
        ("military-ru-2000", "UA", "2023-01-01", "foreign"),
        ("military-tr-2016", "SY", "2019-10-09", "foreign"),
        ("islamic-state", "SY", "2015-01-01", "non_state"),
        ("taliban", "AF", "2019-01-01", "non_state"),
        ("taliban", "AF", "2022-01-01", "state"),
        ("hts", "SY", "2024-12-20", "state"),
        ("rsf-sudan-2023", "SD", "2024-01-01", "non_state"),
        ("peshmerga", "IQ", "2016-01-01", "state"),
        ("sohr", "SY", "2016-01-01", None),
        ("nobody", "SY", "2016-01-01", None),
    ],
)
def test_sides(actor: str, country: str, day: str, side: str | None) -> None:
    assert REGISTER.side(actor, country, day) == side


def test_a_state_actor_of_another_time_is_not_todays_state() -> None:
    assert REGISTER.side("ndf-syria", "SY", "2016-01-01") == "state_ally"
    assert REGISTER.side("ndf-syria", "SY", "2025-03-01") == "non_state"


@given(st.text(max_size=60), st.sampled_from(["SY", "IQ", None]), st.sampled_from(["2016-01-01", "2016", None]))
def test_any_wording_is_resolved_or_left_alone_the_same_way_twice(
    wording: str, country: str | None, day: str | None
) -> None:
    once = REGISTER.resolve(wording, country=country, day=day)
    assert once == REGISTER.resolve(wording, country=country, day=day)
    assert once is None or 0 < once.score <= 1


def test_a_year_counts_as_its_middle_and_no_day_as_the_time_before_syrias_change() -> None:
    assert name("the army", "SY", "2024") == "Military Forces of Syria (2000-2024)"
    assert name("the army", "SY", "2025") == "Military Forces of Syria (2024-)"
    assert name("the army", "SY", None) == "Military Forces of Syria (2000-2024)"


@pytest.mark.parametrize("words", ["a car", "the car", "who", "us"])
def test_an_acronym_in_small_letters_is_a_common_word(words: str) -> None:
    assert Register.load().resolve(words, country="BF", day="2023-10-30", role="target") is None
