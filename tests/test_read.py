"""The Python face: `mahdar.read` over any mixture of sources, `mahdar.read_text` over a string."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

import mahdar
from mahdar import MahdarError, Reading, Report, Source, read, read_text
from mahdar.intake import Refusal
from tests.conftest import ReadsStruck

NEWS = "Jets struck the market of the town on Tuesday, and residents said that the roof had fallen in."


def ids(readings: list[Reading]) -> list[str]:
    return [reading.report.id for reading in readings]


def test_files_folders_bytes_streams_and_reports_are_read_in_order(tmp_path: Path, struck: ReadsStruck) -> None:
    (tmp_path / "a.txt").write_text(NEWS)
    (tmp_path / "b.txt").write_text(NEWS.replace("market", "school"))
    lines = "".join(json.dumps({"id": i, "text": NEWS}) + "\n" for i in ("l1", "l2"))
    (tmp_path / "c.jsonl").write_text(lines)
    made = Report("made", NEWS)
    sources: list[Source] = [tmp_path / "a.txt", str(tmp_path), NEWS.encode(), io.BytesIO(lines.encode()), made]
    found = ids(list(read(*sources)))
    assert found[0] == found[1] == found[5]
    assert found[3:5] == found[6:8] == ["l1", "l2"]
    assert found[8] == "made"
    assert len(found) == 9


def test_reading_is_lazy(tmp_path: Path, struck: ReadsStruck) -> None:
    (tmp_path / "c.jsonl").write_text("".join(json.dumps({"id": str(i), "text": NEWS}) + "\n" for i in range(9)))
    next(iter(read(tmp_path / "c.jsonl")))
    assert ids_seen(struck) == ["0"]


def ids_seen(struck: ReadsStruck) -> list[str]:
    return [report.id for report in struck.seen]


def test_skipped_reports_are_not_read_and_do_not_count_for_the_limit(struck: ReadsStruck) -> None:
    reports = [Report(str(i), NEWS) for i in range(6)]
    assert ids(list(read(*reports, skip={"0", "2"}, limit=2))) == ["1", "3"]
    assert ids_seen(struck) == ["1", "3"]


def test_day_and_outlet_given_hold_whatever_the_report_says(struck: ReadsStruck) -> None:
    report = Report("r", NEWS, outlet="Other", published="2019-01-01")
    (given,) = read(report, published="2 April 2020", outlet="Wire")
    assert (given.report.published, given.report.outlet) == ("2020-04-02", "Wire")
    (own,) = read(report)
    assert (own.report.published, own.report.outlet) == ("2019-01-01", "Other")


def test_a_single_bad_source_raises_with_its_name_and_reason(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"none\.txt: cannot be read"):
        list(read(tmp_path / "none.txt"))


def test_in_a_batch_the_others_are_read_before_the_refusal_is_raised(struck: ReadsStruck) -> None:
    found = []
    with pytest.raises(MahdarError, match="holds no words"):
        for reading in read(b"...", Report("r", NEWS), b"\x00\x01\x02\x03" * 99):
            found.append(reading)
    assert ids(found) == ["r"]


def test_refusals_go_to_whoever_asks_for_them(struck: ReadsStruck) -> None:
    refused: list[Refusal] = []
    assert ids(list(read(b"", Report("r", NEWS), on_refusal=refused.append))) == ["r"]
    assert [r.reason for r in refused] == ["is empty"]


@pytest.mark.parametrize("day", ["yesterday", "2020-13-01", ""])
def test_a_publication_date_that_is_none_is_refused(day: str) -> None:
    with pytest.raises(MahdarError, match="is not a day"):
        list(read(Report("r", NEWS), published=day))


def test_another_reader_may_be_named() -> None:
    other = ReadsStruck()
    (reading,) = read(Report("r", NEWS), reader=other)
    assert reading.reader == "struck"
    assert ids_seen(other) == ["r"]


def test_a_text_is_kept_to_the_letter(struck: ReadsStruck) -> None:
    text = f"  {NEWS}\r\n\tMore\u00a0of it was said by the same residents on the day after.  "
    reading = read_text(text, title="T", published="2020-04-02", outlet="O", id="x")
    report = reading.report
    assert report.text == text
    assert (report.id, report.title, report.published, report.outlet) == ("x", "T", "2020-04-02", "O")
    assert reading.claims[0].trigger.text == "struck" == text[slice(*trigger(reading))]


def trigger(reading: Reading) -> tuple[int, int]:
    span = reading.claims[0].trigger.span
    return span.start, span.end


def test_a_text_without_words_is_refused() -> None:
    with pytest.raises(MahdarError, match="holds no words"):
        read_text("…")


def test_what_is_exported_is_there() -> None:
    assert all(hasattr(mahdar, name) for name in mahdar.__all__)
