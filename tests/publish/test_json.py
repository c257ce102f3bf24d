"""JSON lines and JSON: the codebook's keys in its order, every value with its span, and an output taken up again."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mahdar.model import Reading
from mahdar.publish import jsonfile, jsonl
from mahdar.publish.jsonl import whole_lines
from mahdar.publish.values import claim_values

# Section 5 of the codebook.
CODEBOOK = (
    "report type scope status trigger evidence actors targets places geo_precision start end time_precision figures "
    "sources agreement"
).split()


def lines(reading: Reading) -> list[dict[str, object]]:
    return [json.loads(line) for line in "".join(jsonl.render([reading])).splitlines()]


def test_a_line_is_a_claim_with_the_codebooks_keys_first_and_in_order(reading: Reading) -> None:
    strike, fled = lines(reading)
    for line in (strike, fled):
        assert list(line)[: len(CODEBOOK)] == CODEBOOK
    assert strike["actors"] == ["Warplanes"]
    assert strike["sources"] == ["Meridian Wire", "a local health official"]
    assert (strike["start"], strike["end"], strike["time_precision"]) == ("2024-03-12", "2024-03-12", 1)
    assert strike["agreement"] == "quiet"
    assert fled["actors"] == fled["places"] == fled["figures"] == []
    assert fled["start"] is None
    assert fled["agreement"] is None


def test_places_and_figures_begin_as_the_codebook_writes_them(reading: Reading) -> None:
    strike = claim_values(reading.claims[0], "r")
    assert list(strike["places"][0])[:6] == ["text", "role", "name", "country", "lat", "lon"]
    assert [p["role"] for p in strike["places"]] == ["at", "to"]
    assert strike["places"][0]["gazetteer_id"] == "gn:0"
    assert [c["score"] for c in strike["places"][0]["candidates"]] == [0.9, 0.1]
    assert strike["places"][1]["reason"] == "not in the gazetteer"
    assert {k: strike["figures"][0][k] for k in ("what", "low", "high", "text")} == {
        "what": "killed",
        "low": 14,
        "high": None,
        "text": "at least 14 people",
    }


def test_every_slot_has_its_span_and_the_span_its_words(reading: Reading) -> None:
    text = reading.report.text
    strike = claim_values(reading.claims[0], "r")
    for slot in ("actors", "targets", "sources"):
        assert [text[a:b] for a, b in strike["spans"][slot]] == strike[slot]
        assert len(strike["resolved"][slot]) == len(strike[slot])
    for slot in ("places", "figures"):
        assert [text[a:b] for a, b in strike["spans"][slot]] == [x["text"] for x in strike[slot]]
    assert text[slice(*strike["spans"]["time"])] == strike["time"]["text"]
    assert text[slice(*strike["spans"]["agreement"])] == strike["agreement"]
    assert text[slice(*strike["trigger_span"])] == strike["trigger"]
    assert all(text[e["start"] : e["end"]] == e["text"] for e in strike["evidence"])


def test_the_stages_are_told_when_asked_for(reading: Reading) -> None:
    assert "steps" not in lines(reading)[0]
    explained = json.loads("".join(jsonl.render([reading], explain=True)).splitlines()[0])
    assert [s["stage"] for s in explained["steps"]] == ["trigger", "when"]
    assert explained["steps"][0]["words"]["text"] == "struck"


def test_the_document_holds_text_furniture_claims_and_relations(reading: Reading) -> None:
    empty = replace(reading, claims=(), relations=())
    document = json.loads("".join(jsonfile.render([reading, empty])))
    first, second = document["reports"]
    assert first["furniture"][0]["text"] == "Read also: ten quiet beaches"
    assert [c["type"] for c in first["claims"]] == ["air_drone_strike", "displacement"]
    assert first["relations"] == [
        {
            "subject": "Zembala",
            "relation": "supports",
            "object": "the army",
            "evidence": first["relations"][0]["evidence"],
            "spans": first["relations"][0]["spans"],
        }
    ]
    assert second["claims"] == []
    assert first["unread"] is None


def test_no_reports_are_still_a_document() -> None:
    assert json.loads("".join(jsonfile.render([]))) == {"reports": []}


@given(st.integers(min_value=0))
def test_of_an_output_cut_anywhere_only_whole_reports_are_kept(cut: int) -> None:
    claims = [("a", 1), ("a", 2), ("b", 1), ("c\u2028", 1), ("c\u2028", 2)]
    rows = [json.dumps({"report": r, "type": "other", "evidence": [n]}, ensure_ascii=False) + "\n" for r, n in claims]
    whole = "".join(rows)
    expected = {r: "".join(row for row, (of, _) in zip(rows, claims, strict=True) if of == r) for r, _ in claims}
    cut %= len(whole) + 1
    kept = whole_lines(whole[:cut])
    assert whole_lines(whole) == expected
    if cut and not whole[:cut].endswith("\n"):
        assert kept == {report: expected[report] for report in kept}
    else:  # a report is written in one go, so a cut between its lines does not happen by itself
        assert "".join(kept.values()) == whole[:cut]
