"""The reader as a whole: pure, bounded, and honest about what it lacks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mahdar.intake import make_report
from mahdar.model import MahdarError, Report
from mahdar.reading.encoder import MODEL, Encoder
from mahdar.reading.reader import LONGEST, Reader

needs_model = pytest.mark.skipif(not (MODEL / "encode.onnx").is_file(), reason="the reading model is not here")
LEAD = (
    "Shells fell on the market of Orvan on Monday, killing at least 12 people, medics said. "
    "Government forces had been shelling the town since last week. Hundreds of families fled to Telm."
)


def report(text: str, published: str | None = "2021-06-02") -> Report:
    made = make_report(text, name="test", title="Shells kill 12 in Orvan market", published=published)
    assert isinstance(made, Report)
    return made


@pytest.fixture(scope="module", params=[pytest.param("model", marks=needs_model), "rules"])
def reader(request: pytest.FixtureRequest) -> Reader:
    return Reader() if request.param == "model" else Reader(MODEL.with_name("none"))


def test_the_shelling_is_read_with_its_toll(reader: Reader) -> None:
    claims = reader.read(report(LEAD)).claims
    shelling = [c for c in claims if c.type == "shelling_artillery_missile"]
    assert any(f.what == "killed" and (f.low, f.high) == (12, None) for c in shelling for f in c.figures)


def test_same_report_same_claims(reader: Reader) -> None:
    assert reader.read(report(LEAD)) == reader.read(report(LEAD))


def test_another_report_in_between_changes_nothing(reader: Reader) -> None:
    first = reader.read(report(LEAD))
    reader.read(report("Gunmen abducted two teachers near Sarn on Friday, police said. " * 5))
    assert reader.read(report(LEAD)).claims == first.claims


def test_a_very_long_report_is_read_in_part_and_says_so(reader: Reader) -> None:
    reading = reader.read(report(LEAD + "\n\n" + "The weather was fine. " * (LONGEST // 10)))
    assert reading.unread is not None
    assert reading.unread.start == LONGEST
    assert all(e.span.end <= LONGEST for c in reading.claims for e in c.evidence)


def test_ordinary_news_yields_nothing(reader: Reader) -> None:
    assert (
        reader.read(report("The club signed a midfielder on Tuesday. He will wear the number ten shirt. " * 4)).claims
        == ()
    )


@needs_model
def test_a_model_with_a_file_missing_is_refused_by_name(tmp_path: Path) -> None:
    for name in ("fill.onnx", "heads.npz", "tokenizer.json", "labels.json"):
        shutil.copy(MODEL / name, tmp_path / name)
    with pytest.raises(MahdarError, match=r"lacks encode\.onnx"):
        Encoder(tmp_path)


@needs_model
def test_a_model_of_other_labels_is_refused(tmp_path: Path) -> None:
    for path in MODEL.iterdir():
        shutil.copy(path, tmp_path / path.name)
    (tmp_path / "labels.json").write_text(json.dumps({"types": ["raid"]}))
    with pytest.raises(MahdarError, match="other labels"):
        Encoder(tmp_path)
