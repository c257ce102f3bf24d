"""The benchmark scores any folder laid out as `DIR/corroboration/*.jsonl.gz`, by the shipped weights where they are new."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks import corroboration

MARKET = (
    "A blast tore through the fish market of Saltmarsh on Friday, killing Oda Venn and two porters, the coroner said."
)
COPY = MARKET.replace("the coroner said", "the coroner told the Courier")
RETOLD = "Oda Venn was among three dead in Saltmarsh when the fish market blew up on Friday; two porters died with her."
FERRY = "Gunmen robbed the night ferry at Kestrel on Sunday and shot its pilot, Bram Tollan, in the leg, police said."


def test_it_prints_one_row_of_figures_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "corroboration"
    folder.mkdir()
    rows = [("a", MARKET, "1"), ("b", COPY, "1"), ("c", RETOLD, "1"), ("d", FERRY, "2")]
    with gzip.open(folder / "town_docs.jsonl.gz", "wt", encoding="utf-8") as out:
        for id, text, incident in rows:
            out.write(json.dumps({"doc_id": id, "incident_id": incident, "text": text, "title": ""}) + "\n")
    with gzip.open(folder / "town_incidents.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write(json.dumps({"incident_id": "1"}) + "\n")
    monkeypatch.setattr("sys.argv", ["corroboration", "--data", str(tmp_path), "--json"])
    corroboration.main()
    figures = json.loads(capsys.readouterr().out)
    assert list(figures) == ["town_docs"]
    assert figures["town_docs"]["how"] == "shipped weights"
    assert figures["town_docs"]["near_copy_precision"] == figures["town_docs"]["near_copy_recall"] == 1
    assert figures["town_docs"]["bcubed_f1"] == 1
