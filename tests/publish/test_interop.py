"""What other people's tools make of the files. Needs `pip install '.[interop]'`; each test skips where its tool is missing.

The light ones (pandas, prov) are among the developers' own, so that continuous integration runs them.
"""

from __future__ import annotations

import io
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from mahdar.publish import dossier
from mahdar.publish.case import Case
from mahdar.publish.files import export
from mahdar.publish.formats import FORMATS
from mahdar.publish.redaction import Redactor, profile
from tests.publish.cases import cleared, market_strike


def written(folder: Path, name: str, case: Case | None = None) -> Path:
    target = folder / f"e{FORMATS[name].suffix}"
    export([case or market_strike()], FORMATS[name], target, Redactor(profile("public")))
    return target


@pytest.mark.parametrize(("name", "columns"), [("acled", 31), ("ucdp", 49)])
def test_pandas_reads_the_table_with_its_columns(tmp_path: Path, name: str, columns: int) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(written(tmp_path, name))
    assert list(frame.columns) == [c.name for c in FORMATS[name].tables[0].columns]
    assert frame.shape == (1, columns)
    assert frame["latitude"].dtype.kind == "f"
    assert frame["year"].dtype.kind == "i"


def test_pandas_reads_the_parquet(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    assert pandas.read_parquet(written(tmp_path, "parquet"))["id"].tolist() == ["inc-market"]


def test_prov_reads_the_bundles(tmp_path: Path) -> None:
    model = pytest.importorskip("prov.model")
    document = model.ProvDocument.deserialize(str(written(tmp_path, "prov")))
    [bundle] = document.bundles
    assert any("inc-market" in str(record.identifier) for record in bundle.get_records(model.ProvEntity))
    assert len(list(bundle.get_records(model.ProvDerivation))) == 6


def test_geopandas_reads_the_points(tmp_path: Path) -> None:
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.read_file(written(tmp_path, "geojson"))
    assert frame.crs.to_epsg() == 4326
    assert (round(frame.geometry[0].x, 1), round(frame.geometry[0].y, 1)) == (36.8, 35.9)
    frame.to_file(tmp_path / "e.gpkg", driver="GPKG")


def test_libhxl_validates_the_hashtags(tmp_path: Path) -> None:
    hxl = pytest.importorskip("hxl")
    source = hxl.data(str(written(tmp_path, "hxl")), hxl.InputOptions(allow_local=True))
    assert source.validate(hxl.schema())
    assert "#affected+killed" in source.display_tags


def test_followthemoney_takes_every_entity(tmp_path: Path) -> None:
    ftm = pytest.importorskip("followthemoney")
    for line in written(tmp_path, "ftm").read_text("utf-8").splitlines():
        given = json.loads(line)
        entity = ftm.model.get_proxy(given)
        entity.schema.validate(given)
        for name, values in given["properties"].items():
            assert sorted(entity.get(name)) == sorted(values)


def test_ftm_entities_keep_to_the_schema(tmp_path: Path) -> None:
    """The same against the schema alone, where followthemoney is there without what it needs to be imported."""
    yaml = pytest.importorskip("yaml")
    found = find_spec("followthemoney")
    if found is None or not found.submodule_search_locations:
        pytest.skip("followthemoney is not installed")
    schemata: dict[str, Any] = {}
    for file in (Path(str(found.submodule_search_locations[0])) / "schema").glob("*.y*ml"):
        schemata |= yaml.safe_load(file.read_text("utf-8"))

    def properties(name: str) -> set[str]:
        own = schemata[name]
        held: set[str] = set(own.get("properties", {}))
        return held.union(*(properties(parent) for parent in own.get("extends", [])))

    for line in written(tmp_path, "ftm").read_text("utf-8").splitlines():
        entity = json.loads(line)
        assert set(entity["properties"]) <= properties(entity["schema"])
        assert set(schemata[entity["schema"]].get("required", [])) <= set(entity["properties"])


def test_pikepdf_opens_the_dossier() -> None:
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(io.BytesIO(dossier.pdf([cleared(market_strike())], day="2019-07-21"))) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.open_metadata().pdfa_status == "2B"
        assert not pdf.is_encrypted
        assert "/ID" in pdf.trailer
        assert [intent.S for intent in pdf.Root.OutputIntents] == ["/GTS_PDFA1"]
        assert pdf.Root.Lang == "en"
        assert pdf.Root.MarkInfo.Marked
        assert "/Names" not in pdf.Root or "/JavaScript" not in pdf.Root.Names
        fonts = [
            thing
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys()) for font in fonts), (
            "a font is not inside"
        )
        kinds = {
            thing.get("/S")
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Action"
        }
        assert kinds <= {"/GoTo", "/URI"}


def test_frictionless_finds_the_tables_as_their_data_packages_say(tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    for name, format in FORMATS.items():
        written(tmp_path, name)
        if format.tables:
            stem = f"e{format.suffix}".rpartition(".")[0]
            report = frictionless.validate(str(tmp_path / f"{stem}.datapackage.json"))
            assert report.valid, report.flatten(["note"])
