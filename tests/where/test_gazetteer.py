"""Finding places by name, and a user's own places before the shipped ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mahdar.model import MahdarError
from mahdar.where import Gazetteer
from mahdar.where.gazetteer import distance
from mahdar.where.imports import import_file

NEAR = 15.0


@pytest.mark.parametrize(
    ("name", "country", "lat", "lon"),
    [
        ("Idleb", "SY", 35.93, 36.63), ("Edlib", "SY", 35.93, 36.63), ("al-Lataminah", "SY", 35.32, 36.62),
        ("Bab al-Hawa", "SY", 36.24, 36.69), ("حلب", "SY", 36.2, 37.16), ("Fallujah", "IQ", 33.35, 43.78),
        ("Kharkov", "UA", 49.99, 36.23), ("Omdurman", "SD", 15.64, 32.48), ("Khan al-Asal", "SY", 36.17, 37.04),
    ],
)  # fmt: skip
def test_spellings_of_one_place_are_found(
    gazetteer: Gazetteer, name: str, country: str, lat: float, lon: float
) -> None:
    found = gazetteer.find(name, country)[0]
    assert distance(lat, lon, found.lat, found.lon) < NEAR


def test_a_loose_spelling_is_never_met_in_another_country(gazetteer: Gazetteer) -> None:
    assert all(e.country == "UA" for e in gazetteer.find("Edlib", "UA"))


def test_an_unknown_name_finds_nothing(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("Qwxzytrop") == []


def test_threads_share_a_gazetteer(gazetteer: Gazetteer) -> None:
    names = ["Aleppo", "Kabul", "Mosul", "Aden"] * 8
    with ThreadPoolExecutor(4) as pool:
        assert [e[0].name for e in pool.map(gazetteer.find, names)] == [gazetteer.find(n)[0].name for n in names]


def test_imported_csv_outranks_what_is_shipped(tmp_path: Path) -> None:
    table, own = tmp_path / "places.csv", tmp_path / "own.sqlite"
    table.write_text("name,country,lat,lon\nAleppo,SY,36.0,37.5\nTel Nowhere,SY,35.1,36.1\n", encoding="utf8")
    assert import_file(table, own) == 2
    with Gazetteer.open(own) as opened:
        assert opened.find("Aleppo", "SY")[0].lat == 36.0
        assert opened.find("Tel Nowhere")[0].rank == 0


def test_an_ocha_table_keeps_its_p_codes_and_finest_names(tmp_path: Path) -> None:
    table, own = tmp_path / "cod.csv", tmp_path / "own.sqlite"
    table.write_text(
        "ADM1_EN;ADM1_PCODE;ADM2_EN;ADM2_PCODE;ADM2_AR;x;y\nUpper;XX01;Lower;XX0101;سفلى;10.5;20.25\n", encoding="utf8"
    )
    import_file(table, own)
    with Gazetteer.open(own) as opened:
        entry = opened.find("Lower")[0]
        assert (entry.ref, entry.kind, entry.lat, entry.lon) == ("user:XX0101", "admin2", 20.25, 10.5)
        assert opened.find("سفلى")[0] == entry


def test_a_geonames_dump_is_read_by_its_columns(tmp_path: Path) -> None:
    dump, own = tmp_path / "XX.txt", tmp_path / "own.sqlite"
    cells = ["7", "Nowhereville", "Nowhereville", "Niemandsort", "1.5", "2.5", "P", "PPL", "DE", "", "01"]
    cells += ["", "", "", "42", "", "0", "Europe/Berlin", "2020-01-01"]
    dump.write_text("\t".join(cells) + "\n", encoding="utf8")
    import_file(dump, own)
    with Gazetteer.open(own) as opened:
        assert opened.find("Niemandsort")[0].ref == "gn:7"


def test_importing_twice_adds_and_replaces(tmp_path: Path) -> None:
    one, two, own = tmp_path / "1.csv", tmp_path / "2.csv", tmp_path / "own.sqlite"
    one.write_text("name,pcode,country,lat,lon\nTel Nowhere,A1,SY,1,1\nTel Elsewhere,A2,SY,2,2\n", encoding="utf8")
    two.write_text("name,pcode,country,lat,lon\nTel Nowhere,A1,SY,3,3\n", encoding="utf8")
    import_file(one, own)
    import_file(two, own)
    with Gazetteer.open(own) as opened:
        assert [e.lat for e in opened.find("Tel Nowhere")] == [3.0]
        assert [e.lat for e in opened.find("Tel Elsewhere")] == [2.0]


@pytest.mark.parametrize(
    "content", ["", "name,lat\nX,1\n", "name,lat,lon\nX,north,2\n", "name,lat,lon\nX,95,2\n", "{not json\n"]
)
def test_bad_tables_are_refused_by_name(tmp_path: Path, content: str) -> None:
    table = tmp_path / "bad.csv"
    table.write_text(content, encoding="utf8")
    with pytest.raises(MahdarError, match=r"bad\.csv"):
        import_file(table, tmp_path / "own.sqlite")


def test_a_gazetteer_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(MahdarError, match="no such gazetteer"):
        Gazetteer.open(tmp_path / "none.sqlite")


def test_a_name_is_completed_with_the_country_first_then_by_people(gazetteer: Gazetteer) -> None:
    assert gazetteer.complete("Sara", "SY")[0].name == "Saraqib"
    assert {"SY", "US"} <= {e.country for e in gazetteer.complete("Idl", "SY")}
    assert gazetteer.complete("", "SY") == []


def test_an_entry_is_found_by_its_id_and_towns_by_a_box(gazetteer: Gazetteer) -> None:
    entry = gazetteer.get("gn:170063")
    assert entry is not None
    assert entry.name == "Aleppo"
    assert gazetteer.inside(36, 37, 36.5, 37.5, 1) == [entry]
    assert gazetteer.get("gn:0") is None
