"""GeoJSON, Parquet, JSON lines, PROV and FollowTheMoney: what they say, and that others can read them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mahdar.model import MahdarError
from mahdar.publish import ftm, geojson, lines, parquet, prov
from mahdar.publish.case import Case
from mahdar.publish.files import export, pack
from mahdar.publish.formats import FORMATS
from mahdar.publish.redaction import Redactor, profile
from tests.publish.cases import TEXTS, cleared, market_strike, place

CASES = [market_strike(), replace(market_strike(), incident=replace(market_strike().incident, id="inc-2", places=()))]


def text(render: Any, *cases: Case, name: str = "internal") -> str:
    return "".join(str(content) for _, content in render(cleared(case, name) for case in cases))


def test_geojson_puts_longitude_first_and_nothing_where_no_place_is_known() -> None:
    collection = json.loads(text(geojson.render, *CASES))
    first, second = collection["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [36.80123, 35.86412]}
    assert second["geometry"] is None
    assert first["properties"]["killed"] == "14-"
    assert first["properties"]["disputed"] == "killed; actors"
    assert json.loads(text(geojson.render))["features"] == []


def test_geojson_and_parquet_say_what_their_columns_mean() -> None:
    collection = json.loads(text(geojson.render, *CASES))
    assert [f["name"] for f in collection["schema"]["fields"]] == list(collection["features"][0]["properties"])
    data = b"".join(content for _, content in parquet.render(map(cleared, CASES)) if isinstance(content, bytes))
    schema = pq.read_schema(io.BytesIO(data))
    assert all(field.metadata[b"description"] for field in schema)


def test_geojson_says_how_far_a_point_is_rounded() -> None:
    [feature] = json.loads(text(geojson.render, market_strike(), name="public"))["features"]
    assert feature["geometry"]["coordinates"] == [36.8, 35.9]
    assert feature["properties"]["coordinates"] == "rounded to 0.1 degrees"


def test_several_places_are_several_points() -> None:
    case = market_strike()
    case = replace(case, incident=replace(case.incident, places=(place("r1"), replace(place("r1"), lat=36.0))))
    [feature] = json.loads(text(geojson.render, case))["features"]
    assert feature["geometry"]["type"] == "MultiPoint"


def test_parquet_has_typed_columns_and_says_for_whom_it_is() -> None:
    data = b"".join(content for _, content in parquet.render(map(cleared, CASES)) if isinstance(content, bytes))
    table = pq.read_table(io.BytesIO(data))
    assert table.num_rows == 2
    assert table.schema.names == parquet.SCHEMA.names
    row = table.to_pylist()[0]
    assert row["figures"][0] == {"what": "killed", "low": 14, "high": None, "words": "at least 14"}
    assert row["reports"][0]["sha256"] == market_strike().documents[0].sha256
    assert json.loads(table.schema.metadata[b"mahdar"])["profile"] == "internal"


def test_parquet_in_many_groups_is_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP", 2)
    many = [replace(c, incident=replace(c.incident, id=f"i{n}")) for n in range(7) for c in CASES[:1]]
    data = b"".join(content for _, content in parquet.render(map(cleared, many)) if isinstance(content, bytes))
    assert pq.read_table(io.BytesIO(data)).column("id").to_pylist() == [f"i{n}" for n in range(7)]


def test_a_line_makes_the_case_again_and_the_case_the_line() -> None:
    for name in ("internal", "partner", "public"):
        for case in CASES:
            line = text(lines.render, case, name=name)
            [back] = lines.parse([line])
            assert back == cleared(case, name).case
            assert text(lines.render, back) == line


def test_a_line_that_is_no_case_is_refused_by_its_number() -> None:
    good = text(lines.render, market_strike())
    with pytest.raises(MahdarError, match="line 2"):
        list(lines.parse([good, '{"id": "x"}\n']))


def selected(line: str) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    for note in json.loads(line)["annotations"]:
        quote, position = note["target"]["selector"]
        yield note, quote, position


def test_annotations_select_the_words_by_quote_and_by_position() -> None:
    by_url = {d.url: TEXTS[d.id] for d in market_strike().documents}
    seen = set()
    for note, quote, position in selected(text(lines.render, market_strike())):
        report = by_url[note["target"]["source"]]
        assert report[position["start"] : position["end"]] == quote["exact"]
        assert report[: position["start"]].endswith(quote["prefix"])
        assert report[position["end"] :].startswith(quote["suffix"])
        seen.add(note["body"]["purpose"])
    assert {"trigger", "evidence", "actor", "target", "source", "place at", "killed", "time"} <= seen


def test_what_was_withheld_has_no_selector() -> None:
    quotes = [quote["exact"] for _, quote, _ in selected(text(lines.render, market_strike(), name="public"))]
    assert quotes
    assert not any("[" in quote for quote in quotes)


def test_prov_ties_the_incident_to_the_archived_bytes() -> None:
    document = json.loads(text(prov.render, *CASES))
    bundle = document["bundle"]["bundle:inc-market"]
    derived = {(r["prov:generatedEntity"], r["prov:usedEntity"]) for r in bundle["wasDerivedFrom"].values()}
    assert ("incident:inc-market", "claim:c1") in derived
    assert ("text:r1", "report:r1") in derived
    assert bundle["entity"]["report:r1"]["mahdar:sha256"] == market_strike().documents[0].sha256
    assert bundle["activity"]["decision:c2"]["mahdar:outcome"] == "edited"
    used = {(r["prov:activity"], r["prov:entity"]) for r in bundle["used"].values()}
    assert {("reading:r1", "text:r1"), ("linking:inc-market", "claim:c1")} <= used


def test_prov_hides_ids_that_are_no_names() -> None:
    case = replace(market_strike(), incident=replace(market_strike().incident, id="a b/ü"))
    [name] = json.loads(text(prov.render, case))["bundle"]
    assert name.startswith("bundle:")
    assert name.removeprefix("bundle:").isalnum()


def test_ftm_entities_hold_together() -> None:
    entities = [json.loads(line) for line in text(ftm.render, market_strike()).splitlines()]
    by_id = {e["id"]: e for e in entities}
    [event] = [e for e in entities if e["schema"] == "Event"]
    assert event["properties"]["startDate"] == ["2019-07-16"]
    assert event["properties"]["country"] == ["sy"]
    assert {by_id[i]["schema"] for i in event["properties"]["organizer"]} == {"PublicBody"}
    for link in (e for e in entities if e["schema"] == "Documentation"):
        assert by_id[link["properties"]["document"][0]]["schema"] == "Article"
        assert link["properties"]["entity"] == [event["id"]]
    assert not any("Civilians" in str(e) for e in entities if e["schema"] != "Event" and e["schema"] != "Documentation")


def test_every_format_writes_whole_files_the_same_each_time(tmp_path: Path) -> None:
    for format in FORMATS.values():
        sums = []
        for turn in ("one", "two"):
            folder = tmp_path / format.name / turn
            folder.mkdir(parents=True)
            written = export(CASES, format, folder / f"e{format.suffix}", Redactor(profile("public")))
            assert {f.name for f in written} == {f.name for f in folder.iterdir()}
            sums.append([(f.name, f.sha256) for f in written])
        assert sums[0] == sums[1]


def test_nothing_is_in_place_until_everything_is(tmp_path: Path) -> None:
    def broken() -> Iterator[Case]:
        yield market_strike()
        raise MahdarError("the record is gone")

    target = tmp_path / "e.csv"
    target.write_text("before", encoding="utf-8")
    with pytest.raises(MahdarError, match="gone"):
        export(broken(), FORMATS["acled"], target, Redactor(profile("public")))
    assert [f.name for f in tmp_path.iterdir()] == ["e.csv"]
    assert target.read_text("utf-8") == "before"


def test_a_download_is_one_file_the_same_each_time(tmp_path: Path) -> None:
    redactor = Redactor(profile("public"))
    assert [f.name for f in pack(CASES, FORMATS["geojson"], tmp_path / "e.geojson", redactor)] == ["e.geojson"]
    (once, *_), (again, *_) = (pack(CASES, FORMATS["acled"], tmp_path / "e.csv", redactor) for _ in range(2))
    assert once == again
    together = (tmp_path / once.name).read_bytes()
    assert (hashlib.sha256(together).hexdigest(), len(together)) == (once.sha256, once.size)
    with zipfile.ZipFile(io.BytesIO(together)) as packed:
        assert packed.namelist() == ["e.csv", "e.rules.csv", "e.left-out.csv", "e.datapackage.json"]
        assert packed.read("e.csv") == (tmp_path / "e.csv").read_bytes()
