"""Redaction: a withheld name leaves in no export; what may leave is told as precisely as the profile says, and no more."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import mahdar.publish
from benchmarks.redaction import MARK, leaks, letters_of, marked_cases, names, own_letters
from mahdar.model import Grade, MahdarError, Span
from mahdar.publish.case import Case, Withheld
from mahdar.publish.files import export
from mahdar.publish.formats import format_named
from mahdar.publish.names import Names, people_in_excerpt, people_in_wording
from mahdar.publish.redaction import NOWHERE, Redactor, profile, profiles, read_withheld
from tests.publish.cases import cleared, market_strike


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(marked_cases())
def test_no_withheld_name_is_in_any_export(marked: tuple[Case, tuple[Withheld, ...]]) -> None:
    assert leaks(*marked) == []


@given(names())
def test_no_export_holds_the_letters_of_a_made_up_name_of_itself(made_up: str) -> None:
    own = own_letters()  # of "region,country", say, which is no leak of "Ñçöüñ"
    assert MARK not in own
    for word in map(letters_of, made_up.split()):
        assert MARK in word or not set(word) & set(own)


def test_only_the_redactor_makes_cleared_cases() -> None:
    room = Path(str(mahdar.publish.__path__[0]))
    makers = {
        file.name
        for file in room.glob("**/*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Cleared"
    }
    assert makers == {"redaction.py"}


def test_unmarked_private_people_are_withheld_from_the_public() -> None:
    told = str(cleared(market_strike(), "public").case)
    for name in ("Jory", "Pell", "baker", "Lina", "Haddad"):
        assert name not in told
    assert "[a witness]" in told
    assert "Salm Agency" in told
    assert "Warplanes struck a market in Tell Qamar" in told


def test_the_houses_own_export_leaves_nothing_out() -> None:
    case = market_strike()
    assert cleared(case, "internal").case == case


def test_the_file_that_a_report_was_read_from_stays_in_the_house() -> None:
    path = "/home/somebody/inbox/leaflet.txt"
    case = market_strike()
    origin = replace(case.incident.origins[0], name=path, chain=(path,), reasons=(f"{path} names no source",))
    case = replace(
        case,
        incident=replace(
            case.incident, origins=(origin,), grades=(Grade("airwars", "weak", (f"one origin: {path}",)),)
        ),
        documents=(replace(case.documents[0], outlet=None, name=path), *case.documents[1:]),
    )
    for name in ("partner", "public"):
        assert "somebody" not in str(cleared(case, name).case)
    assert cleared(case, "public").case.incident.origins[0].name == "report r1"


def test_a_name_marked_elsewhere_is_withheld_here() -> None:
    redactor = Redactor(profile("partner"), [Withheld("Lina Haddad", "victim")])
    told = str(redactor.clear(market_strike()).case)
    assert "Lina" not in told
    assert "[a victim]" in told


def test_a_withheld_wording_has_no_offsets() -> None:
    case = cleared(market_strike(), "public").case
    assert case.claims[0].sources[0].words.span == NOWHERE
    assert case.claims[0].evidence[0].span == NOWHERE
    assert case.claims[0].trigger.span != NOWHERE


def test_points_are_rounded_and_their_precision_says_so() -> None:
    for name, lat, precision in (("internal", 35.86412, 1), ("partner", 35.86, 1), ("public", 35.9, 2)):
        [place] = cleared(market_strike(), name).case.incident.places
        assert (place.lat, place.precision) == (lat, precision)
        assert cleared(market_strike(), name).case.claims[0].places[0].lat == lat


def test_a_withheld_place_keeps_its_area_only() -> None:
    case = replace(market_strike(), withheld=(Withheld("Tell Qamar", "place"),))
    hidden = cleared(case, "public").case
    [place] = hidden.incident.places
    assert (place.name, place.words.text, place.lat, place.admin1) == (None, "[place withheld]", 36.0, "SY.12")
    assert place.gazetteer_id is None
    assert all(d.url == "[address withheld]" for d in hidden.documents)


def test_a_long_excerpt_is_cut_at_a_word_and_its_span_with_it() -> None:
    case = market_strike()
    text = "word " * 200
    claim = replace(
        case.claims[0], evidence=(replace(case.claims[0].evidence[0], text=text, span=Span(5, 5 + len(text))),)
    )
    [kept] = cleared(replace(case, claims=(claim,)), "public").case.claims[0].evidence
    assert len(kept.text) <= 400
    assert kept.text.endswith("word")
    assert kept.span == Span(5, 5 + len(kept.text))


def test_the_text_and_the_stages_stay_in_the_house() -> None:
    for name in ("partner", "public"):
        case = cleared(market_strike(), name).case
        assert all(d.text is None for d in case.documents)
        assert all(c.steps == () for c in case.claims)


def test_a_file_name_may_not_hold_a_withheld_name_either(tmp_path: Path) -> None:
    case = replace(market_strike(), withheld=(Withheld("Jory Pell", "witness"),))
    with pytest.raises(MahdarError, match="the file's name holds a name that is withheld"):
        export([case], format_named("geojson"), tmp_path / "jory-pell.geojson", Redactor(profile("public")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Jory Pell said so", "[x] said so"),
        ("JORY  PELL", "[x]"),
        ("by @jory_pell.", "by @[x]."),
        ("Jory\nPell’s shop", "[x]’s shop"),
        ("Jóry Pell", "[x]"),
        ("said Jory Pell, a baker whose shop was blown in. Next", "said [x]. Next"),
        ("Pell ran; a pell-mell flight", "[x] ran; a pell-mell flight"),
        ("Jory Pellman", "[x] Pellman"),
        ("see https://daily.example/jory-pell-speaks", "[gone]"),
        ("see https://daily.example/?q=J%C3%B3ry%20Pell", "[gone]"),
    ],
)
def test_a_name_is_found_however_it_is_spelt(text: str, cut: str) -> None:
    names = Names({"Jory Pell": "[x]"}, {"Jory": "[x]", "Pell": "[x]"})
    assert names.cut(text, address="[gone]") == cut
    assert names.reveals(text)


@pytest.mark.parametrize(
    ("wording", "found"),
    [
        ("Jory Pell, a baker", ["Jory Pell"]),
        ("the mother of Lina Haddad", ["Lina Haddad"]),
        ("Abu Omar al-Hamwi", ["Abu Omar al-Hamwi"]),
        ("the Meridian Wire news agency", []),
        ("army spokesman Radim Oske", []),
        ("residents of Tell Qamar", []),
        ("two witnesses", []),
    ],
)
def test_private_people_are_told_from_bodies_offices_and_places(wording: str, found: list[str]) -> None:
    assert list(people_in_wording(wording, lambda: frozenset({"tell", "qamar"}))) == found


def test_cues_give_away_names_in_excerpts() -> None:
    text = (
        "Among the dead was Lina Haddad, 9. Tarek Sole was killed, said Jory Pell. The Karvenia Post reported it; "
        "spokesman Radim Oske said no. By Ilse Torvald"
    )
    assert set(people_in_excerpt(text, frozenset)) == {"Lina Haddad", "Tarek Sole", "Jory Pell", "Ilse Torvald"}


def test_a_table_of_names_is_read_or_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_text("name,role,aliases\nJory Pell,witness,J. Pell;Abu Sami\nThe Mill,place,\n", encoding="utf-8")
    assert read_withheld(file) == [
        Withheld("Jory Pell", "witness", ("J. Pell", "Abu Sami")),
        Withheld("The Mill", "place"),
    ]
    file.write_text("name,role\nJory Pell,bystander\n", encoding="utf-8")
    with pytest.raises(MahdarError, match="line 2"):
        read_withheld(file)


def test_a_profile_that_there_is_not_is_refused() -> None:
    with pytest.raises(MahdarError, match="internal, partner, public"):
        profile("secret")
    assert list(profiles()) == ["internal", "partner", "public"]
