"""Annotation by quoting: the script finds the offsets, and refuses what the codebook does not know."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any, get_args

import pytest

from mahdar.codebook import EVENT_TYPES
from mahdar.model import FigureKind, PlaceRole, Scope, Status

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("annotate", ROOT / "training" / "annotate.py")
assert _spec is not None and _spec.loader is not None
annotate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(annotate)

TEXT = "Shells fell on Varr.\n\nShells fell on Varr. The mayor spoke of two dead."


def report(**claim: Any) -> dict[str, Any]:
    claim = {
        "type": "shelling_artillery_missile",
        "trigger": "Shells",
        "evidence": [["Shells fell on Varr.", 2]],
        "places": [{"text": "Varr"}],
        "geo_precision": 1,
        "end": "2024-03-17",
        "time_precision": 2,
    } | claim
    return {"id": "one", "published": "2024-03-17", "text": f"\n{TEXT}\n", "claims": [claim]}


def coded(source: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    complaints: list[str] = []
    return annotate.gold_report(source, complaints.append), complaints


def test_the_script_knows_what_the_package_knows() -> None:
    assert set(annotate.TYPES) == set(EVENT_TYPES)
    assert set(annotate.SCOPES) == set(get_args(Scope))
    assert set(annotate.STATUSES) == set(get_args(Status))
    assert set(annotate.FIGURES) == set(get_args(FigureKind))
    assert set(annotate.ROLES) == set(get_args(PlaceRole))


def test_a_quote_becomes_a_span_of_the_stripped_text() -> None:
    gold, complaints = coded(report(evidence=["The mayor spoke of two dead.", ["Shells fell on Varr.", 2]]))
    assert not complaints
    assert gold["text"] == TEXT
    assert [(span["start"], span["end"]) for span in gold["claims"][0]["evidence"]] == [(43, 71), (22, 42)]


def test_what_is_left_out_takes_the_codebooks_default() -> None:
    gold, _ = coded(report())
    claim = gold["claims"][0]
    assert (claim["scope"], claim["status"], claim["places"][0]["role"]) == ("event", "asserted", "at")
    assert (claim["actors"], claim["figures"], claim["agreement"], claim["start"]) == ([], [], None, None)
    assert gold["relevant"] is True


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"evidence": ["Bombs fell on Varr."]}, "not in the text"),
        ({"evidence": ["Shells fell on Varr."]}, "occurs 2 times"),
        ({"evidence": [["Shells fell on Varr.", 3]]}, "has 2 occurrences"),
        ({"evidence": []}, "no evidence"),
        ({"type": "bombardment"}, "unknown type"),
        ({"status": "alleged"}, "unknown status"),
        ({"trigger": "spoke"}, "'spoke'"),
        ({"actors": ["the army"]}, "'the army'"),
        ({"places": []}, "geo_precision"),
        ({"end": "17 March"}, "not ISO"),
        ({"end": "2024-02-30"}, "not ISO"),
        ({"start": "2024-03-18"}, "starts after it ends"),
        ({"time_precision": None}, "time_precision"),
        ({"figures": [{"what": "killed", "low": 3, "high": 2, "text": "two dead"}]}, "not a range"),
        ({"figures": [{"what": "dead", "low": 2, "high": 2, "text": "two dead"}]}, "unknown kind of figure"),
        ({"type": "casualty_toll"}, "always total"),
        ({"when": "Monday"}, "unknown keys"),
    ],
)
def test_what_the_codebook_does_not_know_is_refused_with_its_place(wrong: dict[str, Any], words: str) -> None:
    _, complaints = coded(report(**wrong))
    assert any(words in complaint and "claim 1" in complaint for complaint in complaints), complaints


def test_evidence_in_the_furniture_is_refused() -> None:
    _, complaints = coded(report() | {"furniture": [["Shells fell on Varr.", 2]]})
    assert any("furniture" in complaint for complaint in complaints)


def test_gold_is_a_source_too_and_an_edited_quote_is_found_anew(tmp_path: Path) -> None:
    gold, _ = coded(report())
    quote = gold["claims"][0]["evidence"][0]
    gold["text"] = f"Late\n\n{TEXT}"
    quote["text"] = "Shells fell on Varr"
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(gold) + "\n", encoding="utf-8")
    again, complaints = annotate.annotate([path])
    assert not complaints
    # The second of the two, because it is the nearer to the old offset.
    assert again[0]["claims"][0]["evidence"] == [{"start": 28, "end": 47, "text": "Shells fell on Varr"}]


def test_every_expectation_of_the_samples_passes() -> None:
    gold, complaints = annotate.annotate([ROOT / "samples" / "expected.jsonl"])
    assert not complaints
    assert gold == [json.loads(line) for line in (ROOT / "samples" / "expected.jsonl").read_text("utf-8").splitlines()]
